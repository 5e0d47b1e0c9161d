/* turn.h - one turn of everything, in its order. */
#ifndef ALERT_TURN_H
#define ALERT_TURN_H

#include "world.h"

/* Decides, writes, and lets out what was decided. Each second, and at once after a command that
 * changed something. */
void world_turn(struct world *world);
/* Time in which nobody looked does not count for what is pending. After state_load. */
void world_resume(struct world *world);
/* Objects of an earlier run that stand for nothing any more. */
void world_tidy(struct world *world);

#endif

/* inhibit.h - which alerts explain which: by topology, and by the rules of the file. */
#ifndef ALERT_INHIBIT_H
#define ALERT_INHIBIT_H

#include "world.h"

int inhibits_load(struct world *world, const json_t *list);
void inhibits_free(struct world *world);
/* Fills inhibited_by, parent_pending and held_until_ms of all that fire. */
void inhibit_turn(struct world *world);
/* May it be told now? */
bool inhibit_tells(const struct world *world, const struct alert *alert);

#endif

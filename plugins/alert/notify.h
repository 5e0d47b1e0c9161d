/* notify.h - notifications: what they say, and handing them over until they are taken. */
#ifndef ALERT_NOTIFY_H
#define ALERT_NOTIFY_H

#include "world.h"

/* Makes a letter for each command of the group's receiver. `kind`: README. */
void notify_group(struct world *world, struct group *group, const char *kind);
/* A notification of kind "test" to one receiver; the number of letters. */
size_t notify_test(struct world *world, size_t receiver);

struct letter *letter_add(struct world *world, int64_t id);    /* NULL: too many, no memory */
void letter_queue(struct world *world, struct letter *letter); /* finds its place in its thread */
void letters_free(struct world *world);
/* Hands over what is due. */
void letters_turn(struct world *world);
void receivers_put(struct world *world); /* their objects and series */

#endif

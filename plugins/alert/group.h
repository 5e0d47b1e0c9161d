/* group.h - alerts that are told together, and when: group_wait before the first notification,
 * group_interval between those in which something changed, repeat_interval for reminders. A group
 * is of one receiver. */
#ifndef ALERT_GROUP_H
#define ALERT_GROUP_H

#include "world.h"

struct group *group_find(const struct world *world, const char *key); /* NULL key: NULL */
struct group *group_add(struct world *world, const char *key, size_t receiver);
void group_begin(struct group *group, int64_t first_ms);
void groups_free(struct world *world);
/* Decides what is due and makes letters of it. */
void groups_turn(struct world *world);

#endif

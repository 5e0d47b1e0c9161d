/* route.h - who is told of which alerts: receivers, and the ordered list of routes. */
#ifndef ALERT_ROUTE_H
#define ALERT_ROUTE_H

#include "world.h"

/* `config`: the whole; wrong entries are said and left out. */
int receivers_load(struct world *world, const json_t *config);
int routes_load(struct world *world, const json_t *config);
void routes_free(struct world *world); /* receivers as well */

/* Works out told[] again: keeps what receivers know, adds who is to be told now. */
void route_alert(struct world *world, struct alert *alert);
/* The group of an alert for one receiver, made when needed. NULL: no memory, too many. */
struct group *route_group(struct world *world, const struct alert *alert, struct told *told);

#endif

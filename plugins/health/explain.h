/* explain.h - the command health.explain. */
#ifndef HEALTH_EXPLAIN_H
#define HEALTH_EXPLAIN_H

#include "health.h"

int explain_run(struct health *health, struct gw_call *call);

#endif

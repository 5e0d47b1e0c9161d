/* health.h - one instance: what its files share. */
#ifndef HEALTH_HEALTH_H
#define HEALTH_HEALTH_H

#include "alerts.h"
#include "chronicle.h"
#include "judge.h"
#include "lab.h"
#include "meter.h"

struct reports;

struct health {
    struct gw_plugin *self;
    struct health_options options;
    struct lab lab;
    struct meters *meters;
    struct alerts *alerts;
    struct chronicle *chronicle;
    struct reports *reports;
    struct gw_timer *timer;
    int64_t started_ms; /* monotonic */
    int64_t read_ms;    /* when all was read last */
    bool lacks;         /* at the last tick numbers did not agree with what is known */
    bool ready;         /* things are read */
};

struct world health_world(const struct health *health);
void health_settle(struct health *health); /* judges what is dirty, so that all scores are right */

#endif

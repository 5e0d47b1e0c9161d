/* alerts.h - open alerts and faults of links, as the plugins alert and traffic tell of them. */
#ifndef HEALTH_ALERTS_H
#define HEALTH_ALERTS_H

#include "lab.h"

struct alert_sum {
    double badness; /* 0 to 1 */
    size_t count;
    const char *summary; /* of the worst; "" */
};

struct alerts;

struct alerts *alerts_new(struct lab *lab);
void alerts_free(struct alerts *alerts);
void alerts_read(struct alerts *alerts); /* all there is */
bool alerts_takes(const char *kind);
void alerts_take(struct alerts *alerts, const char *kind, const char *id, const char *json);
bool alerts_there(const struct alerts *alerts);

/* A thing came or is about to go. */
void alerts_new_thing(struct alerts *alerts, struct thing *thing);
void alerts_gone_thing(struct alerts *alerts, struct thing *thing);

/* Open ones about this thing that nobody silenced and no other explains. */
struct alert_sum alerts_sum(const struct thing *thing);

#endif

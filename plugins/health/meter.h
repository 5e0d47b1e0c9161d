/* meter.h - what the series of servers, computes, links and projects say, kept as far as a score
 * needs it: rows as they come, and a past that is read once at the start.
 *
 * A meter belongs to its thing. What is known is given to judge.c by the meter_ functions. */
#ifndef HEALTH_METER_H
#define HEALTH_METER_H

#include "lab.h"
#include "robust.h"

#include <gnswatch/series.h>

struct source { /* where a value is from */
    uint32_t id;
    char *key; /* owned; NULL: there is no series yet */
    int64_t row_ms, every_ms;
};

struct meter {
    struct source source;     /* gns3.server, gns3.compute, traffic.link, snapshot.project */
    struct source api;        /* gns3.api, of a server */
    struct history recent[3]; /* 15 s: latency; or CPU, memory, disk */
    struct history past;      /* a minute: latency of 12 h; five minutes: disk of 6 h */
    double breaker, up;
    double requests, failures; /* a second, over the last minutes */
    int64_t api_ms;
    double age_s, last_ok; /* snapshot.project */
    double packets, drops; /* traffic.link, a second, over the last minutes */
    double full_in_ms;     /* the forecast; INFINITY: never, NaN: not known */
    int64_t forecast_at;   /* bucket it was made for */
    bool seeded;
};

struct meters;

struct meters *meters_new(struct lab *lab);
void meters_free(struct meters *meters);
int meters_start(struct meters *meters);
void meters_seed(struct meters *meters); /* goes on reading the past of those that have not */
void meter_free(struct meter *meter);
bool meters_snapshots(const struct meters *meters); /* the plugin snapshot writes rows */

bool meter_fresh(const struct source *source, int64_t now_ms);
/* Median of the last `ms`; NaN: nothing came of late. */
double meter_recent(const struct meter *meter, size_t which, int64_t ms, int64_t now_ms);
/* Its usual value and how far it usually is from that. False: there is too little past. */
bool meter_usual(const struct meter *meter, double *median, double *deviation);

#endif

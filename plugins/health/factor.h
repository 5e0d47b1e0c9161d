/* factor.h - what a score is made of: names, weights, and which thing has which. */
#ifndef HEALTH_FACTOR_H
#define HEALTH_FACTOR_H

#include <gnswatch/plugin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum factor {
    FACTOR_AVAILABILITY = 1,
    FACTOR_STATE,
    FACTOR_LATENCY,
    FACTOR_ERRORS,
    FACTOR_CPU,
    FACTOR_MEMORY,
    FACTOR_DISK,
    FACTOR_FLAPPING,
    FACTOR_SNAPSHOTS,
    FACTOR_ALERTS,
    FACTOR_FAULTS,
    FACTOR_DROPS,
    FACTOR_SERVERS, /* from here on: what is below */
    FACTOR_COMPUTES,
    FACTOR_PROJECTS,
    FACTOR_NODES,
    FACTOR_LINKS,
    FACTOR_MORE, /* the sum of reasons that are not listed; no factor of its own */
};
enum { FACTORS = FACTOR_LINKS };

const char *factor_name(enum factor factor);
const char *factor_unit(enum factor factor); /* of its value; NULL: none */
bool factor_rolls(enum factor factor);

/* Those of a kind of thing (enum thing_kind); the number. */
size_t factors_of(int kind, const enum factor **factors);

/* What one factor of one thing is now. */
struct factor_state {
    double badness; /* the last known one */
    double value;   /* NaN: none */
    double known;   /* 0 to 1 */
    bool applies;   /* its source is there; else its weight is 0 */
    char *text;     /* owned; NULL while nothing is wrong */
};

/* Options, read once. */
struct health_options {
    double weights[FACTORS + 1];
    double least_coverage, hysteresis;
    double cpu[2], memory[2], disk[2]; /* from, full */
    double full_in_ms[2];              /* from, full: time until the disk is full */
    double latency_sigmas[2];
    double latency_least_ms;
    double error_rate[2]; /* percent */
    double flaps[2];      /* an hour */
    double drops[2];      /* percent */
    int64_t snapshot_age_ms;
    int64_t accept_stops_ms;
    int64_t history_ms;
    bool node_series, link_series;
};

extern const struct gw_row weight_rows[];
extern const struct gw_row level_rows[];
int health_options_read(const struct gw_values *values, struct health_options *options);

#endif

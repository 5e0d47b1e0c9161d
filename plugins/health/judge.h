/* judge.h - what is known of a thing into its factors, score and reasons. Knows no JSON and puts
 * nothing anywhere. */
#ifndef HEALTH_JUDGE_H
#define HEALTH_JUDGE_H

#include "lab.h"

struct world {
    struct lab *lab;
    const struct health_options *options;
    int64_t now_ms;
    bool alerts, snapshots; /* these plugins are there */
    bool young;             /* just started: what is not known yet is no news */
};

/* Judges what is dirty, from below to above; what has another score or other reasons is marked
 * `unpublished`. The number of things judged. */
size_t judge_all(const struct world *world);

void judge_factors(const struct world *world, struct thing *thing); /* judge_*.c: of one thing */
void reasons_make(struct thing *thing);                             /* of its points */

/* Changes of state within the last hour. */
size_t thing_changes(const struct thing *thing, int64_t now_ms);
void thing_changed(struct thing *thing, int64_t time_ms);

uint64_t judge_mix(uint64_t hash, uint64_t value); /* a number of two; for fingerprints */

#endif

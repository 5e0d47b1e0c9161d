/* Following series: every row once, as it comes, without touching who writes.
 *
 * A tail has its place in the ring of each live series that matches. tail_turn copies the rows that
 * are new since the last turn, a batch at a time under the registry's lock, and hands them over
 * without it. Rings of ended series stay until every tail has read them to the end, unless it has
 * not turned for a minute. Threads: all calls for a tail on one thread. */
#ifndef GW_METRIC_TAIL_H
#define GW_METRIC_TAIL_H

#include "metric/metric.h"

#include <gnswatch/series.h>

struct tail;

/* Any may be NULL. They must not free the tail. */
struct tail_events {
    void (*found)(void *data, struct gw_series_info *info); /* new, renamed or back */
    void (*row)(void *data, struct gw_series_info *info, int64_t time_ms, const double *values);
    void (*ended)(void *data, struct gw_series_info *info); /* freed after this */
    void *data;
};

/* Follows from now on; `match` is copied, as are its texts. NULL: no memory. */
struct tail *tail_new(struct metric *metric, const struct gw_match *match, bool raw,
                      const struct tail_events *events);
/* Hands over what is new. The number of rows. */
size_t tail_turn(struct tail *tail);
/* Tells the end of all series (`told` false: nothing) and lets go. NULL is fine. */
void tail_free(struct tail *tail, bool told);
void tail_quiet(struct tail *tail);          /* from within a turn: nothing more is handed over */
uint64_t tail_lost(const struct tail *tail); /* rows overwritten before their turn */

#endif

/* Rows of any spacing into regular steps: what a graph shows.
 *
 * A row's value holds for the time since the row before it (as in an RRD file), so a step's average
 * is weighted by time and late ticks make no holes. Silence longer than five intervals is unknown.
 * The daemon uses it for what is in a ring, the store process for the rest; both so give the same.
 * Knows nothing of rings or files. */
#ifndef GW_STORE_BINS_H
#define GW_STORE_BINS_H

#include "metric/rates.h"
#include "store/store.h"

enum { BINS_POINTS_MAX = 10000, BINS_SILENCE = RATES_SILENCE };

struct bins {
    int64_t start_ms, step_ms, every_ms;
    size_t count, fields;
    enum store_consolidation as;
    double *values;  /* [field][i]: sums (average), or the least or greatest; then the result */
    double *weights; /* [field][i]: known ms; NULL unless averaging */
};

/* The steps for a window: a multiple of the interval, at most `points_max` of them. */
void bins_plan(int64_t every_ms, int64_t from_ms, int64_t to_ms, size_t points_max,
               struct bins *out);
int bins_init(struct bins *bins); /* after the plan; 0 or -ENOMEM */
void bins_fini(struct bins *bins);
static inline int64_t bins_end_ms(const struct bins *bins)
{
    return bins->start_ms + bins->step_ms * (int64_t)bins->count;
}
/* `values` (one a field) hold in (from_ms, to_ms]; NaN adds nothing. */
void bins_add(struct bins *bins, int64_t from_ms, int64_t to_ms, const double *values);
void bins_finish(struct bins *bins); /* sums become averages; unknown is NaN */

/* Feeds rows one after the other; counters (bits of `counters`) become rates per second, and a fall
 * is a reset: unknown. */
struct bins_feed {
    struct bins *bins;
    uint32_t counters;
    bool has_last;
    int64_t last_ms;
    double last[GW_FIELDS_MAX];
};
void bins_feed_row(struct bins_feed *feed, const double *row); /* as in the ring */

#endif

/* Series as plugins see them: `struct gw_series_info`, and which of them match.
 *
 * What is handed out is a copy, so that no visitor holds the registry's lock. */
#ifndef GW_METRIC_VIEW_H
#define GW_METRIC_VIEW_H

#include "metric/registry.h"

#include <gnswatch/series.h>

/* Does `series` have the measurement and the labels? NULL patterns match anything. Under the lock.
 */
bool view_matches(const struct gw_series *series, const struct gw_match *match);

/* How much memory view_put needs for the labels and texts of `series`. Under the lock. */
size_t view_bytes(const struct gw_series *series);
/* Fills in `info` but last, last_ms and mine; the labels, their texts and the key go into `memory`,
 * which is aligned for any type. Under the lock. */
void view_put(const struct gw_series *series, struct gw_series_info *info, void *memory);

/* The newest row with counters as rates, from the last two rows. 0, -ENOENT: no such series,
 * -ENODATA: no row within five intervals. `rates` has room for every field. */
int view_last(struct metric *metric, uint32_t id, double *rates, int64_t *time_ms);

/* Visits copies of what matches, without the lock; false ends the walk. The number visited, or
 * -ENOMEM. */
typedef bool view_visit_fn(void *data, const struct gw_series_info *info);
int64_t view_each(struct metric *metric, const struct gw_match *match, bool live_only,
                  view_visit_fn *visit, void *data);

#endif

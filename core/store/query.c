/* store_query: from the ring alone when it holds the whole window, else by the store process. */
#include "store/bins.h"
#include "store/inside.h"
#include "store/link.h"

#include "metric/ring.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

uint32_t query_counters(const struct series_info *info)
{
    uint32_t counters = 0;
    for (size_t i = 0; i < info->field_count; i++)
        counters |= info->fields[i].kind == GW_COUNTER ? UINT32_C(1) << i : 0;
    return counters;
}

/* Answers from the ring when it is complete from the window's start; -EAGAIN: it is not (with
 * `always`, answers with what there is). */
int query_from_ring(struct metric *metric, const struct series_info *info,
                    const struct store_read *read, bool always, struct bins *bins)
{
    bins->fields = info->field_count;
    bins->as = read->as;
    bins_plan(info->every_ms, read->from_ms, read->to_ms, read->points_max, bins);
    double *rows;
    size_t count;
    int64_t oldest_ms;
    /* Also the row before the window: the first one's value holds since then. */
    int64_t from_ms = bins->start_ms - BINS_SILENCE * bins->every_ms;
    int error = metric_recent(metric, info->id, from_ms, bins_end_ms(bins) + bins->every_ms, &rows,
                              &count, &oldest_ms);
    if (!error && !always && oldest_ms > bins->start_ms)
        error = -EAGAIN;
    if (!error)
        error = bins_init(bins);
    if (!error) {
        struct bins_feed feed = {.bins = bins, .counters = query_counters(info)};
        for (size_t i = 0; i < count; i++)
            bins_feed_row(&feed, rows + i * (info->field_count + 1));
        bins_finish(bins);
    }
    free(rows);
    return error;
}

void query_answer(struct bins *bins, int error, store_rows_fn *on_rows, void *data)
{
    struct store_rows rows = {.error = error};
    int64_t *times = bins->values ? malloc(bins->count * sizeof(*times)) : NULL;
    if (times) {
        for (size_t i = 0; i < bins->count; i++)
            times[i] = bins->start_ms + bins->step_ms * (int64_t)i;
        rows.step_ms = bins->step_ms;
        rows.count = bins->count;
        rows.fields = bins->fields;
        rows.times_ms = times;
        rows.values = bins->values;
    } else if (!error) {
        rows.error = -ENOMEM;
    }
    on_rows(data, &rows);
    free(times);
    bins_fini(bins);
}

int store_query(struct store *store, const struct store_read *read, store_rows_fn *on_rows,
                void *data)
{
    if (!on_rows || read->to_ms <= read->from_ms || read->points_max < 1 ||
        read->points_max > BINS_POINTS_MAX || read->as < STORE_AVERAGE || read->as > STORE_MAX)
        return -EINVAL;
    return link_read(store->link, read, on_rows, data);
}

/* store_query: from the ring when it holds the whole window, else with the file's older rows, which
 * are read here when they are in memory and by the store process when they are not. */
#include "store/bins.h"
#include "store/file_rows.h"
#include "store/inside.h"
#include "store/link.h"
#include "store/path.h"
#include "store/window.h"

#include "metric/ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What the ring holds, and the steps asked for. */
struct recent {
    double *rows; /* owned */
    size_t count;
    int64_t oldest_ms;
};

static int plan(struct metric *metric, const struct series_info *info,
                const struct store_read *read, struct bins *bins, struct recent *recent)
{
    bins->fields = info->field_count;
    bins->as = read->as;
    bins_plan(info->every_ms, read->from_ms, read->to_ms, read->points_max, bins);
    return metric_recent(metric, info->id, INT64_MIN, bins_end_ms(bins) + bins->every_ms,
                         &recent->rows, &recent->count, &recent->oldest_ms);
}

/* All rows, of which those long before the window do not matter. */
static void feed_all(const struct recent *recent, uint32_t counters, struct bins *bins)
{
    struct bins_feed feed = {.bins = bins, .counters = counters};
    int64_t from_ms = bins->start_ms - BINS_SILENCE * bins->every_ms;
    for (size_t i = 0; i < recent->count; i++) {
        const double *row = recent->rows + i * (bins->fields + 1);
        if (row_time_ms(row) >= from_ms)
            bins_feed_row(&feed, row);
    }
}

/* Answers from the ring when it is complete from the window's start; -EAGAIN: it is not (with
 * `always`, answers with what there is). */
int query_from_ring(struct metric *metric, const struct series_info *info,
                    const struct store_read *read, bool always, struct bins *bins)
{
    struct recent recent;
    int error = plan(metric, info, read, bins, &recent);
    if (!error && !always && recent.oldest_ms > bins->start_ms)
        error = -EAGAIN;
    if (!error)
        error = bins_init(bins);
    if (!error) {
        feed_all(&recent, field_counters(info->fields, info->field_count), bins);
        bins_finish(bins);
    }
    free(recent.rows);
    return error;
}

/* ---- Ring and file, here and now ------------------------------------------------------------- */

static int fetch(void *data, const char *as, int64_t start_s, int64_t end_s, int64_t step_s,
                 struct rrd_rows *out)
{
    return file_rows_fetch(data, as, start_s, end_s, step_s, out);
}

static void free_rows(struct rrd_rows *rows)
{
    free(rows->values);
    *rows = (struct rrd_rows){0};
}

/* The first row's own value is the file's to tell; the file has to have come so far. */
static int merge(struct file_rows *file, const struct archives *archives, uint32_t counters,
                 const struct recent *recent, struct bins *bins)
{
    struct bins_feed feed = {
        .bins = bins, .counters = counters, .has_last = true, .last_ms = recent->oldest_ms};
    struct window window = {.bins = bins,
                            .archives = archives,
                            .until_ms = recent->oldest_ms,
                            .fetch = fetch,
                            .free_rows = free_rows,
                            .data = file};
    if (file_rows_last_s(file) < recent->oldest_ms / 1000)
        return -EAGAIN;
    if (recent->count > 0)
        memcpy(feed.last, recent->rows + 1, bins->fields * sizeof(double));
    for (size_t i = 1; i < recent->count; i++)
        bins_feed_row(&feed, recent->rows + i * (bins->fields + 1));
    if (window.until_ms > bins_end_ms(bins))
        window.until_ms = bins_end_ms(bins);
    int error = window_add_file(&window);
    return error || file_rows_unchanged(file) ? error : -EAGAIN;
}

static int open_file(const struct store *store, const struct series_info *info,
                     struct file_rows *file)
{
    struct buf path;
    buf_init(&path, 8192);
    buf_adds(&path, store->dir);
    buf_addc(&path, '/');
    path_of_series(info, &path);
    int error = buf_error(&path) ? -EAGAIN : file_rows_open(file, path.data, info->field_count);
    buf_fini(&path);
    return error;
}

static int from_ring_and_file(const struct store *store, const struct series_info *info,
                              const struct recent *recent, struct bins *bins)
{
    struct file_rows file;
    if (recent->oldest_ms == INT64_MAX || store->settings.rrdcached ||
        open_file(store, info, &file))
        return -EAGAIN;
    int error = bins_init(bins);
    if (!error)
        error = merge(&file, &store->settings.resolutions,
                      field_counters(info->fields, info->field_count), recent, bins);
    file_rows_close(&file);
    if (error)
        bins_fini(bins);
    else
        bins_finish(bins);
    return error;
}

/* On the caller's thread: the answer in one go when neither the disk nor the process is needed for
 * it, which is nearly always; -EAGAIN: the link has to ask. */
static int answer_now(struct store *store, const struct store_read *read, store_rows_fn *on_rows,
                      void *data)
{
    char text[16];
    struct series_info info;
    struct bins bins = {0};
    struct recent recent = {0};
    snprintf(text, sizeof(text), "%u", (unsigned)read->series_id);
    if (metric_find(store->parts.metric, text, &info))
        return -EAGAIN;
    bool ring_has_all = false;
    int error = plan(store->parts.metric, &info, read, &bins, &recent);
    if (!error) {
        ring_has_all = recent.oldest_ms <= bins.start_ms;
        error = ring_has_all ? bins_init(&bins) : from_ring_and_file(store, &info, &recent, &bins);
    }
    if (!error && ring_has_all) {
        feed_all(&recent, field_counters(info.fields, info.field_count), &bins);
        bins_finish(&bins);
    }
    free(recent.rows);
    series_info_fini(&info);
    if (error)
        return -EAGAIN;
    link_answered(store->link, !ring_has_all);
    query_answer(&bins, 0, on_rows, data);
    return 0;
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
    int error = answer_now(store, read, on_rows, data);
    return error == -EAGAIN ? link_read(store->link, read, on_rows, data) : error;
}

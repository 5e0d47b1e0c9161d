/* A window of a series: what its file has up to the ring's oldest row, then the ring. */
#include "store/proc.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

struct window {
    struct proc *proc;
    const char *path; /* full */
    struct bins *bins;
    int64_t until_ms; /* what the file is asked for: up to here */
};

static const char *name_of(enum store_consolidation as)
{
    return as == STORE_MIN ? "MIN" : as == STORE_MAX ? "MAX" : "AVERAGE";
}

/* The finest archive has no MIN and MAX of its own: one row is its own least and greatest. */
static const char *consolidation(const struct proc *proc, const struct bins *bins)
{
    if (proc->archives.count < 2 || bins->step_ms < proc->archives.list[1].step_s * 1000)
        return "AVERAGE";
    return name_of(bins->as);
}

static void add_rows(struct window *window, const struct rrd_rows *rows)
{
    for (size_t k = 0; k < rows->count; k++) {
        int64_t from_ms = (rows->start_s + (int64_t)k * rows->step_s) * 1000;
        int64_t to_ms = from_ms + rows->step_s * 1000;
        if (to_ms > window->until_ms)
            to_ms = window->until_ms;
        bins_add(window->bins, from_ms, to_ms, rows->values + k * rows->fields);
    }
}

/* The end of the last interval that has a value; `start_s` when none has. */
static int64_t known_until(const struct rrd_rows *rows, int64_t start_s)
{
    for (size_t k = rows->count; k-- > 0;) {
        for (size_t f = 0; f < rows->fields; f++) {
            if (!isnan(rows->values[k * rows->fields + f]))
                return rows->start_s + ((int64_t)k + 1) * rows->step_s;
        }
    }
    return start_s;
}

/* Fetches [start_s, until) at about `step_s`; *end_s is how far it was known, *got_s its step. */
static int fetch(struct window *window, const char *as, int64_t start_s, int64_t step_s,
                 int64_t *end_s, int64_t *got_s)
{
    struct rrd_rows rows;
    int64_t until_s = (window->until_ms + 999) / 1000;
    *end_s = start_s;
    if (until_s <= start_s)
        return 0;
    int error = window->proc->rrd->fetch(window->path, as, start_s, until_s, step_s, &rows);
    if (error)
        return error;
    if (rows.fields == window->bins->fields) /* else its fields change with the next rows */
        add_rows(window, &rows);
    *end_s = known_until(&rows, start_s);
    *got_s = rows.step_s;
    window->proc->rrd->free_rows(&rows);
    return error;
}

/* A coarse archive ends with its last whole interval; the rest comes from the finest one. */
static int add_file(struct window *window)
{
    const struct bins *bins = window->bins;
    /* Finer than the steps asked for, as the archive's intervals lie across them. */
    int64_t start_s = bins->start_ms / 1000, end_s, got_s = 0, step_s = bins->step_ms / 4000;
    const char *as = consolidation(window->proc, bins);
    int64_t fine_s = bins->every_ms < 1000 ? 1 : (bins->every_ms + 999) / 1000;
    int error = fetch(window, as, start_s, step_s < 1 ? 1 : step_s, &end_s, &got_s);
    if (!error && got_s > fine_s && end_s * 1000 < window->until_ms)
        error = fetch(window, "AVERAGE", end_s, fine_s, &end_s, &got_s);
    return error;
}

static int64_t add_ring(const struct proc_series *series, struct bins *bins)
{
    const struct ring *ring = series->ring;
    struct bins_feed feed = {.bins = bins, .counters = series->counters};
    double row[1 + GW_FIELDS_MAX];
    uint64_t head = ring_head(ring), first = ring_oldest(ring, head);
    int64_t oldest_ms = INT64_MAX;
    for (uint64_t n = first; n < head; n++) {
        ring_copy(ring, n, row);
        if (n < ring_oldest(ring, ring_head(ring)))
            continue;
        if (oldest_ms == INT64_MAX) { /* its own value is the file's to tell */
            oldest_ms = row_time_ms(row);
            feed.has_last = true;
            feed.last_ms = oldest_ms;
            memcpy(feed.last, row + 1, bins->fields * sizeof(double));
            continue;
        }
        bins_feed_row(&feed, row);
    }
    return oldest_ms;
}

static void send_rows(struct proc *proc, uint32_t request, int error, const struct bins *bins)
{
    struct frame_rows head = {.request = request, .error = error};
    head.count = error ? 0 : bins->count * bins->fields;
    size_t begun = frame_begin(&proc->out, FRAME_ROWS);
    buf_add(&proc->out, &head, sizeof(head));
    if (!error)
        buf_add(&proc->out, bins->values, head.count * sizeof(double));
    frame_end(&proc->out, begun);
}

/* A file that cannot be read is looked at now, not when its rows are due: damaged, it goes out of
 * the way, and the answer is what else there is. */
static int look_again(struct proc *proc, struct proc_series *series, const char *path, int error)
{
    if (!series || !series->path || strcmp(series->path, path) != 0)
        return error;
    series->file = FILE_UNKNOWN;
    return proc_file_ready(proc, series, PROC_NEVER, PROC_NEVER) == -ENOENT ? 0 : error;
}

static int fill(struct proc *proc, const struct frame_read *read, const char *path,
                struct bins *bins)
{
    struct proc_series *series = proc_find(proc, read->id);
    bool has_ring = series && series->ring && series->ring->fields == bins->fields;
    struct window window = {.proc = proc, .bins = bins, .until_ms = INT64_MAX};
    if (has_ring)
        window.until_ms = add_ring(series, bins);
    /* The ring's first row has its value from the file; a file that ends before it has none. */
    if (has_ring && ring_head(series->ring) && series->filed == 0)
        proc_flush(proc, series);
    if (window.until_ms > bins_end_ms(bins))
        window.until_ms = bins_end_ms(bins);
    struct buf full;
    proc_file_path(proc, path, &full);
    struct stat status;
    int error = buf_error(&full);
    window.path = full.data;
    if (!error && (proc->remote || stat(full.data, &status) == 0))
        error = add_file(&window);
    buf_fini(&full);
    if (error && !proc->remote)
        error = look_again(proc, series, path, error);
    return error;
}

void proc_answer(struct proc *proc, const struct frame_read *read, const char *path)
{
    struct bins bins = {.start_ms = read->start_ms,
                        .step_ms = read->step_ms,
                        .every_ms = read->every_ms,
                        .count = read->count,
                        .fields = read->fields,
                        .as = (enum store_consolidation)read->as};
    int error = bins.count < 1 || bins.count > BINS_POINTS_MAX || bins.fields < 1 ||
                        bins.fields > GW_FIELDS_MAX || bins.step_ms < 1 || bins.every_ms < 1
                    ? -EINVAL
                    : bins_init(&bins);
    if (!error)
        error = fill(proc, read, path, &bins);
    if (!error)
        bins_finish(&bins);
    send_rows(proc, read->request, error, &bins);
    bins_fini(&bins);
}

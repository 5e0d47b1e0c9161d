/* A window of a series: what its file has up to the ring's oldest row, then the ring. */
#include "store/proc.h"
#include "store/window.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A file as librrd reads it. */
struct file {
    const struct rrd_module *rrd;
    const char *path; /* full */
};

static int fetch(void *data, const char *as, int64_t start_s, int64_t end_s, int64_t step_s,
                 struct rrd_rows *out)
{
    const struct file *file = data;
    return file->rrd->fetch(file->path, as, start_s, end_s, step_s, out);
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
    struct file file = {.rrd = proc->rrd};
    struct window window = {.bins = bins,
                            .archives = &proc->archives,
                            .until_ms = INT64_MAX,
                            .fetch = fetch,
                            .free_rows = proc->rrd->free_rows,
                            .data = &file};
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
    file.path = full.data;
    if (!error && (proc->remote || stat(full.data, &status) == 0))
        error = window_add_file(&window);
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

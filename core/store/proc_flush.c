/* From ring or journal into the RRD file: many rows in one call. */
#include "metric/rates.h"
#include "store/number.h"
#include "store/proc.h"

#include <errno.h>

static char *write_row(char *at, int64_t second, const double *values, size_t fields)
{
    at = number_write_int(at, (uint64_t)second);
    for (size_t f = 0; f < fields; f++) {
        *at++ = ':';
        at = number_write(at, values[f]);
    }
    *at++ = '\0';
    return at;
}

/* An RRD file holds one row a second, in order: of several in a second the last is kept. */
static size_t choose_rows(struct proc *proc, const struct proc_series *series, size_t count,
                          double *before, bool *has_before)
{
    size_t width = series->fields + 1, chosen = 0;
    int64_t last_s = series->last_s;
    for (size_t i = 0; i < count; i++) {
        const double *row = proc->scratch + i * width;
        int64_t second = row_time_ms(row) / 1000;
        bool same = i + 1 < count && row_time_ms(row + width) / 1000 == second;
        if (same || second <= last_s) {
            proc->stats.rows_dropped++;
            continue;
        }
        row_rates(series->counters, series->fields, *has_before ? before : NULL, row,
                  proc->values + chosen * series->fields);
        proc->seconds[chosen++] = last_s = second;
        memcpy(before, row, width * sizeof(*row));
        *has_before = true;
    }
    return chosen;
}

static int update_by_text(struct proc *proc, const struct proc_series *series, const char *path,
                          size_t count)
{
    char *at = proc->text;
    for (size_t i = 0; i < count; i++) {
        proc->lines[i] = at;
        at = write_row(at, proc->seconds[i], proc->values + i * series->fields, series->fields);
    }
    proc->stats.rrd_calls++;
    return proc->rrd->update(path, (int)count, proc->lines);
}

static int update(struct proc *proc, const struct proc_series *series, size_t count)
{
    struct buf full;
    proc_file_path(proc, series->path, &full);
    int error = buf_error(&full);
    if (!error)
        error = proc->rrd->append(full.data, series->fields, count, proc->seconds, proc->values);
    if (error == -EAGAIN)
        error = update_by_text(proc, series, full.data, count);
    else
        proc->stats.rows_appended += error ? 0 : count;
    buf_fini(&full);
    return error;
}

static void note_filed(struct proc *proc, size_t count)
{
    proc->stats.rows_filed += count;
    proc->stats.last_filed_ms = proc->wall_ms;
    if (!proc->stats.files_failing || !count)
        return;
    proc->stats.files_failing = 0;
    proc_note(proc, GW_NOTICE, "store.file.recovered", "RRD files can be written again");
}

int proc_file_rows(struct proc *proc, struct proc_series *series, size_t count, double *before,
                   bool *has_before)
{
    if (count == 0)
        return 0;
    const double *newest = proc->scratch + (count - 1) * (series->fields + 1);
    int error = proc_file_ready(proc, series, row_time_ms(proc->scratch) / 1000,
                                row_time_ms(newest) / 1000);
    size_t chosen = error ? 0 : choose_rows(proc, series, count, before, has_before);
    if (chosen)
        error = update(proc, series, chosen);
    if (error) {
        proc_file_failed(proc, series, error);
        return error;
    }
    note_filed(proc, chosen);
    if (chosen)
        series->last_s = proc->seconds[chosen - 1];
    return 0;
}

/* The row before the first one that waits, for the counters; false: it has left the ring. */
static bool row_before(const struct proc_series *series, double *before)
{
    const struct ring *ring = series->ring;
    if (series->filed == 0 || series->filed - 1 < ring_oldest(ring, ring_head(ring)))
        return false;
    ring_copy(ring, series->filed - 1, before);
    return series->filed - 1 >= ring_oldest(ring, ring_head(ring));
}

static int flush_batch(struct proc *proc, struct proc_series *series, uint64_t count)
{
    const struct ring *ring = series->ring;
    double before[1 + GW_FIELDS_MAX];
    bool has_before = row_before(series, before);
    for (uint64_t i = 0; i < count; i++)
        ring_copy(ring, series->filed + i, proc->scratch + i * (ring->fields + 1));
    if (ring_oldest(ring, ring_head(ring)) > series->filed) {
        series->behind = true;
        return -EAGAIN;
    }
    int error = proc_file_rows(proc, series, count, before, &has_before);
    if (!error)
        series->filed += count;
    return error;
}

/* The ring of an ended series goes back to the daemon, unless it took it up again. */
static void release_ring(struct proc_series *series)
{
    uint32_t state = RING_ENDED;
    if (atomic_compare_exchange_strong(&series->ring->ended, &state, RING_RELEASED)) {
        series->ring = NULL;
        series->taken = series->filed = 0;
    }
    series->ending = false;
}

int proc_flush(struct proc *proc, struct proc_series *series)
{
    int error = series->behind ? -EAGAIN : 0;
    while (!error && series->filed < series->taken) {
        uint64_t waiting = series->taken - series->filed;
        error = flush_batch(proc, series, waiting < PROC_BATCH_ROWS ? waiting : PROC_BATCH_ROWS);
    }
    if (error)
        return error;
    series->first_segment = 0;
    series->retry_ms = 0;
    series->due = series->ring->rows / 8 * 7;
    if (series->ending && ring_head(series->ring) == series->taken)
        release_ring(series);
    return 0;
}

static bool is_due(const struct proc *proc, const struct proc_series *series)
{
    uint64_t waiting = series->taken - series->filed;
    if (series->behind || proc->wall_ms < series->retry_ms)
        return false;
    if (series->ending)
        return true;
    return waiting &&
           (waiting >= series->due || proc->wall_ms - series->waiting_ms >= proc->flush_ms);
}

void proc_flush_due(struct proc *proc, void (*between)(struct proc *proc))
{
    proc->stats.rows_waiting = 0;
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (!series->ring)
            continue;
        if (is_due(proc, series) && proc_flush(proc, series) == 0 && between)
            between(proc);
        proc->stats.rows_waiting += series->taken - series->filed;
    }
}

bool proc_flush_all(struct proc *proc, int64_t until_ns)
{
    bool all = true;
    for (size_t i = 0; i < proc->count; i++) {
        struct proc_series *series = proc->series[i];
        if (!series->ring)
            continue;
        if (clock_monotonic_ns(clock_system()) >= until_ns)
            return false;
        all &= proc_flush(proc, series) == 0;
    }
    return all;
}

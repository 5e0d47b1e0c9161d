/* The series of the store process. */
#include "store/proc.h"

#include <errno.h>
#include <stdlib.h>

static size_t find_at(const struct proc *proc, uint32_t id, bool *found)
{
    size_t low = 0, high = proc->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (proc->series[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    *found = low < proc->count && proc->series[low]->id == id;
    return low;
}

struct proc_series *proc_find(struct proc *proc, uint32_t id)
{
    bool found;
    size_t at = find_at(proc, id, &found);
    return found ? proc->series[at] : NULL;
}

struct proc_series *proc_add(struct proc *proc, uint32_t id)
{
    bool found;
    size_t at = find_at(proc, id, &found);
    if (found)
        return proc->series[at];
    if (proc->count == proc->cap) {
        size_t cap = proc->cap ? proc->cap * 2 : 256;
        struct proc_series **more = realloc(proc->series, cap * sizeof(struct proc_series *));
        if (!more)
            return NULL;
        proc->series = more;
        proc->cap = cap;
    }
    struct proc_series *series = calloc(1, sizeof(*series));
    if (!series)
        return NULL;
    series->id = id;
    series->file = FILE_UNKNOWN;
    series->last_s = PROC_NEVER;
    memmove(proc->series + at + 1, proc->series + at,
            (proc->count - at) * sizeof(struct proc_series *));
    proc->series[at] = series;
    proc->count++;
    return series;
}

void proc_series_clear(struct proc_series *series)
{
    free(series->path);
    free(series->names);
    free(series->before);
    series->path = series->names = NULL;
    series->before = NULL;
}

/* Another path is another file. */
int proc_series_set(struct proc_series *series, const char *path, const char *names)
{
    if (series->path && strcmp(series->path, path) == 0 && strcmp(series->names, names) == 0)
        return 0;
    char *new_path = strdup(path), *new_names = strdup(names);
    if (!new_path || !new_names) {
        free(new_path);
        free(new_names);
        return -ENOMEM;
    }
    proc_series_clear(series);
    series->path = new_path;
    series->names = new_names;
    series->file = FILE_UNKNOWN;
    series->last_s = PROC_NEVER;
    series->described = 0;
    return 0;
}

/* A file of another step is looked at again. */
void proc_series_every(struct proc_series *series, int64_t every_ms)
{
    if (series->every_ms != every_ms)
        series->file = FILE_UNKNOWN;
    series->every_ms = every_ms;
}

/* Rows that the file has already - it was filed before this process started - are passed over. */
static uint64_t first_new_row(const struct ring *ring, int64_t last_s)
{
    uint64_t head = ring_head(ring), n = ring_oldest(ring, head);
    while (n < head && ring_time(ring, n) / 1000 <= last_s)
        n++;
    return n;
}

/* Spread: the first filing comes somewhere between a quarter and three quarters of the ring. */
static uint32_t first_due(const struct proc_series *series)
{
    uint32_t rows = series->ring->rows;
    return rows / 4 + (uint32_t)(series->id * UINT32_C(2654435761) >> 8) % (rows / 2 + 1);
}

void proc_attach(struct proc *proc, struct proc_series *series, struct ring *ring)
{
    series->ring = ring;
    series->ending = false;
    series->due = first_due(series);
    series->taken = series->filed = 0;
    if (ring_head(ring)) {
        /* Only to learn how far the file is; when there is none it is made with the first rows. */
        proc_file_ready(proc, series, PROC_NEVER, PROC_NEVER);
        series->taken = series->filed = first_new_row(ring, series->last_s);
    }
}

void proc_free_all(struct proc *proc)
{
    for (size_t i = 0; i < proc->count; i++) {
        proc_series_clear(proc->series[i]);
        free(proc->series[i]);
    }
    free(proc->series);
    proc->series = NULL;
    proc->count = proc->cap = 0;
}

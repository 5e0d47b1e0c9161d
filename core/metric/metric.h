/* Series: their registry and their rings.
 *
 * A series is a measurement, labels and fields; its key reads `gns3.node{server="a",node="PC1"}`.
 * Rows go into a ring in an arena of shared memory (a memfd), so the store process journals and
 * files them without a copy or a call, and a crash of the daemon leaves them readable.
 *
 * Threads: one writer a series (its instance). Registry calls take the registry's lock; setting a
 * row takes none. Readers copy rows and check afterwards that they were not overwritten meanwhile
 * (a sequence lock, Boehm 2012, "Can seqlocks get along with programming language memory models?").
 * Knows nothing of files, plugins or HTTP. */
#ifndef GW_METRIC_METRIC_H
#define GW_METRIC_METRIC_H

#include "base/buf.h"
#include "base/clock.h"

#include <stdatomic.h>

#include <gnswatch/plugin.h>

struct metric;

/* The layout in shared memory; the store process reads it with the same header. A row is
 * int64_t time_ms, then the fields as doubles. */
struct ring {
    uint32_t series_id; /* 1, 2, …; 0: free */
    uint32_t fields;
    uint32_t rows; /* capacity, a power of two */
    uint32_t row_bytes;
    int64_t every_ms;
    _Atomic uint64_t head;  /* rows ever written; row n is at n % rows */
    _Atomic uint64_t taken; /* rows the store has journaled; its own to write */
    _Atomic uint32_t ended;
};

/* How a series looks to readers; a copy. */
struct series_info {
    uint32_t id; /* kept over restarts (by key) */
    char *key, *measurement;
    size_t label_count;
    struct gw_label labels[GW_LABELS_MAX];
    size_t field_count;
    struct gw_field fields[GW_FIELDS_MAX];
    int64_t every_ms;
    bool live;       /* has an owner now */
    int64_t last_ms; /* time of the last row; 0: none known */
    double last[GW_FIELDS_MAX];
};

/* Told of changes in the registry, under its lock; must only take notes. */
struct metric_listener {
    void (*added)(void *data, const struct series_info *info, size_t ring_offset);
    void (*relabelled)(void *data, uint32_t id, const struct series_info *now);
    void (*ended)(void *data, uint32_t id);
    void *data;
};

struct metric_options {
    size_t arena_max_bytes; /* of shared memory, 0: 1 GiB (grows as needed, in steps) */
    size_t series_max;      /* 0: 200,000 */
    uint32_t ring_rows;     /* a power of two; 0: 128 */
};

struct metric *metric_new(const struct clock *clock, const struct metric_options *options);
void metric_free(struct metric *metric);
void metric_listen(struct metric *metric, const struct metric_listener *listener); /* one */
int metric_arena_fd(const struct metric *metric);

/* Makes known a series of earlier runs, so that its id, key and history are found (store). */
int metric_restore(struct metric *metric, const struct series_info *info);
void metric_forget(struct metric *metric, uint32_t id); /* its history has been removed */

/* The functions behind gnswatch/plugin.h. `owner` is any pointer that stands for the instance.
 * On failure NULL with *error: -EINVAL bad name or other fields than before, -ENOSPC a limit,
 * -EBUSY another owner writes it, -ENOMEM. */
struct gw_series *metric_get(struct metric *metric, void *owner, const char *measurement,
                             const struct gw_label *labels, const struct gw_field *fields,
                             int64_t every_ms, int *error);
int metric_set(struct gw_series *series, int64_t time_ms, const double *values);
/* What metric_set of these is going to touch, fetched side by side: for bursts of rows of many
 * series, each of which would else wait for memory three times. By their owner; NULL ones are left
 * out. */
void metric_fetch(struct gw_series *const *series, size_t count);
int metric_relabel(struct gw_series *series, const struct gw_label *labels);
void metric_end(struct gw_series *series);
void metric_release(struct metric *metric, void *owner); /* ends all of an owner's */
const struct clock *metric_clock(const struct gw_series *series);

/* In a child: what is done to its series is told to the daemon, which has the real ones. metric_pin
 * sends a series' rows there, as rows after `last_ms`. */
struct metric_sink {
    int (*set)(void *data, struct gw_series *series, int64_t time_ms, const double *values);
    int (*relabel)(void *data, struct gw_series *series, const struct gw_label *labels);
    void (*end)(void *data, struct gw_series *series); /* of one that was pinned */
    void *data;
};
void metric_divert(struct metric *metric, const struct metric_sink *sink); /* before any series */
void metric_pin(struct gw_series *series, int64_t last_ms);
bool metric_pinned(const struct gw_series *series);

/* Reading. The visitor runs under the registry's lock: copy and return; false ends the walk. */
typedef bool metric_visit_fn(void *data, const struct series_info *info);
size_t metric_each(struct metric *metric, metric_visit_fn *visit, void *data);
/* Finds by key or by decimal id; a copy the caller frees with series_info_fini. -ENOENT. */
int metric_find(struct metric *metric, const char *key_or_id, struct series_info *out);
void series_info_fini(struct series_info *info);

/* Rows with from_ms <= time < to_ms that the ring still holds, oldest first, as in the ring. Sets
 * *rows (malloc'd, the caller frees), *count and *oldest_ms, the time from which the ring is
 * complete (INT64_MAX: it is empty). */
int metric_recent(struct metric *metric, uint32_t id, int64_t from_ms, int64_t to_ms, double **rows,
                  size_t *count, int64_t *oldest_ms);

struct metric_counts {
    uint64_t series, live, rows, values, refused, overrun_rows;
    size_t arena_bytes;
};
void metric_count(struct metric *metric, struct metric_counts *out);

#endif

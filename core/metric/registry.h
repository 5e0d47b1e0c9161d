/* The inside of the registry, for core/metric and the store: not for plugins or the API. */
#ifndef GW_METRIC_REGISTRY_H
#define GW_METRIC_REGISTRY_H

#include "base/map.h"
#include "metric/metric.h"
#include "metric/shm.h"

#include <pthread.h>

/* Measurement and fields, shared by all series that have the same; lives as long as the registry.
 */
struct schema {
    char *measurement;
    struct gw_field *fields; /* texts owned; ends with {0} */
    size_t field_count;
    struct schema *next;
};

struct gw_series {
    struct metric *metric;
    uint64_t changed;    /* the registry's generation when it was made, started, renamed or ended */
    uint64_t started;    /* … when its owner took it */
    uint64_t ring_since; /* … when it got its ring */
    struct ring *ring;   /* NULL: none; when ended it stays readable until it is reclaimed */
    void *owner;         /* NULL: not live */
    int64_t last_set_ms; /* INT64_MAX: pinned, rows go to the registry's sink */
    int64_t pinned_ms;   /* … and the last was of this time */
    _Atomic uint64_t overrun; /* rows written over others that the store had not taken */
    const struct schema *schema;
    char *key;         /* owned by the map */
    char *label_texts; /* owned: name\0value\0… */
    int64_t every_ms;
    uint32_t id;
    uint32_t label_count;
};

struct orphan {
    struct ring *ring;
    uint64_t since; /* the registry's generation */
};

struct metric {
    const struct clock *clock;
    struct metric_options options;
    struct shm shm;
    pthread_mutex_t lock;
    struct map by_key;
    struct gw_series **by_id; /* ascending */
    size_t count, cap;
    struct orphan *orphans; /* rings without a series that the store or a tail still reads */
    size_t orphan_count, orphan_cap;
    uint64_t generation; /* counts changes of the registry */
    uint64_t removals;   /* series that were freed: pointers to them are gone */
    struct tail *tails;  /* who follows rows; see tail.h */
    struct schema *schemas;
    struct metric_listener listener;
    bool listened;
    struct metric_sink sink; /* `set` NULL: none */
    uint64_t refused;
};

/* Index in by_id where `id` is, or would go; *found says which. Under the lock. */
size_t registry_at(const struct metric *metric, uint32_t id, bool *found);
struct gw_series *registry_find(const struct metric *metric, uint32_t id); /* under the lock */
/* The newest row as in the ring; false: there is none. Under the lock. */
bool registry_last_row(const struct gw_series *series, double row[1 + GW_FIELDS_MAX]);
void registry_info(const struct gw_series *series, struct series_info *out); /* borrowed texts */

/* tail.c, under the lock: has every tail read on since the registry was of this generation? */
bool tails_are_past(const struct metric *metric, uint64_t generation);

/* Every ring that the store still has to read, live or ended; `info` has only the id when the
 * series is gone. Under the registry's lock. */
typedef void registry_ring_fn(void *data, const struct series_info *info, size_t ring_offset,
                              bool ended);
void registry_each_ring(struct metric *metric, registry_ring_fn *visit, void *data);

#endif

/* The registry of series: who writes what, and where its ring is. */
#include "metric/registry.h"

#include "metric/name.h"
#include "metric/ring.h"
#include "metric/schema.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

_Static_assert(sizeof(struct ring) <= RING_HEAD_BYTES, "rows begin after the head");

static struct metric_options with_defaults(const struct metric_options *options)
{
    struct metric_options o = options ? *options : (struct metric_options){0};
    if (!o.arena_max_bytes)
        o.arena_max_bytes = (size_t)1 << 30;
    if (!o.series_max)
        o.series_max = 200000;
    if (!o.ring_rows)
        o.ring_rows = 128;
    return o;
}

struct metric *metric_new(const struct clock *clock, const struct metric_options *options)
{
    struct metric *metric = calloc(1, sizeof(*metric));
    if (!metric)
        return NULL;
    metric->clock = clock;
    metric->options = with_defaults(options);
    pthread_mutex_init(&metric->lock, NULL);
    map_init(&metric->by_key);
    if (shm_init(&metric->shm, metric->options.arena_max_bytes)) {
        metric_free(metric);
        return NULL;
    }
    return metric;
}

static void series_free(struct gw_series *series)
{
    free(series->label_texts);
    free(series);
}

void metric_free(struct metric *metric)
{
    if (!metric)
        return;
    for (size_t i = 0; i < metric->count; i++)
        series_free(metric->by_id[i]);
    free(metric->by_id);
    free(metric->orphans);
    map_fini(&metric->by_key);
    schemas_free(metric->schemas);
    shm_fini(&metric->shm);
    pthread_mutex_destroy(&metric->lock);
    free(metric);
}

void metric_listen(struct metric *metric, const struct metric_listener *listener)
{
    pthread_mutex_lock(&metric->lock);
    metric->listened = listener != NULL;
    metric->listener = listener ? *listener : (struct metric_listener){0};
    pthread_mutex_unlock(&metric->lock);
}

int metric_arena_fd(const struct metric *metric)
{
    return metric->shm.fd;
}

void metric_divert(struct metric *metric, const struct metric_sink *sink)
{
    metric->sink = *sink;
}

void metric_pin(struct gw_series *series, int64_t last_ms)
{
    series->last_set_ms = INT64_MAX;
    series->pinned_ms = last_ms;
}

bool metric_pinned(const struct gw_series *series)
{
    return series->last_set_ms == INT64_MAX;
}

const struct clock *metric_clock(const struct gw_series *series)
{
    return series ? series->metric->clock : NULL;
}

/* ---- Rings ----------------------------------------------------------------------------------- */

static size_t offset_of(const struct metric *metric, const struct ring *ring)
{
    return (size_t)((const char *)ring - metric->shm.base);
}

static bool ring_is_done(const struct metric *metric, const struct ring *ring, uint64_t since)
{
    if (!tails_are_past(metric, since))
        return false;
    uint32_t state = atomic_load_explicit(&ring->ended, memory_order_acquire);
    return state == RING_RELEASED || (state == RING_ENDED && !metric->listened);
}

static void free_ring(struct metric *metric, struct ring *ring)
{
    shm_free(&metric->shm, ring, ring_bytes(ring->rows, ring->fields));
}

/* Takes back what the store is done with. */
static void reclaim(struct metric *metric)
{
    size_t kept = 0;
    for (size_t i = 0; i < metric->orphan_count; i++) {
        if (ring_is_done(metric, metric->orphans[i].ring, metric->orphans[i].since))
            free_ring(metric, metric->orphans[i].ring);
        else
            metric->orphans[kept++] = metric->orphans[i];
    }
    metric->orphan_count = kept;
    for (size_t i = 0; i < metric->count; i++) {
        struct gw_series *series = metric->by_id[i];
        if (series->ring && !series->owner && ring_is_done(metric, series->ring, series->changed)) {
            free_ring(metric, series->ring);
            series->ring = NULL;
        }
    }
}

/* Two minutes of rows, and at least 32 of a slow series. */
static uint32_t rows_for(const struct metric *metric, int64_t every_ms)
{
    uint64_t base = metric->options.ring_rows;
    uint64_t least = base < 32 ? base : 32;
    uint64_t want = every_ms > 0 ? base * 1000 / (uint64_t)every_ms : base;
    uint64_t rows = 2;
    while (rows < want || rows < least)
        rows *= 2;
    return (uint32_t)(rows > base * 32 ? base * 32 : rows);
}

static struct ring *new_ring(struct metric *metric, struct gw_series *series, int *error)
{
    uint32_t fields = (uint32_t)series->schema->field_count;
    uint32_t rows = rows_for(metric, series->every_ms);
    struct ring *ring = shm_alloc(&metric->shm, ring_bytes(rows, fields), error);
    if (!ring && *error == -ENOSPC) {
        reclaim(metric);
        ring = shm_alloc(&metric->shm, ring_bytes(rows, fields), error);
    }
    if (!ring)
        return NULL;
    ring->series_id = series->id;
    ring->fields = fields;
    ring->rows = rows;
    ring->row_bytes = (fields + 1u) * (uint32_t)sizeof(double);
    ring->every_ms = series->every_ms;
    return ring;
}

/* The ring goes on without its series until the store has read it. */
static int orphan(struct metric *metric, struct gw_series *series)
{
    if (!series->ring)
        return 0;
    if (metric->orphan_count == metric->orphan_cap) {
        size_t cap = metric->orphan_cap ? metric->orphan_cap * 2 : 16;
        struct orphan *more = realloc(metric->orphans, cap * sizeof(*more));
        if (!more)
            return -ENOMEM;
        metric->orphans = more;
        metric->orphan_cap = cap;
    }
    metric->orphans[metric->orphan_count++] = (struct orphan){series->ring, series->changed};
    series->ring = NULL;
    return 0;
}

/* ---- Finding and adding ---------------------------------------------------------------------- */

size_t registry_at(const struct metric *metric, uint32_t id, bool *found)
{
    size_t low = 0, high = metric->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (metric->by_id[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    *found = low < metric->count && metric->by_id[low]->id == id;
    return low;
}

struct gw_series *registry_find(const struct metric *metric, uint32_t id)
{
    bool found;
    size_t at = registry_at(metric, id, &found);
    return found ? metric->by_id[at] : NULL;
}

static int insert_by_id(struct metric *metric, struct gw_series *series)
{
    bool found;
    size_t at = registry_at(metric, series->id, &found);
    if (found)
        return -EEXIST;
    if (metric->count == metric->cap) {
        size_t cap = metric->cap ? metric->cap * 2 : 64;
        struct gw_series **more = realloc(metric->by_id, cap * sizeof(*more));
        if (!more)
            return -ENOMEM;
        metric->by_id = more;
        metric->cap = cap;
    }
    memmove(metric->by_id + at + 1, metric->by_id + at,
            (metric->count - at) * sizeof(*metric->by_id));
    metric->by_id[at] = series;
    metric->count++;
    return 0;
}

static void remove_series(struct metric *metric, struct gw_series *series)
{
    bool found;
    size_t at = registry_at(metric, series->id, &found);
    memmove(metric->by_id + at, metric->by_id + at + 1,
            (metric->count - at - 1) * sizeof(*metric->by_id));
    metric->count--;
    metric->generation++;
    metric->removals++;
    map_remove(&metric->by_key, series->key);
    series_free(series);
}

static char *pack_labels(const struct gw_label *labels, size_t count)
{
    struct buf texts;
    buf_init(&texts, 64 * 1024);
    for (size_t i = 0; i < count; i++) {
        buf_add(&texts, labels[i].name, strlen(labels[i].name) + 1);
        buf_add(&texts, labels[i].value, strlen(labels[i].value) + 1);
    }
    buf_addc(&texts, '\0');
    return buf_take(&texts);
}

/* Puts the series into the map under `key` and keeps the map's own copy of it. */
static int set_key(struct metric *metric, struct gw_series *series, const char *key)
{
    if (map_put(&metric->by_key, key, series))
        return -ENOMEM;
    series->key = metric->by_key.entries[metric->by_key.count - 1].key;
    return 0;
}

static struct gw_series *add_series(struct metric *metric, uint32_t id, const char *key,
                                    const struct gw_label *labels, size_t label_count, int *error)
{
    if (metric->count >= metric->options.series_max) {
        *error = -ENOSPC;
        return NULL;
    }
    struct gw_series *series = calloc(1, sizeof(*series));
    if (!series) {
        *error = -ENOMEM;
        return NULL;
    }
    *series = (struct gw_series){.metric = metric, .id = id, .label_count = (uint32_t)label_count};
    series->label_texts = pack_labels(labels, label_count);
    *error = series->label_texts ? insert_by_id(metric, series) : -ENOMEM;
    if (*error) {
        series_free(series);
        return NULL;
    }
    *error = set_key(metric, series, key);
    if (*error) {
        series->key = (char *)(uintptr_t) "";
        remove_series(metric, series);
        return NULL;
    }
    return series;
}

static uint32_t next_id(const struct metric *metric)
{
    return metric->count ? metric->by_id[metric->count - 1]->id + 1 : 1;
}

/* ---- The calls behind gnswatch/plugin.h ------------------------------------------------------ */

static void tell_added(struct metric *metric, struct gw_series *series)
{
    if (!metric->listener.added)
        return;
    struct series_info info;
    registry_info(series, &info);
    metric->listener.added(metric->listener.data, &info, offset_of(metric, series->ring));
}

/* An ended ring that the store has not released goes on as if nothing had been. */
static bool revive(struct gw_series *series, const struct schema *schema, int64_t every_ms)
{
    uint32_t state = RING_ENDED;
    return series->ring && series->schema == schema && series->every_ms == every_ms &&
           atomic_compare_exchange_strong(&series->ring->ended, &state, RING_LIVE);
}

static int start_series(struct metric *metric, struct gw_series *series, void *owner,
                        const struct schema *schema, int64_t every_ms)
{
    bool fresh = !revive(series, schema, every_ms);
    if (fresh) {
        int error = orphan(metric, series);
        if (error)
            return error;
        series->schema = schema;
        series->every_ms = every_ms;
        series->ring = new_ring(metric, series, &error);
        if (!series->ring)
            return error;
    }
    series->owner = owner;
    series->started = series->changed = ++metric->generation;
    if (fresh)
        series->ring_since = series->started;
    tell_added(metric, series);
    return 0;
}

static int get_locked(struct metric *metric, void *owner, const char *key,
                      const struct gw_series *wanted, const struct gw_label *labels,
                      struct gw_series **out)
{
    int error = 0;
    struct gw_series *series = map_get(&metric->by_key, key);
    bool is_new = !series;
    if (series && series->owner) {
        *out = series;
        if (series->owner != owner)
            return -EBUSY;
        return series->schema == wanted->schema ? 0 : -EINVAL;
    }
    if (is_new) {
        uint32_t id = next_id(metric);
        series = add_series(metric, id, key, labels, wanted->label_count, &error);
        if (!series)
            return error;
    }
    error = start_series(metric, series, owner, wanted->schema, wanted->every_ms);
    if (error && is_new)
        remove_series(metric, series);
    *out = series;
    return error;
}

struct gw_series *metric_get(struct metric *metric, void *owner, const char *measurement,
                             const struct gw_label *labels, const struct gw_field *fields,
                             int64_t every_ms, int *error)
{
    size_t label_count, field_count;
    struct gw_series *series = NULL;
    if (!owner || !name_measurement_ok(measurement) || !name_labels_ok(labels, &label_count) ||
        !name_fields_ok(fields, &field_count)) {
        *error = -EINVAL;
        return NULL;
    }
    struct buf key;
    buf_init(&key, NAME_KEY_MAX);
    name_key(measurement, labels, label_count, &key);
    if (buf_error(&key)) {
        *error = buf_error(&key) == -EMSGSIZE ? -EINVAL : -ENOMEM;
        buf_fini(&key);
        return NULL;
    }
    pthread_mutex_lock(&metric->lock);
    struct gw_series wanted = {.every_ms = every_ms > 0 ? every_ms : 1000,
                               .label_count = (uint32_t)label_count,
                               .schema =
                                   schema_for(&metric->schemas, measurement, fields, field_count)};
    *error =
        wanted.schema ? get_locked(metric, owner, key.data, &wanted, labels, &series) : -ENOMEM;
    if (*error)
        metric->refused++;
    pthread_mutex_unlock(&metric->lock);
    buf_fini(&key);
    return *error ? NULL : series;
}

/* The way of rows that no row of the daemon's own takes: it costs those nothing. */
static int set_refused(struct gw_series *series, int64_t time_ms, const double *values)
{
    if (!metric_pinned(series) || time_ms <= series->pinned_ms)
        return -EEXIST;
    series->pinned_ms = time_ms;
    return series->metric->sink.set(series->metric->sink.data, series, time_ms, values);
}

int metric_set(struct gw_series *series, int64_t time_ms, const double *values)
{
    if (!series || !series->owner || !values)
        return -EINVAL;
    if (time_ms <= series->last_set_ms)
        return set_refused(series, time_ms, values);
    struct ring *ring = series->ring;
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head - atomic_load_explicit(&ring->taken, memory_order_relaxed) >= ring->rows)
        atomic_fetch_add_explicit(&series->overrun, 1, memory_order_relaxed);
    series->last_set_ms = time_ms;
    ring_write(ring, head, time_ms, values);
    return 0;
}

void metric_fetch(struct gw_series *const *series, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (series[i])
            __builtin_prefetch(series[i], 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (series[i] && series[i]->owner)
            __builtin_prefetch(series[i]->ring, 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (!series[i] || !series[i]->owner)
            continue;
        const struct ring *ring = series[i]->ring;
        uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
        __builtin_prefetch((void *)ring_row(ring, head), 1);
    }
}

/* A series that is not live and stands where a renamed one goes: its history ends here. */
static int make_room(struct metric *metric, const char *key, const struct gw_series *mover)
{
    struct gw_series *other = map_get(&metric->by_key, key);
    if (!other || other == mover)
        return 0;
    if (other->owner)
        return -EEXIST;
    int error = orphan(metric, other);
    if (!error)
        remove_series(metric, other);
    return error;
}

static int relabel_locked(struct metric *metric, struct gw_series *series, const char *key,
                          const struct gw_label *labels, size_t count)
{
    if (strcmp(series->key, key) == 0)
        return 0;
    int error = make_room(metric, key, series);
    if (error)
        return error;
    char *texts = pack_labels(labels, count);
    char *old_key = texts ? strdup(series->key) : NULL;
    if (!old_key || set_key(metric, series, key)) {
        free(texts);
        free(old_key);
        return -ENOMEM;
    }
    map_remove(&metric->by_key, old_key);
    free(old_key);
    free(series->label_texts);
    series->label_texts = texts;
    series->label_count = (uint32_t)count;
    series->changed = ++metric->generation;
    if (metric->listener.relabelled) {
        struct series_info info;
        registry_info(series, &info);
        metric->listener.relabelled(metric->listener.data, series->id, &info);
    }
    return 0;
}

int metric_relabel(struct gw_series *series, const struct gw_label *labels)
{
    size_t count;
    if (!series || !series->owner || !name_labels_ok(labels, &count))
        return -EINVAL;
    struct metric *metric = series->metric;
    struct buf key;
    buf_init(&key, NAME_KEY_MAX);
    name_key(series->schema->measurement, labels, count, &key);
    int error = buf_error(&key);
    if (!error && metric_pinned(series))
        error = metric->sink.relabel(metric->sink.data, series, labels);
    if (!error) {
        pthread_mutex_lock(&metric->lock);
        error = relabel_locked(metric, series, key.data, labels, count);
        pthread_mutex_unlock(&metric->lock);
    }
    buf_fini(&key);
    return error;
}

static void end_locked(struct metric *metric, struct gw_series *series)
{
    series->owner = NULL;
    series->changed = ++metric->generation;
    atomic_store_explicit(&series->ring->ended, RING_ENDED, memory_order_release);
    if (metric->listener.ended)
        metric->listener.ended(metric->listener.data, series->id);
}

void metric_end(struct gw_series *series)
{
    if (!series)
        return;
    struct metric *metric = series->metric;
    pthread_mutex_lock(&metric->lock);
    if (series->owner)
        end_locked(metric, series);
    pthread_mutex_unlock(&metric->lock);
    if (metric_pinned(series)) {
        series->last_set_ms = 0;
        metric->sink.end(metric->sink.data, series);
    }
}

void metric_release(struct metric *metric, void *owner)
{
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; owner && i < metric->count; i++) {
        if (metric->by_id[i]->owner == owner)
            end_locked(metric, metric->by_id[i]);
    }
    reclaim(metric);
    pthread_mutex_unlock(&metric->lock);
}

/* ---- What earlier runs knew ------------------------------------------------------------------ */

int metric_restore(struct metric *metric, const struct series_info *info)
{
    size_t field_count = info->field_count;
    if (!info->id || !info->key || field_count > GW_FIELDS_MAX)
        return -EINVAL;
    int error = 0;
    pthread_mutex_lock(&metric->lock);
    const struct schema *schema =
        schema_for(&metric->schemas, info->measurement, info->fields, field_count);
    if (!schema)
        error = -ENOMEM;
    else if (map_get(&metric->by_key, info->key))
        error = -EEXIST;
    struct gw_series *series =
        error ? NULL
              : add_series(metric, info->id, info->key, info->labels, info->label_count, &error);
    if (series) {
        series->schema = schema;
        series->every_ms = info->every_ms;
        series->last_set_ms = info->last_ms;
    }
    pthread_mutex_unlock(&metric->lock);
    return error;
}

void metric_forget(struct metric *metric, uint32_t id)
{
    pthread_mutex_lock(&metric->lock);
    struct gw_series *series = registry_find(metric, id);
    if (series && !series->owner && orphan(metric, series) == 0)
        remove_series(metric, series);
    pthread_mutex_unlock(&metric->lock);
}

/* Reading the registry and the rings. */
#include "metric/name.h"
#include "metric/registry.h"
#include "metric/ring.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

bool registry_last_row(const struct gw_series *series, double row[1 + GW_FIELDS_MAX])
{
    for (int tries = 0; series->ring && tries < 3; tries++) {
        uint64_t head = ring_head(series->ring);
        if (head == 0)
            return false;
        ring_copy(series->ring, head - 1, row);
        if (head - 1 >= ring_oldest(series->ring, ring_head(series->ring)))
            return true;
    }
    return false;
}

static void last_row(const struct gw_series *series, struct series_info *out)
{
    double row[1 + GW_FIELDS_MAX];
    bool known = registry_last_row(series, row);
    if (known)
        out->last_ms = row_time_ms(row);
    for (size_t i = 0; i < out->field_count; i++)
        out->last[i] = known ? row[1 + i] : (double)NAN;
}

void registry_info(const struct gw_series *series, struct series_info *out)
{
    out->id = series->id;
    out->key = series->key;
    out->measurement = series->schema->measurement;
    out->label_count = series->label_count;
    const char *text = series->label_texts;
    for (size_t i = 0; i < out->label_count; i++) {
        out->labels[i].name = text;
        text += strlen(text) + 1;
        out->labels[i].value = text;
        text += strlen(text) + 1;
    }
    out->field_count = series->schema->field_count;
    for (size_t i = 0; i < out->field_count; i++)
        out->fields[i] = series->schema->fields[i];
    out->every_ms = series->every_ms;
    out->live = series->owner != NULL;
    /* With a ring its rows say; last_set_ms is the writer's own while the series is live. */
    out->last_ms = series->ring ? 0 : series->last_set_ms;
    last_row(series, out);
}

void registry_each_ring(struct metric *metric, registry_ring_fn *visit, void *data)
{
    struct series_info info = {0};
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; i < metric->orphan_count; i++) {
        const struct ring *ring = metric->orphans[i].ring;
        const struct gw_series *heir = registry_find(metric, ring->series_id);
        info = (struct series_info){.id = ring->series_id};
        if (heir && heir->schema->field_count == ring->fields)
            registry_info(heir, &info);
        visit(data, &info, (size_t)((char *)metric->orphans[i].ring - metric->shm.base), true);
    }
    for (size_t i = 0; i < metric->count; i++) {
        const struct gw_series *series = metric->by_id[i];
        if (!series->ring)
            continue;
        registry_info(series, &info);
        visit(data, &info, (size_t)((char *)series->ring - metric->shm.base), !series->owner);
    }
    pthread_mutex_unlock(&metric->lock);
}

size_t metric_each(struct metric *metric, metric_visit_fn *visit, void *data)
{
    struct series_info info;
    size_t seen = 0;
    pthread_mutex_lock(&metric->lock);
    for (; seen < metric->count; seen++) {
        registry_info(metric->by_id[seen], &info);
        if (!visit(data, &info))
            break;
    }
    pthread_mutex_unlock(&metric->lock);
    return seen;
}

/* All texts that belong to the series go into one block that begins with the key; those of fields
 * and the measurement live as long as the registry. */
static int own_texts(struct series_info *info)
{
    struct buf texts;
    buf_init(&texts, 64 * 1024);
    buf_add(&texts, info->key, strlen(info->key) + 1);
    for (size_t i = 0; i < info->label_count; i++) {
        buf_add(&texts, info->labels[i].name, strlen(info->labels[i].name) + 1);
        buf_add(&texts, info->labels[i].value, strlen(info->labels[i].value) + 1);
    }
    char *text = buf_take(&texts);
    if (!text)
        return -ENOMEM;
    info->key = text;
    text += strlen(text) + 1;
    for (size_t i = 0; i < info->label_count; i++) {
        info->labels[i].name = text;
        text += strlen(text) + 1;
        info->labels[i].value = text;
        text += strlen(text) + 1;
    }
    return 0;
}

static const struct gw_series *find_text(const struct metric *metric, const char *key_or_id)
{
    const struct gw_series *series = map_get(&metric->by_key, key_or_id);
    if (series || key_or_id[0] < '0' || key_or_id[0] > '9')
        return series;
    char *end;
    unsigned long id = strtoul(key_or_id, &end, 10);
    return *end || id > UINT32_MAX ? NULL : registry_find(metric, (uint32_t)id);
}

int metric_find(struct metric *metric, const char *key_or_id, struct series_info *out)
{
    *out = (struct series_info){0};
    pthread_mutex_lock(&metric->lock);
    const struct gw_series *series = find_text(metric, key_or_id);
    int error = -ENOENT;
    if (series) {
        registry_info(series, out);
        error = own_texts(out);
    }
    pthread_mutex_unlock(&metric->lock);
    if (error)
        *out = (struct series_info){0};
    return error;
}

void series_info_fini(struct series_info *info)
{
    if (!info)
        return;
    free(info->key);
    *info = (struct series_info){0};
}

/* Copies what is whole; afterwards drops what was overwritten meanwhile. */
static size_t copy_rows(const struct ring *ring, int64_t from_ms, int64_t to_ms, double *rows,
                        int64_t *oldest_ms)
{
    uint64_t head = ring_head(ring), first = ring_oldest(ring, head);
    size_t width = ring->fields + 1u, count = 0;
    uint64_t kept_first = head; /* number of the row at rows[0] */
    *oldest_ms = first < head ? ring_time(ring, first) : INT64_MAX;
    for (uint64_t n = first; n < head; n++) {
        int64_t time_ms = ring_time(ring, n);
        if (time_ms < from_ms || time_ms >= to_ms)
            continue;
        if (count == 0)
            kept_first = n;
        ring_copy(ring, n, rows + count++ * width);
    }
    uint64_t oldest_now = ring_oldest(ring, ring_head(ring));
    uint64_t gone = count && oldest_now > kept_first ? oldest_now - kept_first : 0;
    gone = gone > count ? count : gone;
    count -= (size_t)gone;
    memmove(rows, rows + gone * width, count * width * sizeof(*rows));
    /* What was overwritten meanwhile has no time any more: complete from the first row kept. */
    if (oldest_now > first)
        *oldest_ms = count ? row_time_ms(rows) : INT64_MAX;
    return count;
}

int metric_recent(struct metric *metric, uint32_t id, int64_t from_ms, int64_t to_ms, double **rows,
                  size_t *count, int64_t *oldest_ms)
{
    int error = 0;
    *rows = NULL;
    *count = 0;
    *oldest_ms = INT64_MAX;
    pthread_mutex_lock(&metric->lock);
    const struct gw_series *series = registry_find(metric, id);
    if (!series) {
        error = -ENOENT;
    } else if (series->ring) {
        const struct ring *ring = series->ring;
        *rows = malloc((size_t)ring->rows * ring->row_bytes);
        if (*rows)
            *count = copy_rows(ring, from_ms, to_ms, *rows, oldest_ms);
        else
            error = -ENOMEM;
    }
    pthread_mutex_unlock(&metric->lock);
    return error;
}

void metric_count(struct metric *metric, struct metric_counts *out)
{
    *out = (struct metric_counts){0};
    pthread_mutex_lock(&metric->lock);
    out->series = metric->count;
    out->refused = metric->refused;
    out->arena_bytes = metric->shm.size;
    for (size_t i = 0; i < metric->count; i++) {
        const struct gw_series *series = metric->by_id[i];
        out->live += series->owner != NULL;
        if (!series->ring)
            continue;
        uint64_t rows = ring_head(series->ring);
        out->rows += rows;
        out->values += rows * series->ring->fields;
        out->overrun_rows += atomic_load_explicit(&series->overrun, memory_order_relaxed);
    }
    pthread_mutex_unlock(&metric->lock);
}

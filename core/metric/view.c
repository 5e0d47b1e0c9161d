/* Matching and copying series, some at a time. */
#include "metric/view.h"

#include "base/arena.h"
#include "base/pattern.h"
#include "metric/rates.h"
#include "metric/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 128, CHUNK_BYTES = 4 << 20 };

/* The value of label `name`, or NULL. */
static const char *label_value(const struct gw_series *series, const char *name)
{
    const char *text = series->label_texts;
    for (uint32_t i = 0; i < series->label_count; i++) {
        const char *value = text + strlen(text) + 1;
        if (strcmp(text, name) == 0)
            return value;
        text = value + strlen(value) + 1;
    }
    return NULL;
}

bool view_matches(const struct gw_series *series, const struct gw_match *match)
{
    if (match->measurement && !pattern_matches(match->measurement, series->schema->measurement))
        return false;
    for (const struct gw_label *label = match->labels; label && label->name; label++) {
        const char *value = label_value(series, label->name);
        if (!value || (label->value && !pattern_matches(label->value, value)))
            return false;
    }
    return true;
}

static size_t label_bytes(const struct gw_series *series)
{
    const char *text = series->label_texts;
    for (uint32_t i = 0; i < 2 * series->label_count; i++)
        text += strlen(text) + 1;
    return (size_t)(text - series->label_texts);
}

size_t view_bytes(const struct gw_series *series)
{
    return (series->label_count + 1) * sizeof(struct gw_label) + label_bytes(series) +
           strlen(series->key) + 1;
}

void view_put(const struct gw_series *series, struct gw_series_info *info, void *memory)
{
    struct gw_label *labels = memory;
    char *text = (char *)(labels + series->label_count + 1);
    size_t bytes = label_bytes(series);
    memcpy(text, series->label_texts, bytes);
    char *key = text + bytes;
    memcpy(key, series->key, strlen(series->key) + 1);
    for (uint32_t i = 0; i < series->label_count; i++) {
        labels[i].name = text;
        text += strlen(text) + 1;
        labels[i].value = text;
        text += strlen(text) + 1;
    }
    labels[series->label_count] = (struct gw_label){0};
    info->id = series->id;
    info->key = key;
    info->measurement = series->schema->measurement;
    info->labels = labels;
    info->label_count = series->label_count;
    info->fields = series->schema->fields;
    info->field_count = series->schema->field_count;
    info->every_ms = series->every_ms;
    info->live = series->owner != NULL;
}

/* The row before the newest one, when it says something about it; NULL: it does not. */
static const double *row_before(const struct gw_series *series, const double *newest, double *room)
{
    uint64_t head = ring_head(series->ring);
    for (uint64_t n = head; n-- > ring_oldest(series->ring, head);) {
        ring_copy(series->ring, n, room);
        if (n < ring_oldest(series->ring, ring_head(series->ring)))
            return NULL;
        int64_t gap_ms = row_time_ms(newest) - row_time_ms(room);
        if (gap_ms > 0)
            return gap_ms <= RATES_SILENCE * series->every_ms ? room : NULL;
    }
    return NULL;
}

int view_last(struct metric *metric, uint32_t id, double *rates, int64_t *time_ms)
{
    double row[1 + GW_FIELDS_MAX], room[1 + GW_FIELDS_MAX];
    int error = -ENODATA;
    pthread_mutex_lock(&metric->lock);
    const struct gw_series *series = registry_find(metric, id);
    if (!series) {
        error = -ENOENT;
    } else if (registry_last_row(series, row)) {
        int64_t age_ms = clock_wall_ms(metric->clock) - row_time_ms(row);
        size_t fields = series->schema->field_count;
        row_rates(field_counters(series->schema->fields, fields), fields,
                  row_before(series, row, room), row, rates);
        if (time_ms)
            *time_ms = row_time_ms(row);
        error = age_ms <= RATES_SILENCE * series->every_ms ? 0 : -ENODATA;
    }
    pthread_mutex_unlock(&metric->lock);
    return error;
}

/* ---- Walking --------------------------------------------------------------------------------- */

struct chunk {
    struct arena arena;
    struct gw_series_info infos[CHUNK];
    size_t count;
    uint32_t next_id; /* where the walk goes on; 0: it is over */
};

static void put_last(const struct gw_series *series, struct gw_series_info *info,
                     struct arena *arena)
{
    double row[1 + GW_FIELDS_MAX];
    info->last_ms = series->ring ? 0 : series->last_set_ms;
    if (!registry_last_row(series, row))
        return;
    memcpy(&info->last_ms, row, sizeof(info->last_ms));
    double *last = arena_array(arena, info->field_count, sizeof(double));
    if (last)
        memcpy(last, row + 1, info->field_count * sizeof(double));
    info->last = last;
}

static int fill(struct chunk *chunk, struct metric *metric, const struct gw_match *match,
                bool live_only)
{
    bool found;
    pthread_mutex_lock(&metric->lock);
    size_t at = registry_at(metric, chunk->next_id, &found);
    for (; at < metric->count && chunk->count < CHUNK && !arena_failed(&chunk->arena); at++) {
        const struct gw_series *series = metric->by_id[at];
        if ((live_only && !series->owner) || !view_matches(series, match))
            continue;
        void *memory = arena_alloc(&chunk->arena, view_bytes(series));
        if (!memory)
            break;
        struct gw_series_info *info = &chunk->infos[chunk->count++];
        *info = (struct gw_series_info){0};
        view_put(series, info, memory);
        put_last(series, info, &chunk->arena);
    }
    chunk->next_id = at < metric->count ? metric->by_id[at]->id : 0;
    pthread_mutex_unlock(&metric->lock);
    return arena_failed(&chunk->arena) ? -ENOMEM : 0;
}

int64_t view_each(struct metric *metric, const struct gw_match *match, bool live_only,
                  view_visit_fn *visit, void *data)
{
    static const struct gw_match any = {0};
    struct chunk *chunk = malloc(sizeof(*chunk));
    if (!chunk)
        return -ENOMEM;
    int64_t seen = 0;
    int error = 0;
    chunk->next_id = 1;
    while (chunk->next_id && !error) {
        arena_init(&chunk->arena, CHUNK_BYTES);
        chunk->count = 0;
        error = fill(chunk, metric, match ? match : &any, live_only);
        for (size_t i = 0; !error && i < chunk->count; i++) {
            seen++;
            if (!visit(data, &chunk->infos[i])) {
                chunk->next_id = 0;
                break;
            }
        }
        arena_fini(&chunk->arena);
    }
    free(chunk);
    return error ? error : seen;
}

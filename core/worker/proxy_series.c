/* A child's series and rows, and what it wants to know of those of others. */
#include "worker/proxy.h"

#include "metric/registry.h"
#include "worker/series_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t latest_ms = INT64_C(253402300800000); /* the year 10000 */

/* ---- Its own --------------------------------------------------------------------------------- */

static struct gw_series *series_at(const struct proxy *proxy, int64_t number)
{
    return number > 0 && number < proxy->series_cap ? proxy->series[number].series : NULL;
}

static int make_room(struct proxy *proxy, int64_t number)
{
    if (number <= 0 || number >= WIRE_SERIES_MAX)
        return -ENOSPC;
    if (number < proxy->series_cap)
        return 0;
    uint32_t cap = proxy->series_cap ? proxy->series_cap : 64;
    while (cap <= number)
        cap *= 2;
    struct proxy_series *more = realloc(proxy->series, cap * sizeof(*more));
    if (!more)
        return -ENOMEM;
    memset(more + proxy->series_cap, 0, (cap - proxy->series_cap) * sizeof(*more));
    proxy->series = more;
    proxy->series_cap = cap;
    return 0;
}

/* As gw_series_get, which does not say why not. */
static int open_series(struct proxy *proxy, const struct wire_frame *frame, int64_t *last_ms)
{
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_field fields[GW_FIELDS_MAX + 1];
    const char *measurement = wire_text(frame, "measurement");
    int64_t number = wire_int(frame, "number");
    int error = make_room(proxy, number);
    if (error)
        return error;
    if (!measurement || proxy->series[number].series ||
        !labels_read(json_object_get(frame->json, "labels"), labels) ||
        !fields_read(json_object_get(frame->json, "fields"), fields))
        return -EINVAL;
    if (proxy->limits.series > 0 && proxy->series_count >= proxy->limits.series)
        return -ENOSPC;
    struct gw_series *series = metric_get(proxy->self->parts->metric, proxy->self, measurement,
                                          labels, fields, wire_int(frame, "every_ms"), &error);
    if (!series)
        return error;
    proxy->series[number] = (struct proxy_series){series, (uint32_t)series->schema->field_count};
    proxy->series_count++;
    *last_ms = series->last_set_ms;
    return 0;
}

void proxy_series(struct proxy *proxy, const struct wire_frame *frame)
{
    int64_t last_ms = 0;
    struct buf json;
    int error = open_series(proxy, frame, &last_ms);
    if (error == -ENOSPC && proxy->limits.series > 0)
        gw_fail(proxy->self, 0, "a series was refused: its limit is %lld (limits: series)",
                (long long)proxy->limits.series);
    wire_begin(&json);
    wire_add_int(&json, "last_ms", last_ms);
    proxy_answer(proxy, frame->id, error, &json, NULL, 0);
}

void proxy_relabel(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_series *series = series_at(proxy, wire_int(frame, "number"));
    int error = series && labels_read(json_object_get(frame->json, "labels"), labels)
                    ? gw_series_relabel(series, labels)
                    : -EINVAL;
    proxy_answer(proxy, frame->id, error, NULL, NULL, 0);
}

void proxy_end_series(struct proxy *proxy, const struct wire_frame *frame)
{
    int64_t number = wire_int(frame, "number");
    struct gw_series *series = series_at(proxy, number);
    if (!series) {
        proxy_kill(proxy, "it ended a series that it does not have");
        return;
    }
    gw_series_end(series);
    proxy->series[number].series = NULL;
    proxy->series_count--;
}

static void take_row(struct proxy *proxy, struct gw_series *series, const struct row *row)
{
    if (!series || proxy->series[row->series].fields != row->fields)
        proxy_kill(proxy, "it wrote a row of %u values of a series that has not", row->fields);
    else if (row->time_ms <= 0 || row->time_ms >= latest_ms)
        proxy_kill(proxy, "it wrote a row of an impossible time");
    else
        metric_set(series, row->time_ms, row->values);
}

void proxy_rows(struct proxy *proxy, const struct row rows[PROXY_HANDFUL], size_t count)
{
    struct gw_series *series[PROXY_HANDFUL] = {NULL};
    for (size_t i = 0; i < count; i++)
        series[i] = series_at(proxy, rows[i].series);
    metric_fetch(series, count);
    for (size_t i = 0; i < count && !*proxy->why; i++)
        take_row(proxy, series[i], &rows[i]);
}

/* ---- Those of others ------------------------------------------------------------------------- */

struct each {
    struct buf list;
};

static bool add_series(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    struct each *each = data;
    (void)self;
    buf_addc(&each->list, each->list.len ? ',' : '[');
    series_text(info, &each->list);
    return !buf_error(&each->list);
}

void proxy_each(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_match match;
    struct each each;
    bool sound = match_read(json_object_get(frame->json, "match"), &match, labels);
    buf_init(&each.list, WIRE_LARGE_MAX - 4096);
    if (sound)
        gw_series_each(proxy->self, &match, wire_int(frame, "live_only"), add_series, &each);
    buf_adds(&each.list, each.list.len ? "]" : "[]");
    int error = sound ? buf_error(&each.list) : -EINVAL;
    proxy_answer(proxy, frame->id, error, NULL, each.list.data, each.list.len);
    buf_fini(&each.list);
}

static int field_count(struct proxy *proxy, uint32_t id)
{
    struct metric *metric = proxy->self->parts->metric;
    pthread_mutex_lock(&metric->lock);
    const struct gw_series *series = registry_find(metric, id);
    int count = series ? (int)series->schema->field_count : -ENOENT;
    pthread_mutex_unlock(&metric->lock);
    return count;
}

void proxy_last(struct proxy *proxy, const struct wire_frame *frame)
{
    double rates[GW_FIELDS_MAX] = {0};
    int64_t time_ms = 0;
    uint32_t id = (uint32_t)wire_int(frame, "series");
    struct buf json;
    int error = gw_series_last(proxy->self, id, rates, &time_ms);
    int fields = error ? error : field_count(proxy, id);
    wire_begin(&json);
    wire_add_int(&json, "time_ms", time_ms);
    proxy_answer(proxy, frame->id, fields < 0 ? fields : 0, &json, rates,
                 fields < 0 ? 0 : (size_t)fields * sizeof(double));
}

/* ---- The past -------------------------------------------------------------------------------- */

static void tell_rows(struct proxy *proxy, uint32_t id, const struct gw_rows *rows)
{
    struct buf json, raw;
    buf_init(&raw, WIRE_LARGE_MAX - 4096);
    wire_begin(&json);
    if (rows->count) {
        buf_add(&raw, rows->times_ms, rows->count * sizeof(int64_t));
        buf_add(&raw, rows->values, rows->count * rows->fields * sizeof(double));
    }
    wire_add_int(&json, "error", rows->error ? rows->error : buf_error(&raw));
    wire_add_int(&json, "step_ms", rows->step_ms);
    wire_add_int(&json, "count", (int64_t)rows->count);
    wire_add_int(&json, "fields", (int64_t)rows->fields);
    proxy_say(proxy, WIRE_ROWS, id, wire_end(&json), raw.data, raw.len);
    buf_fini(&json);
    buf_fini(&raw);
}

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct proxy_question *question = data;
    (void)self;
    tell_rows(question->proxy, question->id, rows);
    question_free(question);
}

void proxy_query(struct proxy *proxy, const struct wire_frame *frame)
{
    const struct gw_query query = {.size = sizeof(query),
                                   .id = (uint32_t)wire_int(frame, "series"),
                                   .key = wire_text(frame, "key"),
                                   .from_ms = wire_int(frame, "from_ms"),
                                   .to_ms = wire_int(frame, "to_ms"),
                                   .points = (size_t)wire_int(frame, "points"),
                                   .as = (enum gw_consolidation)wire_int(frame, "as")};
    struct proxy_question *question = question_new(proxy, frame->id);
    int error = question ? gw_query(proxy->self, &query, on_rows, question) : -ENOMEM;
    if (!error)
        return;
    if (question)
        question_free(question);
    tell_rows(proxy, frame->id, &(struct gw_rows){.error = error});
}

/* Series of an instance in a child. Its own registry checks names and keeps handles; the daemon has
 * the real ones, known to both by the number that the own registry gave. */
#include "worker/child.h"

#include "metric/registry.h"
#include "worker/series_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- The sink -------------------------------------------------------------------------------- */

static int set(void *data, struct gw_series *series, int64_t time_ms, const double *values)
{
    struct child *child = data;
    bool wake;
    int error = rows_put(&child->rows, series->id, time_ms, values,
                         (uint32_t)series->schema->field_count, &wake);
    if (wake)
        child_say(child, WIRE_WAKE, 0, NULL, NULL, 0);
    return error;
}

static int relabel(void *data, struct gw_series *series, const struct gw_label *labels)
{
    struct buf json, list;
    buf_init(&list, WIRE_MAX);
    labels_text(labels, &list);
    wire_begin(&json);
    wire_add_int(&json, "number", series->id);
    wire_add_json(&json, "labels", list.data);
    buf_fini(&list);
    return child_question(data, WIRE_RELABEL, &json, NULL);
}

static void end(void *data, struct gw_series *series)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "number", series->id);
    child_say(data, WIRE_END, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
}

void child_series_attach(struct child *child)
{
    const struct metric_sink sink = {set, relabel, end, child};
    metric_divert(child->parts.metric, &sink);
}

int child_series_open(struct gw_plugin *self, struct gw_series *series,
                      const struct gw_label *labels)
{
    struct child_answer answer = {0};
    struct buf json, list;
    buf_init(&list, WIRE_MAX);
    wire_begin(&json);
    wire_add_int(&json, "number", series->id);
    wire_add_text(&json, "measurement", series->schema->measurement);
    wire_add_int(&json, "every_ms", series->every_ms);
    labels_text(labels, &list);
    wire_add_json(&json, "labels", list.data);
    buf_clear(&list);
    fields_text(series->schema->fields, &list);
    wire_add_json(&json, "fields", list.data);
    buf_fini(&list);
    int error = child_question(child_of(self), WIRE_SERIES, &json, &answer);
    if (error)
        metric_end(series);
    else
        metric_pin(series, json_integer_value(json_object_get(answer.json, "last_ms")));
    child_answer_fini(&answer);
    return error;
}

/* ---- Reading --------------------------------------------------------------------------------- */

size_t child_series_each(struct gw_plugin *self, const struct gw_match *match, bool live_only,
                         gw_series_fn *visit, void *data)
{
    struct child_answer answer = {0};
    struct buf json, text;
    buf_init(&text, WIRE_MAX);
    match_text(match, &text);
    wire_begin(&json);
    wire_add_json(&json, "match", text.data);
    wire_add_int(&json, "live_only", live_only);
    buf_fini(&text);
    if (child_question(child_of(self), WIRE_EACH, &json, &answer))
        return 0;
    json_t *list = json_loadb(answer.raw, answer.raw_bytes, 0, NULL);
    struct series_read read;
    size_t seen = 0;
    bool more = true;
    for (size_t i = 0; more && i < json_array_size(list); i++) {
        if (!series_read(json_array_get(list, i), &read))
            continue;
        seen++;
        more = visit(self, &read.info, data);
    }
    json_decref(list);
    child_answer_fini(&answer);
    return seen;
}

int child_series_last(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms)
{
    struct child_answer answer = {0};
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "series", id);
    int error = child_question(child_of(self), WIRE_LAST, &json, &answer);
    if (!error && answer.raw_bytes > GW_FIELDS_MAX * sizeof(double))
        error = -EPROTO;
    if (!error)
        memcpy(rates, answer.raw, answer.raw_bytes);
    if (!error && time_ms)
        *time_ms = json_integer_value(json_object_get(answer.json, "time_ms"));
    child_answer_fini(&answer);
    return error;
}

int child_query(struct gw_plugin *self, const struct gw_query *query, store_rows_fn *on_rows,
                void *data)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "series", query->id);
    wire_add_text(&json, "key", query->key);
    wire_add_int(&json, "from_ms", query->from_ms);
    wire_add_int(&json, "to_ms", query->to_ms);
    wire_add_int(&json, "points", (int64_t)query->points);
    wire_add_int(&json, "as", query->as);
    const struct child_pending whom = {.on_rows = on_rows, .data = data};
    int error = child_ask_later(child_of(self), WIRE_QUERY, wire_end(&json), NULL, &whom);
    buf_fini(&json);
    return error;
}

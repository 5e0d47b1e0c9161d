/* show.c - an item as an object and as a series (item.h). */
#include "exec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct gw_field run_fields[] = {
    {"lines", GW_COUNTER, "1", "Lines it printed"},
    {"errors", GW_COUNTER, "1", "What went wrong: lines that could not be read, failed runs"},
    {"values", GW_COUNTER, "1", "Values written"},
    {"restarts", GW_COUNTER, "1", "How often it was started again"},
    {"bytes", GW_COUNTER, "By", "What it printed"},
    {"dropped", GW_COUNTER, "1", "Lines, values and events that were dropped"},
    {"duration", GW_GAUGE, "s", "Of the last run, or so far"},
    {"cpu", GW_GAUGE, "s", "CPU time of the last run"},
    {"up", GW_GAUGE, "1", "1 while it does what it should"},
    {"series", GW_GAUGE, "1", "Series of its values"},
    {0},
};

static uint64_t bytes_of(const struct item *item)
{
    return item->counts.bytes + (item->process ? (uint64_t)process_bytes(item->process) : 0);
}

static uint64_t dropped_of(const struct item *item, const struct rows_counts *rows)
{
    return item->counts.dropped + rows->late + item->counts.events_dropped;
}

void show_run(struct item *item, double seconds)
{
    if (!item->run_series) {
        const struct gw_label labels[] = {{"item", item->recipe.name}, {0}};
        item->run_series = gw_series_get(item->self, "exec.run", labels, run_fields,
                                         item_is_stream(item) ? 10000 : item->recipe.every_ms);
    }
    struct rows_counts rows = rows_counts(item->rows);
    const double row[] = {(double)item->counts.lines,
                          (double)item->counts.errors,
                          (double)rows.values,
                          (double)item->counts.restarts,
                          (double)bytes_of(item),
                          (double)dropped_of(item, &rows),
                          seconds,
                          item->ended ? item->last.cpu_s : NAN,
                          item->failures == 0 && !item->disable,
                          (double)rows.series};
    gw_set(item->run_series, row);
}

static void set(json_t *doc, const char *name, json_t *value)
{
    json_object_set_new(doc, name, value);
}

static json_t *counts_json(const struct item *item)
{
    struct rows_counts rows = {0};
    if (item->rows)
        rows = rows_counts(item->rows);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "lines",
                     (json_int_t)item->counts.lines, "errors", (json_int_t)item->counts.errors,
                     "values", (json_int_t)rows.values, "series", (json_int_t)rows.series,
                     "metrics", (json_int_t)rows.fields, "restarts",
                     (json_int_t)item->counts.restarts, "runs", (json_int_t)item->counts.runs,
                     "bytes", (json_int_t)bytes_of(item), "dropped",
                     (json_int_t)dropped_of(item, &rows), "refused", (json_int_t)rows.refused);
}

static json_t *error_json(const struct item *item)
{
    const struct item_error *error = &item->error;
    if (!error->time_ms)
        return json_null();
    json_t *doc = json_pack("{s:s, s:I}", "why", error->why, "time", (json_int_t)error->time_ms);
    if (error->line)
        set(doc, "line", json_integer(error->line));
    if (error->column)
        set(doc, "column", json_integer(error->column));
    if (*error->text)
        set(doc, "text", json_string(error->text));
    return doc;
}

static json_t *verdict_json(const struct item *item)
{
    if (item->check.hard < 0 && item->check.soft < 0)
        return json_null();
    int hard = item->check.hard < 0 ? item->check.soft : item->check.hard;
    json_t *doc = json_pack("{s:s, s:s, s:I, s:s, s:b}", "state", check_name(hard), "now",
                            check_name(item->check.soft), "since", (json_int_t)item->check.since_ms,
                            "text", item->text, "soft", check_is_soft(&item->check));
    if (item->more)
        set(doc, "more", json_string(item->more));
    return doc;
}

static json_t *last_json(const struct item *item)
{
    if (!item->ended)
        return json_null();
    const struct process_end *end = &item->last;
    json_t *doc = json_pack("{s:I, s:f, s:f}", "time", (json_int_t)item->last_end_ms, "duration",
                            end->seconds, "cpu", end->cpu_s);
    if (end->status < 0)
        set(doc, "signal", json_integer(-end->status));
    else
        set(doc, "exit", json_integer(end->status));
    if (end->timed_out)
        set(doc, "timed_out", json_true());
    return doc;
}

static json_t *tail_hidden(const struct item *item, const struct tail *tail)
{
    json_t *list = tail_json(tail), *line;
    size_t i;
    if (item->recipe.hidden.count == 0)
        return list;
    json_array_foreach(list, i, line)
    {
        char *text = strdup(json_string_value(line));
        if (text)
            recipe_hide(&item->recipe, text);
        json_array_set_new(list, i, json_string(text ? text : ""));
        free(text);
    }
    return list;
}

static json_t *offers_json(const struct item *item)
{
    json_t *list = json_array();
    const char *name;
    json_t *help;
    json_object_foreach(item->offers, name, help)
        json_array_append_new(list, json_pack("{s:s, s:O}", "name", name, "help", help));
    return list;
}

void show_item(struct item *item)
{
    const struct recipe *recipe = &item->recipe;
    const char *url = gw_string(recipe->values, "url"), *path = gw_string(recipe->values, "path");
    json_t *doc =
        json_pack("{s:s, s:s, s:s?, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                  recipe->name, "protocol", gw_string(recipe->values, "protocol"), "command",
                  item->shown ? item->shown
                  : url       ? url
                  : path      ? path
                              : gw_string(recipe->values, "directory"),
                  "state", item_state_name(item->state), "since", (json_int_t)item->since_ms,
                  "every", (json_int_t)recipe->every_ms, "error", error_json(item), "verdict",
                  verdict_json(item), "last", last_json(item), "counts", counts_json(item),
                  "output", tail_hidden(item, &item->out), "messages",
                  tail_hidden(item, &item->err), "offers", offers_json(item));
    if (!doc)
        return;
    if (item->process && item_is_stream(item))
        set(doc, "pid", json_integer(process_pid(item->process)));
    if (item->next_ms && item->timer)
        set(doc, "next", json_integer(item->next_ms));
    if (item->process && process_throttled(item->process))
        set(doc, "throttled", json_integer(process_throttled(item->process)));
    set(doc, "metrics", item->rows ? rows_describe(item->rows, ITEM_METRICS_SHOWN) : json_array());
    char *text = json_dumps(doc, JSON_COMPACT);
    if (text)
        gw_object_put(item->self, "exec.item", recipe->name, text);
    free(text);
    json_decref(doc);
    item->dirty = false;
    item->shown_state = item->state;
    item->shown_ms = gw_monotonic_ms(item->self);
}

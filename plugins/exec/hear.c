/* hear.c - what the dialect of an item says (item.h): values become rows, verdicts states and
 * events, faults counts and the last error. */
#include "exec.h"
#include "naming.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static const struct gw_field check_fields[] = {
    {"state", GW_GAUGE, "1", "0 ok, 1 warning, 2 critical, 3 unknown"},
    {"hard", GW_GAUGE, "1", "The same when it has come often enough to be believed"},
    {"duration", GW_GAUGE, "s", "How long the check took"},
    {0},
};

/* ---- Faults ---------------------------------------------------------------------------------- */

void hear_error(struct item *item, unsigned line, unsigned column, const char *why,
                const char *text)
{
    item->error.line = line;
    item->error.column = column;
    item->error.time_ms = gw_now_ms(item->self);
    text_copy(item->error.why, sizeof item->error.why, why);
    text_copy(item->error.text, sizeof item->error.text, text ? text : "");
    recipe_hide(&item->recipe, item->error.why);
    recipe_hide(&item->recipe, item->error.text);
    item->counts.errors++;
    item->dirty = true;
}

static void heard_error(void *data, unsigned line, unsigned column, const char *why,
                        const char *text)
{
    struct item *item = data;
    hear_error(item, line, column, why, text);
    if (item->run_errors++ == 0)
        item->run_error = item->error;
    if (++item->errors_in_a_row == ITEM_ERRORS_IN_A_ROW && item_is_stream(item)) {
        char end[ITEM_WHY_BYTES];
        snprintf(end, sizeof end,
                 "%d lines in a row could not be read, and it was ended; line %u: %.200s",
                 ITEM_ERRORS_IN_A_ROW, line, why);
        turn_stop(item, end);
    }
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void refused(struct item *item, int error, const struct metric *metric)
{
    char why[ITEM_WHY_BYTES];
    item->counts.dropped++;
    if (error == -ERANGE) {
        snprintf(why, sizeof why,
                 "%.100s %.100s: its time is over 5 minutes ahead, or over 7 days old",
                 metric->group, metric->name);
        hear_error(item, 0, 0, why, NULL);
        return;
    }
    if (item->told_series)
        return;
    item->told_series = true;
    snprintf(why, sizeof why,
             "more than %zu series: %.100s is left out, and others; raise `limits: {series: …}`",
             item->recipe.series_max, metric->group);
    hear_error(item, 0, 0, why, NULL);
    gw_log(item->self, GW_WARNING, "item %s: %s", item->recipe.name, why);
}

static void heard_value(void *data, const struct metric *metric, int64_t time_ms, double value)
{
    struct item *item = data;
    struct metric named = *metric;
    item->counts.heard++;
    item->errors_in_a_row = 0;
    if (!named.unit && item->recipe.dialect == &dialect_prometheus)
        named.unit = naming_unit_of_name(metric->group);
    int error = rows_value(item->rows, &named, time_ms, value);
    if (error)
        refused(item, error, metric);
    if (item->run_heard++ == 0 && item_is_stream(item) && item->state != ITEM_OK)
        item_succeeded(item);
}

static void heard_turn(void *data)
{
    struct item *item = data;
    rows_turn(item->rows);
}

static void heard_gone(void *data, const struct metric *metric)
{
    struct item *item = data;
    struct metric named = *metric;
    if (!named.unit && item->recipe.dialect == &dialect_prometheus)
        named.unit = naming_unit_of_name(metric->group);
    rows_gone(item->rows, &named);
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

static enum item_state state_of(int check)
{
    static const enum item_state states[] = {ITEM_OK, ITEM_WARNING, ITEM_CRITICAL, ITEM_UNKNOWN};
    return check >= 0 && check <= CHECK_UNKNOWN ? states[check] : ITEM_UNKNOWN;
}

static enum gw_severity severity_of(int check)
{
    static const enum gw_severity severities[] = {GW_INFO, GW_WARNING, GW_CRITICAL, GW_WARNING};
    return check >= 0 && check <= CHECK_UNKNOWN ? severities[check] : GW_WARNING;
}

static json_t *labels_json(const struct gw_label *labels)
{
    json_t *doc = json_object();
    for (; labels && labels->name; labels++)
        json_object_set_new(doc, labels->name, json_string(labels->value ? labels->value : ""));
    return doc;
}

static void tell_check(struct item *item, int state, const char *subject, const char *said,
                       const struct verdict *verdict)
{
    char topic[40], text[ITEM_TEXT_BYTES + 300];
    snprintf(topic, sizeof topic, "exec.check.%s", check_name(state));
    snprintf(text, sizeof text, "%.200s is %s%s%s", subject, check_name(state), *said ? ": " : "",
             said);
    recipe_hide(&item->recipe, text);
    json_t *doc =
        json_pack("{s:s, s:s, s:i, s:o}", "item", item->recipe.name, "subject", subject, "state",
                  state, "labels", labels_json(verdict ? verdict->labels : NULL));
    char *data = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    struct gw_event event = {.topic = topic,
                             .severity = verdict && verdict->state < 0 ? verdict->severity
                                                                       : severity_of(state),
                             .time_ms = verdict ? verdict->time_ms : 0,
                             .kind = "exec.item",
                             .id = item->recipe.name,
                             .text = text,
                             .data = data};
    gw_emit(item->self, &event);
    free(data);
    json_decref(doc);
}

static void check_row(struct item *item, int state)
{
    if (!item->check_series) {
        const struct gw_label labels[] = {{"item", item->recipe.name}, {0}};
        item->check_series =
            gw_series_get(item->self, "exec.check", labels, check_fields, item->recipe.every_ms);
    }
    const double row[] = {state, item->check.hard,
                          (double)(gw_monotonic_ms(item->self) - item->started_ms) / 1000.0};
    gw_set(item->check_series, row);
}

void hear_verdict(struct item *item, int state, const char *text, const char *more)
{
    item->run_verdicts++;
    text_copy(item->text, sizeof item->text, text ? text : "");
    recipe_hide(&item->recipe, item->text);
    free(item->more);
    item->more = more && *more ? malloc(ITEM_MORE_BYTES) : NULL;
    if (item->more) {
        text_copy(item->more, ITEM_MORE_BYTES, more);
        recipe_hide(&item->recipe, item->more);
    }
    int64_t now_ms = gw_now_ms(item->self);
    bool tell = check_take(&item->check, state, item->recipe.attempts, now_ms);
    item_set_state(item, item->check.hard < 0 ? ITEM_WAITING : state_of(item->check.hard));
    check_row(item, state);
    if (tell)
        tell_check(item, state, item->recipe.name, item->text, NULL);
}

/* At most so many a minute; what is beyond is counted. */
static bool may_tell(struct item *item)
{
    int64_t now_ms = gw_monotonic_ms(item->self);
    if (item->minute_ms == 0 || now_ms - item->minute_ms >= MINUTE_MS) {
        item->minute_ms = now_ms;
        item->minute_events = 0;
    }
    if (item->minute_events++ < ITEM_EVENTS_A_MINUTE)
        return true;
    if (item->counts.events_dropped++ == 0)
        hear_error(item, 0, 0, "more than 60 events a minute: the rest is dropped and counted",
                   NULL);
    return false;
}

/* A notification that says what the last of its subject said is no change. */
static bool is_news(struct item *item, const struct verdict *verdict, const char *subject)
{
    char all[ITEM_TEXT_BYTES];
    snprintf(all, sizeof all, "%s\x1f%d\x1f%.600s", subject, (int)verdict->severity,
             verdict->text ? verdict->text : "");
    uint32_t hash = naming_hash(all);
    size_t count = sizeof item->notices / sizeof *item->notices;
    for (size_t i = 0; i < count; i++)
        if (item->notices[i] == hash)
            return false;
    item->notices[item->notice_next++ % count] = hash;
    return true;
}

static void heard_verdict(void *data, const struct verdict *verdict)
{
    struct item *item = data;
    const char *subject = verdict->subject ? verdict->subject : item->recipe.name;
    item->run_heard++;
    item->errors_in_a_row = 0;
    if (verdict->state >= 0 && strcmp(item->recipe.dialect->name, "nagios") == 0) {
        const char *reason = item->run_lines == 0 ? tail_reason(&item->err) : NULL;
        hear_verdict(item, verdict->state, reason ? reason : verdict->text, verdict->more);
        return;
    }
    int state = verdict->state >= 0               ? verdict->state
                : verdict->severity >= GW_ERROR   ? CHECK_CRITICAL
                : verdict->severity >= GW_WARNING ? CHECK_WARNING
                                                  : CHECK_OK;
    if (is_news(item, verdict, subject) && may_tell(item))
        tell_check(item, state, subject, verdict->text ? verdict->text : "", verdict);
    if (item_is_stream(item) && item->state != ITEM_OK)
        item_succeeded(item);
}

/* ---- What only our own lines say ------------------------------------------------------------- */

static void thing_id(const struct item *item, const char *kind, const char *id, char out[256])
{
    char whole[1024];
    snprintf(whole, sizeof whole, "%s/%s/%s", item->recipe.name, kind, id);
    naming_value(out, whole);
}

static void heard_object(void *data, const char *kind, const char *id, const char *json)
{
    struct item *item = data;
    char key[256];
    thing_id(item, kind, id, key);
    item->run_heard++;
    if (!json) {
        json_object_del(item->thing_ids, key);
        gw_object_delete(item->self, "exec.thing", key);
        return;
    }
    if (!json_object_get(item->thing_ids, key) &&
        json_object_size(item->thing_ids) >= ITEM_THINGS_MAX) {
        item->counts.dropped++;
        hear_error(item, 0, 0, "more than 1000 objects: further ones are left out", NULL);
        return;
    }
    json_t *doc = json_loads(json, 0, NULL);
    json_object_set_new(doc, "item", json_string(item->recipe.name));
    json_object_set_new(doc, "kind", json_string(kind));
    json_object_set_new(doc, "name", json_string(id));
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    if (text && gw_object_put(item->self, "exec.thing", key, text) == 0)
        json_object_set_new(item->thing_ids, key, json_true());
    free(text);
    json_decref(doc);
}

void hear_forget_things(struct item *item)
{
    const char *key;
    json_t *value;
    json_object_foreach(item->thing_ids, key, value)
        gw_object_delete(item->self, "exec.thing", key);
    json_object_clear(item->thing_ids);
}

static void heard_event(void *data, const struct gw_event *event)
{
    struct item *item = data;
    item->run_heard++;
    item->errors_in_a_row = 0;
    if (!may_tell(item))
        return;
    char topic[128];
    bool ours = strncmp(event->topic, "exec.", 5) == 0;
    snprintf(topic, sizeof topic, "%s%.100s", ours ? "" : "exec.", event->topic);
    struct gw_event said = *event;
    said.topic = topic;
    said.kind = "exec.item";
    said.id = item->recipe.name;
    gw_emit(item->self, &said);
}

static void heard_offer(void *data, const char *name, const char *help)
{
    struct item *item = data;
    item->run_heard++;
    if (!help)
        json_object_del(item->offers, name);
    else if (json_object_size(item->offers) < 50)
        json_object_set_new(item->offers, name, json_string(help));
    show_item(item);
}

static void heard_answer(void *data, int64_t id, const json_t *result, const char *error)
{
    commands_answer(data, id, result, error);
}

static void heard_wish(void *data, enum wish wish)
{
    struct item *item = data;
    item->errors_in_a_row = 0;
    if (wish == WISH_DISABLE) {
        item->disable = true;
        turn_stop(item, "it asked to be disabled");
    } else if (wish == WISH_ALIVE && item_is_stream(item) && item->state == ITEM_FAILED) {
        item_succeeded(item);
    }
}

/* ---- The dialect ----------------------------------------------------------------------------- */

int hear_open(struct item *item)
{
    const struct recipe *recipe = &item->recipe;
    if (item->dialect)
        return 0;
    item->heard = (struct jsonl_heard){.heard = {.data = item,
                                                 .value = heard_value,
                                                 .turn = heard_turn,
                                                 .gone = heard_gone,
                                                 .verdict = heard_verdict,
                                                 .object = heard_object,
                                                 .event = heard_event,
                                                 .wish = heard_wish,
                                                 .error = heard_error},
                                       .offer = heard_offer,
                                       .answer = heard_answer};
    item->options.item = recipe->name;
    item->options.every_ms = recipe->every_ms;
    item->options.types = (const char *const *)recipe->types.list;
    const char *precision = gw_string(recipe->values, "precision");
    static const struct {
        const char *name;
        int64_t ns;
    } precisions[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    for (size_t i = 0; precision && i < 4; i++)
        if (strcmp(precision, precisions[i].name) == 0)
            item->options.precision_ns = precisions[i].ns;
    item->options.no_timestamps = recipe->mode == MODE_FILES;
    item->dialect = recipe->dialect->open(&item->options, &item->heard.heard);
    return item->dialect ? 0 : -ENOMEM;
}

void hear_close(struct item *item)
{
    if (item->dialect)
        item->recipe.dialect->close(item->dialect);
    item->dialect = NULL;
}

void hear_line(struct item *item, const char *line, int flaw)
{
    item->counts.lines++;
    item->run_lines++;
    if (flaw == LINE_LONG) {
        item->counts.dropped++;
        heard_error(item, (unsigned)item->run_lines, LINE_MAX_BYTES,
                    "the line is longer than 64 KiB and was dropped", line);
        return;
    }
    if (flaw == LINE_BINARY)
        heard_error(
            item, (unsigned)item->run_lines, (unsigned)strcspn(line, "?") + 1,
            "has control characters, or bytes that are no text in UTF-8; they were read as '?'",
            line);
    item->recipe.dialect->line(item->dialect, item->run, line, gw_now_ms(item->self));
}

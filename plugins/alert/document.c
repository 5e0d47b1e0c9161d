/* document.c - see document.h: alerts in words and as objects. */
#include "document.h"

#include "alerts.h"
#include "state.h"
#include "topology.h"

#include <gnswatch/template.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void duration_text(int64_t ms, char *out, size_t bytes)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
    size_t unit = 0;
    if (ms < 1000) {
        snprintf(out, bytes, "%lld ms", (long long)ms);
        return;
    }
    while (ms < units[unit].ms)
        unit++;
    long long whole = ms / units[unit].ms;
    long long part = unit < 3 ? ms % units[unit].ms / units[unit + 1].ms : 0;
    if (part)
        snprintf(out, bytes, "%lld %s %lld %s", whole, units[unit].name, part,
                 units[unit + 1].name);
    else
        snprintf(out, bytes, "%lld %s", whole, units[unit].name);
}

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *time_json(int64_t ms)
{
    return ms ? json_integer(ms) : json_null();
}

static json_t *labels_of(const struct alert *alert)
{
    json_t *labels = labels_json(&alert->labels);
    json_object_set_new(labels, "severity", json_string(alert_severity(alert)));
    return labels;
}

static json_t *subject_json(const struct alert *alert)
{
    if (!alert->subject_kind)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "kind", alert->subject_kind, "id", alert->subject_id,
                     "name", alert->subject_name ? alert->subject_name : alert->subject_id);
}

static json_t *series_json(const struct alert *alert)
{
    if (!alert->series_key)
        return json_null();
    size_t length = strcspn(alert->series_key, "{");
    return json_pack("{s:I, s:s, s:s, s:s%}", "id", (json_int_t)alert->series_id, "key",
                     alert->series_key, "field", alert->series_field, "measurement",
                     alert->series_key, length);
}

static json_t *ack_json(const struct alert *alert)
{
    if (!alert->ack_by)
        return json_null();
    return json_pack("{s:s, s:s, s:I}", "by", alert->ack_by, "comment",
                     alert->ack_comment ? alert->ack_comment : "", "time",
                     (json_int_t)alert->ack_ms);
}

static const char *unit_of(const struct alert *alert)
{
    const struct rule *rule = alert->rule;
    if (!rule)
        return "";
    if (rule->kind == RULE_CHANGE && !rule->absolute)
        return "%";
    return rule->unit && strcmp(rule->unit, "1") != 0 ? rule->unit : "";
}

static json_t *threshold_json(const struct alert *alert)
{
    char text[300] = "";
    if (alert->rule)
        rule_threshold_text(alert->rule, level_from(alert_severity(alert)), text, sizeof text);
    return json_string(text);
}

/* ---- Templates ------------------------------------------------------------------------------- */

static json_t *template_data(struct world *world, const struct alert *alert)
{
    json_t *data = json_object();
    json_object_set_new(data, "rule", json_string(alert->rule_name));
    json_object_set_new(data, "severity", json_string(alert_severity(alert)));
    json_object_set_new(data, "labels", labels_of(alert));
    json_object_set_new(data, "value", number_json(alert->value));
    json_object_set_new(data, "unit", json_string(unit_of(alert)));
    json_object_set_new(data, "threshold", threshold_json(alert));
    json_object_set_new(data, "subject", subject_json(alert));
    json_object_set_new(data, "series", series_json(alert));
    json_object_set_new(data, "event", text_json(alert->event_text));
    json_object_set_new(data, "since", time_json(alert_since(alert)));
    json_object_set_new(data, "took", json_integer(world->now_ms - alert_since(alert)));
    return data;
}

static char *rendered(struct world *world, const struct alert *alert, const char *text)
{
    char why[200] = "";
    struct gw_template_options options = {
        .size = sizeof options, .escape = GW_ESCAPE_NONE, .bytes_max = 4000};
    json_t *data = template_data(world, alert);
    char *json = json_dumps(data, JSON_COMPACT);
    char *made = json ? gw_template_render(text, json, &options, why, sizeof why) : NULL;
    char *copy = strdup(made ? made : text);
    if (!made)
        gw_fail(world->self, -22, "rule '%s': %s", alert->rule_name, why);
    gw_free(made);
    free(json);
    json_decref(data);
    return copy;
}

/* What is said of an alert whose rule has no words of its own. */
static char *plain_summary(const struct alert *alert)
{
    char *text = NULL, value[60] = "";
    const char *name = alert->subject_name ? alert->subject_name
                       : alert->series_key ? alert->series_key
                                           : NULL;
    if (isfinite(alert->value))
        snprintf(value, sizeof value, ": %.6g %s", alert->value, unit_of(alert));
    int length =
        asprintf(&text, "%s%s%s%s", alert->rule_name, name ? " " : "", name ? name : "", value);
    return length < 0 ? NULL : text;
}

char *document_summary(struct world *world, const struct alert *alert)
{
    if (alert->rule && alert->rule->summary)
        return rendered(world, alert, alert->rule->summary);
    return plain_summary(alert);
}

static char *description_of(struct world *world, const struct alert *alert)
{
    if (alert->rule && alert->rule->description)
        return rendered(world, alert, alert->rule->description);
    return strdup(alert->rule && alert->rule->text ? alert->rule->text : "");
}

char *document_url(struct world *world, const char *id)
{
    const char *base = gw_dashboard(world->self);
    char *url = NULL;
    if (!base || !*base || asprintf(&url, "%s/#/alerts/%s", base, id) < 0)
        return NULL;
    return url;
}

/* ---- Objects --------------------------------------------------------------------------------- */

static void set_take(json_t *document, const char *name, char *text)
{
    json_object_set_new(document, name, json_string(text ? text : ""));
    free(text);
}

static json_t *common(struct world *world, const struct alert *alert)
{
    json_t *document = json_object();
    json_object_set_new(document, "rule", json_string(alert->rule_name));
    json_object_set_new(document, "state", json_string(alert_state(alert)));
    json_object_set_new(document, "severity", json_string(alert_severity(alert)));
    json_object_set_new(document, "labels", labels_of(alert));
    set_take(document, "summary", document_summary(world, alert));
    set_take(document, "description", description_of(world, alert));
    json_object_set_new(document, "value", number_json(alert->value));
    json_object_set_new(document, "unit", json_string(unit_of(alert)));
    json_object_set_new(document, "threshold", threshold_json(alert));
    json_object_set_new(document, "since", time_json(alert_since(alert)));
    json_object_set_new(document, "fired", time_json(alert->fired_ms));
    json_object_set_new(document, "ended",
                        alert->eval.level > LEVEL_OK ? json_null() : time_json(alert->ended_ms));
    json_object_set_new(document, "subject", subject_json(alert));
    json_object_set_new(document, "series", series_json(alert));
    json_object_set_new(document, "acknowledged", ack_json(alert));
    return document;
}

json_t *document_for_notice(struct world *world, const struct alert *alert)
{
    json_t *document = common(world, alert);
    int64_t end = alert->eval.level > LEVEL_OK ? world->now_ms : alert->ended_ms;
    json_object_set_new(document, "id", json_string(alert->id));
    json_object_set_new(document, "duration_ms", json_integer(end - alert->since_ms));
    char *url = document_url(world, alert->id);
    json_object_set_new(document, "url", text_json(url));
    free(url);
    return document;
}

static json_t *escalation_json(const struct world *world, const struct alert *alert)
{
    int64_t next = 0;
    bool any = false;
    for (size_t i = 0; i < alert->told_count; i++) {
        const struct told *told = &alert->told[i];
        any = any || told->step >= 0;
        if (told->step >= 0 && told->level == LEVEL_OK && alert->eval.level > LEVEL_OK &&
            !alert->ack_by && (!next || alert->since_ms + told->after_ms < next))
            next = alert->since_ms + told->after_ms;
    }
    (void)world;
    if (!any)
        return json_null();
    return json_pack("{s:i, s:o}", "step", alert->steps_done, "next", time_json(next));
}

static const char *group_of(const struct alert *alert)
{
    for (size_t i = 0; i < alert->told_count; i++)
        if (alert->told[i].group)
            return alert->told[i].group->id;
    return "";
}

static json_t *notified_json(const struct alert *alert)
{
    json_t *list = json_deep_copy(alert->notified);
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) json_object_del(one, "notice");
    return list;
}

static void alert_put(struct world *world, struct alert *alert)
{
    json_t *document = common(world, alert), *silences = json_array();
    for (size_t i = 0; i < alert->silenced_count; i++)
        json_array_append_new(silences, json_integer(alert->silenced_by[i]));
    json_object_set_new(document, "silenced_by", silences);
    json_object_set_new(document, "inhibited_by",
                        text_json(*alert->inhibited_by ? alert->inhibited_by : NULL));
    json_object_set_new(document, "window", text_json(alert->window));
    json_object_set_new(document, "escalation", escalation_json(world, alert));
    json_object_set_new(document, "notified", notified_json(alert));
    json_object_set_new(document, "group", json_string(group_of(alert)));
    json_object_set_new(document, "why_ended", text_json(alert->why_ended));
    char *text = json_dumps(document, JSON_COMPACT);
    if (text)
        gw_object_put(world->self, "alert.alert", alert->id, text);
    free(text);
    json_decref(document);
    alert->shown_stale = false;
    alert->shown_ms = world->now_ms;
    alert->shown_value = alert->value;
}

void document_forget(struct world *world, const struct alert *alert)
{
    gw_object_delete(world->self, "alert.alert", alert->id);
    state_delete_alert(world, alert->id);
}

static void count_rules(struct world *world)
{
    for (size_t i = 0; i < world->rules.count; i++) {
        struct rule *rule = &world->rules.at[i];
        rule->pending = rule->firing = 0;
        rule->worst = LEVEL_OK;
    }
    for (size_t i = 0; i < world->alert_count; i++) {
        const struct alert *alert = world->alerts[i];
        struct rule *rule = alert->rule;
        if (!rule)
            continue;
        rule->pending += eval_pending(&alert->eval);
        rule->firing += alert->eval.level > LEVEL_OK;
        rule->worst = alert->eval.level > rule->worst ? alert->eval.level : rule->worst;
    }
}

static void rule_put(struct world *world, struct rule *rule)
{
    const char *state = rule->worst > LEVEL_OK ? level_name(rule->worst)
                        : rule->pending        ? "pending"
                                               : "ok";
    const char *severity = rule_of_series(rule) && rule->kind != RULE_ABSENCE
                               ? (isnan(rule->warning) ? "critical" : "warning")
                               : level_name(rule->severity);
    json_t *document = json_pack(
        "{s:s, s:s, s:s, s:s, s:O?, s:b, s:s, s:i, s:i, s:o, s:o, s:s}", "title",
        rule->title ? rule->title : rule->name, "severity", severity, "kind",
        rule_kind_name(rule->kind), "text", rule->text ? rule->text : "", "labels", rule->labels,
        "enabled", rule->enabled, "state", state, "pending", (int)rule->pending, "firing",
        (int)rule->firing, "evaluated", time_json(rule->evaluated_ms), "error",
        text_json(rule->error), "source", rule->source);
    if (!rule->labels)
        json_object_set_new(document, "labels", json_object());
    char *text = json_dumps(document, JSON_COMPACT);
    if (text)
        gw_object_put(world->self, "alert.rule", rule->name, text);
    free(text);
    json_decref(document);
    rule->shown_stale = false;
}

void documents_put(struct world *world)
{
    for (size_t i = 0; i < world->alert_count; i++)
        if (world->alerts[i]->shown_stale)
            alert_put(world, world->alerts[i]);
    count_rules(world);
    for (size_t i = 0; i < world->rules.count; i++)
        if (world->rules.at[i].shown_stale)
            rule_put(world, &world->rules.at[i]);
}

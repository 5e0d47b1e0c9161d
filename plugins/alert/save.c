/* save.c - see save.h. */
#include "save.h"

#include "alerts.h"
#include "group.h"
#include "notify.h"
#include "silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_text(json_t *document, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(document, name, json_string(text));
}

static void set_int(json_t *document, const char *name, int64_t value)
{
    if (value)
        json_object_set_new(document, name, json_integer(value));
}

static const char *get_text(const json_t *document, const char *name)
{
    return json_string_value(json_object_get(document, name));
}

static int64_t get_int(const json_t *document, const char *name)
{
    return json_integer_value(json_object_get(document, name));
}

/* ---- Alerts ---------------------------------------------------------------------------------- */

static json_t *eval_save(const struct eval *eval)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:I, s:I, s:b, s:I, s:I, s:b, s:f, s:I}", "wanted",
                     (int)eval->wanted, "low", (int)eval->low, "level", (int)eval->level, "loud",
                     (int)eval->loud, "since", (json_int_t)eval->bad.since_ms, "held",
                     (json_int_t)eval->bad.held_ms, "on", eval->bad.on, "critical_since",
                     (json_int_t)eval->critical.since_ms, "critical_held",
                     (json_int_t)eval->critical.held_ms, "critical_on", eval->critical.on, "factor",
                     eval->factor, "loud_at", (json_int_t)eval->loud_at_ms);
}

static enum level level_load(const json_t *json, const char *name)
{
    int64_t level = get_int(json, name);
    return level >= LEVEL_OK && level <= LEVEL_CRITICAL ? (enum level)level : LEVEL_OK;
}

static void eval_load(struct eval *eval, const json_t *json)
{
    eval_init(eval);
    eval->wanted = level_load(json, "wanted");
    eval->low = level_load(json, "low");
    eval->level = level_load(json, "level");
    eval->loud = level_load(json, "loud");
    eval->bad = (struct band){get_int(json, "since"), get_int(json, "held"),
                              json_is_true(json_object_get(json, "on"))};
    eval->critical = (struct band){get_int(json, "critical_since"), get_int(json, "critical_held"),
                                   json_is_true(json_object_get(json, "critical_on"))};
    double factor = json_number_value(json_object_get(json, "factor"));
    eval->factor = factor >= 1 ? factor : 1;
    eval->loud_at_ms = get_int(json, "loud_at");
}

static json_t *told_save(const struct world *world, const struct alert *alert)
{
    json_t *list = json_array();
    for (size_t i = 0; i < alert->told_count; i++) {
        const struct told *told = &alert->told[i];
        if (told->level == LEVEL_OK || !told->group)
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i}", "receiver",
                                              world->receivers[told->receiver].name, "group",
                                              told->group->key, "level", level_name(told->level),
                                              "step", told->step));
    }
    return list;
}

json_t *save_alert(const struct world *world, const struct alert *alert)
{
    json_t *document = json_object();
    json_object_set_new(document, "rule", json_string(alert->rule_name));
    json_object_set_new(document, "labels", labels_json(&alert->labels));
    json_object_set_new(document, "eval", eval_save(&alert->eval));
    if (alert->value == alert->value)
        json_object_set_new(document, "value", json_real(alert->value));
    set_text(document, "event", alert->event_text);
    set_text(document, "why_ended", alert->why_ended);
    set_int(document, "since", alert->since_ms);
    set_int(document, "fired", alert->fired_ms);
    set_int(document, "ended", alert->ended_ms);
    set_text(document, "peak", level_name(alert->peak));
    set_text(document, "subject_kind", alert->subject_kind);
    set_text(document, "subject_id", alert->subject_id);
    set_text(document, "subject_name", alert->subject_name);
    set_text(document, "series_key", alert->series_key);
    set_text(document, "series_field", alert->series_field);
    set_int(document, "series_id", alert->series_id);
    set_text(document, "server", alert->place.server);
    set_text(document, "compute", alert->place.compute);
    set_text(document, "project", alert->place.project);
    set_text(document, "node", alert->place.node);
    set_text(document, "link", alert->place.link);
    set_text(document, "ack_by", alert->ack_by);
    set_text(document, "ack_comment", alert->ack_comment);
    set_int(document, "ack_time", alert->ack_ms);
    set_int(document, "held_until", alert->held_until_ms);
    set_text(document, "inhibited_by", alert->inhibited_by);
    set_int(document, "explained", alert->explained);
    json_object_set_new(document, "told", told_save(world, alert));
    set_int(document, "steps", alert->steps_done);
    json_object_set(document, "notified", alert->notified);
    set_int(document, "fire_sequence", alert->fire_sequence);
    set_int(document, "clear_sequence", alert->clear_sequence);
    set_int(document, "clear_at", alert->clear_at_ms);
    return document;
}

static size_t receiver_index(const struct world *world, const char *name)
{
    size_t i = 0;
    while (i < world->receiver_count && (!name || strcmp(world->receivers[i].name, name) != 0))
        i++;
    return i;
}

static void told_load(struct world *world, struct alert *alert, const json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        size_t receiver = receiver_index(world, get_text(one, "receiver"));
        struct group *group = group_find(world, get_text(one, "group"));
        enum level level = level_from(get_text(one, "level"));
        if (receiver == world->receiver_count || !group || level == LEVEL_OK ||
            alert->told_count == TOLD_MAX)
            continue; /* who is no longer there cannot be told */
        alert->told[alert->told_count++] = (struct told){.receiver = receiver,
                                                         .group = group,
                                                         .step = (int)get_int(one, "step"),
                                                         .least = LEVEL_UNKNOWN,
                                                         .level = level};
    }
}

static void alert_read(struct alert *alert, const json_t *document)
{
    const json_t *value = json_object_get(document, "value");
    labels_from_json(&alert->labels, json_object_get(document, "labels"));
    eval_load(&alert->eval, json_object_get(document, "eval"));
    if (json_is_number(value))
        alert->value = json_number_value(value);
    keep(&alert->event_text, get_text(document, "event"));
    keep(&alert->why_ended, get_text(document, "why_ended"));
    alert->since_ms = get_int(document, "since");
    alert->fired_ms = get_int(document, "fired");
    alert->ended_ms = get_int(document, "ended");
    alert->peak = level_from(get_text(document, "peak"));
    keep(&alert->subject_kind, get_text(document, "subject_kind"));
    keep(&alert->subject_id, get_text(document, "subject_id"));
    keep(&alert->subject_name, get_text(document, "subject_name"));
    keep(&alert->series_key, get_text(document, "series_key"));
    keep(&alert->series_field, get_text(document, "series_field"));
    alert->series_id = (uint32_t)get_int(document, "series_id");
    keep(&alert->place.server, get_text(document, "server"));
    keep(&alert->place.compute, get_text(document, "compute"));
    keep(&alert->place.project, get_text(document, "project"));
    keep(&alert->place.node, get_text(document, "node"));
    keep(&alert->place.link, get_text(document, "link"));
    keep(&alert->ack_by, get_text(document, "ack_by"));
    keep(&alert->ack_comment, get_text(document, "ack_comment"));
    alert->ack_ms = get_int(document, "ack_time");
    alert->held_until_ms = get_int(document, "held_until");
    alert->explained = get_int(document, "explained") != 0;
    alert->steps_done = (int)get_int(document, "steps");
    alert->fire_sequence = get_int(document, "fire_sequence");
    alert->clear_sequence = get_int(document, "clear_sequence");
    alert->clear_at_ms = get_int(document, "clear_at");
    const char *inhibited = get_text(document, "inhibited_by");
    snprintf(alert->inhibited_by, sizeof alert->inhibited_by, "%s", inhibited ? inhibited : "");
    json_t *notified = json_object_get(document, "notified");
    if (json_is_array(notified)) {
        json_decref(alert->notified);
        alert->notified = json_deep_copy(notified);
    }
}

void save_alert_load(struct world *world, const char *id, const json_t *document)
{
    const char *rule = get_text(document, "rule");
    struct alert *alert = rule ? alert_new(id, rule) : NULL;
    if (!alert)
        return;
    alert_read(alert, document);
    alert->rule = rules_find(&world->rules, rule);
    if (alert->rule && !alert->rule->enabled)
        alert->rule = NULL;
    told_load(world, alert, json_object_get(document, "told"));
    alert->shown_stale = alert->routed_stale = true;
    if (alerts_insert(world, alert))
        alert_free(alert);
}

/* ---- Groups, silences, letters --------------------------------------------------------------- */

json_t *save_group(const struct world *world, const struct group *group)
{
    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "receiver",
                     world->receivers[group->receiver].name, "thread", group->thread, "labels",
                     labels_json(&group->labels), "wait", (json_int_t)group->wait_ms, "interval",
                     (json_int_t)group->interval_ms, "repeat", (json_int_t)group->repeat_ms,
                     "first", (json_int_t)group->first_ms, "flushed", (json_int_t)group->flushed_ms,
                     "notified", (json_int_t)group->notified_ms);
}

void save_group_load(struct world *world, const char *id, const json_t *document)
{
    size_t receiver = receiver_index(world, get_text(document, "receiver"));
    if (receiver == world->receiver_count)
        return;
    struct group *group = group_add(world, id, receiver);
    if (!group)
        return;
    labels_from_json(&group->labels, json_object_get(document, "labels"));
    const char *thread = get_text(document, "thread");
    snprintf(group->thread, sizeof group->thread, "%s", thread ? thread : "");
    group->wait_ms = get_int(document, "wait");
    group->interval_ms = get_int(document, "interval");
    group->repeat_ms = get_int(document, "repeat");
    group->first_ms = get_int(document, "first");
    group->flushed_ms = get_int(document, "flushed");
    group->notified_ms = get_int(document, "notified");
    group->dirty = false;
}

json_t *save_silence(const struct silence *silence)
{
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:b}", "matchers",
                     matchers_texts(&silence->match), "author",
                     silence->author ? silence->author : "", "comment",
                     silence->comment ? silence->comment : "", "starts",
                     (json_int_t)silence->starts_ms, "ends", (json_int_t)silence->ends_ms,
                     "created", (json_int_t)silence->created_ms, "ended", silence->ended_said);
}

void save_silence_load(struct world *world, const char *id, const json_t *document)
{
    char why[200];
    struct silence *silence = silence_add(world, strtoll(id, NULL, 10));
    if (!silence)
        return;
    matchers_load(&silence->match, json_object_get(document, "matchers"), why, sizeof why);
    keep(&silence->author, get_text(document, "author"));
    keep(&silence->comment, get_text(document, "comment"));
    silence->starts_ms = get_int(document, "starts");
    silence->ends_ms = get_int(document, "ends");
    silence->created_ms = get_int(document, "created");
    silence->ended_said = json_is_true(json_object_get(document, "ended"));
    silence->dirty = false;
}

json_t *save_letter(const struct letter *letter)
{
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:I}", "notice", letter->notice, "receiver",
                  letter->receiver, "command", letter->command, "thread", letter->thread, "kind",
                  letter->kind, "params", letter->params, "alerts", letter->alerts, "put",
                  (json_int_t)letter->put_ms);
    return document;
}

void save_letter_load(struct world *world, const char *id, const json_t *document)
{
    const char *params = get_text(document, "params");
    struct letter *letter = params ? letter_add(world, strtoll(id, NULL, 10)) : NULL;
    if (!letter)
        return;
    keep(&letter->notice, get_text(document, "notice"));
    keep(&letter->receiver, get_text(document, "receiver"));
    keep(&letter->command, get_text(document, "command"));
    keep(&letter->thread, get_text(document, "thread"));
    keep(&letter->kind, get_text(document, "kind"));
    keep(&letter->params, params);
    letter->alerts = json_deep_copy(json_object_get(document, "alerts"));
    letter->put_ms = get_int(document, "put");
    letter->saved = true;
    letter_queue(world, letter);
}

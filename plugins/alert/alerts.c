/* alerts.c - see alerts.h. */
#include "alerts.h"

#include "document.h"
#include "topology.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLUG_MAX = 60, ALERT_TEXT_MAX = 1200, VALUE_SHOWN_EVERY_MS = 60000 };

void keep(char **place, const char *text)
{
    if (*place && text && strcmp(*place, text) == 0)
        return;
    free(*place);
    *place = text && *text ? strdup(text) : NULL;
}

void alert_make_id(const struct rule *rule, const struct labels *labels, const char *identity,
                   char out[ID_MAX])
{
    char slug[SLUG_MAX];
    size_t used = 0;
    for (const char *at = rule->name; *at && used + 1 < sizeof slug; at++)
        if (isalnum((unsigned char)*at))
            slug[used++] = (char)tolower((unsigned char)*at);
        else if (used && slug[used - 1] != '-')
            slug[used++] = '-';
    slug[used] = '\0';
    uint64_t hash = hash_text(0, rule->name);
    hash = identity ? hash_text(hash, identity) : labels_hash(hash, labels);
    snprintf(out, ID_MAX, "%s-%016llx", slug, (unsigned long long)hash);
}

/* ---- The list -------------------------------------------------------------------------------- */

static size_t place_of(const struct world *world, const char *id, bool *there)
{
    size_t low = 0, high = world->alert_count;
    *there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(world->alerts[middle]->id, id);
        if (order == 0) {
            *there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct alert *alerts_find(const struct world *world, const char *id)
{
    bool there;
    size_t i = place_of(world, id, &there);
    return there ? world->alerts[i] : NULL;
}

int alerts_insert(struct world *world, struct alert *alert)
{
    bool there;
    size_t i = place_of(world, alert->id, &there);
    if (there)
        return -EEXIST;
    if (world->alert_count == world->alert_size) {
        size_t size = world->alert_size ? 2 * world->alert_size : 64;
        struct alert **more = realloc(world->alerts, size * sizeof *more);
        if (!more)
            return -ENOMEM;
        world->alerts = more;
        world->alert_size = size;
    }
    memmove(&world->alerts[i + 1], &world->alerts[i],
            (world->alert_count - i) * sizeof *world->alerts);
    world->alerts[i] = alert;
    world->alert_count++;
    return 0;
}

struct alert *alert_new(const char *id, const char *rule_name)
{
    struct alert *alert = calloc(1, sizeof *alert);
    if (!alert)
        return NULL;
    snprintf(alert->id, sizeof alert->id, "%s", id);
    alert->rule_name = strdup(rule_name);
    alert->value = alert->shown_value = NAN;
    alert->peak = LEVEL_OK;
    alert->notified = json_array();
    eval_init(&alert->eval);
    if (!alert->rule_name || !alert->notified) {
        alert_free(alert);
        return NULL;
    }
    return alert;
}

void alert_free(struct alert *alert)
{
    if (!alert)
        return;
    char *texts[] = {alert->rule_name,  alert->event_text,   alert->why_ended,  alert->subject_kind,
                     alert->subject_id, alert->subject_name, alert->series_key, alert->series_field,
                     alert->ack_by,     alert->ack_comment};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    place_fini(&alert->place);
    labels_fini(&alert->labels);
    json_decref(alert->notified);
    free(alert);
}

void alerts_remove(struct world *world, struct alert *alert)
{
    bool there;
    size_t i = place_of(world, alert->id, &there);
    if (!there)
        return;
    document_forget(world, alert);
    world->alert_count--;
    memmove(&world->alerts[i], &world->alerts[i + 1],
            (world->alert_count - i) * sizeof *world->alerts);
    if (alert->rule)
        alert->rule->shown_stale = true;
    alert_free(alert);
}

static size_t alerts_live(const struct world *world)
{
    size_t count = 0;
    for (size_t i = 0; i < world->alert_count; i++)
        count += alert_active(world->alerts[i]);
    return count;
}

static void add_rule_labels(const struct rule *rule, struct labels *labels)
{
    const char *name;
    json_t *value;
    json_object_foreach(rule->labels, name, value)
    {
        if (json_is_string(value))
            labels_set(labels, name, json_string_value(value));
        else {
            char *text = json_dumps(value, JSON_ENCODE_ANY);
            labels_set(labels, name, text);
            free(text);
        }
    }
    labels_set(labels, "alertname", rule->name);
}

/* The same thing is bad again: steps, cause and acknowledgement of the last time are over. */
static void alert_renew(struct alert *alert)
{
    alert->held_until_ms = 0;
    alert->explained = false;
    alert->peak = LEVEL_OK;
    alert->steps_done = 0;
    keep(&alert->why_ended, NULL);
    keep(&alert->ack_by, NULL);
    keep(&alert->ack_comment, NULL);
    alert->ack_ms = 0;
}

struct alert *alerts_take(struct world *world, struct rule *rule, const struct labels *labels,
                          const char *identity)
{
    char id[ID_MAX];
    alert_make_id(rule, labels, identity, id);
    struct alert *alert = alerts_find(world, id);
    if (alert) {
        alert->rule = rule;
        alert->claimed = true;
        alert->orphan_ms = 0;
        return alert;
    }
    if (alerts_live(world) >= world->alerts_max) {
        if (world->alerts_refused++ == 0)
            gw_fail(world->self, -ENOSPC, "more than %zu alerts at once (alerts_max): not kept",
                    world->alerts_max);
        return NULL;
    }
    alert = alert_new(id, rule->name);
    if (!alert || labels_copy(&alert->labels, labels) || alerts_insert(world, alert)) {
        alert_free(alert);
        return NULL;
    }
    add_rule_labels(rule, &alert->labels);
    alert->rule = rule;
    alert->claimed = true;
    return alert;
}

void alert_subject(struct world *world, struct alert *alert, const char *kind, const char *id)
{
    keep(&alert->subject_kind, kind);
    keep(&alert->subject_id, id);
    if (kind && id) {
        keep(&alert->subject_name, topology_name(world->topology, kind, id));
        topology_place(world->topology, kind, id, &alert->place);
    }
}

/* ---- Saying ---------------------------------------------------------------------------------- */

void world_say(struct world *world, const char *topic, enum gw_severity severity, const char *id,
               char *text, char *data)
{
    if (world->said_count == world->said_size && world->said_size < EVENTS_WAIT_MAX) {
        size_t size = world->said_size ? 2 * world->said_size : 32;
        struct said *more = realloc(world->said, size * sizeof *more);
        if (more) {
            world->said = more;
            world->said_size = size;
        }
    }
    if (world->said_count == world->said_size || !text) {
        free(text);
        free(data);
        return;
    }
    struct said *said = &world->said[world->said_count++];
    *said = (struct said){.topic = topic, .severity = severity, .text = text, .data = data};
    snprintf(said->id, sizeof said->id, "%s", id);
}

void alert_say(struct world *world, const struct alert *alert, const char *topic,
               enum gw_severity severity, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    json_t *data =
        json_pack("{s:s, s:s, s:s, s:o}", "alert", alert->id, "rule", alert->rule_name, "severity",
                  alert_severity(alert), "labels", labels_json(&alert->labels));
    world_say(world, topic, severity, alert->id, length < 0 ? NULL : text,
              json_dumps(data, JSON_COMPACT));
    json_decref(data);
}

/* ---- One alert ------------------------------------------------------------------------------- */

bool alert_active(const struct alert *alert)
{
    return alert->eval.level > LEVEL_OK || alert->eval.loud > LEVEL_OK ||
           eval_pending(&alert->eval);
}

const char *alert_state(const struct alert *alert)
{
    return alert->eval.level > LEVEL_OK ? "firing"
           : eval_pending(&alert->eval) ? "pending"
                                        : "resolved";
}

int64_t alert_since(const struct alert *alert)
{
    int64_t bad = alert->eval.bad.since_ms, critical = alert->eval.critical.since_ms;
    return alert->eval.level == LEVEL_OK && eval_pending(&alert->eval) ? (bad ? bad : critical)
                                                                       : alert->since_ms;
}

const char *alert_severity(const struct alert *alert)
{
    enum level level = alert->eval.level > LEVEL_OK    ? alert->eval.level
                       : alert->eval.wanted > LEVEL_OK ? alert->eval.wanted
                       : alert->peak > LEVEL_OK        ? alert->peak
                                                       : LEVEL_WARNING;
    return level_name(level);
}

static enum gw_severity severity_of(enum level level)
{
    return level == LEVEL_CRITICAL ? GW_CRITICAL : GW_WARNING;
}

/* One that fires again before its end was told is the same problem still. */
static void fired(struct world *world, struct alert *alert, enum level loud_before)
{
    bool same = alert->ended_ms && loud_before > LEVEL_OK;
    if (!same) {
        int64_t bad = alert->eval.bad.since_ms, critical = alert->eval.critical.since_ms;
        alert_renew(alert);
        alert->since_ms = bad ? bad : critical;
        alert->fired_ms = world->now_ms;
        alert->peak = alert->eval.level;
    }
    alert->ended_ms = 0;
    char *summary = document_summary(world, alert);
    alert_say(world, alert, "alert.firing", severity_of(alert->eval.level), "%s",
              summary ? summary : alert->rule_name);
    free(summary);
}

static void resolved(struct world *world, struct alert *alert)
{
    char *summary = document_summary(world, alert), took[60];
    duration_text(world->now_ms - alert->since_ms, took, sizeof took);
    alert->ended_ms = world->now_ms;
    alert_say(world, alert, "alert.resolved", GW_NOTICE, "Over after %s: %s%s%s", took,
              summary ? summary : alert->rule_name, alert->why_ended ? " - " : "",
              alert->why_ended ? alert->why_ended : "");
    free(summary);
    keep(&alert->ack_by, NULL);
    keep(&alert->ack_comment, NULL);
    alert->ack_ms = 0;
}

static void level_changed(struct world *world, struct alert *alert, enum level before,
                          enum level loud_before)
{
    enum level now = alert->eval.level;
    if (now > alert->peak)
        alert->peak = now;
    if (before == LEVEL_OK)
        fired(world, alert, loud_before);
    else if (now == LEVEL_OK)
        resolved(world, alert);
    else
        alert_say(world, alert, "alert.changed", now > before ? severity_of(now) : GW_NOTICE,
                  "%s is now %s, it was %s", alert->rule_name, level_name(now), level_name(before));
}

static void alert_mark(struct alert *alert)
{
    alert->dirty = alert->shown_stale = alert->routed_stale = true;
    if (alert->rule)
        alert->rule->shown_stale = true;
}

static bool alert_step(struct world *world, struct alert *alert, enum level wanted)
{
    static const struct eval_times none = {.multiplier = 1};
    enum level before = alert->eval.level, loud_before = alert->eval.loud;
    bool pending = eval_pending(&alert->eval);
    bool changed =
        eval_step(&alert->eval, alert->rule ? &alert->rule->times : &none, wanted, world->now_ms);
    if (alert->eval.level != before)
        level_changed(world, alert, before, loud_before);
    else if (!pending && eval_pending(&alert->eval))
        alert_say(world, alert, "alert.pending", GW_DEBUG, "%s may be about to fire",
                  alert->rule_name);
    if (changed || pending != eval_pending(&alert->eval))
        alert_mark(alert);
    if (!alert->fired_ms && eval_over(&alert->eval)) {
        alerts_remove(world, alert);
        return false;
    }
    return true;
}

bool alert_want(struct world *world, struct alert *alert, enum level wanted, double value)
{
    if (wanted == LEVEL_OK && !alert_active(alert))
        return alert->fired_ms || alert_step(world, alert, wanted);
    alert->seen_ms = world->now_ms;
    if (!isnan(value) && (alert->eval.level > LEVEL_OK || wanted > LEVEL_OK))
        alert->value = value;
    if (world->now_ms - alert->shown_ms >= VALUE_SHOWN_EVERY_MS && alert->ended_ms == 0 &&
        (alert->value < alert->shown_value || alert->value > alert->shown_value))
        alert->shown_stale = true;
    return alert_step(world, alert, wanted);
}

bool alert_end(struct world *world, struct alert *alert, const char *why)
{
    if (!alert_active(alert))
        return true;
    if (alert->eval.level > LEVEL_OK)
        keep(&alert->why_ended, why);
    alert->eval.bad = alert->eval.critical = (struct band){0};
    alert->clear_at_ms = 0;
    return alert_step(world, alert, LEVEL_OK);
}

/* ---- Time ------------------------------------------------------------------------------------ */

static void forget_old(struct world *world)
{
    size_t resolved_count = 0;
    for (size_t i = 0; i < world->alert_count; i++)
        resolved_count += !alert_active(world->alerts[i]);
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        if (!alert_active(alert) && !alert->told_count &&
            world->now_ms - alert->ended_ms > world->history_ms)
            alerts_remove(world, alert);
        else
            i++;
    }
    while (resolved_count-- > RESOLVED_MAX) {
        struct alert *oldest = NULL;
        for (size_t i = 0; i < world->alert_count; i++) {
            struct alert *alert = world->alerts[i];
            if (!alert_active(alert) && !alert->told_count &&
                (!oldest || alert->ended_ms < oldest->ended_ms))
                oldest = alert;
        }
        if (!oldest)
            return;
        alerts_remove(world, oldest);
    }
}

void alerts_turn(struct world *world)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        bool same = !alert_active(alert) || alert_step(world, alert, alert->eval.wanted);
        i += same ? 1 : 0; /* one that went has left its place to the next */
    }
    forget_old(world);
}

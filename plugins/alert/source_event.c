/* source_event.c - rules on events: one or several of a topic begin an alert about their subject,
 * others, or time, end it. Events may come twice (after a restart) and those that begin and those
 * that end come by ways of their own, so the numbers of events decide, not the order of arrival.
 * See source.h. */
#include "source.h"

#include "alerts.h"
#include "state.h"
#include "topology.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Further back than the last one dealt with: of events that came by several ways one may have been
 * dealt with before an older other. */
enum { AGAIN_SEQUENCES = 1000, COUNTS_KEPT_MS = 24 * 3600000, CLEARED_MAX = 20000 };

struct heard {
    struct heard *next;
    struct world *world;
    struct rule *rule;
    const char *topic;
    bool ends;
};

/* ---- What an event is about ------------------------------------------------------------------ */

static void label_from(struct labels *labels, const char *name, const json_t *data,
                       const char *member)
{
    const char *value = json_string_value(json_object_get(data, member));
    if (value && !*labels_get(labels, name))
        labels_set(labels, name, value);
}

static void event_labels(const struct world *world, const struct gw_event *event,
                         const json_t *data, struct labels *out)
{
    if (event->kind && event->id && topology_get(world->topology, event->kind, event->id))
        topology_labels(world->topology, event->kind, event->id, out);
    label_from(out, "server", data, "server");
    label_from(out, "project", data, "project_name");
    if (!event->kind || !event->id) {
        labels_set(out, "instance", event->source);
        return;
    }
    const char *kind = topology_alias(event->kind);
    const char *last = strrchr(kind, '.') ? strrchr(kind, '.') + 1 : kind;
    if (strcmp(kind, "gns3.server") == 0)
        labels_set(out, "server", event->id);
    label_from(out, topology_kind(kind) ? last : "name", data, "name");
    if (!*labels_get(out, "node") && !*labels_get(out, "link") && !*labels_get(out, "name") &&
        !*labels_get(out, last) && strcmp(kind, "gns3.compute") != 0)
        labels_set(out, last, event->id);
}

static void identity_of(const struct gw_event *event, char out[KEY_MAX])
{
    if (event->kind && event->id)
        snprintf(out, KEY_MAX, "%s/%s", topology_alias(event->kind), event->id);
    else
        snprintf(out, KEY_MAX, "%s", event->source ? event->source : "");
}

/* An event about a thing that is not of GNS3 may still name the lab it is in. */
static void place_from(struct world *world, struct alert *alert, const json_t *data)
{
    const char *project = json_string_value(json_object_get(data, "project"));
    if (project && !alert->place.server)
        topology_place(world->topology, "gns3.project", project, &alert->place);
}

/* ---- Counting -------------------------------------------------------------------------------- */

/* Keeps the times of the last `count` events; the time of the oldest of them, 0: there are fewer.
 * Of a rule with a pattern, events of one topic in a row count once: who says "down" again after a
 * restart of gnswatch does not tell of another fall. */
static int64_t counted(struct source *source, const struct rule *rule, const char *id,
                       const struct gw_event *event)
{
    json_t *kept = json_object_get(source->recent, id);
    if (!kept) {
        kept = json_pack("{s:[], s:s}", "times", "topic", "");
        json_object_set_new(source->recent, id, kept);
    }
    json_t *times = json_object_get(kept, "times");
    const char *last = json_string_value(json_object_get(kept, "topic"));
    if (!strchr(rule->topic, '*') || !last || strcmp(last, event->topic) != 0)
        json_array_append_new(times, json_integer(event->time_ms));
    json_object_set_new(kept, "topic", json_string(event->topic));
    while ((int64_t)json_array_size(times) > rule->count)
        json_array_remove(times, 0);
    return (int64_t)json_array_size(times) < rule->count
               ? 0
               : json_integer_value(json_array_get(times, 0));
}

static void forget_counts(struct source *source, int64_t before_ms)
{
    const char *id;
    json_t *kept;
    void *next;
    json_object_foreach_safe(source->recent, next, id, kept)
    {
        const json_t *times = json_object_get(kept, "times");
        const json_t *last = json_array_get(times, json_array_size(times) - 1);
        if (json_integer_value(last) < before_ms)
            json_object_del(source->recent, id);
    }
}

/* ---- Beginning and ending -------------------------------------------------------------------- */

static void decide(struct world *world, struct alert *alert)
{
    bool on = alert->fire_sequence > alert->clear_sequence &&
              (!alert->clear_at_ms || world->now_ms < alert->clear_at_ms);
    alert_want(world, alert, on ? alert->rule->severity : LEVEL_OK, NAN);
}

static void begin(struct world *world, struct rule *rule, const struct gw_event *event,
                  const struct labels *labels, const char *identity, const json_t *data,
                  int64_t clear_at_ms)
{
    struct alert *alert = alerts_take(world, rule, labels, identity);
    if (!alert || event->sequence <= alert->fire_sequence)
        return;
    int64_t cleared = json_integer_value(json_object_get(world->source->cleared, alert->id));
    alert->fire_sequence = event->sequence;
    alert->clear_sequence = cleared > alert->clear_sequence ? cleared : alert->clear_sequence;
    alert->clear_at_ms = clear_at_ms;
    keep(&alert->event_text, event->text);
    if (event->kind && event->id && !alert->subject_kind)
        alert_subject(world, alert, event->kind, event->id);
    place_from(world, alert, data);
    alert->dirty = true;
    decide(world, alert);
}

static void event_begins(struct world *world, struct rule *rule, const struct gw_event *event)
{
    char identity[KEY_MAX], id[ID_MAX];
    struct labels labels = {0};
    json_t *data = json_loads(event->data ? event->data : "{}", 0, NULL);
    int64_t clear_at = rule->clear_after_ms ? event->time_ms + rule->clear_after_ms : 0;
    bool enough = true;
    identity_of(event, identity);
    event_labels(world, event, data, &labels);
    if (rule->count > 1 && json_is_true(json_object_get(data, "asked"))) {
        enough = false; /* what somebody asked gnswatch for is no symptom, however often */
    } else if (rule->count > 1) {
        alert_make_id(rule, &labels, identity, id);
        int64_t first = counted(world->source, rule, id, event);
        enough = first && event->time_ms - first <= rule->over_ms;
        if (!clear_at)
            clear_at = first + rule->over_ms;
    }
    if (enough && event->severity >= rule->least && matchers_fit(&rule->match, &labels) &&
        (!clear_at || clear_at > world->now_ms))
        begin(world, rule, event, &labels, identity, data, clear_at);
    labels_fini(&labels);
    json_decref(data);
}

/* The event it ends may still be on its way. */
static void remember_end(struct source *source, const char *id, int64_t sequence)
{
    if (json_object_size(source->cleared) >= CLEARED_MAX)
        json_object_clear(source->cleared);
    if (json_integer_value(json_object_get(source->cleared, id)) < sequence)
        json_object_set_new(source->cleared, id, json_integer(sequence));
}

static void event_ends(struct world *world, struct rule *rule, const struct gw_event *event)
{
    char identity[KEY_MAX], id[ID_MAX];
    struct labels none = {0};
    identity_of(event, identity);
    alert_make_id(rule, &none, identity, id);
    json_object_del(world->source->recent, id);
    remember_end(world->source, id, event->sequence);
    struct alert *alert = alerts_find(world, id);
    if (!alert || event->sequence <= alert->clear_sequence)
        return;
    alert->rule = rule;
    alert->clear_sequence = event->sequence;
    alert->dirty = true;
    decide(world, alert);
}

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct heard *heard = data;
    struct world *world = heard->world;
    world->now_ms = gw_now_ms(self);
    heard->rule->evaluated_ms = world->now_ms;
    bool news = event->time_ms >= state_begun(world);
    if (heard->ends)
        event_ends(world, heard->rule, event);
    else if (news || heard->rule->count > 1)
        event_begins(world, heard->rule, event);
    if (news)
        state_dealt(world, event->sequence);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static int hear(struct world *world, struct rule *rule, const char *topic, bool ends)
{
    struct heard *heard = calloc(1, sizeof *heard);
    if (!heard)
        return -ENOMEM;
    *heard = (struct heard){world->source->heard, world, rule, topic, ends};
    world->source->heard = heard;
    int64_t since = state_sequence(world) - AGAIN_SEQUENCES;
    if (rule->count > 1) /* its count may reach further back; what is too old counts for nothing */
        since = 0;
    int error = gw_subscribe_since(world->self, topic, since > 0 ? since : 0, on_event, heard);
    return error ? gw_fail(world->self, error, "subscribe to '%s'", topic) : 0;
}

int source_events_start(struct world *world)
{
    int error = 0;
    for (size_t i = 0; i < world->rules.count && !error; i++) {
        struct rule *rule = &world->rules.at[i];
        size_t j;
        json_t *topic;
        if (!rule->enabled || rule->kind != RULE_EVENT)
            continue;
        error = hear(world, rule, rule->topic, false);
        json_array_foreach(rule->clear_topics, j, topic) error =
            error ? error : hear(world, rule, json_string_value(topic), true);
    }
    return error;
}

void source_events_stop(struct world *world)
{
    while (world->source->heard) {
        struct heard *heard = world->source->heard;
        world->source->heard = heard->next;
        free(heard);
    }
}

void source_events_turn(struct world *world)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        size_t before = world->alert_count;
        if (alert->rule && alert->rule->kind == RULE_EVENT && alert_active(alert) &&
            alert->clear_at_ms && world->now_ms >= alert->clear_at_ms &&
            alert->eval.wanted > LEVEL_OK)
            decide(world, alert);
        i += world->alert_count == before;
    }
    forget_counts(world->source, world->now_ms - COUNTS_KEPT_MS);
}

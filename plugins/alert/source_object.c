/* source_object.c - objects: what is where (topology.h), and rules on their members. Objects are
 * read once at the start and then as they change; should changes have been lost because too many
 * came at once, all are read again. See source.h. */
#include "source.h"

#include "alerts.h"
#include "topology.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_PUTS = 400, LIST_AGAIN_MS = 3000 };

/* ---- Conditions ------------------------------------------------------------------------------ */

static void value_text(const json_t *value, char *out, size_t bytes)
{
    char *text = NULL;
    if (json_is_string(value))
        snprintf(out, bytes, "%s", json_string_value(value));
    else if (!value || json_is_null(value))
        snprintf(out, bytes, "null");
    else if ((text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL)
        snprintf(out, bytes, "%s", text);
    free(text);
}

enum holds { HOLDS = 1, HOLDS_NOT, HOLDS_UNKNOWN };

static enum holds truth(bool true_now)
{
    return true_now ? HOLDS : HOLDS_NOT;
}

/* What is null is not known (yet): that is neither true nor false. */
static enum holds condition_holds(const struct topology *topology, const struct condition *one,
                                  json_t *document)
{
    const json_t *value = topology_member(topology, document, one->member);
    char *end, text[300] = "";
    double limit = strtod(one->value, &end);
    if ((!value || json_is_null(value)) && strcmp(one->value, "null") != 0)
        return HOLDS_UNKNOWN;
    if (json_is_number(value) && *one->value && !*end)
        return truth(op_holds(one->op, json_number_value(value), limit));
    value_text(value, text, sizeof text);
    if (json_is_boolean(value) && (strcmp(one->value, "yes") == 0 || strcmp(one->value, "no") == 0))
        snprintf(text, sizeof text, json_is_true(value) ? "yes" : "no");
    bool same = strcmp(text, one->value) == 0;
    return truth(one->op == OP_IS ? same : one->op == OP_IS_NOT && !same);
}

static enum holds conditions_hold(const struct topology *topology, const struct rule *rule,
                                  json_t *document)
{
    enum holds all = HOLDS;
    for (size_t i = 0; i < rule->condition_count; i++) {
        enum holds one = condition_holds(topology, &rule->conditions[i], document);
        if (one == HOLDS_NOT)
            return HOLDS_NOT;
        all = one == HOLDS_UNKNOWN ? one : all;
    }
    return all;
}

static bool came_from(const struct rule *rule, json_t *before, json_t *document)
{
    char was[300], now[300];
    const char *member = rule->conditions[0].member;
    value_text(json_object_get(before, member), was, sizeof was);
    value_text(json_object_get(document, member), now, sizeof now);
    return before && strcmp(was, rule->from) == 0 && strcmp(now, was) != 0;
}

/* ---- Rules on one object --------------------------------------------------------------------- */

static void identity_of(const char *kind, const char *id, char out[KEY_MAX])
{
    snprintf(out, KEY_MAX, "%s/%s", kind, id);
}

static void object_alert(struct world *world, struct rule *rule, const char *kind, const char *id,
                         enum holds holds, bool may_begin)
{
    char identity[KEY_MAX], alert_id[ID_MAX];
    struct labels labels = {0};
    identity_of(kind, id, identity);
    alert_make_id(rule, &labels, identity, alert_id);
    struct alert *alert = alerts_find(world, alert_id);
    bool active = alert && alert_active(alert);
    rule->evaluated_ms = world->now_ms;
    if (alert) {
        alert->rule = rule;
        alert->claimed = true;
    }
    if (holds == HOLDS_UNKNOWN)
        return; /* it stays as it is */
    if (holds == HOLDS_NOT || (!active && !may_begin)) {
        if (alert)
            alert_want(world, alert, LEVEL_OK, NAN);
        return;
    }
    topology_labels(world->topology, kind, id, &labels);
    if (matchers_fit(&rule->match, &labels)) {
        alert = alerts_take(world, rule, &labels, identity);
        if (alert && !alert->subject_kind)
            alert_subject(world, alert, kind, id);
        if (alert)
            alert_want(world, alert, rule->severity, NAN);
    }
    labels_fini(&labels);
}

static void object_rules(struct world *world, const char *kind, const char *id, json_t *before,
                         json_t *document)
{
    for (size_t i = 0; i < world->rules.count; i++) {
        struct rule *rule = &world->rules.at[i];
        if (!rule->enabled || rule->kind != RULE_OBJECT || strcmp(rule->object, kind) != 0)
            continue;
        object_alert(world, rule, kind, id, conditions_hold(world->topology, rule, document),
                     !rule->from || came_from(rule, before, document));
    }
}

/* Alerts of event rules that this object shows to be over. */
static void event_alerts(struct world *world, const char *kind, const char *id, json_t *document)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        size_t before = world->alert_count;
        const struct rule *rule = alert->rule;
        if (rule && rule->kind == RULE_EVENT && rule->condition_count && alert_active(alert) &&
            alert->subject_id && strcmp(alert->subject_id, id) == 0 &&
            strcmp(topology_alias(alert->subject_kind), kind) == 0 &&
            conditions_hold(world->topology, rule, document) == HOLDS) {
            alert->clear_sequence = alert->fire_sequence;
            alert->dirty = true;
            alert_want(world, alert, LEVEL_OK, NAN);
        }
        i += world->alert_count == before;
    }
}

/* ---- Things that have gone ------------------------------------------------------------------- */

/* What it said of itself is over. Anything below stays until it goes itself. */
static void object_gone(struct world *world, const char *kind, const char *id)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        bool about = alert->subject_id && strcmp(alert->subject_id, id) == 0 &&
                     strcmp(topology_alias(alert->subject_kind), kind) == 0;
        if (!about || alert_end(world, alert, "it is no longer there"))
            i++;
    }
}

static void project_closed(struct world *world, const char *id)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        bool inside = alert->place.project && strcmp(alert->place.project, id) == 0 &&
                      (alert->place.node || alert->place.link);
        if (!inside || alert_end(world, alert, "its project is closed"))
            i++;
    }
}

/* ---- Keeping in step ------------------------------------------------------------------------- */

static bool of_interest(const struct world *world, const char *kind)
{
    if (topology_kind(kind))
        return true;
    for (size_t i = 0; i < world->rules.count; i++) {
        const struct rule *rule = &world->rules.at[i];
        if (rule->enabled && rule->kind == RULE_OBJECT && strcmp(rule->object, kind) == 0)
            return true;
    }
    return false;
}

static const char *text_of(const json_t *document, const char *name)
{
    const char *text = json_string_value(json_object_get(document, name));
    return text ? text : "";
}

static void touch(struct world *world, const char *kind, const char *id)
{
    char key[KEY_MAX];
    if (strcmp(kind, "gns3.project") != 0 && strcmp(kind, "gns3.server") != 0 &&
        strcmp(kind, "gns3.compute") != 0)
        return;
    identity_of(kind, id, key);
    json_object_set_new(world->source->touched, key, json_true());
}

/* Takes `document`. */
static void object_is(struct world *world, const char *kind, const char *id, json_t *document)
{
    json_t *before = json_incref(topology_get(world->topology, kind, id));
    topology_put(world->topology, kind, id, document);
    object_rules(world, kind, id, before, document);
    event_alerts(world, kind, id, document);
    if (before && strcmp(kind, "gns3.project") == 0 &&
        strcmp(text_of(document, "status"), "closed") == 0 &&
        strcmp(text_of(before, "status"), "closed") != 0)
        project_closed(world, id);
    touch(world, kind, id);
    json_decref(before);
}

static void on_put(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct world *world = data;
    if (!event->kind || !event->id || !of_interest(world, event->kind))
        return;
    world->now_ms = gw_now_ms(self);
    world->source->puts++;
    char *text = gw_object_get(self, event->kind, event->id);
    json_t *document = text ? json_loads(text, 0, NULL) : NULL;
    if (document)
        object_is(world, event->kind, event->id, document);
    gw_free(text);
}

static void on_delete(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct world *world = data;
    if (!event->kind || !event->id || !of_interest(world, event->kind))
        return;
    world->now_ms = gw_now_ms(self);
    world->source->puts++;
    topology_put(world->topology, event->kind, event->id, NULL);
    object_gone(world, event->kind, event->id);
}

static void forget_missing(struct world *world, const char *kind, const json_t *list)
{
    json_t *known = topology_all(world->topology, kind), *there = json_object(), *one;
    const char *id;
    void *next;
    size_t i;
    json_array_foreach(list, i, one) json_object_set_new(there, text_of(one, "id"), json_true());
    json_object_foreach_safe(known, next, id, one)
    {
        if (json_object_get(there, id))
            continue;
        char copy[KEY_MAX];
        snprintf(copy, sizeof copy, "%s", id);
        topology_put(world->topology, kind, copy, NULL);
        object_gone(world, kind, copy);
    }
    json_decref(there);
}

static void list_kind(struct world *world, const char *kind)
{
    size_t i;
    json_t *one;
    char *text = gw_object_list(world->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    if (!list)
        return;
    forget_missing(world, kind, list);
    json_array_foreach(list, i, one) object_is(world, kind, text_of(one, "id"), json_incref(one));
    json_decref(list);
}

static void list_all(struct world *world)
{
    static const char *const kinds[] = {"gns3.server", "gns3.compute", "gns3.project", "gns3.node",
                                        "gns3.link"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        list_kind(world, kinds[i]);
    for (size_t i = 0; i < world->rules.count; i++) {
        const struct rule *rule = &world->rules.at[i];
        if (rule->enabled && rule->kind == RULE_OBJECT && !topology_kind(rule->object))
            list_kind(world, rule->object);
    }
}

/* ---- Rules that look at what is above -------------------------------------------------------- */

static bool looks_above(const struct rule *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++)
        if (strchr(rule->conditions[i].member, '.'))
            return true;
    return false;
}

static bool below_touched(const struct world *world, const json_t *document)
{
    char key[3][KEY_MAX];
    identity_of("gns3.project", text_of(document, "project"), key[0]);
    identity_of("gns3.server", text_of(document, "server"), key[1]);
    snprintf(key[2], KEY_MAX, "gns3.compute/%s/%s", text_of(document, "server"),
             text_of(document, "compute_id"));
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(world->source->touched, key[i]))
            return true;
    return false;
}

/* Alerts that may end, and, of rules that need no change to begin, objects that may begin one. */
static void look_again(struct world *world, struct rule *rule)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        size_t before = world->alert_count;
        json_t *document =
            alert->rule == rule && alert_active(alert)
                ? topology_get(world->topology, alert->subject_kind, alert->subject_id)
                : NULL;
        if (document && below_touched(world, document))
            object_alert(world, rule, rule->object, alert->subject_id,
                         conditions_hold(world->topology, rule, document), false);
        i += world->alert_count == before;
    }
    const char *id;
    json_t *document;
    if (!rule->from)
        json_object_foreach(topology_all(world->topology, rule->object), id,
                            document) if (below_touched(world, document))
            object_alert(world, rule, rule->object, id,
                         conditions_hold(world->topology, rule, document), true);
}

void source_objects_turn(struct world *world)
{
    struct source *source = world->source;
    for (size_t i = 0; json_object_size(source->touched) && i < world->rules.count; i++) {
        struct rule *rule = &world->rules.at[i];
        if (rule->enabled && rule->kind == RULE_OBJECT && looks_above(rule))
            look_again(world, rule);
    }
    json_object_clear(source->touched);
    if (source->puts > MANY_PUTS)
        source->list_again_ms = world->monotonic_ms + LIST_AGAIN_MS;
    else if (source->list_again_ms && world->monotonic_ms >= source->list_again_ms) {
        source->list_again_ms = 0;
        list_all(world);
    }
    source->puts = 0;
}

int source_objects_start(struct world *world)
{
    int error = gw_subscribe(world->self, "object.put", on_put, world);
    error = error ? error : gw_subscribe(world->self, "object.delete", on_delete, world);
    if (error)
        return gw_fail(world->self, error, "subscribe to objects");
    list_all(world);
    return 0;
}

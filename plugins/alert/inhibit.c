/* inhibit.c - see inhibit.h.
 *
 * A lost server is often seen after what was on it. So an alert of a thing that has something above
 * it settles first, is held as long as something above is pending, and is not told while something
 * above fires. When the cause has gone, what is below settles again, and what still fires then has
 * its own say. What was told before its cause was seen stays told; its end is told as well. */
#include "inhibit.h"

#include "alerts.h"
#include "topology.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int inhibits_load(struct world *world, const json_t *list)
{
    size_t count = json_array_size(list), i;
    json_t *one;
    char why[300];
    world->inhibits = calloc(count ? count : 1, sizeof *world->inhibits);
    if (!world->inhibits)
        return -ENOMEM;
    json_array_foreach(list, i, one)
    {
        struct inhibit_rule *rule = &world->inhibits[world->inhibit_count];
        if (matchers_load(&rule->source, json_object_get(one, "source"), why, sizeof why) ||
            matchers_load(&rule->target, json_object_get(one, "target"), why, sizeof why)) {
            matchers_fini(&rule->source);
            gw_fail(world->self, -EINVAL, "entry %zu of inhibit does not apply: %s", i + 1, why);
            continue;
        }
        rule->equal = json_incref(json_object_get(one, "equal"));
        world->inhibit_count++;
    }
    return 0;
}

void inhibits_free(struct world *world)
{
    for (size_t i = 0; i < world->inhibit_count; i++) {
        matchers_fini(&world->inhibits[i].source);
        matchers_fini(&world->inhibits[i].target);
        json_decref(world->inhibits[i].equal);
    }
    free(world->inhibits);
    world->inhibits = NULL;
    world->inhibit_count = 0;
}

/* ---- By topology ----------------------------------------------------------------------------- */

static void subject_key(const struct alert *alert, char out[KEY_MAX])
{
    snprintf(out, KEY_MAX, "%s/%s", topology_alias(alert->subject_kind), alert->subject_id);
}

/* Of two on one subject the one that fires goes before the pending, then the worse, then the older
 * one. Age alone would not do: what is known of a crash first is that its node has stopped. */
static bool better(const struct alert *a, const struct alert *b)
{
    bool a_fires = a->eval.level > LEVEL_OK, b_fires = b->eval.level > LEVEL_OK;
    if (a_fires != b_fires)
        return a_fires;
    if (a->eval.level != b->eval.level)
        return a->eval.level > b->eval.level;
    return alert_since(a) < alert_since(b) ||
           (alert_since(a) == alert_since(b) && a->rule < b->rule);
}

/* {"kind/id": index of the alert that explains what is there and below}. */
static json_t *causes(const struct world *world)
{
    json_t *map = json_object();
    char key[KEY_MAX];
    for (size_t i = 0; i < world->alert_count; i++) {
        const struct alert *alert = world->alerts[i];
        if (!alert->rule || !alert->rule->inhibits || !alert->subject_kind ||
            !alert_active(alert) || (alert->eval.level == LEVEL_OK && !eval_pending(&alert->eval)))
            continue;
        subject_key(alert, key);
        const json_t *held = json_object_get(map, key);
        if (!held || better(alert, world->alerts[json_integer_value(held)]))
            json_object_set_new(map, key, json_integer((json_int_t)i));
    }
    return map;
}

struct verdict {
    const struct alert *by; /* fires */
    bool pending;
};

static void consider(struct verdict *verdict, const struct alert *alert, const struct alert *cause)
{
    if (!cause || cause == alert)
        return;
    if (cause->eval.level > LEVEL_OK)
        verdict->by = verdict->by ? verdict->by : cause;
    else
        verdict->pending = true;
}

static const struct alert *cause_at(const struct world *world, const json_t *map, const char *key)
{
    const json_t *index = json_object_get(map, key);
    return index ? world->alerts[json_integer_value(index)] : NULL;
}

static void by_topology(const struct world *world, const json_t *map, const struct alert *alert,
                        struct verdict *verdict)
{
    char keys[PARENTS_MAX][KEY_MAX];
    size_t count = topology_parents(world->topology, alert->subject_kind, &alert->place, keys);
    for (size_t i = 0; i < count; i++)
        consider(verdict, alert, cause_at(world, map, keys[i]));
    if (!alert->subject_kind)
        return;
    subject_key(alert, keys[0]);
    const struct alert *peer = cause_at(world, map, keys[0]);
    /* Of several that explain the same thing only the better one does. */
    if (peer && (!alert->rule || !alert->rule->inhibits || better(peer, alert)))
        consider(verdict, alert, peer);
}

/* ---- By labels ------------------------------------------------------------------------------- */

static bool alike(const struct inhibit_rule *rule, const struct labels *a, const struct labels *b)
{
    size_t i;
    json_t *name;
    json_array_foreach(rule->equal, i,
                       name) if (strcmp(labels_get(a, json_string_value(name)),
                                        labels_get(b, json_string_value(name))) != 0) return false;
    return true;
}

static void with_severity(const struct alert *alert, struct labels *out)
{
    labels_copy(out, &alert->labels);
    labels_set(out, "severity", alert_severity(alert));
}

static void by_rule(const struct world *world, const struct inhibit_rule *rule,
                    const struct alert *alert, struct verdict *verdict)
{
    struct labels mine = {0};
    with_severity(alert, &mine);
    /* As in Alertmanager: what is itself a source of this rule does not inhibit itself. */
    bool target = matchers_fit(&rule->target, &mine), source = matchers_fit(&rule->source, &mine);
    for (size_t i = 0; target && i < world->alert_count && !verdict->by; i++) {
        const struct alert *other = world->alerts[i];
        if (other == alert || other->eval.level == LEVEL_OK)
            continue;
        struct labels theirs = {0};
        with_severity(other, &theirs);
        if (matchers_fit(&rule->source, &theirs) && alike(rule, &mine, &theirs) &&
            !(source && matchers_fit(&rule->target, &theirs)))
            verdict->by = other;
        labels_fini(&theirs);
    }
    labels_fini(&mine);
}

/* ---- The turn -------------------------------------------------------------------------------- */

static bool has_parents(const struct world *world, const struct alert *alert)
{
    char keys[PARENTS_MAX][KEY_MAX];
    return topology_parents(world->topology, alert->subject_kind, &alert->place, keys) > 0;
}

static void settle(struct world *world, struct alert *alert, int64_t from_ms)
{
    int64_t until = from_ms + world->settle_ms;
    if (until <= alert->held_until_ms)
        return;
    alert->held_until_ms = until;
    alert->dirty = true;
}

static void judge(struct world *world, const json_t *map, struct alert *alert)
{
    struct verdict verdict = {0};
    by_topology(world, map, alert, &verdict);
    for (size_t i = 0; i < world->inhibit_count && !verdict.by; i++)
        by_rule(world, &world->inhibits[i], alert, &verdict);
    alert->parent_pending = verdict.pending;
    if (!alert->held_until_ms && has_parents(world, alert))
        settle(world, alert, alert->fired_ms);
    const char *by = verdict.by ? verdict.by->id : "";
    if (strcmp(by, alert->inhibited_by) == 0)
        return;
    if (!*by) /* the cause has gone: whether this is its own problem will be seen */
        settle(world, alert, world->now_ms);
    alert->explained = true;
    snprintf(alert->inhibited_by, sizeof alert->inhibited_by, "%s", by);
    alert->dirty = alert->shown_stale = true;
}

void inhibit_turn(struct world *world)
{
    json_t *map = causes(world);
    for (size_t i = 0; map && i < world->alert_count; i++) {
        struct alert *alert = world->alerts[i];
        if (alert->eval.loud > LEVEL_OK || alert->eval.level > LEVEL_OK)
            judge(world, map, alert);
        else if (*alert->inhibited_by) {
            alert->inhibited_by[0] = '\0';
            alert->shown_stale = alert->dirty = true;
        }
    }
    json_decref(map);
}

bool inhibit_tells(const struct world *world, const struct alert *alert)
{
    return !*alert->inhibited_by && !alert->parent_pending &&
           world->now_ms >= alert->held_until_ms && !alert->silenced_count && !alert->window;
}

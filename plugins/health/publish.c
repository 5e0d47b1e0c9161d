/* publish.c - see publish.h. */
#include "publish.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AGAIN_MS = 300000, /* texts that changed without their points wait for this */
    EVENTS_MOST = 50,  /* of nodes and links a call; the rest is one sentence */
};

const struct gw_field score_fields[] = {
    {"score", GW_GAUGE, "1", "Health from 0 to 100"},
    {"coverage", GW_GAUGE, "%", "Part of what makes the score that is known"},
    {0},
};

/* What of a score is worth putting its object again, by whole points. Never 0. */
static uint64_t meaning(const struct thing *thing)
{
    uint64_t hash = judge_mix((uint64_t)thing->verdict.score, (uint64_t)thing->level);
    hash = judge_mix(hash, (uint64_t)lround(thing->verdict.coverage / 2));
    for (size_t i = 0; i < thing->reason_count; i++) {
        const struct reason *reason = &thing->reasons[i];
        if (reason->points < 0.5 && i > 0)
            break;
        hash = judge_mix(hash, (uint64_t)reason->factor);
        hash = judge_mix(hash, (uint64_t)(uintptr_t)reason->thing);
        hash = judge_mix(hash, (uint64_t)lround(reason->points));
    }
    return hash | 1;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void level_event(const struct world *world, const struct thing *thing, enum level before)
{
    bool up = thing->level > before;
    char text[1100], why[700] = "";
    if (thing->reason_count && !up)
        reason_sentence(&thing->reasons[0], thing, why, sizeof why);
    snprintf(text, sizeof text, "Health of %s is %s (%d)%s%s.", thing->name,
             level_name(thing->level), thing->verdict.score, *why ? ": " : "", why);
    json_t *data = json_pack("{s:i, s:s, s:s, s:s?, s:s}", "score", thing->verdict.score, "level",
                             level_name(thing->level), "before", level_name(before), "server",
                             thing->server, "name", thing->name);
    char *dump = data ? json_dumps(data, JSON_COMPACT) : NULL;
    struct gw_event event = {.topic = "health.level",
                             .severity = up                           ? GW_NOTICE
                                         : thing->level == LEVEL_BAD  ? GW_ERROR
                                         : thing->level == LEVEL_POOR ? GW_WARNING
                                                                      : GW_INFO,
                             .kind = thing_kind_name(thing->kind),
                             .id = thing->id,
                             .text = text,
                             .data = dump};
    if (thing->kind == THING_ALL) {
        event.kind = "health.score";
        event.id = "all";
    }
    gw_emit(world->lab->self, &event);
    free(dump);
    json_decref(data);
}

/* True: it was worth an event. What was not known before is news only when it is bad; what is not
 * known now is shown, but nothing happened. */
static bool level_change(const struct world *world, struct thing *thing, bool told)
{
    enum level now = score_level(thing->verdict.score, thing->level, world->options->hysteresis);
    if (now == thing->level)
        return false;
    enum level before = thing->level;
    thing->level = now;
    thing->level_ms = world->now_ms;
    bool news = now != LEVEL_UNKNOWN && (before != LEVEL_UNKNOWN || now <= LEVEL_POOR);
    if (news && told)
        level_event(world, thing, before);
    return news;
}

/* ---- Objects --------------------------------------------------------------------------------- */

static void put(const struct world *world, struct thing *thing)
{
    json_t *document = score_document(world, thing);
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    if (text)
        gw_object_put(world->lab->self, "health.score", thing->key, text);
    free(text);
    json_decref(document);
}

/* After a restart nothing is known for a moment, and what was put before is better than that; but
 * not when it is known that the server does not answer. */
static bool is_down(struct thing *thing)
{
    const struct thing *server = thing_server(thing);
    return server && server->up_known && !server->up;
}

static bool publish(const struct world *world, struct thing *thing, size_t *quiet, size_t *told)
{
    bool small = thing->kind == THING_NODE || thing->kind == THING_LINK;
    bool room = !small || *told < EVENTS_MOST;
    if (world->young && thing->verdict.score < 0 && thing->level != LEVEL_UNKNOWN &&
        !is_down(thing))
        return false;
    thing->unpublished = false;
    if (level_change(world, thing, room))
        *(room ? told : quiet) += small;
    uint64_t now = meaning(thing);
    if (now == thing->published && !thing->renamed &&
        world->now_ms - thing->published_ms < AGAIN_MS)
        return false;
    thing->renamed = false;
    thing->published = now;
    thing->published_ms = world->now_ms;
    put(world, thing);
    return true;
}

bool publish_some(const struct world *world)
{
    size_t puts = 0, quiet = 0, told = 0;
    bool more = false;
    for (enum thing_kind kind = THING_ALL; kind <= THING_LINK && !more; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &world->lab->of[kind], entry)
        {
            if (!thing->unpublished)
                continue;
            if (puts >= PUBLISH_MOST) {
                more = true;
                break;
            }
            puts += publish(world, thing, &quiet, &told);
        }
    }
    if (quiet) {
        char text[120];
        snprintf(text, sizeof text, "Health of %zu more nodes and links changed its level.", quiet);
        const struct gw_event event = {
            .topic = "health.level", .severity = GW_NOTICE, .text = text};
        gw_emit(world->lab->self, &event);
    }
    return more;
}

void publish_gone(const struct world *world, struct thing *thing)
{
    gw_object_delete(world->lab->self, "health.score", thing->key);
    if (thing->series)
        gw_series_end(thing->series);
    thing->series = NULL;
}

/* ---- Series ---------------------------------------------------------------------------------- */

static bool labels_taken(const struct world *world, const struct thing *thing)
{
    const struct thing *other;
    TAILQ_FOREACH(other, &world->lab->of[thing->kind], entry)
    if (other != thing && other->series && strcmp(other->name, thing->name) == 0 &&
        strcmp(other->server ? other->server : "", thing->server ? thing->server : "") == 0 &&
        other->above == thing->above)
        return true;
    return false;
}

static uint64_t labels_of(const struct gw_label *labels)
{
    uint64_t hash = 0;
    for (; labels->name; labels++)
        for (const char *p = labels->value;; p++) {
            hash = judge_mix(hash, (unsigned char)*p);
            if (!*p)
                break;
        }
    return hash;
}

static void row(const struct world *world, struct thing *thing)
{
    const struct thing *project = thing_project(thing);
    const struct gw_label labels[] = {{"kind", thing_kind_name(thing->kind)},
                                      {"server", thing->server ? thing->server : ""},
                                      {"project", project ? project->name : ""},
                                      {"name", thing->name},
                                      {0}};
    uint64_t now = labels_of(labels);
    if (thing->series && now != thing->series_labels &&
        gw_series_relabel(thing->series, labels) < 0) {
        gw_series_end(thing->series);
        thing->series = NULL;
    }
    if (!thing->series && !labels_taken(world, thing))
        thing->series = gw_series_get(world->lab->self, "health.score", labels, score_fields, 0);
    thing->series_labels = now;
    const double values[] = {thing->verdict.score < 0 ? (double)NAN : thing->verdict.score,
                             thing->verdict.coverage};
    if (thing->series)
        gw_set(thing->series, values);
}

void publish_series(const struct world *world)
{
    for (enum thing_kind kind = THING_ALL; kind <= THING_LINK; kind++) {
        struct thing *thing;
        if ((kind == THING_NODE && !world->options->node_series) ||
            (kind == THING_LINK && !world->options->link_series))
            continue;
        TAILQ_FOREACH(thing, &world->lab->of[kind], entry)
        if (kind == THING_ALL || kind == THING_SERVER || kind == THING_COMPUTE ||
            thing->verdict.score >= 0 || thing->series)
            row(world, thing);
    }
}

/* A level that was known before the restart goes on. */
static void recall(struct thing *thing, const json_t *document)
{
    const char *name = json_string_value(json_object_get(document, "level"));
    for (enum level level = LEVEL_UNKNOWN; name && level <= LEVEL_GOOD; level++)
        if (strcmp(level_name(level), name) == 0)
            thing->level = level;
    thing->level_ms = json_integer_value(json_object_get(document, "since"));
}

void publish_recall(const struct world *world)
{
    char *text = gw_object_list(world->lab->self, "health.score");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *document;
    gw_free(text);
    size_t i;
    json_array_foreach(list, i, document)
    {
        const char *key = json_string_value(json_object_get(document, "id"));
        struct thing *thing = key ? lab_find_key(world->lab, key) : NULL;
        if (thing)
            recall(thing, document);
        else if (key)
            gw_object_delete(world->lab->self, "health.score", key);
    }
    json_decref(list);
}

/* document.c - a score as the document others read. */
#include "meter.h"
#include "publish.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *subject_document(const struct thing *thing)
{
    return json_pack("{s:s, s:s, s:s}", "kind", thing_kind_name(thing->kind), "id", thing->id,
                     "name", thing->name);
}

void reason_text(const struct reason *reason, char *out, size_t bytes)
{
    const struct factor_state *state =
        reason->thing ? thing_factor(reason->thing, reason->factor) : NULL;
    if (!state)
        snprintf(out, bytes, "and %zu more", reason->more);
    else
        snprintf(out, bytes, "%s%s", state->text ? state->text : factor_name(reason->factor),
                 state->known > 0 ? "" : ", when it was last seen");
}

void reason_sentence(const struct reason *reason, const struct thing *of, char *out, size_t bytes)
{
    const struct thing *thing = reason->thing;
    char text[500];
    reason_text(reason, text, sizeof text);
    bool named = thing && thing != of;
    snprintf(out, bytes, "%s%s%s", named ? thing->name : "", named ? ": " : "", text);
}

/* ---- Series ---------------------------------------------------------------------------------- */

static void add_label(char *out, size_t bytes, const char *name, const char *value)
{
    size_t at = strlen(out);
    int head = snprintf(out + at, bytes - at, "%s=\"", name);
    at += head > 0 ? (size_t)head : 0;
    for (const char *p = value; *p && at + 4 < bytes; p++) {
        if (*p == '"' || *p == '\\')
            out[at++] = '\\';
        if (*p == '\n')
            out[at++] = '\\';
        out[at++] = (char)(*p == '\n' ? 'n' : *p);
    }
    out[at] = '\0';
    if (at + 2 < bytes)
        snprintf(out + at, bytes - at, "\"");
}

/* The key of gns3's series of a node, written as the host writes keys. */
static json_t *node_series(const struct thing *thing)
{
    char key[1200] = "gns3.node{";
    const struct thing *project = thing->above;
    if (!project || project->kind != THING_PROJECT || !thing->server)
        return NULL;
    add_label(key, sizeof key - 8, "server", thing->server);
    snprintf(key + strlen(key), sizeof key - strlen(key), ",");
    add_label(key, sizeof key - 6, "project", project->name);
    snprintf(key + strlen(key), sizeof key - strlen(key), ",");
    add_label(key, sizeof key - 4, "node", thing->name);
    snprintf(key + strlen(key), sizeof key - strlen(key), "}");
    return json_pack("{s:n, s:s, s:s}", "id", "key", key, "field", "started");
}

static json_t *source_document(const struct source *source, const char *field)
{
    if (!source->key)
        return NULL;
    return json_pack("{s:I, s:s, s:s}", "id", (json_int_t)source->id, "key", source->key, "field",
                     field);
}

json_t *series_document(const struct thing *thing, enum factor factor)
{
    static const char *const fields[] = {
        [FACTOR_LATENCY] = "latency_ms", [FACTOR_ERRORS] = "failures",   [FACTOR_CPU] = "cpu",
        [FACTOR_MEMORY] = "memory",      [FACTOR_DISK] = "disk",         [FACTOR_DROPS] = "drops",
        [FACTOR_SNAPSHOTS] = "age_s",    [FACTOR_FAULTS] = "ab_packets",
    };
    const struct meter *meter = thing->meter;
    json_t *document = NULL;
    if (thing->kind == THING_NODE &&
        (factor == FACTOR_STATE || factor == FACTOR_AVAILABILITY || factor == FACTOR_FLAPPING))
        document = node_series(thing);
    else if (meter && (factor == FACTOR_AVAILABILITY || factor == FACTOR_FLAPPING))
        document =
            source_document(&meter->source, thing->kind == THING_SERVER ? "up" : "connected");
    else if (meter && factor == FACTOR_ERRORS)
        document = source_document(&meter->api, "failures");
    else if (meter && factor < (int)(sizeof fields / sizeof *fields) && fields[factor])
        document = source_document(&meter->source, fields[factor]);
    return document ? document : json_null();
}

/* ---- A score --------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(round(value * 1000) / 1000) : json_null();
}

static json_t *reason_document(const struct reason *reason, const struct thing *of, int tenths)
{
    char text[700];
    reason_sentence(reason, of, text, sizeof text);
    const struct thing *thing = reason->thing;
    const struct factor_state *state = thing ? thing_factor(thing, reason->factor) : NULL;
    const char *unit = state && isfinite(state->value) ? factor_unit(reason->factor) : NULL;
    return json_pack("{s:s, s:o, s:s, s:o, s:s?, s:o, s:o}", "factor", factor_name(reason->factor),
                     "points", json_real(-tenths / 10.0), "text", text, "value",
                     state ? number(state->value) : json_null(), "unit", unit, "series",
                     thing ? series_document(thing, reason->factor) : json_null(), "subject",
                     thing ? subject_document(thing) : json_null());
}

static json_t *reasons_document(const struct thing *thing)
{
    double points[REASONS_MAX];
    int tenths[REASONS_MAX];
    json_t *list = json_array();
    size_t count = thing->reason_count;
    int score = thing->verdict.score;
    for (size_t i = 0; i < count; i++)
        points[i] = thing->reasons[i].points;
    score_tenths(points, count, score < 0 ? (int)lround(thing->verdict.loss) : 100 - score, tenths);
    for (size_t i = 0; i < count; i++)
        if (tenths[i] > 0)
            json_array_append_new(list, reason_document(&thing->reasons[i], thing, tenths[i]));
    return list;
}

static json_t *unknown_document(const struct world *world, const struct thing *thing)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct factor_state *state = &thing->factors[i];
        if (state->applies && state->known < 0.5 && world->options->weights[names[i]] > 0)
            json_array_append_new(list, json_string(factor_name(names[i])));
    }
    return list;
}

json_t *score_document(const struct world *world, const struct thing *thing)
{
    const struct verdict *verdict = &thing->verdict;
    bool below = thing->kind == THING_NODE || thing->kind == THING_LINK;
    const char *project = thing->kind == THING_PROJECT ? thing->id
                          : below                      ? thing->project_id
                                                       : NULL;
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:s, s:I, s:o, s:o, s:o}", "subject_kind",
                     thing_kind_name(thing->kind), "subject_id", thing->id, "name", thing->name,
                     "server", thing->server, "project", project, "score",
                     verdict->score < 0 ? json_null() : json_integer(verdict->score), "level",
                     level_name(thing->level), "since", (json_int_t)thing->level_ms, "coverage",
                     json_integer((json_int_t)floor(verdict->coverage + 1e-9)), "reasons",
                     reasons_document(thing), "unknown", unknown_document(world, thing));
}

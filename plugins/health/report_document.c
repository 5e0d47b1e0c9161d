/* report_document.c - see report_document.h. */
#include "report_document.h"

#include "meter.h"
#include "publish.h"
#include "recommend.h"
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORST_MAX = 12, CHANGED_MAX = 20, LIST_MAX = 100 };

int story_init(struct story *story, const char *title, const char *period, size_t trends)
{
    *story = (struct story){.title = strdup(title), .period = strdup(period)};
    story->trends = calloc(trends, sizeof *story->trends);
    if (!story->title || !story->period || !story->trends)
        return -ENOMEM;
    story->trend_size = trends;
    for (size_t i = 0; i < trends; i++) {
        struct trend *trend = &story->trends[i];
        trend->before = trend->least = trend->most = (double)NAN;
        trend->times_ms = calloc(REPORT_POINTS, sizeof *trend->times_ms);
        trend->values = calloc(REPORT_POINTS, sizeof *trend->values);
        if (!trend->times_ms || !trend->values)
            return -ENOMEM;
    }
    return 0;
}

void story_fini(struct story *story)
{
    for (size_t i = 0; i < story->trend_size; i++) {
        free(story->trends[i].server);
        free(story->trends[i].name);
        free(story->trends[i].times_ms);
        free(story->trends[i].values);
    }
    free(story->trends);
    free(story->title);
    free(story->period);
    *story = (struct story){0};
}

static json_t *whole(double value)
{
    return isfinite(value) ? json_integer((json_int_t)llround(value)) : json_null();
}

static json_t *tenth(double value)
{
    return isfinite(value) ? json_real(round(value * 10) / 10) : json_null();
}

static json_t *score_now(const struct thing *thing)
{
    return thing->verdict.score < 0 ? json_null() : json_integer(thing->verdict.score);
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static json_t *history_document(const struct trend *trend)
{
    json_t *times = json_array(), *values = json_array();
    for (size_t i = 0; i < trend->count; i++) {
        json_array_append_new(times, json_integer(trend->times_ms[i]));
        json_array_append_new(values, tenth(trend->values[i]));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "times", times, "scores", values, "least",
                     whole(trend->least), "most", whole(trend->most));
}

static int worst_first(const void *a, const void *b)
{
    const struct thing *const *x = a, *const *y = b;
    if ((*x)->verdict.score != (*y)->verdict.score)
        return (*x)->verdict.score - (*y)->verdict.score;
    return (*x)->kind != (*y)->kind ? (int)(*x)->kind - (int)(*y)->kind
                                    : strcmp((*x)->key, (*y)->key);
}

static json_t *worst_document(const struct world *world)
{
    size_t count = 0, most = 0;
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++)
        most += world->lab->counts[kind];
    json_t *list = json_array();
    struct thing **all = calloc(most ? most : 1, sizeof *all), *thing;
    for (enum thing_kind kind = THING_SERVER; all && kind <= THING_LINK; kind++)
        TAILQ_FOREACH(thing, &world->lab->of[kind], entry)
    if (thing->verdict.score >= 0 && thing->verdict.score < 90)
        all[count++] = thing;
    if (count)
        qsort(all, count, sizeof *all, worst_first);
    for (size_t i = 0; i < count && i < WORST_MAX; i++) {
        char text[700] = "", url[1500];
        if (all[i]->reason_count)
            reason_sentence(&all[i]->reasons[0], all[i], text, sizeof text);
        link_to_thing(world, all[i], url, sizeof url);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s?, s:o, s:s, s:s, s:s}", "subject_kind",
                            thing_kind_name(all[i]->kind), "subject_id", all[i]->id, "name",
                            all[i]->name, "server", all[i]->server, "score", score_now(all[i]),
                            "level", level_name(all[i]->level), "text", text, "url", url));
    }
    free(all);
    return list;
}

static const struct thing *trend_thing(const struct lab *lab, const struct trend *trend)
{
    const struct thing *thing;
    TAILQ_FOREACH(thing, &lab->of[trend->kind], entry)
    if (strcmp(thing->name, trend->name) == 0 &&
        strcmp(thing->server ? thing->server : "", trend->server) == 0)
        return thing;
    return NULL;
}

/* What is better or worse than at the beginning by at least five points, or was for a while. */
static json_t *changed_document(const struct world *world, const struct story *story)
{
    json_t *list = json_array();
    for (size_t i = 1; i < story->trend_count && json_array_size(list) < CHANGED_MAX; i++) {
        const struct trend *trend = &story->trends[i];
        const struct thing *thing = trend_thing(world->lab, trend);
        double now = thing && thing->verdict.score >= 0 ? thing->verdict.score : (double)NAN;
        bool moved = fabs(now - trend->before) >= 5 || trend->before - trend->least >= 5 ||
                     now - trend->least >= 5;
        if (moved && thing)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:o, s:o, s:o}", "kind",
                                                  thing_kind_name(thing->kind), "id", thing->id,
                                                  "name", thing->name, "server", thing->server,
                                                  "before", whole(trend->before), "least",
                                                  whole(trend->least), "now", whole(now)));
    }
    return list;
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

static int64_t time_of(const json_t *json, const char *name)
{
    return (int64_t)json_number_value(json_object_get(json, name));
}

static void add_alert(json_t *rules, const json_t *alert, const struct story *story)
{
    int64_t fired = time_of(alert, "fired"), ended = time_of(alert, "ended");
    const char *rule = text_of(alert, "rule");
    if (!fired || fired >= story->to_ms || (ended && ended < story->from_ms))
        return;
    bool open = strcmp(text_of(alert, "state"), "firing") == 0;
    int64_t lasted = (ended ? ended : story->to_ms) - fired;
    json_t *entry = json_object_get(rules, rule);
    if (!entry) {
        json_object_set_new(rules, rule,
                            json_pack("{s:s, s:s, s:i, s:i, s:I}", "rule", rule, "severity",
                                      text_of(alert, "severity"), "count", 0, "open", 0,
                                      "longest_ms", (json_int_t)0));
        entry = json_object_get(rules, rule);
    }
    json_object_set_new(entry, "count",
                        json_integer(json_integer_value(json_object_get(entry, "count")) + 1));
    json_object_set_new(
        entry, "open",
        json_integer(json_integer_value(json_object_get(entry, "open")) + (open ? 1 : 0)));
    if (lasted > time_of(entry, "longest_ms"))
        json_object_set_new(entry, "longest_ms", json_integer(lasted));
    if (strcmp(text_of(alert, "severity"), "critical") == 0)
        json_object_set_new(entry, "severity", json_string("critical"));
}

static json_t *alerts_document(const struct world *world, const struct story *story)
{
    char *text = gw_object_list(world->lab->self, "alert.alert");
    json_t *all = text ? json_loads(text, 0, NULL) : NULL, *alert, *rule;
    gw_free(text);
    json_t *rules = json_object(), *list = json_array();
    size_t i;
    json_array_foreach(all, i, alert) add_alert(rules, alert, story);
    const char *name;
    json_object_foreach(rules, name, rule)
    {
        if (json_array_size(list) < LIST_MAX)
            json_array_append(list, rule);
    }
    json_decref(rules);
    json_decref(all);
    return list;
}

static json_t *computes_document(const struct world *world)
{
    static const enum factor shown[] = {FACTOR_CPU, FACTOR_MEMORY, FACTOR_DISK};
    json_t *list = json_array();
    struct thing *thing;
    TAILQ_FOREACH(thing, &world->lab->of[THING_COMPUTE], entry)
    {
        const enum factor *names;
        size_t count = factors_of(THING_COMPUTE, &names);
        double full = thing->meter ? thing->meter->full_in_ms : (double)NAN;
        if (json_array_size(list) == LIST_MAX)
            break;
        json_t *doc = json_pack("{s:s, s:s, s:s?, s:o, s:b, s:o}", "id", thing->id, "name",
                                thing->name, "server", thing->server, "score", score_now(thing),
                                "connected", thing->up, "full_in_ms", whole(full));
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
                if (names[i] == shown[k])
                    json_object_set_new(doc, factor_name(shown[k]),
                                        thing->factors[i].known > 0 ? tenth(thing->factors[i].value)
                                                                    : json_null());
        json_array_append_new(list, doc);
    }
    return list;
}

static json_t *snapshots_document(const struct world *world)
{
    json_t *list = json_array();
    struct thing *thing;
    TAILQ_FOREACH(thing, &world->lab->of[THING_PROJECT], entry)
    {
        const struct meter *meter = thing->meter;
        if (!meter || !meter->source.row_ms || json_array_size(list) == LIST_MAX)
            continue;
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s?, s:o, s:o}", "project", thing->id, "name", thing->name,
                      "server", thing->server, "age_s", whole(meter->age_s), "ok",
                      isnan(meter->last_ok) ? json_null() : json_boolean(meter->last_ok > 0.5)));
    }
    return list;
}

static json_t *counts_document(const struct lab *lab)
{
    json_t *doc = json_object();
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++) {
        size_t bad = 0, unknown = 0;
        const struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kind], entry)
        {
            bad += thing->verdict.score >= 0 && thing->verdict.score < 70;
            unknown += thing->verdict.score < 0;
        }
        json_object_set_new(doc, strchr(thing_kind_name(kind), '.') + 1,
                            json_pack("{s:I, s:I, s:I}", "all", (json_int_t)lab->counts[kind],
                                      "bad", (json_int_t)bad, "unknown", (json_int_t)unknown));
    }
    return doc;
}

/* ---- The sentence ---------------------------------------------------------------------------- */

static void add(char *out, size_t bytes, const char *text)
{
    size_t at = strlen(out);
    snprintf(out + at, bytes - at, "%s%s", at ? " " : "", text);
}

static void summary_of(const struct thing *all, const struct trend *trend, const json_t *advice,
                       char *out, size_t bytes)
{
    char text[900];
    *out = '\0';
    if (all->verdict.score < 0)
        add(out, bytes, "Too little is known for a score.");
    else if (isfinite(trend->before) && llround(trend->before) != all->verdict.score)
        snprintf(out, bytes, "Health is %d, %s than at the beginning (%.0f).", all->verdict.score,
                 all->verdict.score > trend->before ? "better" : "worse", trend->before);
    else
        snprintf(out, bytes, "Health is %d.", all->verdict.score);
    if (isfinite(trend->least) && trend->least < all->verdict.score - 5 &&
        trend->least < trend->before - 5) {
        snprintf(text, sizeof text, "In between it was down to %.0f.", trend->least);
        add(out, bytes, text);
    }
    if (all->reason_count) {
        char why[500];
        const struct reason *first = &all->reasons[0];
        reason_text(first, why, sizeof why);
        snprintf(text, sizeof text, "Most points are lost by %s: %s.",
                 first->thing ? first->thing->name : "many things", why);
        add(out, bytes, text);
    } else if (all->verdict.score >= 0) {
        add(out, bytes, "Nothing takes points.");
    }
    if (json_array_size(advice)) {
        snprintf(text, sizeof text, "%zu recommendation%s.", json_array_size(advice),
                 json_array_size(advice) == 1 ? "" : "s");
        add(out, bytes, text);
    }
}

json_t *report_document(const struct world *world, const struct chronicle *chronicle,
                        const struct story *story)
{
    const struct thing *all = world->lab->whole;
    const struct trend *trend = &story->trends[0];
    json_t *advice = recommend(world);
    char summary[2000];
    summary_of(all, trend, advice, summary, sizeof summary);
    return json_pack(
        "{s:s, s:I, s:I, s:s, s:o, s:o, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o}",
        "title", story->title, "from", (json_int_t)story->from_ms, "to", (json_int_t)story->to_ms,
        "period", story->period, "score", score_now(all), "score_before", whole(trend->before),
        "level", level_name(all->level), "coverage", (int)floor(all->verdict.coverage + 1e-9),
        "summary", summary, "worst", worst_document(world), "recommendations", advice, "events",
        chronicle_count(chronicle, story->from_ms, story->to_ms), "changed",
        changed_document(world, story), "alerts", alerts_document(world, story), "computes",
        computes_document(world), "snapshots", snapshots_document(world), "counts",
        counts_document(world->lab), "history", history_document(trend));
}

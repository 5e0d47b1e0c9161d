/* report_page.c - see report_page.h. Everything that comes from a lab goes through the template's
 * escapes; addresses are only taken when they are the dashboard's. */
#include "report_page.h"

#include "report_templates.h"

#include <gnswatch/template.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 600, HEIGHT = 100, POINTS_BYTES = 4000, SEGMENTS_MAX = 50 };

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

/* ---- The curve ------------------------------------------------------------------------------- */

/* Pieces of one line: where nothing was known there is a gap. */
static json_t *curve(const json_t *report)
{
    const json_t *history = json_object_get(report, "history");
    const json_t *scores = json_object_get(history, "scores");
    size_t count = json_array_size(scores);
    json_t *pieces = json_array();
    char points[POINTS_BYTES] = "";
    double x = 0, y = 0;
    for (size_t i = 0; i <= count; i++) {
        const json_t *score = i < count ? json_array_get(scores, i) : NULL;
        size_t at = strlen(points);
        if (json_is_number(score)) {
            x = count > 1 ? (double)i * WIDTH / (double)(count - 1) : 0;
            y = HEIGHT - json_number_value(score) * HEIGHT / 100;
            snprintf(points + at, sizeof points - at, "%s%.1f,%.1f", at ? " " : "", x, y);
        } else if (at) {
            if (!strchr(points, ' ')) /* a lone point is a short line */
                snprintf(points + at, sizeof points - at, " %.1f,%.1f", x + 2, y);
            if (json_array_size(pieces) < SEGMENTS_MAX)
                json_array_append_new(pieces, json_pack("{s:s}", "points", points));
            *points = '\0';
        }
    }
    return pieces;
}

/* ---- What the templates get ------------------------------------------------------------------ */

static bool begins(const char *text, const char *with)
{
    return *with && strncmp(text, with, strlen(with)) == 0;
}

static void set_level(json_t *item)
{
    const json_t *score = json_object_get(item, "score");
    json_int_t value = json_integer_value(score);
    json_object_set_new(item, "level",
                        json_string(!json_is_integer(score) ? "unknown"
                                    : value >= 90           ? "good"
                                    : value >= 70           ? "fair"
                                    : value >= 40           ? "poor"
                                                            : "bad"));
    json_object_set_new(item, "known", json_boolean(json_is_integer(score)));
}

/* A list with a word on whether there is anything in it: sections of Mustache repeat. */
static void set_list(json_t *view, const json_t *report, const char *name, const char *has,
                     const char *dashboard)
{
    json_t *list = json_deep_copy(json_object_get(report, name)), *item;
    if (!json_is_array(list)) {
        json_decref(list);
        list = json_array();
    }
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *url = text_of(item, "url");
        if (!begins(url, dashboard))
            json_object_set_new(item, "url", json_null());
        if (json_object_get(item, "score"))
            set_level(item);
    }
    json_object_set_new(view, has, json_boolean(json_array_size(list) > 0));
    json_object_set_new(view, name, list);
}

static void command_words(const json_t *command, char *out, size_t bytes)
{
    const char *name;
    json_t *value;
    snprintf(out, bytes, "gnswatch call %s", text_of(command, "name"));
    json_object_foreach(json_object_get(command, "params"), name, value)
    {
        size_t at = strlen(out);
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        snprintf(out + at, bytes - at, " %s=%s", name,
                 json_is_string(value) ? json_string_value(value)
                 : text                ? text
                                       : "");
        free(text);
    }
}

static void set_advice(json_t *view)
{
    json_t *item;
    size_t i;
    json_array_foreach(json_object_get(view, "recommendations"), i, item)
    {
        char words[900] = "";
        const json_t *command = json_object_get(item, "command");
        if (json_is_object(command))
            command_words(command, words, sizeof words);
        json_object_set_new(item, "words", *words ? json_string(words) : json_null());
    }
}

/* Of so many times, the most frequent first. */
struct topic {
    const char *name;
    json_int_t count;
};

static int most_first(const void *a, const void *b)
{
    const struct topic *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : strcmp(x->name, y->name);
}

static void set_events(json_t *view, const json_t *report)
{
    json_t *events = json_object_get(report, "events"), *value, *list = json_array();
    size_t count = 0;
    struct topic *all = calloc(json_object_size(events) + 1, sizeof *all);
    const char *name;
    json_object_foreach(events, name, value)
    {
        if (all)
            all[count++] = (struct topic){name, json_integer_value(value)};
    }
    if (count)
        qsort(all, count, sizeof *all, most_first);
    for (size_t i = 0; i < count && i < 25; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:i}", "topic", all[i].name, "count",
                                              all[i].count, "bar",
                                              (int)(1 + 99 * all[i].count / all[0].count)));
    free(all);
    json_object_set_new(view, "has_events", json_boolean(json_array_size(list) > 0));
    json_object_set_new(view, "events", list);
}

static json_t *percent(const json_t *value)
{
    return json_is_number(value) ? json_integer((json_int_t)lround(json_number_value(value)))
                                 : json_null();
}

static void set_computes(json_t *view)
{
    static const char *const names[] = {"cpu", "memory", "disk"};
    json_t *item;
    size_t i;
    json_array_foreach(json_object_get(view, "computes"), i, item)
    {
        json_t *bars = json_array();
        for (size_t k = 0; k < 3; k++)
            json_array_append_new(
                bars, json_pack("{s:o}", "percent", percent(json_object_get(item, names[k]))));
        json_object_set_new(item, "bars", bars);
        if (!json_is_number(json_object_get(item, "full_in_ms")))
            json_object_set_new(item, "full_in_ms", json_null());
    }
}

static void set_snapshots(json_t *view)
{
    json_t *item;
    size_t i;
    json_array_foreach(json_object_get(view, "snapshots"), i, item)
    {
        const json_t *age = json_object_get(item, "age_s");
        json_object_set_new(item, "age_ms",
                            json_is_number(age)
                                ? json_integer(1000 * (json_int_t)json_number_value(age))
                                : json_null());
        json_object_set_new(item, "failed",
                            json_boolean(json_is_false(json_object_get(item, "ok"))));
    }
}

static void set_change(json_t *view, const json_t *report)
{
    const json_t *now = json_object_get(report, "score"),
                 *before = json_object_get(report, "score_before");
    json_int_t by = json_integer_value(now) - json_integer_value(before);
    char text[40] = "";
    if (json_is_integer(now) && json_is_integer(before) && by != 0)
        snprintf(text, sizeof text, "%s %lld", by > 0 ? "\xe2\x96\xb2" : "\xe2\x96\xbc",
                 (long long)(by > 0 ? by : -by));
    json_object_set_new(view, "change", *text ? json_string(text) : json_null());
}

static json_t *view_of(const json_t *report, const char *dashboard)
{
    static const char *const copied[] = {"title",        "from",    "to",       "period", "score",
                                         "score_before", "summary", "coverage", "id",     "page"};
    static const char *const lists[][2] = {
        {"worst", "has_worst"},       {"recommendations", "has_recommendations"},
        {"changed", "has_changed"},   {"alerts", "has_alerts"},
        {"computes", "has_computes"}, {"snapshots", "has_snapshots"},
    };
    json_t *view = json_object();
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        json_t *value = json_object_get(report, copied[i]);
        json_object_set_new(view, copied[i], value ? json_incref(value) : json_null());
    }
    set_level(view);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        set_list(view, report, lists[i][0], lists[i][1], dashboard);
    set_advice(view);
    set_events(view, report);
    set_computes(view);
    set_snapshots(view);
    set_change(view, report);
    json_object_set_new(view, "curve", curve(report));
    json_object_set_new(view, "dashboard", json_string(dashboard));
    const char *page = text_of(report, "page");
    char address[1200];
    snprintf(address, sizeof address, "%s%s", dashboard, page);
    json_object_set_new(view, "page", *page ? json_string(address) : json_null());
    return view;
}

static char *join(const char *a, const char *b)
{
    size_t bytes = strlen(a) + strlen(b) + 1;
    char *text = malloc(bytes);
    if (text)
        snprintf(text, bytes, "%s%s", a, b);
    return text;
}

/* The parts of a template, filled in. */
static char *render(const char *const *parts, const json_t *report, const char *dashboard,
                    const char *zone, enum gw_escape escape)
{
    json_t *view = view_of(report, dashboard);
    char *json = view ? json_dumps(view, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    char why[200] = "";
    const struct gw_template_options options = {
        .size = sizeof options, .escape = escape, .zone = zone};
    char *text = json ? strdup("") : NULL;
    for (; text && *parts; parts++) {
        char *part = gw_template_render(*parts, json, &options, why, sizeof why);
        char *longer = part ? join(text, part) : NULL;
        gw_free(part);
        free(text);
        text = longer;
    }
    free(json);
    json_decref(view);
    return text;
}

char *report_page(const json_t *report, const char *dashboard, const char *zone)
{
    return render(template_page, report, dashboard, zone, GW_ESCAPE_HTML);
}

char *report_mail(const json_t *report, const char *dashboard, const char *zone)
{
    return render(template_mail, report, dashboard, zone, GW_ESCAPE_HTML);
}

char *report_text(const json_t *report, const char *dashboard, const char *zone)
{
    return render(template_text, report, dashboard, zone, GW_ESCAPE_NONE);
}

/* The templates only place things; what is shown, in which colour and words, is decided here. */
#include "content.h"

#include "templates.h"
#include "words.h"

#include <errno.h>
#include <gnswatch/template.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static const char *colour_of(const char *status, const char *severity)
{
    static const char *const colours[][2] = {{"critical", "#d92d20"},
                                             {"warning", "#dc6803"},
                                             {"unknown", "#667085"},
                                             {"info", "#175cd3"}};
    if (!strcmp(status, "resolved"))
        return "#067647";
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (!strcmp(colours[i][0], severity))
            return colours[i][1];
    return "#175cd3";
}

/* Null, not missing: a template looks for what is missing further out. */
static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, *text ? json_string(text) : json_null());
}

static void set_if(json_t *object, const char *name, json_t *value, bool wanted)
{
    if (wanted)
        json_object_set(object, name, value);
    else
        json_object_set_new(object, name, json_null());
}

/* "97.5 %"; nothing for what is no number. */
static void set_value(json_t *out, const json_t *alert)
{
    const json_t *value = json_object_get(alert, "value");
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    const char *unit = text_of(alert, "unit");
    bool bare = !*unit || !strcmp(unit, "1");
    char text[64] = "";
    if (isfinite(number))
        snprintf(text, sizeof text, "%.6g%s%s", number, bare ? "" : " ", bare ? "" : unit);
    set_text(out, "value_text", text);
}

static void set_labels(json_t *out, const json_t *alert)
{
    json_t *labels = json_array(), *all = json_object_get(alert, "labels"), *value;
    const char *name;
    json_object_foreach(all, name, value)
    {
        bool said = !strcmp(name, "severity") || !strcmp(name, "alertname");
        if (json_is_string(value) && !said && json_array_size(labels) < CONTENT_LABELS_MAX)
            json_array_append_new(labels, json_pack("{s:s, s:O}", "name", name, "value", value));
    }
    json_object_set_new(out, "has_labels", json_boolean(json_array_size(labels) > 0));
    json_object_set_new(out, "labels", labels);
}

static json_t *alert_document(const json_t *alert, const struct content_style *style)
{
    static const char *const copied[] = {"summary", "description", "threshold", "url"};
    json_t *out = json_object();
    const char *state = text_of(alert, "state"), *severity = text_of(alert, "severity");
    bool ended = !strcmp(state, "resolved");
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        set_text(out, copied[i], text_of(alert, copied[i]));
    if (!*text_of(out, "summary"))
        set_text(out, "summary", text_of(alert, "rule"));
    set_text(out, "colour", colour_of(state, severity));
    set_text(out, "badge", words_get(style->language, ended ? "resolved" : severity));
    set_value(out, alert);
    set_labels(out, alert);
    json_t *since = json_object_get(alert, "since"),
           *lasted = json_object_get(alert, "duration_ms");
    json_t *by = json_object_get(alert, "acknowledged");
    set_if(out, "since", since, json_number_value(since) > 0);
    set_if(out, "lasted_ms", lasted, json_number_value(lasted) > 0);
    set_if(out, "acknowledged", by, json_is_object(by));
    json_object_set_new(out, "chart", json_null());
    json_object_set_new(out, "more", json_null());
    return out;
}

static void set_alerts(json_t *out, const json_t *notification, const struct content_style *style)
{
    json_t *alerts = json_object_get(notification, "alerts"), *list = json_array();
    size_t count = json_array_size(alerts);
    for (size_t i = 0; i < count && i < CONTENT_ALERTS_MAX; i++)
        json_array_append_new(list, alert_document(json_array_get(alerts, i), style));
    json_object_set_new(out, "alerts", list);
    if (count > CONTENT_ALERTS_MAX)
        json_object_set_new(out, "more", json_integer((json_int_t)(count - CONTENT_ALERTS_MAX)));
}

/* "Critical", "Resolved", "Critical, still firing", "Test". */
static void set_badge(json_t *out, const json_t *notification, enum content_language language)
{
    const char *kind = text_of(notification, "kind"), *status = text_of(notification, "status");
    const char *severity = text_of(notification, "severity");
    bool alone = !strcmp(kind, "test") || !strcmp(kind, "report");
    bool added =
        !strcmp(kind, "reminder") || !strcmp(kind, "escalated") || !strcmp(kind, "changed");
    const char *word = alone                         ? kind
                       : !strcmp(status, "resolved") ? status
                       : *severity                   ? severity
                                                     : "info";
    char badge[96];
    snprintf(badge, sizeof badge, "%s%s%s", words_get(language, word), added ? ", " : "",
             added ? words_get(language, kind) : "");
    set_text(out, "badge", badge);
}

/* Titles begin with "[critical] " for those who show nothing else; the badge says it better. */
static const char *bare_title(const char *title)
{
    const char *end = *title == '[' ? strstr(title, "] ") : NULL;
    return end && end[2] ? end + 2 : title;
}

static json_t *item_document(const json_t *notification, const struct content_style *style)
{
    json_t *out = json_object();
    const char *text = text_of(notification, "text"), *html = text_of(notification, "html");
    set_badge(out, notification, style->language);
    set_text(out, "title", bare_title(text_of(notification, "title")));
    set_text(out, "text", text);
    set_text(out, "html", html);
    json_object_set_new(out, "show_text", json_boolean(*text && !*html));
    set_text(out, "url", text_of(notification, "url"));
    set_text(out, "colour",
             colour_of(text_of(notification, "status"), text_of(notification, "severity")));
    set_alerts(out, notification, style);
    return out;
}

static json_t *subject_of(const json_t *items, enum content_language language)
{
    const json_t *first = json_array_get(items, 0);
    const char *badge = text_of(first, "badge"), *title = text_of(first, "title");
    size_t count = json_array_size(items);
    if (count < 2)
        return json_sprintf("[%s] %s", badge, title);
    return json_sprintf("[%zu %s] %s: %s, …", count, words_get(language, "digest"), badge, title);
}

json_t *content_document(const json_t *const *notifications, size_t count,
                         const struct content_style *style)
{
    json_t *document = json_object(), *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, item_document(notifications[i], style));
    json_object_set_new(document, "subject", subject_of(items, style->language));
    json_object_set_new(document, "items", items);
    json_object_set_new(document, "w", words_all(style->language));
    set_text(document, "dashboard", style->dashboard ? style->dashboard : "");
    set_text(document, "language", style->language == CONTENT_FRENCH ? "fr" : "en");
    return document;
}

void content_set_chart(json_t *document, size_t item, size_t alert, const char *cid)
{
    json_t *alerts =
        json_object_get(json_array_get(json_object_get(document, "items"), item), "alerts");
    json_object_set_new(json_array_get(alerts, alert), "chart", json_string(cid));
}

int content_render(const json_t *document, const struct content_style *style, struct content *out,
                   char *why, size_t why_bytes)
{
    struct gw_template_options options = {.size = sizeof options,
                                          .escape = GW_ESCAPE_NONE,
                                          .zone = style->zone,
                                          .bytes_max = 4 << 20};
    *out = (struct content){0};
    char *json = json_dumps(document, JSON_COMPACT);
    snprintf(why, why_bytes, "no memory");
    if (json) {
        out->text = gw_template_render(template_text, json, &options, why, why_bytes);
        options.escape = GW_ESCAPE_HTML;
        out->html =
            out->text ? gw_template_render(template_html, json, &options, why, why_bytes) : NULL;
        out->subject = out->html ? strdup(text_of(document, "subject")) : NULL;
    }
    free(json);
    if (out->subject)
        return 0;
    content_fini(out);
    return -EINVAL;
}

void content_fini(struct content *content)
{
    free(content->subject);
    gw_free(content->text);
    gw_free(content->html);
    *content = (struct content){0};
}

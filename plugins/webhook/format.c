/* format.c - see format.h. Sources: Slack "Reference: Secondary message attachments" and
 * "Formatting text for app surfaces"; Microsoft "Create incoming webhooks with Workflows", Adaptive
 * Cards 1.4; Alertmanager's openapi.yaml, API v2, postableAlert. */
#include "format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ALERTS_SHOWN = 20 /* in a chat; the rest is a number */ };

static const char *text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));
    return text ? text : "";
}

static int64_t ms_of(const json_t *doc, const char *name)
{
    return (int64_t)json_number_value(json_object_get(doc, name));
}

enum format format_named(const char *name)
{
    static const char *const names[] = {[FORMAT_JSON] = "json",
                                        [FORMAT_SLACK] = "slack",
                                        [FORMAT_TEAMS] = "teams",
                                        [FORMAT_ALERTMANAGER] = "alertmanager",
                                        [FORMAT_TEMPLATE] = "template"};
    for (enum format i = FORMAT_JSON; i <= FORMAT_TEMPLATE; i++)
        if (name && strcmp(names[i], name) == 0)
            return i;
    return FORMAT_JSON;
}

void format_rfc3339(int64_t time_ms, char out[RFC3339_BYTES])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm tm;
    char date[24] = "1970-01-01T00:00:00";
    if (time_ms >= 0 && gmtime_r(&seconds, &tm))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, RFC3339_BYTES, "%s.%03dZ", date, time_ms >= 0 ? (int)(time_ms % 1000) : 0);
}

/* ---- Chats ----------------------------------------------------------------------------------- */

enum mood { MOOD_GOOD = 1, MOOD_WARNING, MOOD_BAD, MOOD_PLAIN };

static enum mood mood_of(const json_t *notification)
{
    const char *severity = text_of(notification, "severity");
    if (strcmp(text_of(notification, "status"), "resolved") == 0)
        return MOOD_GOOD;
    if (strcmp(severity, "critical") == 0)
        return MOOD_BAD;
    return strcmp(severity, "info") == 0 ? MOOD_PLAIN : MOOD_WARNING;
}

/* "PC1 is down: expected to run (since 14:05)": a line an alert, for people. */
static char *alert_line(const json_t *alert)
{
    const char *summary = text_of(alert, "summary"), *rule = text_of(alert, "rule");
    const char *description = text_of(alert, "description");
    char *line = NULL;
    if (asprintf(&line, "%s%s%s", *summary ? summary : rule, *description ? ": " : "",
                 description) < 0)
        return NULL;
    return line;
}

/* Slack reads & < > as its own marks; nothing else needs care in mrkdwn. */
static char *slack_text(const char *text)
{
    char *out = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&out, &bytes);
    if (!stream)
        return NULL;
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", stream);
        else if (*text == '<')
            fputs("&lt;", stream);
        else if (*text == '>')
            fputs("&gt;", stream);
        else
            fputc(*text, stream);
    }
    if (fclose(stream) == 0)
        return out;
    free(out);
    return NULL;
}

static json_t *slack_string(const char *text)
{
    char *safe = text ? slack_text(text) : NULL;
    json_t *string = json_string(safe ? safe : "");
    free(safe);
    return string;
}

static void add_more(json_t *list, size_t count, json_t *(*make)(const char *))
{
    char text[64];
    if (count <= ALERTS_SHOWN)
        return;
    snprintf(text, sizeof text, "and %zu more", count - ALERTS_SHOWN);
    json_array_append_new(list, make(text));
}

static json_t *slack_field(const char *line)
{
    return json_pack("{s:o, s:b}", "value", slack_string(line), "short", 0);
}

static json_t *body_slack(const json_t *notification)
{
    static const char *const colors[] = {[MOOD_GOOD] = "#2e9d5b",
                                         [MOOD_WARNING] = "#d98c00",
                                         [MOOD_BAD] = "#cf222e",
                                         [MOOD_PLAIN] = "#6b7280"};
    const json_t *alerts = json_object_get(notification, "alerts"), *alert;
    json_t *fields = json_array();
    size_t i;
    json_array_foreach(alerts, i, alert)
    {
        char *line = i < ALERTS_SHOWN ? alert_line(alert) : NULL;
        if (line)
            json_array_append_new(fields, slack_field(line));
        free(line);
    }
    add_more(fields, json_array_size(alerts), slack_field);
    const char *text = i ? "" : text_of(notification, "text"), *url = text_of(notification, "url");
    return json_pack("{s:o, s:[{s:s, s:o, s:o, s:s*, s:o, s:o, s:s, s:I}]}", "text",
                     slack_string(text_of(notification, "title")), "attachments", "color",
                     colors[mood_of(notification)], "fallback",
                     slack_string(text_of(notification, "title")), "title",
                     slack_string(*url ? "Open in gnswatch" : ""), "title_link", *url ? url : NULL,
                     "text", slack_string(text), "fields", fields, "footer", "gnswatch", "ts",
                     (json_int_t)(ms_of(notification, "time") / 1000));
}

static json_t *teams_text(const char *text)
{
    return json_pack("{s:s, s:s, s:b}", "type", "TextBlock", "text", text, "wrap", 1);
}

static json_t *body_teams(const json_t *notification)
{
    static const char *const colors[] = {[MOOD_GOOD] = "Good",
                                         [MOOD_WARNING] = "Warning",
                                         [MOOD_BAD] = "Attention",
                                         [MOOD_PLAIN] = "Default"};
    const json_t *alerts = json_object_get(notification, "alerts"), *alert;
    json_t *body = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:b}]", "type", "TextBlock", "text",
                             text_of(notification, "title"), "weight", "Bolder", "size", "Medium",
                             "color", colors[mood_of(notification)], "wrap", 1);
    size_t i;
    json_array_foreach(alerts, i, alert)
    {
        char *line = i < ALERTS_SHOWN ? alert_line(alert) : NULL;
        if (line)
            json_array_append_new(body, teams_text(line));
        free(line);
    }
    add_more(body, json_array_size(alerts), teams_text);
    if (!i && *text_of(notification, "text"))
        json_array_append_new(body, teams_text(text_of(notification, "text")));
    json_t *card = json_pack("{s:s, s:s, s:s, s:o}", "$schema",
                             "http://adaptivecards.io/schemas/adaptive-card.json", "type",
                             "AdaptiveCard", "version", "1.4", "body", body);
    const char *url = text_of(notification, "url");
    if (card && *url)
        json_object_set_new(card, "actions",
                            json_pack("[{s:s, s:s, s:s}]", "type", "Action.OpenUrl", "title",
                                      "Open in gnswatch", "url", url));
    return json_pack("{s:s, s:[{s:s, s:o}]}", "type", "message", "attachments", "contentType",
                     "application/vnd.microsoft.card.adaptive", "content", card);
}

/* ---- Alertmanager ---------------------------------------------------------------------------- */

/* Label names there are [a-zA-Z_][a-zA-Z0-9_]*. */
static void label_name(const char *name, char *out, size_t size)
{
    size_t n = 0;
    for (; *name && n + 1 < size; name++) {
        char c = *name;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool fits = letter || (n && c >= '0' && c <= '9');
        out[n++] = fits ? c : '_';
    }
    out[n] = '\0';
}

static json_t *labels_of(const json_t *alert, const char *severity)
{
    json_t *labels = json_object();
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(alert, "labels"), key, value)
    {
        char name[128];
        label_name(key, name, sizeof name);
        if (json_is_string(value) && *name && *json_string_value(value))
            json_object_set(labels, name, value);
    }
    if (!json_object_get(labels, "alertname"))
        json_object_set_new(labels, "alertname", json_string(text_of(alert, "rule")));
    json_object_set_new(labels, "severity", json_string(severity));
    return labels;
}

static json_t *alertmanager_alert(const json_t *alert, const char *severity, int64_t end_ms)
{
    char begin[RFC3339_BYTES], end[RFC3339_BYTES];
    int64_t fired_ms = ms_of(alert, "fired");
    format_rfc3339(fired_ms ? fired_ms : ms_of(alert, "since"), begin);
    format_rfc3339(end_ms, end);
    const char *url = text_of(alert, "url");
    return json_pack("{s:o, s:{s:s, s:s}, s:s, s:s, s:s*}", "labels", labels_of(alert, severity),
                     "annotations", "summary", text_of(alert, "summary"), "description",
                     text_of(alert, "description"), "startsAt", begin, "endsAt", end,
                     "generatorURL", *url ? url : NULL);
}

/* The labels are an alert's identity there, and severity is one of them: when it changes, the alert
 * of the old severity has to end. One that never fired and is said to have ended notifies nobody.
 */
static void end_other_severities(json_t *list, const json_t *alert, int64_t now_ms)
{
    static const char *const all[] = {"warning", "critical", "unknown"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i], text_of(alert, "severity")) != 0)
            json_array_append_new(list, alertmanager_alert(alert, all[i], now_ms));
}

static json_t *body_alertmanager(const json_t *notification, const struct format_options *options)
{
    json_t *list = json_array();
    const json_t *alert;
    size_t i;
    bool changed = strcmp(text_of(notification, "kind"), "changed") == 0;
    json_array_foreach(json_object_get(notification, "alerts"), i, alert)
    {
        int64_t ended_ms = ms_of(alert, "ended");
        int64_t end_ms = ended_ms ? ended_ms : options->now_ms + options->hold_ms;
        json_array_append_new(list, alertmanager_alert(alert, text_of(alert, "severity"), end_ms));
        if (changed)
            end_other_severities(list, alert, options->now_ms);
    }
    return list;
}

/* ---------------------------------------------------------------------------------------------- */

static char *body_template(const json_t *notification, const struct format_options *options,
                           char *why, size_t why_bytes)
{
    char *json = json_dumps(notification, JSON_COMPACT | JSON_REAL_PRECISION(12));
    struct gw_template_options how = {
        .size = sizeof how, .escape = options->template_json ? GW_ESCAPE_JSON : GW_ESCAPE_NONE};
    char *text =
        json ? gw_template_render(options->template_text, json, &how, why, why_bytes) : NULL;
    free(json);
    char *body = text ? strdup(text) : NULL;
    gw_free(text);
    return body;
}

char *format_body(const json_t *notification, const struct format_options *options, char *why,
                  size_t why_bytes)
{
    snprintf(why, why_bytes, "out of memory");
    if (options->format == FORMAT_TEMPLATE)
        return body_template(notification, options, why, why_bytes);
    json_t *body = options->format == FORMAT_SLACK   ? body_slack(notification)
                   : options->format == FORMAT_TEAMS ? body_teams(notification)
                   : options->format == FORMAT_ALERTMANAGER
                       ? body_alertmanager(notification, options)
                       : json_deep_copy(notification);
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(body);
    return text;
}

/* format.h - notifications as what others read: Slack, Teams, Alertmanager, plain JSON, or a
 * template of the user's own. Knows nothing of HTTP. */
#ifndef WEBHOOK_FORMAT_H
#define WEBHOOK_FORMAT_H

#include <gnswatch/template.h>
#include <jansson.h>

enum format { FORMAT_JSON = 1, FORMAT_SLACK, FORMAT_TEAMS, FORMAT_ALERTMANAGER, FORMAT_TEMPLATE };

#define FORMAT_NAMES "json|slack|teams|alertmanager|template"

enum format format_named(const char *name); /* one of FORMAT_NAMES */

struct format_options {
    enum format format;
    const char *template_text; /* FORMAT_TEMPLATE */
    bool template_json;        /* what is put into gaps is escaped for JSON */
    int64_t hold_ms;           /* Alertmanager: a firing alert it hears no more of ends then */
    int64_t now_ms;
};

/* The body for a notification (see ../alert/README.md), which the caller frees. NULL with a
 * sentence in why: a template that went wrong, or no memory. */
char *format_body(const json_t *notification, const struct format_options *options, char *why,
                  size_t why_bytes);

/* "2026-11-23T14:05:09.123Z" */
enum { RFC3339_BYTES = 32 };
void format_rfc3339(int64_t time_ms, char out[RFC3339_BYTES]);

#endif

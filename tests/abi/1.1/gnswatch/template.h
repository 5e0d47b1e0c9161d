/* gnswatch/template.h - texts with gaps (optional service, 1.1). Any thread.
 *
 * Mustache (mustache.github.io/mustache.5.html) over a JSON document, without partials and lambdas:
 *   {{name}} {{a.b}} {{.}}     the value, escaped for where it goes; {{{name}}} as it is
 *   {{#list}}…{{/list}}        for each element, or once when it is true or an object
 *   {{^list}}…{{/list}}        when it is missing, false, null or empty
 *   {{! remark }}
 * and, after a bar, how to write a value: {{value|number}} "1.5k", {{took|duration}} "3 min 20 s"
 * (of ms), {{at|time}} "2026-11-23 14:05 CET" (of ms), {{at|rfc3339}}, {{text|upper}},
 * {{text|line}} (line breaks to spaces), {{any|json}}, {{text|url}} (percent-encoded),
 * {{text|default:none}}. A name that is missing is empty text. */
#ifndef GNSWATCH_TEMPLATE_H
#define GNSWATCH_TEMPLATE_H

#include <gnswatch/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gw_escape {
    GW_ESCAPE_NONE = 1,
    GW_ESCAPE_HTML, /* text and quoted attributes */
    GW_ESCAPE_JSON, /* within quotes */
};

struct gw_template_options {
    size_t size; /* sizeof(struct gw_template_options) */
    enum gw_escape escape;
    const char *zone; /* for |time; NULL: the machine's */
    size_t bytes_max; /* of the result; 0: 1 MiB */
};

/* What is wrong with a template, as "line 3: {{/b}} closes {{#a}}", in why; 0 or -EINVAL. */
GW_API int gw_template_check(const char *text, char *why, size_t why_bytes);
/* The text, which the caller frees with gw_free. NULL: a bad template or document, or too large,
 * with a sentence in why. At most 32 sections deep. */
GW_API char *gw_template_render(const char *text, const char *json,
                                const struct gw_template_options *options, char *why,
                                size_t why_bytes);

#ifdef __cplusplus
}
#endif
#endif

/* gnswatch/template.h: walks a template's parts over a JSON document. */
#include <gnswatch/template.h>

#include "base/template_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_BYTES_MAX = 1 << 20, STEPS_MAX = 4 << 20, KEY_BYTES_MAX = 256 };

struct rendering {
    const struct template *parsed;
    struct gw_template_options options;
    const json_t *contexts[TEMPLATE_DEPTH_MAX + 1]; /* innermost last */
    size_t depth;
    size_t steps; /* of lists within lists there may be many */
    struct buf out;
};

/* ---- Names ----------------------------------------------------------------------------------- */

static const json_t *member(const json_t *of, const char *name, size_t bytes)
{
    char key[KEY_BYTES_MAX];
    if (bytes >= sizeof(key) || !json_is_object(of))
        return NULL;
    memcpy(key, name, bytes);
    key[bytes] = '\0';
    return json_object_get(of, key);
}

/* The first word is looked for from the innermost context outwards; the others only in it. */
static const json_t *look_up(const struct rendering *r, const char *name, size_t bytes)
{
    if (bytes == 1 && *name == '.')
        return r->contexts[r->depth - 1];
    const char *end = name + bytes;
    const json_t *value = NULL;
    for (bool first = true; name < end; first = false) {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        size_t length = (size_t)((dot ? dot : end) - name);
        for (size_t i = r->depth; first && !value && i > 0; i--)
            value = member(r->contexts[i - 1], name, length);
        if (!first)
            value = member(value, name, length);
        name += length + 1;
        if (!value)
            return NULL;
    }
    return value;
}

static bool is_empty(const json_t *value)
{
    return !value || json_is_false(value) || json_is_null(value) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0) ||
           (json_is_string(value) && json_string_length(value) == 0);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void add_html(struct buf *out, const char *text, size_t bytes)
{
    static const struct {
        char c;
        const char *text;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < bytes; i++) {
        const char *instead = NULL;
        for (size_t e = 0; e < sizeof(escapes) / sizeof(*escapes); e++)
            instead = escapes[e].c == text[i] ? escapes[e].text : instead;
        if (instead)
            buf_adds(out, instead);
        else
            buf_addc(out, text[i]);
    }
}

/* What stands between the quotes. */
static void add_json_inside(struct buf *out, const char *text, size_t bytes)
{
    struct buf quoted;
    buf_init(&quoted, out->max + 2);
    buf_json_string_n(&quoted, text, bytes);
    if (buf_error(&quoted))
        out->error = out->error ? out->error : buf_error(&quoted);
    else
        buf_add(out, quoted.data + 1, quoted.len - 2);
    buf_fini(&quoted);
}

static void render_value(struct rendering *r, const struct template_part *part)
{
    const json_t *value = look_up(r, part->text, part->bytes);
    if (part->kind == TEMPLATE_RAW || r->options.escape == GW_ESCAPE_NONE) {
        template_write(value, part, r->options.zone, &r->out);
        return;
    }
    struct buf text;
    buf_init(&text, r->options.bytes_max);
    template_write(value, part, r->options.zone, &text);
    if (buf_error(&text))
        r->out.error = r->out.error ? r->out.error : buf_error(&text);
    else if (r->options.escape == GW_ESCAPE_HTML)
        add_html(&r->out, text.data, text.len);
    else
        add_json_inside(&r->out, text.data, text.len);
    buf_fini(&text);
}

/* ---- Sections -------------------------------------------------------------------------------- */

static void render(struct rendering *r, size_t from, size_t until);

/* As deep as sections are, which is bounded where they are read. */
static void render_in(struct rendering *r, const json_t *context, size_t from, size_t until)
{
    r->contexts[r->depth++] = context;
    render(r, from, until);
    r->depth--;
}

static void render_section(struct rendering *r, size_t at)
{
    const struct template_part *part = &r->parsed->parts[at];
    const json_t *value = look_up(r, part->text, part->bytes);
    if (part->kind == TEMPLATE_INVERTED) {
        if (is_empty(value))
            render(r, at + 1, part->end);
        return;
    }
    if (is_empty(value))
        return;
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count && !buf_error(&r->out); i++)
        render_in(r, json_is_array(value) ? json_array_get(value, i) : value, at + 1, part->end);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as sections are */
static void render(struct rendering *r, size_t from, size_t until)
{
    for (size_t i = from; i < until && !buf_error(&r->out); i++) {
        const struct template_part *part = &r->parsed->parts[i];
        if (++r->steps > STEPS_MAX)
            r->out.error = -E2BIG;
        else if (part->kind == TEMPLATE_TEXT)
            buf_add(&r->out, part->text, part->bytes);
        else if (part->kind == TEMPLATE_VALUE || part->kind == TEMPLATE_RAW)
            render_value(r, part);
        else if (part->kind != TEMPLATE_END)
            render_section(r, i);
        if (part->kind == TEMPLATE_SECTION || part->kind == TEMPLATE_INVERTED)
            i = part->end;
    }
}

/* ---- The two functions ----------------------------------------------------------------------- */

int gw_template_check(const char *text, char *why, size_t why_bytes)
{
    char unused[1] = "";
    struct template parsed;
    int error = template_parse(&parsed, text ? text : "", why ? why : unused, why ? why_bytes : 0);
    template_fini(&parsed);
    if (!error && why && why_bytes)
        why[0] = '\0';
    return error ? -EINVAL : 0;
}

static char *render_all(const struct template *parsed, const json_t *document,
                        const struct gw_template_options *options, char *why, size_t why_bytes)
{
    struct rendering r = {.parsed = parsed, .depth = 1};
    r.contexts[0] = document;
    if (options)
        memcpy(&r.options, options,
               options->size < sizeof(r.options) ? options->size : sizeof(r.options));
    if (!r.options.escape)
        r.options.escape = GW_ESCAPE_NONE;
    if (!r.options.bytes_max)
        r.options.bytes_max = RESULT_BYTES_MAX;
    buf_init(&r.out, r.options.bytes_max);
    render(&r, 0, parsed->count);
    int error = buf_error(&r.out);
    char *text = buf_take(&r.out);
    if (error == -EMSGSIZE)
        snprintf(why, why_bytes, "the text is longer than %zu bytes", r.options.bytes_max);
    else if (!text)
        snprintf(why, why_bytes, "%s",
                 error == -E2BIG ? "lists within lists repeat it too often" : "no memory");
    buf_fini(&r.out);
    return text;
}

char *gw_template_render(const char *text, const char *json,
                         const struct gw_template_options *options, char *why, size_t why_bytes)
{
    char unused[1] = "";
    struct template parsed;
    why_bytes = why ? why_bytes : 0;
    why = why ? why : unused;
    char *result = NULL;
    if (template_parse(&parsed, text ? text : "", why, why_bytes) == 0) {
        json_error_t error;
        json_t *document = json_loads(json ? json : "{}", JSON_DECODE_ANY, &error);
        if (document)
            result = render_all(&parsed, document, options, why, why_bytes);
        else
            snprintf(why, why_bytes, "the document is no JSON: %s", error.text);
        json_decref(document);
    }
    template_fini(&parsed);
    return result;
}

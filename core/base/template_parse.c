/* Cutting a template into parts, with the rule for tags that stand alone on their line. */
#include "base/template_inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cutting {
    struct template *out;
    const char *begin, *at; /* at: what is not cut yet */
    size_t line;
    size_t open[TEMPLATE_DEPTH_MAX]; /* sections, by their parts */
    size_t depth;
    char *why;
    size_t why_bytes;
};

static int complain(const struct cutting *c, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int complain(const struct cutting *c, size_t line, const char *format, ...)
{
    char what[240];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    snprintf(c->why, c->why_bytes, "line %zu: %s", line, what);
    return -EINVAL;
}

static int add(struct cutting *c, const struct template_part *part)
{
    struct template *out = c->out;
    if (out->count == out->room) {
        size_t room = out->room ? out->room * 2 : 32;
        struct template_part *parts = realloc(out->parts, room * sizeof(*parts));
        if (!parts) {
            snprintf(c->why, c->why_bytes, "no memory");
            return -ENOMEM;
        }
        out->parts = parts;
        out->room = room;
    }
    out->parts[out->count++] = *part;
    return 0;
}

static int add_text(struct cutting *c, const char *end)
{
    if (end == c->at)
        return 0;
    const struct template_part part = {
        .kind = TEMPLATE_TEXT, .text = c->at, .bytes = (size_t)(end - c->at), .line = c->line};
    for (; c->at < end; c->at++)
        c->line += *c->at == '\n';
    return add(c, &part);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* From the line's begin to its end there is only this tag: *begin and *end grow to all of it. */
static void take_line(const struct cutting *c, const char **begin, const char **end)
{
    const char *from = *begin, *to = *end;
    while (from > c->begin && is_blank(from[-1]))
        from--;
    while (is_blank(*to) || (*to == '\r' && to[1] == '\n'))
        to++;
    if ((from > c->begin && from[-1] != '\n') || (*to != '\n' && *to != '\0'))
        return;
    *begin = from;
    *end = to + (*to == '\n');
}

void template_trim(const char **text, size_t *bytes)
{
    while (*bytes && strchr(" \t\r\n", (*text)[*bytes - 1]))
        (*bytes)--;
    while (*bytes && strchr(" \t\r\n", **text)) {
        (*text)++;
        (*bytes)--;
    }
}

/* "." or words with dots between them. */
static bool is_name(const char *text, size_t bytes)
{
    if (bytes == 1 && *text == '.')
        return true;
    for (size_t i = 0; i < bytes; i++) {
        bool end = i == 0 || i == bytes - 1 || text[i + 1] == '.';
        if ((unsigned char)text[i] <= ' ' || strchr("{}", text[i]) || (text[i] == '.' && end))
            return false;
    }
    return bytes > 0;
}

/* The name and what stands behind the bar. */
static int read_inside(struct cutting *c, const char *text, size_t bytes,
                       struct template_part *part)
{
    bool section = part->kind != TEMPLATE_VALUE && part->kind != TEMPLATE_RAW;
    const char *bar = memchr(text, '|', bytes);
    part->text = text;
    part->bytes = bar ? (size_t)(bar - text) : bytes;
    template_trim(&part->text, &part->bytes);
    int shown = part->bytes < 60 ? (int)part->bytes : 60;
    if (part->bytes == 0)
        return complain(c, part->line, "a name is missing");
    if (!is_name(part->text, part->bytes))
        return complain(c, part->line, "'%.*s' is no name", shown, part->text);
    if (!bar)
        return 0;
    if (section)
        return complain(c, part->line, "a section has no formatter");
    part->formats = bar + 1;
    part->format_bytes = bytes - (size_t)(bar + 1 - text);
    char what[200];
    if (template_check_formats(part->formats, part->format_bytes, what, sizeof(what)))
        return complain(c, part->line, "%s", what);
    return 0;
}

static int open_section(struct cutting *c, const struct template_part *part)
{
    if (c->depth == TEMPLATE_DEPTH_MAX)
        return complain(c, part->line, "sections are more than %d deep", TEMPLATE_DEPTH_MAX);
    c->open[c->depth++] = c->out->count;
    return 0;
}

static int close_section(struct cutting *c, const struct template_part *part)
{
    int shown = part->bytes < 60 ? (int)part->bytes : 60;
    if (c->depth == 0)
        return complain(c, part->line, "{{/%.*s}} closes nothing", shown, part->text);
    struct template_part *open = &c->out->parts[c->open[--c->depth]];
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): what is open has a name */
    if (open->bytes != part->bytes || memcmp(open->text, part->text, part->bytes) != 0)
        return complain(c, part->line, "{{/%.*s}} closes {{%c%.*s}}", shown, part->text,
                        open->kind == TEMPLATE_SECTION ? '#' : '^',
                        open->bytes < 60 ? (int)open->bytes : 60, open->text);
    open->end = c->out->count;
    return 0;
}

static enum template_kind kind_of(char sign)
{
    static const char signs[] = "#^/!{&";
    static const enum template_kind kinds[] = {TEMPLATE_SECTION, TEMPLATE_INVERTED, TEMPLATE_END,
                                               TEMPLATE_REMARK,  TEMPLATE_RAW,      TEMPLATE_RAW};
    const char *at = sign ? strchr(signs, sign) : NULL;
    return at ? kinds[at - signs] : TEMPLATE_VALUE;
}

/* The line of `at`, which is not behind c->at's. */
static size_t line_of(const struct cutting *c, const char *at)
{
    size_t line = c->line;
    for (const char *p = c->at; p < at; p++)
        line += *p == '\n';
    return line;
}

static int cut_tag(struct cutting *c, const char *begin)
{
    const char *inside = begin + 2;
    struct template_part part = {.kind = kind_of(*inside), .line = line_of(c, begin)};
    const char *close = *inside == '{' ? "}}}" : "}}", *end = strstr(inside, close);
    if (!end)
        return complain(c, part.line, "{{%s is never closed by %s", *inside == '{' ? "{" : "",
                        close);
    if (*inside == '>' || *inside == '=')
        return complain(c, part.line, "{{%c is not known here: %s", *inside,
                        *inside == '>' ? "there are no partials" : "the signs are always {{ }}");
    inside += part.kind != TEMPLATE_VALUE;
    const char *after = end + strlen(close);
    if (part.kind > TEMPLATE_RAW)
        take_line(c, &begin, &after);
    int error = add_text(c, begin);
    if (!error && part.kind != TEMPLATE_REMARK)
        error = read_inside(c, inside, (size_t)(end - inside), &part);
    if (!error && (part.kind == TEMPLATE_SECTION || part.kind == TEMPLATE_INVERTED))
        error = open_section(c, &part);
    if (!error && part.kind == TEMPLATE_END)
        error = close_section(c, &part);
    if (!error && part.kind != TEMPLATE_REMARK)
        error = add(c, &part);
    c->line = line_of(c, after);
    c->at = after;
    return error;
}

int template_parse(struct template *parsed, const char *text, char *why, size_t why_bytes)
{
    *parsed = (struct template){0};
    struct cutting c = {
        .out = parsed, .begin = text, .at = text, .line = 1, .why = why, .why_bytes = why_bytes};
    if (strnlen(text, TEMPLATE_BYTES_MAX + 1) > TEMPLATE_BYTES_MAX) {
        snprintf(why, why_bytes, "a template has at most %d bytes", TEMPLATE_BYTES_MAX);
        return -EINVAL;
    }
    int error = 0;
    for (const char *tag; !error && (tag = strstr(c.at, "{{")) != NULL;)
        error = cut_tag(&c, tag);
    if (!error)
        error = add_text(&c, c.at + strlen(c.at));
    if (error || c.depth == 0)
        return error;
    const struct template_part *open = &parsed->parts[c.open[c.depth - 1]];
    return complain(&c, open->line, "{{%c%.*s}} is never closed",
                    open->kind == TEMPLATE_SECTION ? '#' : '^',
                    open->bytes < 60 ? (int)open->bytes : 60, open->text);
}

void template_fini(struct template *parsed)
{
    free(parsed->parts);
    *parsed = (struct template){0};
}

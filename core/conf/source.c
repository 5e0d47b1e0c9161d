/* The line, the caret, and the covers over secrets. */
#include "conf/source.h"

#include <stdlib.h>
#include <string.h>

enum { BEFORE_BYTES_MAX = 100, AFTER_BYTES_MAX = 60, EXCERPT_BYTES_MAX = 4096 };

void source_init(struct source *source, const char *name, const char *text, size_t bytes)
{
    *source = (struct source){.name = name, .text = text, .bytes = bytes};
}

void source_fini(struct source *source)
{
    free(source->hidden);
    source->hidden = NULL;
}

void source_hide(struct source *source, size_t at, size_t end)
{
    if (at >= end)
        return;
    if (source->hidden_count == source->hidden_cap) {
        size_t cap = source->hidden_cap ? source->hidden_cap * 2 : 16;
        struct span *hidden = realloc(source->hidden, cap * sizeof(*hidden));
        if (!hidden) {
            source->hide_all = true;
            return;
        }
        source->hidden = hidden;
        source->hidden_cap = cap;
    }
    source->hidden[source->hidden_count++] = (struct span){at, end};
}

static size_t line_start(const struct source *source, size_t at)
{
    while (at > 0 && source->text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct source *source, size_t at)
{
    const char *newline = memchr(source->text + at, '\n', source->bytes - at);
    size_t end = newline ? (size_t)(newline - source->text) : source->bytes;
    return end > at && source->text[end - 1] == '\r' ? end - 1 : end;
}

size_t source_line(const struct source *source, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < source->bytes; i++)
        line += source->text[i] == '\n';
    return line;
}

size_t source_next_line(const struct source *source, size_t at)
{
    const char *newline = memchr(source->text + at, '\n', source->bytes - at);
    return newline ? (size_t)(newline - source->text) + 1 : source->bytes;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t source_offset(const struct source *source, size_t line, size_t column)
{
    size_t at = 0;
    while (--line > 0 && at < source->bytes)
        at = source_next_line(source, at);
    while (--column > 0 && at < source->bytes && source->text[at] != '\n') {
        at++;
        while (at < source->bytes && continues(source->text[at]))
            at++;
    }
    return at;
}

static size_t column_of(const struct source *source, size_t at)
{
    size_t column = 1;
    for (size_t i = line_start(source, at); i < at; i++)
        column += !continues(source->text[i]);
    return column;
}

/* The end of the hidden part that covers `at`, or 0. */
static size_t hidden_until(const struct source *source, size_t at)
{
    for (size_t i = 0; i < source->hidden_count; i++) {
        if (source->hidden[i].at <= at && at < source->hidden[i].end)
            return source->hidden[i].end;
    }
    return 0;
}

/* One character of the source and what stands under it. */
static void add_character(const struct source *source, size_t i, size_t at, size_t end,
                          struct buf *line, struct buf *marks)
{
    unsigned char c = (unsigned char)source->text[i];
    buf_addc(line, (c < 0x20 && c != '\t') || c == 0x7f ? '?' : (char)c);
    if (continues((char)c))
        return;
    if (i == at)
        buf_addc(marks, '^');
    else if (i > at && i < end)
        buf_addc(marks, '~');
    else if (i < at)
        buf_addc(marks, c == '\t' ? '\t' : ' ');
}

/* "***" for a hidden part, with its marks. */
static void add_cover(size_t from, size_t to, size_t at, size_t end, struct buf *line,
                      struct buf *marks)
{
    buf_adds(line, "***");
    if (at >= to)
        buf_adds(marks, "   ");
    else if (at >= from)
        buf_adds(marks, "^~~");
    else if (from < end)
        buf_adds(marks, "~~~");
}

static void add_excerpt(const struct source *source, size_t at, size_t end, struct buf *out)
{
    size_t first = line_start(source, at), last = line_end(source, at);
    size_t from = at - first > BEFORE_BYTES_MAX ? at - BEFORE_BYTES_MAX : first;
    size_t to = last > at && last - at > AFTER_BYTES_MAX ? at + AFTER_BYTES_MAX : last;
    while (from > first && continues(source->text[from]))
        from--;
    while (to < last && continues(source->text[to]))
        to++;
    struct buf marks;
    buf_init(&marks, EXCERPT_BYTES_MAX);
    buf_adds(out, from > first ? "    …" : "    ");
    buf_adds(&marks, from > first ? "     " : "    ");
    for (size_t i = from; i < to;) {
        size_t until = hidden_until(source, i);
        if (until > to)
            until = to;
        if (until)
            add_cover(i, until, at, end, out, &marks);
        else
            add_character(source, i, at, end, out, &marks);
        i = until ? until : i + 1;
    }
    if (at >= to)
        buf_addc(&marks, '^');
    buf_printf(out, "%s\n%s", to < last ? "…" : "", marks.len ? marks.data : "");
    buf_fini(&marks);
}

void source_report(const struct source *source, struct problems *problems, size_t at, size_t end,
                   const char *what)
{
    if (problems->count >= PROBLEMS_MAX) {
        problems->left_off++; /* counted without looking for its line in a large file */
        return;
    }
    if (at > source->bytes)
        at = source->bytes;
    struct buf where, excerpt;
    buf_init(&where, EXCERPT_BYTES_MAX);
    buf_init(&excerpt, EXCERPT_BYTES_MAX);
    buf_printf(&where, "%s:%zu:%zu", source->name, source_line(source, at), column_of(source, at));
    if (!source->hide_all && source->bytes)
        add_excerpt(source, at, end, &excerpt);
    bool show = excerpt.len && buf_error(&excerpt) == 0;
    problems_add(problems, where.len ? where.data : source->name, show ? excerpt.data : NULL, "%s",
                 what);
    buf_fini(&where);
    buf_fini(&excerpt);
}

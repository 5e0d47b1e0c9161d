/* lines.c - see lines.h. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 512, SHOWN_BYTES = 200 };

/* ---- Text ------------------------------------------------------------------------------------ */

static bool follows(const unsigned char *at, size_t left, size_t count)
{
    if (left <= count)
        return false;
    for (size_t i = 1; i <= count; i++)
        if ((at[i] & 0xc0) != 0x80)
            return false;
    return true;
}

/* Bytes of the character here, 0: none (RFC 3629, section 4). */
static size_t character(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80)
        return at[0] >= 0x20 || at[0] == '\t' ? 1 : 0;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        return follows(at, left, 1) ? 2 : 0;
    if (at[0] >= 0xe0 && at[0] <= 0xef && follows(at, left, 2))
        return (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ? 0 : 3;
    if (at[0] >= 0xf0 && at[0] <= 0xf4 && follows(at, left, 3))
        return (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f) ? 0 : 4;
    return 0;
}

bool text_clean(char *text, size_t bytes)
{
    bool clean = true;
    for (size_t i = 0; i < bytes;) {
        size_t step = character((const unsigned char *)text + i, bytes - i);
        if (step == 0) {
            text[i] = '?';
            clean = false;
            step = 1;
        }
        i += step;
    }
    return clean;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static bool room(struct lines *lines, size_t more)
{
    if (lines->used + more < lines->size)
        return true;
    size_t size = lines->size ? lines->size : FIRST_BYTES;
    while (size <= lines->used + more)
        size *= 2;
    char *text = realloc(lines->text, size);
    if (!text)
        return false;
    lines->text = text;
    lines->size = size;
    return true;
}

/* What editors put before the first line of a file in UTF-8, and some programs before theirs. */
static size_t without_mark(struct lines *lines, size_t used)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t bytes = sizeof mark - 1;
    bool there = !lines->begun && used >= bytes && memcmp(lines->text, mark, bytes) == 0;
    lines->begun = true;
    if (there)
        memmove(lines->text, lines->text + bytes, used - bytes);
    return there ? used - bytes : used;
}

static void say(struct lines *lines, int flaw)
{
    size_t used = lines->used;
    lines->used = 0;
    if (!lines->text)
        return;
    used = without_mark(lines, used);
    if (flaw == LINE_LONG && used > SHOWN_BYTES)
        used = SHOWN_BYTES;
    if (used && !flaw && lines->text[used - 1] == '\r')
        used--;
    if (!text_clean(lines->text, used) && !flaw)
        flaw = LINE_BINARY;
    lines->text[used] = '\0';
    lines->on_line(lines->data, lines->text, flaw);
}

static void add(struct lines *lines, const char *bytes, size_t count)
{
    if (lines->skipping)
        return;
    if (lines->used + count > LINE_MAX_BYTES) {
        count = LINE_MAX_BYTES - lines->used;
        lines->skipping = true;
    }
    if (!room(lines, count + 1)) {
        lines->skipping = true;
        return;
    }
    memcpy(lines->text + lines->used, bytes, count);
    lines->used += count;
    if (lines->skipping)
        say(lines, LINE_LONG);
}

static void finish_line(struct lines *lines)
{
    if (!lines->skipping)
        say(lines, 0);
    lines->skipping = false;
    lines->used = 0;
}

void lines_feed(struct lines *lines, const char *bytes, size_t count)
{
    while (count) {
        const char *end = memchr(bytes, '\n', count);
        size_t part = end ? (size_t)(end - bytes) : count;
        add(lines, bytes, part);
        if (!end)
            return;
        finish_line(lines);
        bytes += part + 1;
        count -= part + 1;
    }
}

void lines_end(struct lines *lines)
{
    if (lines->used && !lines->skipping)
        say(lines, 0);
    lines_drop(lines);
}

void lines_drop(struct lines *lines)
{
    free(lines->text);
    lines->text = NULL;
    lines->used = lines->size = 0;
    lines->skipping = false;
}

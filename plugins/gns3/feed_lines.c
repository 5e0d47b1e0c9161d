/* The line cutter of feed_lines.h. Whole lines within one piece are handed on where they lie. */
#include "feed_lines.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_BYTES = 4096 }; /* memory kept between lines */

void feed_lines_init(struct feed_lines *lines, size_t line_max_bytes)
{
    *lines = (struct feed_lines){.line_max_bytes = line_max_bytes};
}

void feed_lines_fini(struct feed_lines *lines)
{
    free(lines->data);
    *lines = (struct feed_lines){.line_max_bytes = lines->line_max_bytes};
}

void feed_lines_clear(struct feed_lines *lines)
{
    lines->count = 0;
    lines->skipping = false;
}

static bool make_room(struct feed_lines *lines, size_t bytes)
{
    size_t need = lines->count + bytes;
    if (need > lines->line_max_bytes)
        return false;
    if (need <= lines->room)
        return true;
    size_t room = lines->room ? lines->room : KEEP_BYTES;
    while (room < need)
        room *= 2;
    char *data = realloc(lines->data, room);
    if (!data)
        return false;
    lines->data = data;
    lines->room = room;
    return true;
}

static void keep(struct feed_lines *lines, const char *bytes, size_t count)
{
    if (lines->skipping || count == 0)
        return;
    if (!make_room(lines, count)) {
        lines->skipping = true;
        lines->count = 0;
        return;
    }
    memcpy(lines->data + lines->count, bytes, count);
    lines->count += count;
}

static bool hand_on(const char *line, size_t bytes, feed_line_fn *on_line, void *data)
{
    if (bytes > 0 && line[bytes - 1] == '\r')
        bytes--;
    return bytes == 0 || on_line(line, bytes, data);
}

/* A newline was found after `bytes` more bytes. */
static bool end_line(struct feed_lines *lines, const char *piece, size_t bytes,
                     feed_line_fn *on_line, void *data)
{
    if (!lines->skipping && lines->count == 0 && bytes <= lines->line_max_bytes)
        return hand_on(piece, bytes, on_line, data);
    keep(lines, piece, bytes);
    bool skip = lines->skipping;
    size_t count = lines->count;
    feed_lines_clear(lines);
    if (skip) {
        lines->skipped++;
        return true;
    }
    bool more = hand_on(lines->data, count, on_line, data);
    if (lines->room > KEEP_BYTES * 16) { /* one long line does not hold its memory for ever */
        free(lines->data);
        lines->data = NULL;
        lines->room = 0;
    }
    return more;
}

bool feed_lines_add(struct feed_lines *lines, const char *piece, size_t bytes,
                    feed_line_fn *on_line, void *data)
{
    while (bytes > 0) {
        const char *newline = memchr(piece, '\n', bytes);
        if (!newline) {
            keep(lines, piece, bytes);
            return true;
        }
        size_t length = (size_t)(newline - piece);
        if (!end_line(lines, piece, length, on_line, data))
            return false;
        piece += length + 1;
        bytes -= length + 1;
    }
    return true;
}

/* reader.c - see reader.h. */
#include "reader.h"

#include "words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_BYTES_MAX = 256, ROOM_MIN = 512 };

void reader_init(struct reader *reader, const struct dialect_options *options,
                 const struct heard *heard)
{
    *reader = (struct reader){.options = *options, .heard = *heard};
}

void reader_fini(struct reader *reader)
{
    free(reader->source);
    reader->source = reader->copy = NULL;
}

/* For the line twice. */
static bool make_room(struct reader *reader, size_t bytes)
{
    if (bytes <= reader->room)
        return true;
    size_t room = bytes < ROOM_MIN ? ROOM_MIN : bytes;
    char *source = realloc(reader->source, room);
    if (!source)
        return false;
    reader->source = source;
    reader->room = room;
    return true;
}

char *reader_begin(struct reader *reader, const char *line)
{
    size_t bytes = strlen(line) + 1;
    reader->line++;
    reader->errors = 0;
    if (!make_room(reader, 2 * bytes)) {
        reader_error(reader, NULL, "no memory for a line of %zu bytes", bytes);
        return NULL;
    }
    reader->copy = reader->source + bytes;
    memcpy(reader->source, line, bytes);
    memcpy(reader->copy, line, bytes);
    return reader->copy;
}

void reader_rewind(struct reader *reader)
{
    reader->line = 0;
    reader->errors = 0;
}

/* In characters, as an editor counts. */
static unsigned column(const struct reader *reader, const char *at)
{
    size_t bytes = strlen(reader->source), offset = 0;
    if (at >= reader->copy && at <= reader->copy + bytes)
        offset = (size_t)(at - reader->copy);
    unsigned characters = 1;
    for (size_t i = 0; i < offset; i++)
        characters += ((unsigned char)reader->source[i] & 0xc0) != 0x80;
    return characters;
}

void reader_error(struct reader *reader, const char *at, const char *why, ...)
{
    char reason[WHY_BYTES_MAX], shown[READER_SHOWN_BYTES + 1];
    if (reader->errors == READER_ERRORS_MAX)
        return;
    va_list args;
    va_start(args, why);
    vsnprintf(reason, sizeof reason, why, args);
    va_end(args);
    text_cut(reason, sizeof reason - 1);
    if (++reader->errors == READER_ERRORS_MAX)
        snprintf(reason, sizeof reason, "and more: this line has too many mistakes to tell");
    snprintf(shown, sizeof shown, "%.*s", READER_SHOWN_BYTES, reader->copy ? reader->source : "");
    text_cut(shown, sizeof shown - 1);
    unsigned where = reader->copy && at ? column(reader, at) : 1;
    reader->heard.error(reader->heard.data, reader->line ? reader->line : 1, where, reason, shown);
}

void reader_value(const struct reader *reader, const struct metric *metric, int64_t time_ms,
                  double value)
{
    reader->heard.value(reader->heard.data, metric, time_ms, isfinite(value) ? value : NAN);
}

bool limit_take(struct limit *limit, struct reader *reader, const char *at)
{
    if (limit->count < limit->max) {
        limit->count++;
        return true;
    }
    if (limit->refused++ == 0)
        reader_error(reader, at, "more than %zu %s: this one and what follows is left out",
                     limit->max, limit->what);
    return false;
}

void limit_sum(struct limit *limit, struct reader *reader)
{
    if (limit->refused > 1)
        reader_error(reader, NULL, "%zu times something was left out: there were already %zu %s",
                     limit->refused, limit->max, limit->what);
    limit->refused = 0;
}

bool labels_add(struct labels *labels, const char *name, const char *value)
{
    if (!value || !*value)
        return true;
    if (labels->count == READER_LABELS_MAX)
        return false;
    labels->list[labels->count++] = (struct gw_label){name, value};
    return true;
}

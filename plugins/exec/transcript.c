/* transcript.c - see transcript.h. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 4096 };

static bool make_room(struct transcript *transcript, size_t bytes)
{
    if (bytes > transcript->max_bytes - transcript->bytes)
        return false;
    size_t room = transcript->room > ROOM_MIN ? transcript->room : ROOM_MIN;
    while (room < transcript->bytes + bytes)
        room *= 2;
    if (room == transcript->room)
        return true;
    char *text = realloc(transcript->text, room);
    if (!text)
        return false;
    transcript->text = text;
    transcript->room = room;
    return true;
}

void transcript_add(struct transcript *transcript, const char *line)
{
    size_t bytes = strlen(line) + 1;
    if (transcript->full || !make_room(transcript, bytes)) {
        transcript->full = true;
        return;
    }
    memcpy(transcript->text + transcript->bytes, line, bytes);
    transcript->bytes += bytes;
}

const char *transcript_first(const struct transcript *transcript)
{
    return transcript->bytes > 0 ? transcript->text : NULL;
}

const char *transcript_next(const struct transcript *transcript, const char *line)
{
    const char *next = line + strlen(line) + 1;
    return next < transcript->text + transcript->bytes ? next : NULL;
}

void transcript_clear(struct transcript *transcript)
{
    free(transcript->text);
    *transcript = (struct transcript){.max_bytes = transcript->max_bytes};
}

/* transcript.h - the output of a run, kept until its exit code says whether it counts. */
#ifndef EXEC_TRANSCRIPT_H
#define EXEC_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct transcript {
    char *text; /* owned; each line ends with NUL */
    size_t bytes, room, max_bytes;
    bool full; /* what came after is lost */
};

void transcript_add(struct transcript *transcript, const char *line);
/* for (const char *line = transcript_first(t); line; line = transcript_next(t, line)) */
const char *transcript_first(const struct transcript *transcript);
const char *transcript_next(const struct transcript *transcript, const char *line);
void transcript_clear(struct transcript *transcript); /* frees it, too */

#endif

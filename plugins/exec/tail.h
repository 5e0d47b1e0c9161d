/* tail.h - the last lines somebody said, bounded. */
#ifndef EXEC_TAIL_H
#define EXEC_TAIL_H

#include <jansson.h>

enum { TAIL_LINES = 12, TAIL_LINE_BYTES = 240 };

struct tail {                /* the caller's; zeroed to begin with */
    char *lines[TAIL_LINES]; /* owned */
    size_t next;
};

void tail_add(struct tail *tail, const char *line);
void tail_clear(struct tail *tail);
const char *tail_last(const struct tail *tail); /* NULL: none */
/* The line that says why something failed: the first, but the last of a traceback. NULL: none */
const char *tail_reason(const struct tail *tail);
json_t *tail_json(const struct tail *tail); /* a new list, oldest first */

/* Copies at most `size` - 1 bytes and cuts between characters. */
void text_copy(char *out, size_t size, const char *text);

#endif

/* lines.h - bytes of a pipe become lines of text. Knows nothing of processes. */
#ifndef EXEC_LINES_H
#define EXEC_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MAX_BYTES = 64 * 1024 };

enum line_flaw {
    LINE_LONG = 1, /* over 64 KiB: only its beginning is said, and it is not to be read */
    LINE_BINARY,   /* had NUL or bytes that are no UTF-8; they have become '?' */
};

/* A line without its end; borrowed. `flaw` 0: none. */
typedef void lines_fn(void *data, const char *line, int flaw);

struct lines { /* the caller's; zeroed with on_line and data set */
    lines_fn *on_line;
    void *data;
    char *text; /* owned: the line that has begun */
    size_t used, size;
    bool skipping; /* the rest of a line that was too long */
    bool begun;    /* a line has been said: a byte-order mark may only be before it */
};

void lines_feed(struct lines *lines, const char *bytes, size_t count);
void lines_end(struct lines *lines);  /* what has no end is a line too; frees the buffer */
void lines_drop(struct lines *lines); /* forgets it and frees the buffer */

/* Bytes that are not UTF-8, and control characters but tab, become '?'; false: there were some. */
bool text_clean(char *text, size_t bytes);

#endif

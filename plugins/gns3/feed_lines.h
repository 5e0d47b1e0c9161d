/* Cuts a byte stream into lines. A line over the limit is skipped to its end and counted. Knows
 * nothing of what a line means; the bytes may be anything. */
#ifndef GNS3_FEED_LINES_H
#define GNS3_FEED_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_lines {
    char *data; /* owned: the beginning of a line whose end has not come */
    size_t count, room, line_max_bytes;
    bool skipping;
    uint64_t skipped; /* lines too long, or that there was no memory for */
};

/* A line without its newline (and without a trailing "\r"), not NUL-terminated; borrowed. Returning
 * false stops: the rest of the piece is dropped. */
typedef bool feed_line_fn(const char *line, size_t bytes, void *data);

void feed_lines_init(struct feed_lines *lines, size_t line_max_bytes);
void feed_lines_fini(struct feed_lines *lines);
void feed_lines_clear(struct feed_lines *lines); /* a new stream begins */
bool feed_lines_add(struct feed_lines *lines, const char *piece, size_t bytes,
                    feed_line_fn *on_line, void *data); /* false: on_line stopped */

#endif

/* bytes.h - a growing piece of memory with a limit: the page, a block, a label. */
#ifndef PROMETHEUS_BYTES_H
#define PROMETHEUS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *data; /* owned; not ended by NUL */
    size_t len, space;
    size_t max;  /* 0: no limit */
    bool failed; /* no memory, or it would be larger than max: what came after is not in it */
};

void bytes_fini(struct bytes *bytes);
void bytes_reset(struct bytes *bytes); /* empty and well again; keeps its memory */
/* Room for `count` more; NULL: failed. What is written there counts when `len` is raised. */
char *bytes_room(struct bytes *bytes, size_t count);
void bytes_add(struct bytes *bytes, const void *data, size_t count);
void bytes_text(struct bytes *bytes, const char *text);

#endif

/* Many small pieces of memory that are freed together.
 *
 * For trees that are built once and dropped whole. Pieces are zeroed and aligned for any type.
 * The first failure sticks, so a builder checks arena_failed once at the end. Not for several
 * threads while it grows. */
#ifndef GW_BASE_ARENA_H
#define GW_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* owned */
    size_t used_bytes, max_bytes;
    bool failed;
};

void arena_init(struct arena *arena, size_t max_bytes);
void arena_fini(struct arena *arena); /* wipes what it frees: it may hold secrets */
bool arena_failed(const struct arena *arena);

/* NULL: no memory, or over the limit. The arena owns the piece. */
void *arena_alloc(struct arena *arena, size_t bytes);
void *arena_array(struct arena *arena, size_t count, size_t item_bytes);
/* A copy with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t bytes);

#endif

/* A list of blocks, each cut up from the front. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Most arenas hold little (the parameters of a call); those that hold more double. */
enum { BLOCK_LEAST_BYTES = 480, BLOCK_BYTES = 4000 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t max_bytes)
{
    *arena = (struct arena){.max_bytes = max_bytes};
}

void arena_fini(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks; block;) {
        struct arena_block *next = block->next;
        explicit_bzero(block->bytes, block->used);
        free(block);
        block = next;
    }
    *arena = (struct arena){.max_bytes = arena->max_bytes};
}

bool arena_failed(const struct arena *arena)
{
    return arena->failed;
}

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
    size_t usual = arena->blocks ? 2 * arena->blocks->size : BLOCK_LEAST_BYTES;
    if (usual > BLOCK_BYTES)
        usual = BLOCK_BYTES;
    size_t size = bytes > usual ? bytes : usual;
    struct arena_block *block = calloc(1, sizeof(*block) + size);
    if (!block)
        return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (arena->failed || bytes > arena->max_bytes - arena->used_bytes) {
        arena->failed = true;
        return NULL;
    }
    size_t whole = bytes ? (bytes + align - 1) / align * align : align;
    struct arena_block *block = arena->blocks;
    if (!block || whole > block->size - block->used)
        block = add_block(arena, whole);
    if (!block) {
        arena->failed = true;
        return NULL;
    }
    void *piece = block->bytes + block->used;
    block->used += whole;
    arena->used_bytes += bytes;
    return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t item_bytes)
{
    if (item_bytes && count > SIZE_MAX / 2 / item_bytes) {
        arena->failed = true;
        return NULL;
    }
    return arena_alloc(arena, count * item_bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t bytes)
{
    char *copy = arena_alloc(arena, bytes + 1);
    if (copy && bytes)
        memcpy(copy, text, bytes);
    return copy;
}

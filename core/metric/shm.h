/* The arena of rings: one memfd, mapped whole at a fixed address and grown in steps, so that a
 * ring never moves. Freed blocks are kept by size and used again. Not for several threads. Knows
 * nothing of series. */
#ifndef GW_METRIC_SHM_H
#define GW_METRIC_SHM_H

#include <stddef.h>
#include <stdint.h>

enum { SHM_CLASSES_MAX = 256 };

struct shm {
    int fd;
    char *base;
    size_t size, used, max; /* size: of the file; max: of the mapping */
    struct shm_class {
        size_t bytes;
        size_t first; /* offset of a free block, its first word the offset of the next; 0: none */
    } classes[SHM_CLASSES_MAX];
    size_t class_count;
};

int shm_init(struct shm *shm, size_t max_bytes);
void shm_fini(struct shm *shm);
void *shm_alloc(struct shm *shm, size_t bytes, int *error); /* zeroed, 64-byte aligned; or NULL */
void shm_free(struct shm *shm, void *block, size_t bytes);

#endif

/* A bump allocator with free lists by exact size: rings come in few sizes. */
#include "metric/shm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEP_BYTES = 1 << 20, FIRST_OFFSET = 64 /* so that offset 0 is none */ };

int shm_init(struct shm *shm, size_t max_bytes)
{
    *shm = (struct shm){.fd = -1, .max = max_bytes, .used = FIRST_OFFSET};
    shm->fd = memfd_create("gnswatch-rings", MFD_CLOEXEC);
    if (shm->fd < 0)
        return -errno;
    /* Address space only: the file behind it is still empty. */
    void *base = mmap(NULL, max_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shm->fd, 0);
    if (base == MAP_FAILED) {
        int error = -errno;
        shm_fini(shm);
        return error;
    }
    shm->base = base;
    return 0;
}

void shm_fini(struct shm *shm)
{
    if (shm->base)
        munmap(shm->base, shm->max);
    if (shm->fd >= 0)
        close(shm->fd);
    *shm = (struct shm){.fd = -1};
}

static int grow(struct shm *shm, size_t need)
{
    if (need > shm->max)
        return -ENOSPC;
    size_t size = (need + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
    if (size > shm->max)
        size = shm->max;
    if (ftruncate(shm->fd, (off_t)size))
        return -errno;
    shm->size = size;
    return 0;
}

static struct shm_class *find_class(struct shm *shm, size_t bytes)
{
    for (size_t i = 0; i < shm->class_count; i++) {
        if (shm->classes[i].bytes == bytes)
            return &shm->classes[i];
    }
    return NULL;
}

void *shm_alloc(struct shm *shm, size_t bytes, int *error)
{
    struct shm_class *class = find_class(shm, bytes);
    if (class && class->first) {
        char *block = shm->base + class->first;
        memcpy(&class->first, block, sizeof(class->first));
        memset(block, 0, bytes);
        return block;
    }
    if (shm->used + bytes > shm->size) {
        *error = grow(shm, shm->used + bytes);
        if (*error)
            return NULL;
    }
    void *block = shm->base + shm->used;
    shm->used += bytes;
    return block;
}

void shm_free(struct shm *shm, void *block, size_t bytes)
{
    struct shm_class *class = find_class(shm, bytes);
    if (!class) {
        if (shm->class_count == SHM_CLASSES_MAX)
            return; /* stays unused; sizes come from fields x powers of two, so it does not happen
                     */
        class = &shm->classes[shm->class_count++];
        *class = (struct shm_class){.bytes = bytes};
    }
    memcpy(block, &class->first, sizeof(class->first));
    class->first = (size_t)((char *)block - shm->base);
}

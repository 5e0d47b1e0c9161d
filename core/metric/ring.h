/* Rows in a ring of shared memory: how one writer and any number of readers touch them.
 *
 * A row is written whole, then `head` is raised. A reader copies, then looks at `head` again: row n
 * may have been overwritten meanwhile once head reached n + rows. Every word of a row is stored
 * with release and read with acquire order, which makes that check sound without fences (Boehm
 * 2012) and costs nothing on x86. Knows nothing of series: the store process uses it too. */
#ifndef GW_METRIC_RING_H
#define GW_METRIC_RING_H

#include "metric/metric.h"

#include <string.h>

/* struct ring's `ended`: who may still use it. */
enum ring_state {
    RING_LIVE = 0,
    RING_ENDED = 1,    /* no more rows come, unless the daemon takes it back to RING_LIVE */
    RING_RELEASED = 2, /* the store is done with it for good; the daemon reuses the memory */
};

enum { RING_HEAD_BYTES = 64 };

static inline size_t ring_bytes(uint32_t rows, uint32_t fields)
{
    size_t bytes = RING_HEAD_BYTES + (size_t)rows * (fields + 1u) * sizeof(double);
    return (bytes + 63u) & ~(size_t)63u;
}

static inline _Atomic uint64_t *ring_row(const struct ring *ring, uint64_t n)
{
    char *rows = (char *)(uintptr_t)ring + RING_HEAD_BYTES;
    return (_Atomic uint64_t *)(void *)(rows + (n & (ring->rows - 1u)) * ring->row_bytes);
}

static inline void ring_write(struct ring *ring, uint64_t n, int64_t time_ms, const double *values)
{
    _Atomic uint64_t *row = ring_row(ring, n);
    atomic_store_explicit(row, (uint64_t)time_ms, memory_order_release);
    for (uint32_t i = 0; i < ring->fields; i++) {
        uint64_t word;
        memcpy(&word, &values[i], sizeof(word));
        atomic_store_explicit(row + 1 + i, word, memory_order_release);
    }
    atomic_store_explicit(&ring->head, n + 1, memory_order_release);
}

static inline int64_t ring_time(const struct ring *ring, uint64_t n)
{
    return (int64_t)atomic_load_explicit(ring_row(ring, n), memory_order_acquire);
}

/* Row n into out[1 + fields], the time as the bits of an int64_t. */
static inline void ring_copy(const struct ring *ring, uint64_t n, double *out)
{
    const _Atomic uint64_t *row = ring_row(ring, n);
    for (uint32_t i = 0; i <= ring->fields; i++) {
        uint64_t word = atomic_load_explicit(row + i, memory_order_acquire);
        memcpy(&out[i], &word, sizeof(word));
    }
}

static inline uint64_t ring_head(const struct ring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire);
}

/* The oldest row that is whole when `head` rows were written: one may be being overwritten. */
static inline uint64_t ring_oldest(const struct ring *ring, uint64_t head)
{
    return head < ring->rows ? 0 : head - ring->rows + 1;
}

static inline int64_t row_time_ms(const double *row)
{
    int64_t time_ms;
    memcpy(&time_ms, row, sizeof(time_ms));
    return time_ms;
}

#endif

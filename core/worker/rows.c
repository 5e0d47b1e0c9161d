/* A record is 2 + fields words: series and fields, the time, the values. */
#include "worker/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(struct rows_head) <= ROWS_HEAD_BYTES, "words begin after the head");

int rows_memory(void)
{
    int fd = memfd_create("gnswatch-rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, ROWS_BYTES) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

int rows_map(struct rows *rows, int fd)
{
    void *base = mmap(NULL, ROWS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return -errno;
    *rows = (struct rows){.head = base,
                          .words = (_Atomic uint64_t *)(void *)((char *)base + ROWS_HEAD_BYTES)};
    return 0;
}

void rows_unmap(struct rows *rows)
{
    if (rows->head)
        munmap(rows->head, ROWS_BYTES);
    *rows = (struct rows){0};
}

static void put_word(struct rows *rows, uint64_t at, uint64_t word)
{
    atomic_store_explicit(&rows->words[at % ROWS_WORDS], word, memory_order_relaxed);
}

static uint64_t get_word(const struct rows *rows, uint64_t at)
{
    return atomic_load_explicit(&rows->words[at % ROWS_WORDS], memory_order_relaxed);
}

int rows_put(struct rows *rows, uint32_t series, int64_t time_ms, const double *values,
             uint32_t fields, bool *wake)
{
    uint64_t at = rows->at;
    *wake = false;
    if (at - rows->seen + 2 + fields > ROWS_WORDS / 2) { /* by what was read when last looked */
        rows->seen = atomic_load_explicit(&rows->head->taken, memory_order_acquire);
        bool is_half = at - rows->seen + 2 + fields > ROWS_WORDS / 2;
        *wake = is_half && !rows->woken;
        rows->woken = is_half;
        if (at - rows->seen + 2 + fields > ROWS_WORDS) {
            atomic_fetch_add_explicit(&rows->head->dropped, 1, memory_order_relaxed);
            return -EAGAIN;
        }
    }
    put_word(rows, at, series | (uint64_t)fields << 32);
    put_word(rows, at + 1, (uint64_t)time_ms);
    for (uint32_t i = 0; i < fields; i++) {
        uint64_t word;
        memcpy(&word, &values[i], sizeof(word));
        put_word(rows, at + 2 + i, word);
    }
    rows->at = at + 2 + fields;
    atomic_store_explicit(&rows->head->head, rows->at, memory_order_release);
    if (atomic_load_explicit(&rows->head->asleep, memory_order_relaxed) &&
        atomic_exchange(&rows->head->asleep, 0))
        *wake = true;
    return 0;
}

uint64_t rows_waiting(const struct rows *rows)
{
    return atomic_load_explicit(&rows->head->head, memory_order_relaxed) - rows->at;
}

/* A row that is written at this moment may not see it: the reader looks by itself too, later. */
void rows_sleep(struct rows *rows)
{
    atomic_store(&rows->head->asleep, 1);
}

int rows_take(struct rows *rows, struct row *out)
{
    uint64_t at = rows->at;
    if (at == rows->seen) {
        rows->seen = atomic_load_explicit(&rows->head->head, memory_order_acquire);
        if (at == rows->seen)
            return 0;
    }
    uint64_t there = rows->seen - at;
    if (there < 2 || there > ROWS_WORDS)
        return -EPROTO;
    uint64_t what = get_word(rows, at);
    out->series = (uint32_t)what;
    out->fields = (uint32_t)(what >> 32);
    out->time_ms = (int64_t)get_word(rows, at + 1);
    if (out->fields > GW_FIELDS_MAX || out->fields + 2u > there)
        return -EPROTO;
    for (uint32_t i = 0; i < out->fields; i++) {
        uint64_t word = get_word(rows, at + 2 + i);
        memcpy(&out->values[i], &word, sizeof(word));
    }
    rows->at = at + 2 + out->fields;
    if (rows->at == rows->seen) /* not at each row: the writer would wait for its cache line */
        atomic_store_explicit(&rows->head->taken, rows->at, memory_order_release);
    return 1;
}

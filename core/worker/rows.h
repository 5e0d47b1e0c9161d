/* Rows of series on their way from a child to the daemon: a ring in shared memory with one writer
 * and one reader, and before it what the daemon shows of the child (its vital signs).
 *
 * Writing a row takes no lock, no allocation and no formatting. The reader trusts nothing: it keeps
 * its own place, copies what it looks at once, and checks it. Knows nothing of series but numbers.
 */
#ifndef GW_WORKER_ROWS_H
#define GW_WORKER_ROWS_H

#include <gnswatch/plugin.h>
#include <stdatomic.h>

enum {
    ROWS_WORDS = 1 << 18, /* of the ring: 2 MiB, some 37,000 rows of five fields */
    ROWS_NAME_BYTES = 16,
};

/* At the beginning of the shared memory. Each is the child's to write but `taken`. */
struct rows_head {
    _Atomic int64_t callback_since_ns; /* 0: in none */
    char callback[ROWS_NAME_BYTES];    /* which */
    _Atomic uint64_t ticks, late, queue;
    _Atomic int64_t last_tick_ms, last_success_ms, tick_ns;
    _Atomic uint64_t dropped;            /* rows, the ring being full */
    _Alignas(64) _Atomic uint64_t head;  /* words ever written */
    _Alignas(64) _Atomic uint64_t taken; /* … and read: the daemon's to write, as is */
    _Atomic uint32_t asleep;             /* it wants to be told of the next row */
};

enum { ROWS_HEAD_BYTES = 256, ROWS_BYTES = ROWS_HEAD_BYTES + ROWS_WORDS * 8 };

struct rows {               /* one side's view; by value */
    struct rows_head *head; /* mapped */
    _Atomic uint64_t *words;
    uint64_t at;   /* how far this side has come */
    uint64_t seen; /* of the other side, when it was last looked at */
    bool woken;    /* the writer's: told that it is half full */
};

struct row {
    uint32_t series, fields;
    int64_t time_ms;
    double values[GW_FIELDS_MAX];
};

int rows_memory(void); /* a new descriptor, of full size and sealed; or a negative errno */
int rows_map(struct rows *rows, int fd);
void rows_unmap(struct rows *rows); /* also one that was never mapped, all zero */

/* 0, or -EAGAIN: full, and counted. *wake: the daemon is to be told, the ring being half full or
 * the first row in it. */
int rows_put(struct rows *rows, uint32_t series, int64_t time_ms, const double *values,
             uint32_t fields, bool *wake);
/* 1: a row; 0: none; -EPROTO: what is there is no row. */
int rows_take(struct rows *rows, struct row *out);
uint64_t rows_waiting(const struct rows *rows); /* words, if it is honest */
void rows_sleep(struct rows *rows);             /* the reader's, when it found none */

#endif

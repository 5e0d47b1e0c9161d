/* What the daemon and its store process say to each other over a socketpair: frames of a head and
 * packed members, in the machine's own byte order (it is the same program). */
#ifndef GW_STORE_FRAME_H
#define GW_STORE_FRAME_H

#include "base/buf.h"
#include "store/bins.h"

enum { FRAME_BYTES_MAX = 4 << 20, FRAME_SOCKET = 3, FRAME_ARENA = 4 };

enum frame_type {
    /* to the process */
    FRAME_SERIES = 1, /* struct frame_series, path, field names with commas */
    FRAME_RENAME,     /* u32 id, path */
    FRAME_ENDED,      /* u32 id, u64 offset */
    FRAME_REMOVE,     /* path */
    FRAME_READ,       /* struct frame_read, path */
    FRAME_TICK,       /* i64 now_ms; only when it was started with manual=1 */
    FRAME_QUIT,
    /* to the daemon */
    FRAME_READY, /* the journal is replayed */
    FRAME_ROWS,  /* struct frame_rows, doubles */
    FRAME_NOTE,  /* u32 severity, topic, text */
    FRAME_STATS, /* struct process_stats */
};

struct frame_head {
    uint32_t bytes; /* with this head */
    uint32_t type;
};

struct frame_series {
    uint64_t offset; /* of the ring in the arena */
    int64_t every_ms;
    uint32_t id, fields, counters, ended;
};

struct frame_read {
    int64_t start_ms, step_ms, every_ms;
    uint64_t count;
    uint32_t request, id, fields, counters, as, unused;
};

struct frame_rows {
    uint32_t request;
    int32_t error;
    uint64_t count; /* of the doubles */
};

/* How the process is; counts since it started. */
struct process_stats {
    uint64_t rows_taken, values_taken, rows_filed, rrd_calls, rrd_errors;
    uint64_t rows_appended; /* of those filed, without librrd (rrd/append.h) */
    uint64_t rows_lost;     /* gone from a ring before they were journaled */
    uint64_t rows_dropped;  /* that an RRD file cannot hold: not later than its last, or no file */
    uint64_t rows_replayed;
    uint64_t rows_waiting; /* journaled, not yet in their files */
    uint64_t journal_bytes, journal_segments, commits;
    uint64_t disk_bytes, files, series;
    int64_t last_commit_ms, last_filed_ms;
    uint64_t cpu_us;
    uint32_t journal_failing, files_failing, over_budget, ticks;
};

/* Writing: begin, add members, end. */
size_t frame_begin(struct buf *out, enum frame_type type);
void frame_text(struct buf *out, const char *text); /* with its NUL */
void frame_end(struct buf *out, size_t begun);

/* Reading members of a frame's body; the first that does not fit sticks as bad. */
struct frame_reader {
    const char *at, *end;
    bool bad;
};
void frame_take(struct frame_reader *reader, void *out, size_t bytes); /* zeros when bad */
const char *frame_take_text(struct frame_reader *reader);              /* "" when bad */

/* The first whole frame in `in`: its head and body. 1: there is one, 0: not yet, -EPROTO. */
int frame_next(const char *in, size_t bytes, struct frame_head *head, struct frame_reader *body);

#endif

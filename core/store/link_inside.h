/* The link's own data, for link.c; the thread's unless it says "lock". */
#ifndef GW_STORE_LINK_INSIDE_H
#define GW_STORE_LINK_INSIDE_H

#include "store/link.h"
#include "store/spawn.h"

#include <pthread.h>

enum {
    LINK_READS_MAX = 256,
    LINK_NOTES_MAX = 64 << 20,
    LINK_OUT_MAX = 256 << 20, /* all series of a full registry */
    LINK_IN_MAX = 2 * FRAME_BYTES_MAX,
    LINK_READ_MS = 5000,
    LINK_SILENCE_MS = 60000,
};

struct waiting {
    bool used, taken, sent; /* lock */
    uint32_t request;
    int64_t deadline_ms;
    struct store_read read;
    struct bins bins; /* the plan; values when they have come */
    store_rows_fn *on_rows;
    void *data;
};

struct link {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ticked;
    int wake_fd;
    /* Under the lock: */
    struct buf notes; /* frames that wait to be sent */
    bool connected, resync, woken, stopping, reads_fresh;
    int64_t stop_by_ms;
    uint32_t requests;
    size_t next_read;
    uint64_t ticks_asked, ticks_done;
    struct link_state state;
    struct waiting reads[LINK_READS_MAX];
    /* The thread's: */
    int socket; /* -1: none */
    pid_t pid;
    struct buf out, in;
    size_t sent, in_flight;
    bool quit_sent, quit_over, start_failed;
    int64_t start_at_ms, started_ms, backoff_ms, heard_ms;
};

/* rounds.c: what the store does seldom (retirement, last times), from the link's thread. */
void rounds_run(struct store *store);

#endif

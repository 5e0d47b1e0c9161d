/* The thread that keeps gnswatch.db: takes copies from the listeners into a bounded queue, writes
 * them in batches (at most half a second behind), and answers questions about the past.
 *
 * Any thread may call. When the queue is full the newest is dropped and counted; dropped objects
 * are written again from memory as soon as there is room. */
#ifndef GW_STORE_KEEPER_H
#define GW_STORE_KEEPER_H

#include "store/inside.h"

/* Opens the database, restores series, objects and the last event's number, starts the thread. */
int keeper_new(struct store *store, struct keeper **out, char **why);
/* Writes what waits; -ETIMEDOUT when some of it could not be written in time. */
int keeper_free(struct keeper *keeper, int64_t deadline_ms);

void keeper_series(struct keeper *keeper, const struct series_info *info);
void keeper_series_last(struct keeper *keeper, uint32_t id, int64_t last_ms);
void keeper_series_forget(struct keeper *keeper, uint32_t id);

/* A question: `ask` runs on the keeper's thread with the connection, then is over. `data` is the
 * asker's; `ask` must free it. -EAGAIN: 256 are waiting. */
struct db;
typedef void keeper_ask_fn(struct db *db, void *data);
int keeper_ask(struct keeper *keeper, keeper_ask_fn *ask, void *data);

/* The same, after everything that waits has been written; with a NULL `db` when it cannot be. */
int keeper_ask_fresh(struct keeper *keeper, keeper_ask_fn *ask, void *data);

struct keeper_counts {
    size_t waiting, waiting_bytes;
    uint64_t written, dropped, failures, events_dropped;
    int64_t last_write_ms;
    bool failing;
    char problem[128];
};
void keeper_count(struct keeper *keeper, struct keeper_counts *out);

#endif

/* The daemon's end of the store process: starts it, starts it again when it dies, tells it of
 * series, asks it for rows. One thread; any thread may call. */
#ifndef GW_STORE_LINK_H
#define GW_STORE_LINK_H

#include "store/bins.h"
#include "store/frame.h"
#include "store/inside.h"

int link_new(struct store *store, struct link **out, char **why);
/* Asks the process to file everything and end; -ETIMEDOUT: it goes on by itself, without us. */
int link_free(struct link *link, int64_t deadline_ms);

int link_read(struct link *link, const struct store_read *read, store_rows_fn *on_rows, void *data);
/* Counts a read that was answered without the process. */
void link_answered(struct link *link, bool from_file);

/* Notes from the registry; called under its lock. */
void link_series(struct link *link, const struct series_info *info, size_t offset, bool ended);
void link_renamed(struct link *link, const struct series_info *info);
void link_ended(struct link *link, uint32_t id, size_t offset);
void link_remove(struct link *link, const char *path);

struct link_state {
    bool running, ready;
    int pid;
    uint64_t restarts, reads, reads_from_ring, reads_from_file, reads_late;
    size_t waiting_bytes, reads_waiting;
    struct process_stats process;
};
void link_state(struct link *link, struct link_state *out);

/* For tests and benches, of a store opened by store_open_manual: one turn of the process as if a
 * second had passed; returns when it is over. */
int link_tick(struct link *link, int64_t deadline_ms);

/* query.c */
int query_from_ring(struct metric *metric, const struct series_info *info,
                    const struct store_read *read, bool always, struct bins *bins);
void query_answer(struct bins *bins, int error, store_rows_fn *on_rows, void *data);

#endif

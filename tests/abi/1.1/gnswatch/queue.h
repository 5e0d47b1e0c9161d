/* gnswatch/queue.h - a bounded queue on disk (optional service, 1.1).
 *
 * For what must not get lost while a receiver is away: mails, messages, remote writes. It lives in
 * the instance's state directory, survives kill -9 of anything, and is the instance's alone. When
 * it is full it says so or drops its oldest, and counts what it dropped. Items can be tried again
 * later and, after too many tries, be buried among the dead letters, where a person finds them. */
#ifndef GNSWATCH_QUEUE_H
#define GNSWATCH_QUEUE_H

#include <gnswatch/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gw_queue;

struct gw_queue_options {
    size_t size;            /* sizeof(struct gw_queue_options) */
    const char *name;       /* [a-z0-9_]; the file is NAME.queue in gw_state_dir */
    int64_t items_max;      /* 0: 10,000 */
    int64_t bytes_max;      /* of the items; 0: 64 MiB */
    int64_t dead_max;       /* dead letters kept, the oldest goes; 0: 1,000; of bytes_max too */
    int64_t item_bytes_max; /* 0: 8 MiB */
    bool drop_oldest;       /* when full; else gw_queue_put answers -ENOSPC */
    int64_t commit_ms;    /* 0: gw_queue_put returns when it is on disk; else the system has it (it
                             survives a kill) and the disk at most this later */
    int64_t keys_keep_ms; /* how long keys of finished items are remembered; 0: 7 days; at most
                             ten times items_max of them, or 100,000 */
};

/* A damaged file is put aside with a line in the log and a new one begun. NULL: the sentence is in
 * the log and the instance's last error. Open until gw_queue_close or the instance's end. */
GW_API struct gw_queue *gw_queue_open(struct gw_plugin *self,
                                      const struct gw_queue_options *options);
GW_API void gw_queue_close(struct gw_queue *queue); /* NULL is fine */

/* Behind all others. `key` (NULL: none; at most 255 bytes) keeps an item from going in twice:
 * -EEXIST when it is in the queue, among the dead, or was finished within keys_keep_ms (dropped is
 * not finished). -ENOSPC: full, or the disk is; -EMSGSIZE: too large; else a negative errno. *id
 * may be NULL. */
GW_API int gw_queue_put(struct gw_queue *queue, const char *key, const void *bytes, size_t count,
                        int64_t *id);

struct gw_queue_item {
    int64_t id;
    const char *key; /* NULL: none */
    int64_t put_ms, due_ms;
    unsigned tries;
    const char *why; /* the last try went wrong; NULL: none yet */
    const void *bytes;
    size_t count;
};

/* The first item with an id above `after` that is due now (0: from the start). Borrowed until the
 * next call with this queue. -ENOENT: none; *item then has only due_ms, when the next will be (0:
 * there is none). */
GW_API int gw_queue_next(struct gw_queue *queue, int64_t after, struct gw_queue_item *item);
GW_API int gw_queue_done(struct gw_queue *queue, int64_t id); /* finished; also a dead letter */
/* Tried without luck: again at due_ms, with `why` kept. */
GW_API int gw_queue_later(struct gw_queue *queue, int64_t id, int64_t due_ms, const char *why);
GW_API int gw_queue_bury(struct gw_queue *queue, int64_t id, const char *why);
/* From the dead (0: all of them), its tries forgotten; what waits is due now. */
GW_API int gw_queue_revive(struct gw_queue *queue, int64_t id);
GW_API int gw_queue_flush(struct gw_queue *queue); /* what commit_ms holds back is on disk after */

/* Dead letters, newest first; false ends the walk. Nothing may be done to the queue within it. */
typedef bool gw_queue_fn(void *data, const struct gw_queue_item *item);
GW_API int gw_queue_dead(struct gw_queue *queue, gw_queue_fn *visit, void *data);
/* What waits, due or not, oldest first; likewise. */
GW_API int gw_queue_waiting(struct gw_queue *queue, gw_queue_fn *visit, void *data);

struct gw_queue_counts {
    int64_t items, bytes, dead;
    int64_t oldest_ms; /* of the items; 0: none */
    uint64_t dropped;  /* by drop_oldest, over all runs */
};
GW_API void gw_queue_count(const struct gw_queue *queue, struct gw_queue_counts *out);

#ifdef __cplusplus
}
#endif
#endif

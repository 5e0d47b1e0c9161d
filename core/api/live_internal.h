/* Shared by live.c (the feed), live_client.c (who listens) and live_rows.c (timed messages). */
#ifndef GW_API_LIVE_INTERNAL_H
#define GW_API_LIVE_INTERNAL_H

#include "api/live.h"
#include "base/map.h"

#include <pthread.h>

/* A series someone listens to. */
struct live_series {
    uint32_t id;
    int listeners;
    int64_t last_ms; /* of the last row said */
};

struct live {
    const struct api_parts *parts;
    struct inbox *inbox;
    uv_timer_t flush;   /* 50 ms after the first change */
    uv_timer_t quarter; /* of a second: rows, jobs, plugins */
    bool flush_armed;
    unsigned quarters;

    pthread_mutex_t lock; /* of `changed` */
    struct map changed;   /* "kind\nid" → itself; the document is read when it is said */

    struct subscription *events;
    uint64_t bus_dropped;
    struct message *ring[LIVE_RING_MESSAGES]; /* message n at n % LIVE_RING_MESSAGES */
    int64_t first, next;                      /* sequences: first ≤ n < next are kept */
    size_t ring_bytes;

    struct map series;           /* decimal id → struct live_series, owned */
    struct map jobs;             /* id of an active job → what was said last, owned text */
    struct live_client *clients; /* list */
    struct live_counts counts;
};

struct live_client {
    struct live *live;
    struct live_client *previous, *following;
    live_wake_fn *wake;
    void *data;
    bool greeted, all_objects, events, plugins, jobs;
    char *kinds[LIVE_KINDS_MAX]; /* owned */
    size_t kind_count;
    uint32_t *series; /* owned; LIVE_SERIES_MAX */
    size_t series_count;
    int64_t at; /* the next sequence to look at */
    struct message *queue[LIVE_QUEUE_MESSAGES];
    size_t queue_first, queue_count, queue_bytes;
    uint64_t dropped; /* not said yet */
};

struct message *message_new(const struct buf *text, int64_t sequence, const char *kind);
void live_push(struct live_client *client, struct message *message); /* takes a reference */
void live_say_rows(struct live *live);
/* Rows of `series` after *last_ms, as a message; NULL: none. */
struct message *live_rows(struct live *live, uint32_t id, int64_t *last_ms);
void live_say_plugins(struct live *live);
void live_say_jobs(struct live *live);

#endif

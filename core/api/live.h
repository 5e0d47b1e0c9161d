/* The live feed: what changes, to whoever subscribed, by WebSocket or server-sent events.
 *
 * Numbered messages (objects, events) wait in one shared ring of 4,096 messages, 16 MiB and two
 * minutes; a client has a place in it, and one that was away for longer reads all anew. Others
 * (rows, plugins, jobs) wait in the client's own queue of 256 KiB. What a slow client misses is
 * counted and said. Belongs to the service thread, except live_note_object. Knows nothing of
 * sockets: who has something to say is told by `wake`. */
#ifndef GW_API_LIVE_H
#define GW_API_LIVE_H

#include "api/api.h"
#include "api/inbox.h"

#include <libwebsockets.h> /* LWS_PRE */

enum {
    LIVE_RING_MESSAGES = 4096,
    LIVE_RING_BYTES = 16 << 20,
    LIVE_RING_AGE_MS = 120000,
    LIVE_QUEUE_BYTES = 256 << 10, /* of a client */
    LIVE_QUEUE_MESSAGES = 4096,
    LIVE_SERIES_MAX = 1000, /* of a client */
    LIVE_KINDS_MAX = 32,
    LIVE_ASK_BYTES = 64 << 10, /* of a message from a client */
};

struct live;
struct live_client;

/* Immutable; counted references. */
struct message {
    int references;
    int64_t sequence; /* 0: not numbered */
    int64_t since_ms; /* on the monotonic clock; in the ring */
    char *kind;       /* owned; of an object; NULL: an event or not numbered */
    size_t bytes;
    char *text; /* after LWS_PRE bytes of room */
};

struct live_counts {
    uint64_t clients, messages, dropped;
};

struct live *live_new(const struct api_parts *parts, uv_loop_t *loop, struct inbox *inbox);
/* Stops timers and listening; the loop must run once more before live_free. */
void live_stop(struct live *live);
void live_free(struct live *live);
void live_turn(struct live *live); /* after a wake-up: looks for events and changes */
void live_wake_all(struct live *live);
void live_say_job(struct live *live, const char *job_json); /* a call that has ended */
int64_t live_sequence(const struct live *live);             /* of the last numbered message */
void live_count(const struct live *live, struct live_counts *out);

typedef void live_wake_fn(void *data); /* the client has messages waiting */
struct live_client *live_client_new(struct live *live, live_wake_fn *wake, void *data);
void live_client_free(struct live_client *client);
/* A message of the client. False: it is no JSON object; say goodbye. */
bool live_client_ask(struct live_client *client, const char *text, size_t bytes);
void live_client_subscribe(struct live_client *client, const char *const *topics, size_t count,
                           int64_t since); /* since -1: none */
/* The next message; the caller gives it back with message_unref. NULL: nothing waits. */
struct message *live_client_take(struct live_client *client);
void message_unref(struct message *message);

#endif

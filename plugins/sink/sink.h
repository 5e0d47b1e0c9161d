/* sink.h - what email, mqtt and webhook have in common: a queue on disk whose items are sent, tried
 * again, or die, and are shown meanwhile.
 *
 * The plugin puts items in and is asked, by `send`, to deliver one; it says later by sink_outcome
 * how that went. The sink decides what is sent when (tries, back-off with full jitter, rate, one
 * receiver's outage) and shows it the same way in every plugin:
 *   series   <plugin>.queue{} waiting, bytes, dead, oldest_s, and counters sent, failed, dropped
 *   objects  what waits and what died, {state, tries, why, put, due} and what `describe` adds
 *   events   <plugin>.failed, <plugin>.down, <plugin>.up
 * It knows nothing of what an item is. All of it on the instance's thread.
 *
 * A *lane* is one receiver: a server, a broker, an address. Its outage holds up its own items only.
 */
#ifndef GNSWATCH_SINK_H
#define GNSWATCH_SINK_H

#include <gnswatch/plugin.h>
#include <gnswatch/queue.h>
#include <jansson.h>

struct sink;

struct sink_options {
    const char *plugin;   /* "email": begins the names of series and events */
    const char *queue;    /* the queue's name: "letters" */
    const char *kind;     /* of the objects: "email.letter" */
    const char *noun;     /* in sentences: "letter" */
    const char *receiver; /* in sentences, when there is one lane; NULL: `plugin` */
    int64_t items_max, bytes_max, dead_max, item_bytes_max; /* as in gnswatch/queue.h; 0: its */
    int64_t commit_ms;                                      /* likewise */
    bool drop_oldest;                                       /* likewise */
    unsigned tries_max;                 /* refusals for now until an item dies; 0: never */
    int64_t retry_ms, retry_longest_ms; /* the first pause is up to retry_ms, then it doubles */
    int64_t age_max_ms; /* what waited longer dies, also during an outage; 0: never */
    double per_minute;  /* of a lane; 0: as fast as it goes */
    unsigned burst;     /* at once after a quiet time, when per_minute is set; 0: 1 */
    unsigned at_once;   /* of a lane, between send and sink_outcome; 0: 1 */
    /* Delivers: `item` is borrowed until the sink is called again, sink_outcome included, which may
     * be called from within. */
    void (*send)(struct sink *sink, const struct gw_queue_item *item, void *data);
    /* The lane of an item, at most 63 bytes, borrowed until the next call. NULL: there is one. */
    const char *(*lane)(void *data, const struct gw_queue_item *item);
    /* Members for the item's object, which the sink takes: {"to": …}. NULL: none. */
    json_t *(*describe)(void *data, const struct gw_queue_item *item);
    void *data;
};

/* Borrows all of options but the texts' and functions' life: they must outlive the sink (literals).
 * NULL: the sentence is the instance's last error. */
struct sink *sink_new(struct gw_plugin *self, const struct sink_options *options);
void sink_free(struct sink *sink); /* NULL is fine. What is between send and outcome stays queued */

/* As gw_queue_put, and it is sent when its turn comes (never from within). */
int sink_put(struct sink *sink, const char *key, const void *bytes, size_t count, int64_t *id);
/* The same as the end of a command: answers {"id","duplicate"} or refuses with a sentence. Always
 * 0. */
int sink_accept(struct sink *sink, struct gw_call *call, const char *key, const void *bytes,
                size_t count);

/* A key of at most SINK_KEY_BYTES for `id` and what else makes a delivery another one (recipients,
 * address; NULL: nothing), begun by the lane, if any, and a bar: "hook|0123…". */
enum { SINK_KEY_BYTES = 64 + 1 + 32 + 1 };
void sink_key(char key[SINK_KEY_BYTES], const char *lane, const char *id, const char *more);

enum sink_outcome {
    SINK_SENT = 1,
    SINK_LATER,   /* refused for now: again with back-off, until tries_max */
    SINK_REFUSED, /* refused for ever: it dies */
    SINK_AWAY,    /* there was nobody to refuse it: it waits as it is, its lane is tried again with
                     back-off and is said to be down after the second time */
    SINK_SPLIT,   /* sink_split has put all of it elsewhere: it is finished and not counted */
    SINK_AGAIN,   /* nothing was tried (the plugin stops, a helper was missing): due at once */
};

/* How the item given to `send` fared. `why` is a sentence without secrets (NULL when SENT);
 * not_before_ms: the receiver named a time (0: no). */
void sink_outcome(struct sink *sink, int64_t id, enum sink_outcome outcome, const char *why,
                  int64_t not_before_ms);

/* A part of what is under way fared another way than the rest (one of several recipients): it goes
 * on as an item of its own, which is LATER or REFUSED at once. `id` is the whole's, whose outcome
 * comes after its parts. 0 also when `key` says that this was done before. */
int sink_split(struct sink *sink, int64_t id, const char *key, const void *bytes, size_t count,
               enum sink_outcome outcome, const char *why);

/* For a plugin that knows by itself whether there is a connection: nothing is sent on a lane that
 * is held; said to be down or up at once. `lane` NULL or "": the one there is. */
void sink_hold(struct sink *sink, const char *lane, const char *why);
void sink_open(struct sink *sink, const char *lane);

/* More that could go with what is being sent: the next due item behind `after` that is under way
 * nowhere. -ENOENT: none. After sink_take it needs a sink_outcome of its own. */
int sink_more(struct sink *sink, int64_t after, struct gw_queue_item *item);
int sink_take(struct sink *sink, const struct gw_queue_item *item);

/* From the plugin's tick: the row of the series, old age, objects. */
void sink_tick(struct sink *sink);

/* The commands <kind>.retry(id) and <kind>.delete(id): `run` of the plugin's rows ends with these.
 */
extern const struct gw_row sink_id_rows[];     /* {id} */
extern const struct gw_row sink_accept_rows[]; /* {id, duplicate}: the answer of sink_accept */
int sink_run_retry(struct sink *sink, struct gw_call *call);
int sink_run_delete(struct sink *sink, struct gw_call *call);

void sink_count(const struct sink *sink, struct gw_queue_counts *out);
bool sink_is_down(const struct sink *sink, const char *lane);

/* ---- Rate ---- */

/* A token bucket without a clock of its own. */
struct sink_bucket {
    double per_ms, burst, tokens;
    int64_t filled_ms;
};
void sink_bucket_init(struct sink_bucket *bucket, double per_minute, unsigned burst,
                      int64_t now_ms);
/* Takes one: 0, or the milliseconds until there is one (nothing is taken then). */
int64_t sink_bucket_take(struct sink_bucket *bucket, int64_t now_ms);

#endif

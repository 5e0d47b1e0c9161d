/* What the files of the child's side share.
 *
 * Two threads: the first reads the socket and puts what comes into the instance's mailbox; the
 * instance's own runs the plugin and asks. Both write, with the lock. */
#ifndef GW_WORKER_CHILD_H
#define GW_WORKER_CHILD_H

#include "plugin/instance.h"
#include "plugin/remote.h"
#include "worker/event_text.h"
#include "worker/rows.h"
#include "worker/wire.h"
#include "worker/worker.h"

#include <pthread.h>

struct child_answer { /* owned */
    int error;
    json_t *json; /* NULL: {} */
    char *raw;    /* NUL-terminated; NULL after an error */
    size_t raw_bytes;
};

/* A question whose answer comes by mail. */
struct child_pending {
    struct child_pending *next;
    uint32_t id;
    remote_answer_fn *answer; /* NULL: */
    store_rows_fn *on_rows;
    void *data;
};

struct child_subscription { /* lives as long as the child */
    gw_event_fn *on_event;
    void *data;
};

struct child {
    struct host_parts parts; /* first: an instance's parts are its child */
    struct gw_plugin *self;  /* owned; NULL before the setup */
    struct plugin *plugin;   /* owned */
    int socket;
    struct wire_in in; /* the reader's */
    struct rows rows;
    struct buf frame; /* with `writing` */
    pthread_mutex_t writing;

    pthread_mutex_t lock; /* below */
    pthread_cond_t answered;
    uint32_t last_id, asked; /* asked: what is waited for; 0: nothing */
    bool ended;              /* the socket is closed: no answer comes */
    struct child_answer answer;
    struct child_pending *pending;

    /* the instance's thread's */
    struct child_subscription *subscriptions; /* WIRE_SUBSCRIPTIONS_MAX, made by the first */
    uint32_t subscribed;
    bool has_stack; /* for what happens in a crash */
    int64_t taken;  /* events, not yet told */
    struct bucket events;
    uint64_t events_refused;
    int64_t refused_told_ns;
};

static inline struct child *child_of(const struct gw_plugin *self)
{
    return (struct child *)(uintptr_t)self->parts;
}

/* ---- child_ask.c: saying and asking ---- */

/* Blocks while the daemon does not read. `json` NULL is {}. */
int child_say(struct child *child, enum wire_type type, uint32_t id, const char *json,
              const void *raw, size_t raw_bytes);
int child_say_text(struct child *child, enum wire_type type, uint32_t id, const char *text);
/* Ends `json` (which wire_begin began), asks, waits, frees it. The answer's error, or that there
 * was none; *answer (may be NULL) is the caller's when it is 0. */
int child_question(struct child *child, enum wire_type type, struct buf *json,
                   struct child_answer *answer);
uint32_t child_id(struct child *child);
void child_answer_fini(struct child_answer *answer);
void child_take_answer(struct child *child, struct wire_frame *frame); /* the reader's */
/* Says so, and keeps whom to tell. */
int child_ask_later(struct child *child, enum wire_type type, const char *json, const char *raw,
                    const struct child_pending *whom);
void child_take_result(struct child *child, struct wire_frame *frame); /* WIRE_RESULT, _ROWS */
void child_end_questions(struct child *child); /* no more answers: all are told -ECANCELED */

/* ---- child_nouns.c, child_series.c, child_tail.c, child_calls.c ---- */

extern const struct remote child_remote;
void child_series_attach(struct child *child);
int child_series_open(struct gw_plugin *self, struct gw_series *series,
                      const struct gw_label *labels);
size_t child_series_each(struct gw_plugin *self, const struct gw_match *match, bool live_only,
                         gw_series_fn *visit, void *data);
int child_series_last(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms);
int child_query(struct gw_plugin *self, const struct gw_query *query, store_rows_fn *on_rows,
                void *data);
struct tail *child_tail_new(struct gw_plugin *self, const struct gw_match *match, bool raw,
                            const struct tail_events *events);
extern const struct remote_tail child_tails;
void child_event(struct child *child, struct wire_frame *frame);
void child_call(struct child *child, struct wire_frame *frame);
void child_cancel(struct child *child, uint32_t id);
void child_calls_attach(struct child *child);

#endif

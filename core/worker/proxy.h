/* What the files of the daemon's side share.
 *
 * A proxy is what a plugin is to its instance: it has a start, a stop and commands, and speaks to
 * the host by the functions of gnswatch/plugin.h, all on the instance's thread. So the host checks,
 * counts and releases what a child does as it does a plugin's. */
#ifndef GW_WORKER_PROXY_H
#define GW_WORKER_PROXY_H

#include "plugin/instance.h"
#include "worker/event_text.h"
#include "worker/rows.h"
#include "worker/wire.h"
#include "worker/worker.h"

enum {
    PROXY_HANDFUL = 32,        /* rows taken together */
    PROXY_OUT_PAUSE = 1 << 20, /* above it the child is not read: it has to read first */
    PROXY_OUT_MAX = 160 << 20, /* … and beyond it, it never does */
    PROXY_LOOK_MS = 250,
    PROXY_ROWS_MS = 50,        /* from the first row to their taking */
    PROXY_LINES_PER_S = 100,   /* of what it logs, and as many of what it prints */
    PROXY_SAID_MAX = 16 << 10, /* kept of a crash */
    PROXY_FOLLOWS_MAX = 256,
};

struct proxy_call { /* one that the child has */
    struct proxy_call *next;
    struct gw_call *call; /* the registry's: valid until it is answered or the run has ended */
    uint32_t id;
};

struct proxy_subscription {
    struct proxy *proxy;
    uint32_t id; /* the child's number */
};

struct proxy_question { /* the child's, under way in the host; freed with its answer */
    struct proxy_question *next, **link;
    struct proxy *proxy;
    uint32_t id;
};

struct proxy_follow; /* proxy_follow.c */

struct proxy_series {         /* what a row needs, together */
    struct gw_series *series; /* NULL: none has this number */
    uint32_t fields;
};

struct proxy_lines { /* how many a second */
    int64_t second;
    unsigned count;
    uint64_t left_off;
};

struct proxy {
    struct gw_plugin *self;
    struct worker_limits limits;
    struct worker_process process;
    struct worker_meter meter;
    bool running;      /* there is a process */
    bool started;      /* WIRE_STARTED has come */
    bool held;         /* … and our start has not returned: what comes after it waits */
    bool stopping;     /* it has been asked to end */
    int64_t closed_ns; /* when it closed its socket; 0: it has not */
    int start_error;
    struct gw_watch *socket_watch, *said_watch, *end_watch;
    struct gw_timer *rows_timer; /* NULL: the ring has been found empty */

    struct wire_in in;
    struct buf out;
    size_t sent; /* of out */
    struct rows rows;
    uint64_t ticks_before, late_before, late_here, dropped_before; /* of earlier processes */
    int64_t cpu_before_ns;
    int64_t late_since_ns; /* the callback that has been reported */

    int64_t hang_since_ns, hang_paused_ns; /* the callback that is watched, and paused time then */
    int64_t kill_at_ns;                    /* after SIGABRT; 0: not sent */
    int64_t swept_ns;                      /* when its strays were last counted */
    int64_t stopped_ns;                    /* when a signal not of ours had stopped it; 0: none */
    char why[256];                         /* it was killed; "": it was not */

    struct proxy_series *series; /* by number */
    uint32_t series_cap;
    int64_t series_count;
    uint64_t series_refused;
    struct proxy_subscription **subscriptions; /* WIRE_SUBSCRIPTIONS_MAX; owned */
    int64_t events_under_way;
    struct bucket events;
    struct proxy_question *questions;
    struct proxy_follow *follows[PROXY_FOLLOWS_MAX];
    struct proxy_call *calls;
    uint32_t last_call;

    struct proxy_lines logged, said;
    struct buf line;      /* of what it prints, not yet whole */
    struct buf last_said; /* since the line of crash.c */
};

/* ---- proxy.c ---- */
/* Kills it, for what it did; the sentence goes on "it was killed: ". */
void proxy_kill(struct proxy *proxy, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- proxy_wire.c ---- */
/* 0, or why it was not said. */
int proxy_say(struct proxy *proxy, enum wire_type type, uint32_t id, const char *json,
              const void *raw, size_t raw_bytes);
/* The answer to a question. `json` (may be NULL) has been begun by wire_begin; it is freed. */
void proxy_answer(struct proxy *proxy, uint32_t id, int error, struct buf *json, const void *raw,
                  size_t raw_bytes);
/* What is there, a share of it; true: there may be more. */
bool proxy_read(struct proxy *proxy);
void proxy_go_on(struct proxy *proxy); /* with what was held */
void proxy_write(struct proxy *proxy);
void proxy_take_rows(struct proxy *proxy);
unsigned proxy_wants(const struct proxy *proxy); /* enum gw_watch_flag of its socket */

/* ---- proxy_nouns.c, proxy_series.c, proxy_follow.c, proxy_calls.c: frames of the child ---- */
typedef void proxy_frame_fn(struct proxy *proxy, const struct wire_frame *frame);
proxy_frame_fn proxy_wake;
proxy_frame_fn proxy_log, proxy_fail, proxy_put, proxy_delete, proxy_get, proxy_list, proxy_emit,
    proxy_subscribe, proxy_taken, proxy_ask, proxy_role;
proxy_frame_fn proxy_series, proxy_relabel, proxy_end_series, proxy_each, proxy_last, proxy_query;
proxy_frame_fn proxy_follow, proxy_turn, proxy_unfollow;
proxy_frame_fn proxy_reply, proxy_refuse, proxy_page, proxy_progress;
void proxy_rows(struct proxy *proxy, const struct row rows[PROXY_HANDFUL], size_t count);
void proxy_end_follows(struct proxy *proxy);
int proxy_run_call(struct gw_plugin *self, struct gw_call *call);
void proxy_look_at_calls(struct proxy *proxy); /* tells the child of those that are over */
void proxy_refuse_calls(struct proxy *proxy, const char *sentence);
struct proxy_question *question_new(struct proxy *proxy, uint32_t id); /* NULL: no memory */
void question_free(struct proxy_question *question);
void proxy_end_questions(struct proxy *proxy);
bool proxy_line_allowed(struct proxy *proxy, struct proxy_lines *lines, const char *what);

/* ---- proxy_look.c: from outside ---- */
void proxy_look(struct proxy *proxy); /* each PROXY_LOOK_MS */
void proxy_read_said(struct proxy *proxy);

/* ---- proxy_crash.c ---- */
/* It has ended with this wait status, unasked: tells everyone, keeps the backtrace. */
void proxy_crashed(struct proxy *proxy, int status);

#endif

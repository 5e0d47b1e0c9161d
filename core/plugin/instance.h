/* An instance: a configured plugin on a thread of its own (struct gw_plugin of the public header).
 *
 * instance.c is its life, instance_time.c its timers and watches, instance_ask.c commands and
 * events on it, plugin_api.c what a plugin sees. The watchdog and the API look at the atomics from
 * outside.
 */
#ifndef GW_PLUGIN_INSTANCE_H
#define GW_PLUGIN_INSTANCE_H

#include "plugin/host.h"
#include "plugin/keep.h"
#include "plugin/load.h"
#include "plugin/mailbox.h"
#include "plugin/schedule.h"

#include <stdatomic.h>
#include <sys/queue.h>

enum instance_state {
    INSTANCE_STARTING = 1,
    INSTANCE_RUNNING,
    INSTANCE_WAITING, /* start failed; a retry is due */
    INSTANCE_STOPPED,
    INSTANCE_FAILED, /* could not even be tried */
};

enum { INSTANCE_SHARE = 64 /* of mail, and of a subscription's events, in one turn of the loop */ };

struct instance_subscription; /* events.c */

struct gw_timer {
    uv_timer_t handle; /* first: closing frees it */
    struct gw_plugin *self;
    gw_timer_fn *on_time;
    void *data;
    bool repeats;
    LIST_ENTRY(gw_timer) entry;
};

struct gw_watch {
    uv_poll_t handle; /* first: closing frees it */
    struct gw_plugin *self;
    int fd;
    gw_watch_fn *on_ready;
    void *data;
    LIST_ENTRY(gw_watch) entry;
};

struct instance_error {
    int64_t time_ms; /* 0: none */
    char text[512];
    int64_t logged_ns; /* when this sentence last reached the log */
    unsigned folded;   /* times it did not */
};

struct gw_plugin {
    /* settled when it is made */
    const struct host_parts *parts;
    const struct gw_descriptor *descriptor; /* NULL: the plugin could not be loaded */
    struct conf_instance conf;              /* owned */
    int64_t every_ms, deadline_ms;
    struct gw_series *series; /* gnswatch.instance; the watchdog writes it */
    pthread_t thread;         /* the host's, to join */
    bool looped, threaded;    /* there is a loop; there is a thread to join */
    bool isolated;            /* its descriptor speaks to a process; below: what that costs */

    /* its thread's */
    pthread_t home; /* what its thread is to itself; set before its first callback */
    bool at_home;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t tick, retry;
    struct schedule schedule;
    void *data; /* the plugin's */
    bool begun; /* start was called: stop is due */
    unsigned tries;
    char *state_dir;
    struct keep *keeps;
    LIST_HEAD(, gw_timer) timers;
    LIST_HEAD(, gw_watch) watches;
    LIST_HEAD(, gw_follow) follows;
    bool failed_in_callback; /* gw_fail was called in this one */
    bool held;               /* events wait: whom they are for has enough to do */
    bool crashed;            /* instance_crashed was called */
    unsigned ends;           /* unwanted ones since it last ran well */
    int64_t begun_ns;
    uint64_t begun_ticks;

    /* any thread's */
    struct mailbox *mailbox;
    pthread_mutex_t lock; /* subscriptions, last_error, thread_ended */
    pthread_cond_t end;
    bool thread_ended;
    struct instance_subscription *subscriptions;
    struct instance_error last_error;
    _Atomic int state; /* enum instance_state */
    atomic_bool stop_wanted, restart_wanted, tried;
    _Atomic int64_t callback_since_ns; /* 0: in none */
    const char *_Atomic callback;      /* which */
    _Atomic uint64_t ticks, errors, late, restarts;
    _Atomic int64_t last_tick_ms, last_success_ms, tick_ns, cpu_ended_ns;

    /* of its process, any thread's; whoever speaks to it writes them */
    _Atomic int child_pid; /* 0: there is none */
    _Atomic int64_t child_rss_bytes;
    _Atomic int64_t child_cpu_ns;   /* of all it has had */
    _Atomic uint64_t child_queue;   /* what waits there */
    _Atomic uint64_t child_dropped; /* rows that found no room on their way */
    atomic_bool child_paused;       /* above its share of CPU */
    struct instance_error crash;    /* with the lock: its last unwanted end */
    _Atomic uint64_t crashes;

    /* the watchdog's */
    int64_t reported_ns, sampled_cpu_ns, sampled_ns;
    _Atomic int64_t cpu_ns;
    _Atomic double cpu_percent;
};

/* Takes what `conf` holds (it is zeroed). With `why` it stays failed. NULL: no memory. */
struct gw_plugin *instance_new(const struct host_parts *parts,
                               const struct gw_descriptor *descriptor, struct conf_instance *conf,
                               const char *why);
int instance_launch(struct gw_plugin *self);                            /* starts its thread */
void instance_ask_stop(struct gw_plugin *self);                         /* does not wait */
void instance_ask_restart(struct gw_plugin *self);                      /* does not wait */
bool instance_join(struct gw_plugin *self, int64_t until_monotonic_ns); /* false: it is late */
void instance_free(struct gw_plugin *self);                             /* not one that is late */
void instance_json(struct gw_plugin *self, struct buf *out);
const char *instance_state_name(enum instance_state state);
size_t instance_queue(struct gw_plugin *self);

/* Around each call into the plugin. `which` is a literal. */
void instance_enter(struct gw_plugin *self, const char *which);
void instance_leave(struct gw_plugin *self, int error);
/* Notes the last error and logs it unless it was logged within the last minute. */
void instance_fail(struct gw_plugin *self, const char *sentence);
/* What runs the plugin has ended by itself, or lied: soon, outside of any callback, the run is
 * ended too, and the next one begins after a while that doubles up to five intervals. */
void instance_crashed(struct gw_plugin *self, const char *sentence);
void instance_hold(struct gw_plugin *self, bool held); /* its events */
/* Tells everyone that a callback is beyond its deadline (watchdog.c). Any thread. */
void instance_late(struct gw_plugin *self, const char *which, int64_t took_ns);
/* Is this the instance's thread? Asserts in debug builds; else false is logged. */
bool instance_here(const struct gw_plugin *self, const char *function);

/* instance_time.c, instance_ask.c */
void instance_release_time(struct gw_plugin *self);
void instance_release_events(struct gw_plugin *self);
bool instance_deliver(struct gw_plugin *self); /* a share of mail and events; true: more waits */
bool instance_deliver_events(struct gw_plugin *self);   /* events.c */
size_t instance_events_waiting(struct gw_plugin *self); /* any thread */
command_dispatch_fn instance_dispatch;
void instance_end_follows(struct gw_plugin *self); /* follow.c: before the plugin's `stop` */

#endif

/* What the files of the test host share: the host, its one instance, and turns.
 *
 * Everything happens on the test's thread but gw_post. What is due later is a timer of the fake
 * clock, what is due now is a deed in the instance's queue. */
#ifndef GW_TESTING_INSIDE_H
#define GW_TESTING_INSIDE_H

#include "base/clock.h"
#include "base/map.h"
#include "command/command.h"
#include "conf/conf.h"
#include "event/event.h"
#include "metric/metric.h"
#include "object/object.h"
#include "plugin/keep.h"

#include <gnswatch/testing.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

enum { POSTS_MAX = 1024, ASKED_MAX = 1024, EVENTS_QUEUE_MAX = 1024, EVENTS_AGAIN_MAX = 10000 };

/* Something to do in the instance's next turn. */
struct deed {
    STAILQ_ENTRY(deed) entry;
    /* Does it and frees itself. With NULL (the instance has ended) it only frees itself. */
    void (*act)(struct gw_plugin *self, struct deed *deed);
    bool posted;
};

STAILQ_HEAD(deeds, deed);

struct gw_timer {
    LIST_ENTRY(gw_timer) entry;
    struct gw_plugin *self;
    const char *which; /* "timer"; the host's own: NULL, they enter by themselves */
    gw_timer_fn *on_time;
    void *data;
    int64_t due_ms, repeat_ms; /* of the monotonic clock */
    uint64_t order;
    bool running, stopped; /* freed when it has run */
};

struct gw_watch {
    LIST_ENTRY(gw_watch) entry;
    struct gw_plugin *self;
    int fd;
    unsigned flags; /* 0: resting */
    gw_watch_fn *on_ready;
    void *data;
    bool stopped; /* freed at the end of the turn */
};

struct listener { /* a subscription of the plugin */
    struct listener *next;
    struct subscription *bus;
    struct gw_event **again; /* stored events that come first, owned */
    size_t again_count, again_at;
    gw_event_fn *on_event;
    void *data;
};

/* A life of the instance. After gwt_kill it stays as it is, for threads that do not know yet. */
struct gw_plugin {
    struct gwt *test;
    const struct gw_descriptor *descriptor;
    pthread_t home;
    void *data;
    bool begun; /* start was called: stop is due */
    bool dead;  /* killed */
    int depth;  /* callbacks on the stack */
    const char *callback;
    int64_t callback_ns;
    bool failed_in_callback;
    LIST_HEAD(, gw_timer) timers;
    LIST_HEAD(, gw_watch) watches;
    LIST_HEAD(, gw_follow) follows;
    struct listener *listeners;
    struct keep *keeps;
    size_t asked, queries; /* without an answer yet */
    unsigned run;          /* counts starts: answers to an earlier run are dropped */

    pthread_mutex_t lock; /* below: any thread */
    bool open;
    struct deeds deeds;
    size_t posts;
    int wake_fd; /* an eventfd: a deed came from another thread */
};

struct rows { /* all rows of a series, as in its ring */
    size_t width, count, cap;
    double *list; /* owned: time, values… */
};

struct line {
    struct line *next;
    char *text;
};

struct kind_of_others {
    struct kind_of_others *next;
    char *plugin;
    struct gw_kind table[2]; /* texts owned; referenced by objects */
};

struct offered;                           /* series.c */
void follows_end(struct gw_plugin *self); /* tells the plugin */

/* commands.c */
struct asked;       /* ask.c */
struct http_rule;   /* http_rules.c */
struct http_record; /* http_rules.c */

struct gwt {
    struct fake_clock clock; /* first: a series finds its test by its clock */
    struct gw_descriptor descriptor;
    struct conf *conf;
    const char *name;
    int64_t every_ms;
    char *dir; /* the state directory */
    bool running;
    struct gw_plugin *self; /* the present life */
    uint64_t order;
    int tasks; /* threads of the program when the test began */

    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct kind_of_others *kinds;

    struct rows *rows; /* of the series with id i + 1 */
    size_t rows_count;
    int64_t others_every_ms;

    struct gw_event **events; /* all that were numbered, in order */
    size_t event_count, event_cap;
    struct line *lines, **last_line;
    char last_error[512];

    struct offered *offered;
    struct asked *asked, **last_asked;
    struct http_rule *rules;
    struct http_record *records, **last_record;
    char *answer, *member, *page_type; /* until the next call; owned */
};

/* life.c */
void gwt_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *gwt_need(void *memory); /* ends the process without it */
/* Of a killed plugin: neither this nor what it leads to is a leak. NULL is fine. */
void gwt_spare(const void *object);
bool gwt_threads(const struct gwt *test); /* are there more than at its beginning? */

/* turn.c */
void turn_enter(struct gw_plugin *self, const char *which);
void turn_leave(struct gw_plugin *self, int error);
void deed_put(struct gw_plugin *self, struct deed *deed); /* the test's thread */
void deeds_drop(struct gw_plugin *self);
/* A timer of the host's: `on_time` enters by itself, or does not call the plugin. */
struct gw_timer *timer_add(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                           gw_timer_fn *on_time, void *data);

/* wait.c */
void timer_run(struct gw_timer *timer);
void timers_release(struct gw_plugin *self);
void watches_release(struct gw_plugin *self);
bool watches_any(const struct gw_plugin *self);
/* Waits in real time, at most `real_ms`, for a descriptor or a post; true when there was one, and
 * calls those that watch. */
bool watches_turn(struct gw_plugin *self, int real_ms);

/* plugin_api.c */
void gwt_here(const struct gw_plugin *self, const char *function); /* or ends the process */
void note_line(struct gwt *test, enum gw_severity level, const char *text);
void note_error(struct gwt *test, const char *text);

/* events.c */
int64_t events_say(struct gwt *test, const struct gw_event *event);
bool events_turn(struct gw_plugin *self);
void listeners_release(struct gw_plugin *self);
void events_fini(struct gwt *test);

/* rows.c */
struct rows *rows_of(struct gwt *test, uint32_t id); /* NULL: none yet */
void rows_fini(struct gwt *test);
/* "a=b,c=d" into labels that point into *texts (the caller frees it). */
size_t labels_parse(const char *text, struct gw_label labels[GW_LABELS_MAX + 1], char **texts);

/* series.c */
void follows_end(struct gw_plugin *self); /* tells the plugin */

/* commands.c */
int commands_begin(struct gwt *test); /* offers the plugin's */
/* Lets time pass until it is answered, at the latest by its deadline; test->answer says how. */
int call_finish_for(struct gwt *test, struct gw_call *call, int64_t deadline_ms);
void answer_problems(struct gwt *test, const struct problems *problems, int error);
/* Ends the process when the plugin forgot a call. */
void commands_check(struct gwt *test);
void commands_fini(struct gwt *test);
/* ask.c */
void asks_spare(const struct gw_plugin *dead);
void asks_fini(struct gwt *test);

/* http_rules.c */
void http_fini(struct gwt *test);

#endif

/* What the files of core/command share. */
#ifndef GW_COMMAND_INTERNAL_H
#define GW_COMMAND_INTERNAL_H

#include "base/map.h"
#include "command/command.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    CALLS_MAX = 4096,          /* under way, of all instances */
    CALLS_INSTANCE_MAX = 1024, /* that one instance has not answered */
    CALLS_KEPT_MAX = 1000,     /* finished ones, for jobs */
    CALLS_KEPT_MS = 3600 * 1000,
    CALL_KEPT_BYTES = 32 << 20, /* answers of finished ones, together */
    CALL_ANSWER_MAX = 16 << 20,
    PAGE_ANSWER_MAX = 64 << 20,
    PAGE_DEADLINE_MS = 10000,
    PAGE_TYPE_MAX = 160,
    CALL_LOG_LINES = 100,
    CALL_JOB_MS = 1000, /* what runs for longer is a job */
    COMMAND_LISTENERS_MAX = 4,
};

enum call_state { CALL_WAITING = 1, CALL_RUNNING, CALL_DONE, CALL_FAILED, CALL_CANCELLED };

struct call_line {
    int64_t time_ms;
    char *text;
};

struct gw_call {
    _Atomic int refs;
    struct commands *commands;
    const struct gw_command *command; /* the plugin's table: stays loaded; or `as_command` */
    const struct gw_page *page;       /* NULL: it is a command's */
    struct gw_command as_command;     /* of a page */
    char *accept;                     /* of a page; NULL: none */
    char *type, *body;                /* of a page that has been answered */
    size_t body_bytes;
    void *instance;
    char id[17];
    char *caller, *via;
    struct gw_values *params;
    char *params_json; /* secrets masked */
    command_done_fn *on_done;
    void *data;
    int64_t started_ms, begun_ns, deadline_ns;

    /* below: with the registry's lock */
    struct gw_call *newer, *older; /* in the registry's list */
    bool held;                     /* its instance still has it */
    enum call_state state;
    double progress;
    struct call_line *log; /* a ring of CALL_LOG_LINES, made by the first line */
    size_t log_first, log_count;
    int64_t ended_ms, ended_ns;
    int error;
    char *result; /* once over: JSON */
};

struct provider {
    char *name;
    void *instance;
    command_dispatch_fn *dispatch;
    const struct gw_command *command; /* its own plugin's: a plugin may run in two versions, */
    const struct gw_page *page;       /* or as a thread and as a process */
};

struct offer { /* a command or page and who runs it */
    const struct gw_command *command;
    const struct gw_page *page;   /* NULL: a command */
    struct gw_command as_command; /* of a page: `command` points here */
    char *plugin;
    struct provider *providers;
    size_t count;
};

struct commands {
    const struct clock *clock;
    pthread_mutex_t lock; /* everything below */
    struct map offers;    /* name -> struct offer, owned */
    struct map pages;     /* path -> struct offer, owned */
    struct gw_call *newest, *oldest;
    size_t active, kept, kept_bytes;
    size_t kept_max;               /* CALLS_KEPT_MAX; 0 in a child */
    command_progress_fn *progress; /* NULL: none; set before any call */
    void *passed_to;
    struct {
        void (*fn)(void *data, const char *call_json);
        void *data;
    } listeners[COMMAND_LISTENERS_MAX];
    size_t listener_count;
};

static inline bool call_over(const struct gw_call *call) /* with the lock */
{
    return call->state >= CALL_DONE;
}

struct offer *offers_find(struct commands *commands, const char *name); /* with the lock */

/* registry.c, for pages.c. With the lock: adds to `map` who offers what `like` describes. */
int offers_add(struct map *map, const char *plugin, const struct provider *provider,
               const struct offer *like);
void offers_drop(struct commands *commands, const void *instance);
/* Starts a call that is made; the caller gets a reference in *out. */
int call_start(struct commands *commands, struct gw_call *call, const json_t *params,
               struct problems *problems, struct gw_call **out);
/* A call with checked input, or an error as commands_call gives it. */
int call_prepare(struct commands *commands, const struct gw_command *command, const json_t *params,
                 const struct caller *caller, struct problems *problems, struct gw_call **out);

/* call.c */
struct gw_call *call_new(struct commands *commands, const struct gw_command *command,
                         const struct caller *caller);
void call_free(struct gw_call *call);
/* Ends a call unless it is over. Takes `result` (JSON; NULL: no memory for it). */
bool call_finish(struct gw_call *call, enum call_state state, int error, char *result);
/* The same for a page. Takes `type` and `body`. */
bool call_finish_page(struct gw_call *call, char *type, char *body, size_t bytes);
char *detail_json(const char *sentence); /* {"detail":…}; the caller frees */
void call_let_go(struct gw_call *call);  /* its instance has nothing more to do with it */

/* jobs.c, with the lock */
void jobs_link(struct commands *commands, struct gw_call *call);
void jobs_unlink(struct commands *commands,
                 struct gw_call *call); /* drops the registry's reference */
void jobs_trim(struct commands *commands);
void call_json_locked(const struct gw_call *call, struct buf *out);

#endif

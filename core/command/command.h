/* Commands: their registry, calls and jobs.
 *
 * A call is made by anyone (REST, CLI, a plugin), runs on its plugin's thread and is answered once.
 * Threads: any. `on_done` runs on the thread that answers; it must only hand the result over.
 * Calls are counted references: the registry holds one until the call is over and for an hour or
 * 1,000 finished calls after it (so jobs can be looked up). */
#ifndef GW_COMMAND_COMMAND_H
#define GW_COMMAND_COMMAND_H

#include "base/buf.h"
#include "base/clock.h"
#include "conf/values.h"

#include <gnswatch/plugin.h>

struct commands;

struct caller {
    const char *name; /* token's name, instance, "local" */
    const char *via;  /* "rest", "cli", "plugin" */
    enum gw_role role;
};

/* Who can run commands: the plugin host. Runs `command` for `instance` soon on the instance's own
 * thread by calling call_run; 0, or -EAGAIN (its queue is full), -ESHUTDOWN (it does not run now).
 * It is called with the registry locked: it must only queue the call and wake the thread. A call it
 * has taken is valid until it is answered, or until commands_release. */
typedef int command_dispatch_fn(void *instance, struct gw_call *call);

typedef void command_done_fn(void *data, struct gw_call *call);

struct commands *commands_new(const struct clock *clock);
void commands_free(struct commands *commands);

/* `instance` offers its plugin's commands. Several instances of a plugin may offer the same: a call
 * goes to the first whose name is the parameter "instance" or "server", else to the first. The
 * built-in ones have self NULL. -EEXIST when another plugin has the name. */
int commands_add(struct commands *commands, const char *plugin, const char *instance_name,
                 void *instance, command_dispatch_fn *dispatch, const struct gw_command *table);
/* The same for its plugin's pages. */
int commands_add_pages(struct commands *commands, const char *plugin, const char *instance_name,
                       void *instance, command_dispatch_fn *dispatch, const struct gw_page *table);
void commands_remove(struct commands *commands, void *instance); /* its calls are refused */
/* Refuses the unanswered calls of an instance that stops, then (after its `stop`, which may still
 * touch them) lets go of those it never answered. */
void commands_refuse(struct commands *commands, void *instance, const char *sentence);
void commands_release(struct commands *commands, void *instance);
const struct gw_command *commands_find(struct commands *commands, const char *name);
typedef void command_visit_fn(void *data, const struct gw_command *command);
void commands_each(struct commands *commands, command_visit_fn *visit, void *data);

/* Starts a call; the caller gets a reference in *out (call_unref). 0, or -ENOENT unknown, -EPERM
 * role, -EINVAL with problems, -EAGAIN, -ENOMEM: then on_done does not come. */
int commands_call(struct commands *commands, const char *name, const json_t *params,
                  const struct caller *caller, command_done_fn *on_done, void *data,
                  struct problems *problems, struct gw_call **out);

/* Pages: calls that are no jobs, are in no history, and end with a body of any type. */
typedef bool page_visit_fn(void *data, const struct gw_page *page); /* false ends the walk */
void commands_each_page(struct commands *commands, page_visit_fn *visit, void *data);
/* Puts a parameter, which came as text, among `params`, as the page's table has it; numbers and the
 * like stay text when they are not what they should be, for the check to say so. Said again it
 * becomes a list, which is right for GW_STRINGS only. */
void page_param(json_t *params, const struct gw_page *page, const char *name, const char *text);
/* As commands_call; `path` is the page's own, with its {names}. `accept` may be NULL. */
int commands_call_page(struct commands *commands, const char *path, const json_t *params,
                       const char *accept, const struct caller *caller, command_done_fn *on_done,
                       void *data, struct problems *problems, struct gw_call **out);
struct page_answer { /* the call's */
    const char *type, *body;
    size_t bytes;
};
/* What a page's call that is over without an error has answered. */
struct page_answer call_page_answer(const struct gw_call *call);

/* On the instance's thread. An error of `run` refuses the call with it; call_try returns it instead
 * when the call still waits for its answer (then the caller refuses it). */
void call_run(struct gw_plugin *self, struct gw_call *call);
int call_try(struct gw_plugin *self, struct gw_call *call);
struct gw_call *call_ref(struct gw_call *call);
void call_unref(struct gw_call *call);
const char *call_id(const struct gw_call *call);         /* 16 hex digits */
bool call_done(struct gw_call *call, int *error);        /* error: 0 or negative errno */
void call_result(struct gw_call *call, struct buf *out); /* the answer, or {"detail":…} */
void call_json(struct gw_call *call, struct buf *out);   /* as a job: see core/api/README.md */
void call_cancel(struct gw_call *call);
int errno_status(int error); /* HTTP status of 0 or a negative errno, as gnswatch/plugin.h says */
struct gw_call *commands_job(struct commands *commands, const char *id); /* a reference or NULL */
void commands_jobs(struct commands *commands, struct buf *out); /* JSON array, newest first */
void commands_expire(struct commands *commands); /* deadlines; called each second by the host */

/* In a child: finished calls are forgotten at once, and whoever sends them on is told of progress,
 * on the thread that made it. Set before any call. */
typedef void command_progress_fn(void *to, struct gw_call *call, double done, const char *sentence);
void commands_pass_on(struct commands *commands, command_progress_fn *progress, void *to);
void *call_passed_to(const struct gw_call *call); /* `to` */
void *call_data(const struct gw_call *call);      /* what commands_call was given */
void commands_cancel(struct commands *commands, const void *data); /* the call with this data */

/* Told when a call ends, for the history (store) and the live socket: JSON as call_json. */
void commands_listen(struct commands *commands, void (*ended)(void *data, const char *call_json),
                     void *data); /* up to 4 */
#endif

/* An instance in a process of its own (`isolation: process`): the seams between its parts.
 *
 *   daemon                                               child: gnswatch worker (hidden)
 *   host.c ── describe.c: the plugin's tables            child.c: enters the sandbox, loads the
 * .so, │       as a child told them, never by dlopen      runs the usual struct gw_plugin on remote
 *     └─ instance (usual thread and loop) whose          parts
 *        descriptor is proxy.c ── socket: frames ──►     every gw_ function asks over the socket
 *            spawn.c, limits.c, crash.c ◄── rows in shared memory
 *
 * The child is never trusted: every frame and row is checked by proxy.c as if a stranger sent it,
 * and whatever it sends is bounded. It holds no state that the daemon needs. */
#ifndef GW_WORKER_WORKER_H
#define GW_WORKER_WORKER_H

#include "base/clock.h"

#include <gnswatch/plugin.h>
#include <sys/types.h>

/* From the instance's file (`limits:`, `run_as:`); 0 or NULL: none. */
struct worker_limits {
    int64_t memory_bytes; /* of data; also watched as resident memory */
    double cpu_percent;   /* of one core, over ten seconds; above it is paused in between */
    int64_t files, series, processes;
    double events_per_s;
    const char *user; /* borrowed */
    int64_t hang_ms;  /* a callback that takes longer is killed */
};

/* What a child gets at descriptors 3 and 4, and how its parent sees it. */
enum { WORKER_SOCKET_FD = 3, WORKER_MEMORY_FD = 4 };

struct worker_process { /* by value; -1: closed */
    pid_t pid;
    int pid_fd;       /* readable when it has ended */
    int socket_fd;    /* SOCK_STREAM, ours */
    int said_fd;      /* its stdout and stderr */
    int memory_fd;    /* rows; sealed against shrinking; made by whoever calls worker_spawn */
    int64_t begun_ms; /* monotonic */
    bool starts;      /* it may start processes: its end is theirs, wherever they are */
    char mark[64];    /* a variable of its environment, and so of theirs */
};

/* spawn.c: starts `gnswatch worker` in a process group of its own, with nothing of ours but the
 * descriptors above, and ends with us (PR_SET_PDEATHSIG). 0 or a negative errno. */
int worker_spawn(const char *instance, int memory_fd, struct worker_process *out);
void worker_kill(struct worker_process *process, int signal); /* the whole group */
/* Sends a signal (0: none) to whatever it has started that is not below it any more, having left
 * its group and lost its parent; returns how many there are, with those below it. Looks at all
 * processes of the machine. */
size_t worker_sweep(const struct worker_process *process, int signal);
/* Once pid_fd is readable: its wait status; closes all. */
int worker_reap(struct worker_process *process);

/* sandbox.c: in the child, before the plugin's file is opened: limits, no new privileges, the user,
 * no capabilities, seccomp. 0, or a negative errno with a sentence in why[]. */
int sandbox_enter(const struct worker_limits *limits, char why[256]);

/* crash.c: in the child, handlers on a stack of their own that write what happened and a backtrace
 * to stderr; SIGABRT sent by the parent to a hanging one does the same for its instance's thread.
 */
void crash_handlers(void);
void crash_stack(void); /* the same stack for another thread, on it */
/* In the daemon: a sentence for a wait status ("killed by signal 11 (Segmentation fault)"). */
void crash_sentence(int status, char *out, size_t bytes);

/* limits.c, in the daemon: what a child costs, sampled each 100 ms; pauses it (SIGSTOP) while it is
 * above its share, says when it must be killed. */
struct worker_meter {
    const struct worker_limits *limits; /* borrowed */
    pid_t pid;
    int statm_fd;                            /* owned; -1: what is resident is not asked for */
    int64_t cpu_ns, rss_bytes, memory_bytes; /* last seen; memory: without files */
    int64_t memory_ns;                       /* when those two were */
    int64_t held_bytes, held_ns;             /* in files that are memory, and when */
    int64_t held_cpu_ns;                     /* … and what it had used by then */
    int64_t
        ours_ns; /* CPU that the daemon has spent on it, set by whoever samples; its share too */
    int64_t ours_before_ns;
    int64_t since_ns, budget_ns;
    bool paused;
    int64_t paused_ns; /* altogether: no hanging */
    char why[160];     /* when it must be killed */
};
struct conf_instance;
struct worker_limits worker_limits_of(const struct conf_instance *conf); /* borrows run_as */
void worker_meter_init(struct worker_meter *meter, const struct worker_limits *limits, pid_t pid);
void worker_meter_fini(struct worker_meter *meter);
/* Returns false when it is to be killed: `why` says for what. */
bool worker_meter_sample(struct worker_meter *meter, int64_t now_ns);

/* describe.c: the tables of a plugin as a child told them, checked; it costs at most 5 s. NULL with
 * a sentence in *why (the caller frees). Where the plugin has a function there is one that refuses
 * (never NULL, so that it shows what there is): proxy.c puts its own in their place. Who calls
 * keeps it as long as anything may look at it, then descriptor_free. */
struct gw_descriptor *worker_describe(const char *path, char **why);
/* describe_json.c, describe_read.c */
char *descriptor_to_json(const struct gw_descriptor *descriptor); /* the caller frees; NULL: none */
struct gw_descriptor *descriptor_from_json(const char *json, size_t bytes, char **why);
void descriptor_free(struct gw_descriptor *descriptor); /* one of the two above; NULL is fine */

/* proxy.c: the descriptor of an isolated instance: `described` with callbacks that speak to a child
 * which runs the plugin at `path`. Lives as long as the program. */
const struct gw_descriptor *worker_proxy(const struct gw_descriptor *described, const char *path);
void worker_proxy_free(const struct gw_descriptor *proxy); /* NULL is fine */

/* child.c: `gnswatch worker`; `gnswatch worker describe FILE.so` prints its tables. */
int worker_main(int argc, char **argv);

#endif

/* process.h - one process of somebody else's: started, listened to, ended within its time. Knows
 * nothing of what its lines mean. */
#ifndef EXEC_PROCESS_H
#define EXEC_PROCESS_H

#include "child.h"
#include "lines.h"

#include <gnswatch/plugin.h>

struct process;

struct process_end {
    int status;     /* 0..255, or -signal */
    bool timed_out; /* we ended it, since it took too long */
    bool stopped;   /* we ended it, since process_stop was called */
    bool left_over; /* others held its pipes a second after its end; those of its group were killed
                     */
    double seconds, cpu_s;
};

struct process_options { /* borrowed for the call, but hooks' data */
    const char *file;
    char *const *argv, *const *env;
    const struct child_user *user;
    struct child_limits limits;
    bool keep_stdin;     /* an open pipe; else /dev/null */
    int64_t timeout_ms;  /* 0: none */
    int64_t bytes_per_s; /* read of both pipes; what comes faster waits in the child */
    void *data;
    lines_fn *on_line; /* of stdout */
    lines_fn *on_said; /* of stderr */
    /* It has ended and all it wrote has been read. The process is freed after this. */
    void (*on_end)(void *data, const struct process_end *end);
};

/* NULL: it did not start; *error is a negative errno and `step` says what failed. */
struct process *process_start(struct gw_plugin *self, const struct process_options *options,
                              int *error, const char **step);
pid_t process_pid(const struct process *process);
int64_t process_bytes(const struct process *process); /* read so far */
/* Since when (monotonic) it can say nothing more, though it runs: its stdout is closed; 0: it can.
 */
int64_t process_closed_ms(const struct process *process);
int64_t process_throttled(const struct process *process); /* pauses it was given */
/* To its stdin, whole or not at all: -EAGAIN when it does not read, -EPIPE when it has closed. */
int process_write(struct process *process, const char *text, size_t bytes);
int process_signal(struct process *process, int number);
/* SIGTERM to its group, SIGKILL 3 s later; on_end comes when it has ended. Nothing more it says is
 * told. */
void process_stop(struct process *process);
/* The instance ends: a signal to the group, without waiting. */
void process_kill(struct process *process, int number);
bool process_dead(struct process *process); /* looks */
/* Without on_end; kills what is left of the group. NULL is fine. */
void process_free(struct process *process);

#endif

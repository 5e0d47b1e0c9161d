/* What the files of core/worker share beyond worker.h and are no part of the protocol. */
#ifndef GW_WORKER_INSIDE_H
#define GW_WORKER_INSIDE_H

#include "worker/worker.h"

/* spawn.c: `gnswatch worker ARGS`; `args` ends with NULL. memory_fd -1: none. */
int spawn_args(const char *const *args, int memory_fd, struct worker_process *out);
/* Adds the children of `pid` to a list of `count`; returns how many it has now. */
size_t process_children(pid_t pid, pid_t *list, size_t count, size_t max);

/* sandbox.c, in the child: it ends with the thread that started it. */
void sandbox_tie(void);
/* Writes the sentence, returns `error`. */
int sandbox_fail(char why[256], int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* sandbox_calls.c */
int sandbox_calls(const struct worker_limits *limits, char why[256]);

/* describe.c: worker_describe with another deadline. */
struct gw_descriptor *describe_within(const char *path, int64_t deadline_ms, char **why);

/* describe_child.c: the plugin of a path, loaded by the same way as in the daemon. */
struct plugin *plugin_of_path(const char *path, char **why);
/* In the child of worker_describe (`socket`), or for a person on stdout. The exit code. */
int describe_child(const char *path, bool socket);

#endif

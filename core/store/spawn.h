/* Starting the store process: `gnswatch store-process`, its socket as 3 and the arena as 4. */
#ifndef GW_STORE_SPAWN_H
#define GW_STORE_SPAWN_H

#include <sys/types.h>

struct spawn {
    const char *exe;         /* NULL: /proc/self/exe */
    const char *const *args; /* after the subcommand; ends with NULL */
    int arena_fd;
};

/* 0, or a negative errno; *socket is the daemon's end (non-blocking), *pid a child to be waited
 * for. */
int spawn_process(const struct spawn *spawn, pid_t *pid, int *socket);

#endif

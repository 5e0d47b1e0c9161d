/* child.h - the moment between us and another program: everything a child is given and nothing
 * more. Knows nothing of what is run, or why. */
#ifndef EXEC_CHILD_H
#define EXEC_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILD_GROUPS_MAX = 64 };

struct child_user {
    bool change; /* false: we stay who we are */
    uid_t uid;
    gid_t gid;
    gid_t groups[CHILD_GROUPS_MAX];
    size_t group_count;
};

struct child_limits { /* 0: none */
    uint64_t memory_bytes, cpu_s, files;
};

struct child_plan { /* everything is borrowed for the call */
    const char *file;
    char *const *argv, *const *env;
    int in, out, err; /* become 0, 1 and 2 */
    const struct child_user *user;
    struct child_limits limits;
};

/* Starts it as the leader of a session and group of its own, in /, without any other descriptor of
 * ours and with default signals. It gets SIGTERM when we die. 0, or -errno with what failed in
 * *step ("execute", "become its user", …). `pidfd` is the caller's. */
int child_start(const struct child_plan *plan, pid_t *pid, int *pidfd, const char **step);

#endif

/* flock(2) on STATE/gnswatch.lock, which holds the pid of who has it. */
#include "state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(char **why, int error, const char *what, const char *path)
{
    if (asprintf(why, "%s %s: %s; give another directory with --state", what, path,
                 strerror(-error)) < 0)
        *why = NULL;
    return error;
}

/* mkdir -p */
static int make_path(const char *dir)
{
    char *path = strdup(dir);
    int error = path ? 0 : -ENOMEM;
    for (char *p = path ? path + 1 : NULL; p && !error; p++) {
        bool last = *p == '\0';
        if (*p != '/' && !last)
            continue;
        *p = '\0';
        if (mkdir(path, last ? 0750 : 0755) && errno != EEXIST)
            error = -errno;
        if (last)
            break;
        *p = '/';
    }
    free(path);
    return error;
}

static int say_held(int fd, const char *dir, char **why)
{
    char pid[16] = "";
    ssize_t bytes = pread(fd, pid, sizeof(pid) - 1, 0);
    pid[bytes > 0 ? bytes : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    if (asprintf(
            why,
            "another gnswatch (process %s) already uses %s; stop it, or give another directory "
            "with --state",
            *pid ? pid : "unknown", dir) < 0)
        *why = NULL;
    return -EBUSY;
}

int state_dir_hold(const char *dir, char **why)
{
    char *path = NULL;
    *why = NULL;
    int error = make_path(dir);
    if (error)
        return fail(why, error, "cannot make the state directory", dir);
    if (asprintf(&path, "%s/gnswatch.lock", dir) < 0)
        return -ENOMEM;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    error = fd < 0 ? fail(why, -errno, "cannot write", path) : 0;
    free(path);
    if (!error && flock(fd, LOCK_EX | LOCK_NB))
        error = say_held(fd, dir, why);
    if (!error && (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0))
        error = fail(why, -errno, "cannot write to the lock in", dir);
    if (error && fd >= 0)
        close(fd);
    return error ? error : fd;
}

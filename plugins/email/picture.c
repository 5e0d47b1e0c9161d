/* A child with two pipes, in a process group of its own, killed at the deadline. */
#include "picture.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PNG_MAX_BYTES = 4 << 20, PIECE_BYTES = 16384 };

struct child {
    pid_t pid;
    int in, out; /* ends of ours; -1: closed */
    const char *text;
    size_t left;
    char *png;
    size_t bytes;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int spawn_with(const char *program, const int in[2], const int out[2], pid_t *pid)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    char *argv[] = {(char *)(uintptr_t)program, NULL};
    int error = posix_spawn(pid, program, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

static int begin(struct child *child, const char *program)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC))
        return -errno;
    if (pipe2(out, O_CLOEXEC)) {
        int error = -errno;
        close(in[0]);
        close(in[1]);
        return error;
    }
    int error = spawn_with(program, in, out, &child->pid);
    close(in[0]);
    close(out[1]);
    child->in = in[1];
    child->out = out[0];
    fcntl(child->in, F_SETFL, O_NONBLOCK);
    fcntl(child->out, F_SETFL, O_NONBLOCK);
    return error;
}

static void feed(struct child *child)
{
    ssize_t sent = write(child->in, child->text, child->left);
    if (sent > 0) {
        child->text += sent;
        child->left -= (size_t)sent;
    }
    if (!child->left || (sent < 0 && errno != EAGAIN && errno != EINTR))
        shut(&child->in); /* it has all, or wants no more: its exit code tells */
}

static int drain(struct child *child)
{
    char *more = realloc(child->png, child->bytes + PIECE_BYTES);
    if (!more)
        return -ENOMEM;
    child->png = more;
    ssize_t got = read(child->out, child->png + child->bytes, PIECE_BYTES);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    child->bytes += (size_t)got;
    if (!got)
        shut(&child->out);
    return child->bytes > PNG_MAX_BYTES ? -EMSGSIZE : 0;
}

static int talk(struct child *child, int64_t until_ms)
{
    int error = 0;
    while (!error && child->out >= 0) {
        struct pollfd fds[] = {{.fd = child->out, .events = POLLIN},
                               {.fd = child->in, .events = POLLOUT}};
        int64_t left_ms = until_ms - now_ms();
        if (left_ms <= 0)
            return -ETIMEDOUT;
        if (poll(fds, 2, (int)left_ms) < 0 && errno != EINTR)
            return -errno;
        if (child->in >= 0 && fds[1].revents)
            feed(child);
        if (fds[0].revents)
            error = drain(child);
    }
    return error;
}

/* It closes its output when it ends; who lingers after that is killed too. */
static int reap(const struct child *child, bool now, int64_t until_ms)
{
    int status = 0;
    pid_t gone = 0;
    while (!now && !(gone = waitpid(child->pid, &status, WNOHANG)) && now_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    if (!gone) {
        kill(-child->pid, SIGKILL);
        waitpid(child->pid, &status, 0);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int picture_make(const char *program, const char *json, int64_t deadline_ms, void **png,
                 size_t *bytes)
{
    struct child child = {.in = -1, .out = -1, .text = json, .left = strlen(json)};
    int64_t until_ms = now_ms() + deadline_ms;
    int error = begin(&child, program);
    if (!error) {
        error = talk(&child, until_ms);
        shut(&child.in); /* it may still wait for more */
        int ended = reap(&child, error != 0, until_ms);
        error = error ? error : ended;
    }
    shut(&child.in);
    shut(&child.out);
    if (!error && (child.bytes < 8 || memcmp(child.png, "\x89PNG\r\n\x1a\n", 8) != 0))
        error = -EIO;
    if (error) {
        free(child.png);
        return error;
    }
    *png = child.png;
    *bytes = child.bytes;
    return 0;
}

int picture_program(char *path, size_t size)
{
    Dl_info info;
    if (!dladdr((void *)(uintptr_t)&picture_program, &info) || !info.dli_fname)
        return -ENOENT;
    const char *slash = strrchr(info.dli_fname, '/');
    int length = snprintf(path, size, "%.*s/../gnswatch-chart",
                          slash ? (int)(slash - info.dli_fname) : 1, slash ? info.dli_fname : ".");
    return length > 0 && (size_t)length < size && !access(path, X_OK) ? 0 : -ENOENT;
}

/* By posix_spawn, so that a daemon with large mappings is not copied. Knows nothing of what is said
 * over the socket. */
#include "base/spawn.h"
#include "worker/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    ABOVE = 16, /* what is to become 0 to 4 in the child must not be overwritten by dup2 */
    ARGS_MAX = 8,
    VARIABLES_MAX = 64,
    DESCENDANTS_MAX = 256,
    SWEEPS_MAX = 50,
    ENVIRON_BYTES = 32 << 10,
};

/* The child's ends, lifted above what they become; -1: none. */
struct ends {
    int socket, said, memory;
};

/* Variables of ours that a plugin may see: the others may hold secrets of other instances. */
static bool may_see(const char *variable)
{
    static const char *const names[] = {
        "PATH=",       "HOME=",         "USER=",     "LOGNAME=", "LANG=",    "LANGUAGE=",
        "LC_",         "TZ=",           "TMPDIR=",   "XDG_",     "LD_",      "MALLOC_",
        "http_proxy=", "https_proxy=",  "no_proxy=", "SSL_CERT", "CURL_CA_", "ALL_PROXY=",
        "HTTP_PROXY=", "HTTPS_PROXY=",  "NO_PROXY=", "ASAN_",    "UBSAN_",   "LSAN_",
        "TSAN_",       "LLVM_PROFILE_",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strncmp(variable, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static void pick_environment(char *mark, char *out[VARIABLES_MAX + 1])
{
    size_t count = 0;
    out[count++] = mark;
    for (char **at = environ; *at && count < VARIABLES_MAX; at++) {
        if (may_see(*at))
            out[count++] = *at;
    }
    out[count] = NULL;
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct ends *ends)
{
    bool memory = ends->memory >= 0;
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->said, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->said, STDERR_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, ends->socket, WORKER_SOCKET_FD);
    if (!error && memory)
        error = posix_spawn_file_actions_adddup2(actions, ends->memory, WORKER_MEMORY_FD);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(actions, WORKER_MEMORY_FD + memory);
    return error;
}

/* Returns 0 or a positive errno, as posix_spawn does. */
static int run(const char *const *args, const struct ends *ends, struct worker_process *out)
{
    char *argv[ARGS_MAX + 3] = {(char *)(uintptr_t) "gnswatch", (char *)(uintptr_t) "worker"};
    char *variables[VARIABLES_MAX + 1];
    for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
        argv[i + 2] = (char *)(uintptr_t)args[i];
    pick_environment(out->mark, variables);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = spawn_apart(&attributes);
        if (!error)
            error = set_actions(&actions, ends);
        if (!error)
            error =
                posix_spawn(&out->pid, "/proc/self/exe", &actions, &attributes, argv, variables);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Takes `fd` and returns it above what the child needs below. */
static int lift(int fd)
{
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE), error = -errno;
    close(fd);
    return lifted < 0 ? error : lifted;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int open_socket(struct worker_process *process, struct ends *ends)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -errno;
    process->socket_fd = pair[0];
    ends->socket = lift(pair[1]);
    if (ends->socket < 0)
        return ends->socket;
    return fcntl(pair[0], F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static int open_said(struct worker_process *process, struct ends *ends)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC))
        return -errno;
    process->said_fd = pair[0];
    ends->said = lift(pair[1]);
    if (ends->said < 0)
        return ends->said;
    return fcntl(pair[0], F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static int open_ends(struct worker_process *process, int memory_fd, struct ends *ends)
{
    int error = open_socket(process, ends);
    if (!error)
        error = open_said(process, ends);
    if (!error && memory_fd >= 0) {
        ends->memory = fcntl(memory_fd, F_DUPFD_CLOEXEC, ABOVE);
        error = ends->memory < 0 ? -errno : 0;
    }
    return error;
}

static void close_process(struct worker_process *process)
{
    close_one(&process->pid_fd);
    close_one(&process->socket_fd);
    close_one(&process->said_fd);
    close_one(&process->memory_fd);
}

int spawn_args(const char *const *args, int memory_fd, struct worker_process *out)
{
    struct ends ends = {-1, -1, -1};
    *out = (struct worker_process){
        .pid = -1, .pid_fd = -1, .socket_fd = -1, .said_fd = -1, .memory_fd = -1};
    out->begun_ms = clock_monotonic_ms(clock_system());
    snprintf(out->mark, sizeof(out->mark), "GNSWATCH_WORKER=%d.%lld", (int)getpid(),
             (long long)clock_monotonic_ns(clock_system()));
    int error = open_ends(out, memory_fd, &ends);
    if (!error)
        error = -run(args, &ends, out);
    close_one(&ends.socket);
    close_one(&ends.said);
    close_one(&ends.memory);
    if (!error && (out->pid_fd = pidfd_open(out->pid, 0)) < 0) {
        error = -errno;
        worker_kill(out, SIGKILL);
        waitpid(out->pid, NULL, 0);
    }
    if (error)
        close_process(out);
    else
        out->memory_fd = memory_fd;
    return error;
}

int worker_spawn(const char *instance, int memory_fd, struct worker_process *out)
{
    const char *const args[] = {instance, NULL};
    return spawn_args(args, memory_fd, out);
}

/* ---- the end ---- */

/* Each thread has those it has started. */
static size_t thread_children(pid_t pid, const char *thread, pid_t *list, size_t count, size_t max)
{
    char path[320], line[4096];
    snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread);
    FILE *file = fopen(path, "re");
    const char *at = file && fgets(line, sizeof(line), file) ? line : "";
    for (char *end; count < max; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        list[count++] = (pid_t)child;
    }
    if (file)
        fclose(file);
    return count;
}

size_t process_children(pid_t pid, pid_t *list, size_t count, size_t max)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads)) != NULL;) {
        if (entry->d_name[0] != '.')
            count = thread_children(pid, entry->d_name, list, count, max);
    }
    if (threads)
        closedir(threads);
    return count;
}

void worker_kill(struct worker_process *process, int signal)
{
    pid_t list[DESCENDANTS_MAX];
    if (process->pid <= 0)
        return;
    /* What may start processes may have put them into groups of their own. */
    size_t count = process_children(process->pid, list, 0, DESCENDANTS_MAX);
    for (size_t i = 0; i < count; i++)
        count = process_children(list[i], list, count, DESCENDANTS_MAX);
    if (kill(-process->pid, signal))
        kill(process->pid, signal);
    for (size_t i = 0; i < count; i++)
        kill(list[i], signal);
}

/* Does its environment begin with, or hold, this? Another's cannot be read, and is none of ours. */
static bool has_mark(const char *pid, const char *mark, char text[ENVIRON_BYTES])
{
    char path[300];
    snprintf(path, sizeof(path), "/proc/%s/environ", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t bytes = fd < 0 ? -1 : read(fd, text, ENVIRON_BYTES);
    if (fd >= 0)
        close(fd);
    return bytes > 0 && memmem(text, (size_t)bytes, mark, strlen(mark) + 1);
}

size_t worker_sweep(const struct worker_process *process, int signal)
{
    char *text = malloc(ENVIRON_BYTES);
    DIR *all = text ? opendir("/proc") : NULL;
    size_t count = 0;
    for (struct dirent *entry; all && (entry = readdir(all)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || pid == process->pid || !has_mark(entry->d_name, process->mark, text))
            continue;
        count++;
        if (signal)
            kill(pid, signal);
    }
    if (all)
        closedir(all);
    free(text);
    return count;
}

int worker_reap(struct worker_process *process)
{
    int status = 0;
    pid_t pid;
    worker_kill(process, SIGKILL); /* what it has left behind in its group */
    for (int i = 0; process->starts && i < SWEEPS_MAX && worker_sweep(process, SIGKILL); i++)
        ; /* what has begun meanwhile; one that is just dying is seen again */
    do
        pid = waitpid(process->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    process->pid = -1;
    close_process(process);
    return pid < 0 ? 0 : status;
}

/* By posix_spawn, so that a daemon with large mappings is not copied. */
#include "store/spawn.h"

#include "base/spawn.h"
#include "store/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

enum { ARGS_MAX = 24, ABOVE = 10 /* the child's 3 and 4 must not be overwritten by dup2 */ };

static int run(const struct spawn *spawn, int child_socket, int arena, pid_t *pid)
{
    char *argv[ARGS_MAX] = {(char *)(uintptr_t) "gnswatch", (char *)(uintptr_t) "store-process"};
    for (size_t i = 0; spawn->args[i] && i + 3 < ARGS_MAX; i++)
        argv[i + 2] = (char *)(uintptr_t)spawn->args[i];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, child_socket, FRAME_SOCKET);
    posix_spawn_file_actions_adddup2(&actions, arena, FRAME_ARENA);
    int error = spawn_apart(&attributes);
    if (!error)
        error = posix_spawn(pid, spawn->exe ? spawn->exe : "/proc/self/exe", &actions, &attributes,
                            argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

static int lift(int fd)
{
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
    return lifted < 0 ? -errno : lifted;
}

int spawn_process(const struct spawn *spawn, pid_t *pid, int *socket)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return -errno;
    int child = lift(pair[1]), arena = lift(spawn->arena_fd);
    int error = child < 0 ? child : arena < 0 ? arena : 0;
    if (!error && fcntl(pair[0], F_SETFL, O_NONBLOCK))
        error = -errno;
    if (!error)
        error = run(spawn, child, arena, pid);
    if (child >= 0)
        close(child);
    if (arena >= 0)
        close(arena);
    close(pair[1]);
    if (error)
        close(pair[0]);
    else
        *socket = pair[0];
    return error;
}

/* child.c - see child.h. Between clone and exec only system calls are made: nothing that allocates
 * or locks. Without a change of user the child borrows our memory meanwhile (as vfork does), so a
 * large host costs nothing; with one it does not, since whoever may trace the new user must not see
 * our memory. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(SYS_setresuid32)
enum { SET_UID = SYS_setresuid32, SET_GID = SYS_setresgid32, SET_GROUPS = SYS_setgroups32 };
#else
enum { SET_UID = SYS_setresuid, SET_GID = SYS_setresgid, SET_GROUPS = SYS_setgroups };
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { STACK_BYTES = 256 * 1024, ABOVE = 10, SET_CLOEXEC = 4 /* CLOSE_RANGE_CLOEXEC */ };

static const char *const steps[] = {
    "begin a session", "set up its pipes", "go to /",
    "set its limits",  "become its user",  "execute",
};
enum { STEP_SESSION, STEP_PIPES, STEP_FOLDER, STEP_LIMITS, STEP_USER, STEP_EXECUTE };

struct launch {
    const struct child_plan *plan;
    int report;
};

struct failure {
    int step, error;
};

#define IN_CHILD __attribute__((no_sanitize("address", "undefined", "thread")))

/* What we ourselves may not exceed is limit enough. */
IN_CHILD static bool limit(int resource, uint64_t most)
{
    struct rlimit both;
    if (most == 0 || getrlimit((__rlimit_resource_t)resource, &both))
        return most == 0;
    if (both.rlim_max > most)
        both.rlim_max = most;
    both.rlim_cur = both.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

IN_CHILD static bool limit_all(const struct child_limits *limits)
{
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none) == 0 && limit(RLIMIT_DATA, limits->memory_bytes) &&
           limit(RLIMIT_CPU, limits->cpu_s) && limit(RLIMIT_NOFILE, limits->files);
}

/* Raw calls: the library's would ask all threads to change with us. */
IN_CHILD static bool become(const struct child_user *user)
{
    return !user->change || (syscall(SET_GROUPS, user->group_count, user->groups) == 0 &&
                             syscall(SET_GID, user->gid, user->gid, user->gid) == 0 &&
                             syscall(SET_UID, user->uid, user->uid, user->uid) == 0);
}

IN_CHILD static void default_signals(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &plain, NULL);
}

IN_CHILD static int set_up(const struct child_plan *plan)
{
    default_signals();
    if (setsid() < 0)
        return STEP_SESSION;
    if (dup2(plan->in, 0) < 0 || dup2(plan->out, 1) < 0 || dup2(plan->err, 2) < 0)
        return STEP_PIPES;
    syscall(SYS_close_range, 3U, ~0U, SET_CLOEXEC); /* all of ours have it anyway */
    if (chdir("/"))
        return STEP_FOLDER;
    umask(022);
    if (!limit_all(&plan->limits))
        return STEP_LIMITS;
    if (!become(plan->user))
        return STEP_USER;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(plan->file, plan->argv, plan->env);
    return STEP_EXECUTE;
}

IN_CHILD static int child_main(void *arg)
{
    const struct launch *launch = arg;
    struct failure failure = {.step = set_up(launch->plan), .error = errno};
    while (write(launch->report, &failure, sizeof failure) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* We go on when the child has executed or ended, so nobody else sees what it borrows. */
static pid_t launch_it(struct launch *launch, int *pidfd)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return -1;
    int flags = CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    if (!launch->plan->user->change)
        flags |= CLONE_VM;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid_t pid = clone(child_main, stack + STACK_BYTES, flags, launch, pidfd);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    munmap(stack, STACK_BYTES);
    errno = error;
    return pid;
}

static int reap_failed(pid_t pid, int pidfd, const struct failure *failure, const char **step)
{
    siginfo_t info;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    close(pidfd);
    *step = steps[failure->step];
    return failure->error ? -failure->error : -EIO;
}

int child_start(const struct child_plan *plan, pid_t *pid, int *pidfd, const char **step)
{
    int report[2];
    *step = "start";
    if (pipe2(report, O_CLOEXEC | O_NONBLOCK))
        return -errno;
    int high = fcntl(report[1], F_DUPFD_CLOEXEC, ABOVE); /* not where 0, 1, 2 go */
    struct launch launch = {plan, high};
    *pid = high < 0 ? -1 : launch_it(&launch, pidfd);
    int error = *pid < 0 ? -errno : 0;
    close(report[1]);
    if (high >= 0)
        close(high);
    struct failure failure;
    if (!error && read(report[0], &failure, sizeof failure) == (ssize_t)sizeof failure)
        error = reap_failed(*pid, *pidfd, &failure, step);
    close(report[0]);
    return error;
}

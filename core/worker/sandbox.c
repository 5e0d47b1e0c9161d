/* What a child may use and become: limits, user, capabilities. Its system calls are
 * sandbox_calls.c's. Entered once, by the only thread there is. */
#include "worker/inside.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel counts all threads of a user: those of its other processes are left room. Who may
 * start processes has them counted by limits.c too, but that is four times a second. */
enum { OTHERS = 1024 };

int sandbox_fail(char why[256], int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, 256, format, args);
    va_end(args);
    return error;
}

void sandbox_tie(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* ---- limits ---- */

static int limit(int resource, int64_t value, const char *name, char why[256])
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now))
        return sandbox_fail(why, -errno, "cannot read the limit of %s", name);
    rlim_t wanted = (rlim_t)value;
    if (now.rlim_max != RLIM_INFINITY && wanted > now.rlim_max)
        wanted = now.rlim_max;
    now = (struct rlimit){wanted, wanted};
    if (setrlimit((__rlimit_resource_t)resource, &now))
        return sandbox_fail(why, -errno, "cannot limit %s to %lld: %s", name, (long long)value,
                            strerror(errno));
    return 0;
}

/* A sanitizer's own memory is beyond any sensible limit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MEMORY_LIMITED = 0 };
#else
enum { MEMORY_LIMITED = 1 };
#endif

static int set_limits(const struct worker_limits *limits, char why[256])
{
    int error = limit(RLIMIT_CORE, 0, "core files", why);
    if (!error && limits->files > 0)
        error = limit(RLIMIT_NOFILE, limits->files, "open files", why);
    if (!error && limits->memory_bytes > 0 && MEMORY_LIMITED)
        error = limit(RLIMIT_DATA, limits->memory_bytes, "memory", why);
    if (!error && limits->user && limits->processes > 0)
        error = limit(RLIMIT_NPROC, limits->processes + OTHERS, "processes", why);
    return error;
}

/* ---- user and capabilities ---- */

/* What is not in the bounding set cannot come back by running a program. Needs a right that an
 * ordinary user does not have, and then has nothing to lose either. */
static void drop_bounding(void)
{
    for (unsigned long capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
            return;
    }
}

static int drop_capabilities(char why[256])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}, {0}};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none))
        return sandbox_fail(why, -errno, "cannot give up capabilities: %s", strerror(errno));
    return 0;
}

static int become(const char *user, char why[256])
{
    struct passwd entry, *found = NULL;
    char texts[4096];
    if (getpwnam_r(user, &entry, texts, sizeof(texts), &found) || !found)
        return sandbox_fail(why, -ENOENT, "user: there is no user '%s' on this machine", user);
    if (geteuid() == entry.pw_uid && getuid() == entry.pw_uid)
        return 0;
    if (geteuid() != 0)
        return sandbox_fail(why, -EPERM,
                            "user: only a gnswatch that runs as root can start a plugin as '%s'",
                            user);
    if (initgroups(user, entry.pw_gid) || setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) ||
        setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid))
        return sandbox_fail(why, -errno, "user: cannot become '%s': %s", user, strerror(errno));
    return 0;
}

/* struct landlock_ruleset_attr as Linux 6.12 has it (version 6), which headers here may not. */
struct fence_rules {
    uint64_t handled_access_fs, handled_access_net, scoped;
};
enum { FENCE_SCOPED_VERSION = 6, FENCE_SCOPE_SIGNAL = 1 << 1 };

/* A domain of its own, where the kernel has Landlock: then it cannot look into processes of the
 * same user by way of /proc, nor, with a newer one, send them signals. Nothing else is forbidden by
 * it but new device files. */
static void fence(void)
{
    struct fence_rules rules = {.handled_access_fs =
                                    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    size_t bytes = sizeof(rules.handled_access_fs);
    if (version >= FENCE_SCOPED_VERSION) {
        rules.scoped = FENCE_SCOPE_SIGNAL;
        bytes = sizeof(rules);
    }
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, bytes, 0);
    if (fd < 0)
        return;
    syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
}

int sandbox_enter(const struct worker_limits *limits, char why[256])
{
    why[0] = '\0';
    int error = set_limits(limits, why);
    if (error)
        return error;
    drop_bounding();
    if (limits->user)
        error = become(limits->user, why);
    if (!error)
        error = drop_capabilities(why);
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        error = sandbox_fail(why, -errno, "cannot refuse new privileges: %s", strerror(errno));
    if (error)
        return error;
    sandbox_tie();                      /* forgotten by the kernel with another user */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* likewise; the daemon reads /proc of it */
    fence();
    return sandbox_calls(limits, why);
}

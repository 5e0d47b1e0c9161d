/* Which system calls a child has no business with, by seccomp. They fail with EPERM, so that a
 * plugin can say what it could not do. A list of what is refused, not of what is allowed: a plugin
 * may use any library, but none needs these. */
#include "worker/inside.h"

#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OF_PROCESS = 1 }; /* IOPRIO_WHO_PROCESS, which headers here do not have */

/* Names, for not every kernel and machine has all of them. */
static const char *const never[] = {
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "chroot",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "reboot",
    "swapon",
    "swapoff",
    "setns",
    "unshare",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "open_by_handle_at",
    "acct",
    "quotactl",
    "iopl",
    "ioperm",
    "settimeofday",
    "clock_settime",
    "sethostname",
    "setdomainname",
    "syslog",
    "vhangup",
    "personality",
    "tkill",
    "pidfd_send_signal",
};

/* Without processes of its own. */
static const char *const alone[] = {"fork", "vfork", "execve", "execveat"};

static const unsigned long namespaces[] = {
    CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,    CLONE_NEWNS,
    CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP,
};

struct rules {
    scmp_filter_ctx filter;
    int error; /* the first */
};

static void refuse(struct rules *rules, const char *name, int error, unsigned count,
                   const struct scmp_arg_cmp *args)
{
    int number = seccomp_syscall_resolve_name(name);
    if (rules->error || number == __NR_SCMP_ERROR)
        return;
    int result =
        seccomp_rule_add_array(rules->filter, SCMP_ACT_ERRNO((uint16_t)error), number, count, args);
    if (result && result != -EDOM) /* no such call on this machine */
        rules->error = result;
}

static void refuse_when(struct rules *rules, const char *name, struct scmp_arg_cmp arg)
{
    refuse(rules, name, EPERM, 1, &arg);
}

static void refuse_all(struct rules *rules, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse(rules, names[i], EPERM, 0, NULL);
}

/* The kernel looks at the lower half of an int; what is above must not hide it. */
static struct scmp_arg_cmp is_int(unsigned arg, int value)
{
    return SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)value);
}

static struct scmp_arg_cmp is_flag(unsigned arg, int flag)
{
    return SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, (uint32_t)flag, (uint32_t)flag);
}

/* The daemon runs as the same user, so the kernel would let it be slowed down, starved of
 * descriptors, or made the owner of a file's signals. */
static void refuse_reach(struct rules *rules)
{
    static const char *const of_pid[] = {"prlimit64", "sched_setaffinity", "sched_setscheduler",
                                         "sched_setparam", "sched_setattr"};
    for (size_t i = 0; i < sizeof(of_pid) / sizeof(*of_pid); i++)
        refuse_when(rules, of_pid[i], SCMP_A0(SCMP_CMP_NE, 0)); /* 0: itself */
    static const char *const of_whom[] = {"setpriority", "ioprio_set"};
    for (size_t i = 0; i < sizeof(of_whom) / sizeof(*of_whom); i++)
        refuse_when(rules, of_whom[i], SCMP_A1(SCMP_CMP_NE, 0));
    refuse_when(rules, "setpriority", SCMP_A0(SCMP_CMP_NE, PRIO_PROCESS));
    refuse_when(rules, "ioprio_set", SCMP_A0(SCMP_CMP_NE, OF_PROCESS));
    refuse_when(rules, "fcntl", is_int(1, F_SETOWN));
    refuse_when(rules, "fcntl", is_int(1, F_SETOWN_EX));
    refuse_when(rules, "ioctl", is_int(1, FIOSETOWN));
    refuse_when(rules, "ioctl", is_int(1, SIOCSPGRP));
}

/* System V memory and queues outlive whoever has made them, and no limit counts them. */
static void refuse_lasting(struct rules *rules)
{
    refuse_when(rules, "shmget", is_flag(2, IPC_CREAT));
    refuse_when(rules, "semget", is_flag(2, IPC_CREAT));
    refuse_when(rules, "msgget", is_flag(1, IPC_CREAT));
}

/* Who may end children of its own still has no business with the daemon. */
static void spare_daemon(struct rules *rules)
{
    static const char *const calls[] = {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"};
    const pid_t daemon = getppid(), group = getpgid(daemon);
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        refuse_when(rules, calls[i], is_int(0, daemon));
    refuse_when(rules, "kill", is_int(0, -1));
    if (group > 1)
        refuse_when(rules, "kill", is_int(0, -group));
}

/* It may signal itself only. What has children of its own must be able to end them: there the
 * kernel's own rules (the same user) are all there is. */
static void refuse_signals(struct rules *rules)
{
    static const char *const calls[] = {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"};
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        refuse_when(rules, calls[i], SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
}

static void add_rules(struct rules *rules, const struct worker_limits *limits)
{
    refuse_all(rules, never, sizeof(never) / sizeof(*never));
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++)
        refuse_when(rules, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
    /* Its flags are in memory, where no filter sees them; the C library goes on with clone. */
    refuse(rules, "clone3", ENOSYS, 0, NULL);
    refuse_reach(rules);
    refuse_lasting(rules);
    if (limits->processes > 0) {
        spare_daemon(rules);
        return;
    }
    refuse_all(rules, alone, sizeof(alone) / sizeof(*alone));
    refuse_when(rules, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    refuse_when(rules, "prctl", is_int(0, PR_SET_PDEATHSIG));
    refuse_signals(rules);
}

int sandbox_calls(const struct worker_limits *limits, char why[256])
{
    struct rules rules = {.filter = seccomp_init(SCMP_ACT_ALLOW)};
    if (!rules.filter)
        return sandbox_fail(why, -ENOMEM, "no memory for the filter of system calls");
    add_rules(&rules, limits);
    if (!rules.error)
        rules.error = seccomp_load(rules.filter);
    seccomp_release(rules.filter);
    if (rules.error)
        return sandbox_fail(why, rules.error, "cannot restrict system calls: %s",
                            strerror(-rules.error));
    return 0;
}

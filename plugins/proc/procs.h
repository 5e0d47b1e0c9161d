/* procs.h - the processes of this machine, from /proc; among them hypervisors that can be asked
 * (uBridge, dynamips), and whatever runs in a node's directory. Reads only. */
#ifndef PROC_PROCS_H
#define PROC_PROCS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum proc_kind { PROC_UBRIDGE = 1, PROC_DYNAMIPS, PROC_OTHER };

struct proc {
    pid_t pid, parent;
    enum proc_kind kind;
    uint64_t started;   /* clock ticks since the machine's start: with the pid, a name for life */
    uint64_t cpu_ticks; /* user and system, until now */
    uint64_t rss_pages; /* resident */
    int threads;
    char state;    /* R, S, D, Z ... as proc(5) */
    char name[64]; /* of the program, cut by the kernel */
    char host[64]; /* of a hypervisor, numeric: where to connect to */
    int port;
    char cwd[1024]; /* "" when we may not see it (uBridge has capabilities: then it takes root, the
                       same user is not enough) */
};

/* One process of the /proc opened as `dir`, `pid` as its directory is called: all but what is its
 * kind and address. A negative errno: it has gone, or is not ours to see. */
int procs_look(int dir, const char *pid, struct proc *proc);
/* Its working directory into proc->cwd; "": hidden, or a zombie's. */
void procs_look_cwd(int dir, const char *pid, struct proc *proc);
/* What its file `name` begins with, and a NUL; how many bytes, or a negative errno. */
ssize_t procs_read(int dir, const char *pid, const char *name, char *buffer, size_t size);

/* Visits hypervisors, and all else whose directory is below one called project-files. `root` is
 * "/proc". The number of processes looked at, or a negative errno. */
typedef void procs_fn(const struct proc *proc, void *data);
int procs_scan(const char *root, procs_fn *visit, void *data);

/* "-H host:port" in a command line of NUL-ended words whose program is called ubridge or dynamips.
 * A host that means all addresses becomes this machine's own. Pure. */
bool procs_hypervisor(const char *words, size_t bytes, struct proc *proc);

/* The fields of /proc/PID/stat that are needed, but the pid. False: torn. Pure. */
bool procs_stat(const char *text, struct proc *proc);

#endif

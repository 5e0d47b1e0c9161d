/* processes.h - all processes of this machine, a slice at a time: what each takes, and, of those
 * that have to do with labs, what tells whose they are. Remembers each over scans, so that most of
 * a process is read once. Knows nodes only as owners. At most PROCESSES_MAX are remembered. */
#ifndef SYSTEM_PROCESSES_H
#define SYSTEM_PROCESSES_H

#include "lab.h"

#include <dirent.h>
#include <proc/procs.h>

enum { PROCESSES_MAX = 65536, CONTAINER_TEXT = 64, HINT_MAX = 2048 };

enum program { PROGRAM_OTHER = 1, PROGRAM_EMULATOR, PROGRAM_UBRIDGE, PROGRAM_DYNAMIPS };

struct process {
    TAILQ_ENTRY(process) entry;
    pid_t pid, parent;
    uint64_t started; /* clock ticks since the machine's start: with the pid, a name for life */
    char state, name[32];
    enum program program;
    unsigned looks;      /* at what it is */
    unsigned scan;       /* the last that saw it */
    bool hidden;         /* its directory cannot be seen */
    char *cwd, *command; /* of those that may be a lab's, the command's words joined; owned; NULL */
    char container[CONTAINER_TEXT + 1]; /* ""; it is in none */
    unsigned matched;                   /* the lab's generation its owner is of; 0: none */
    struct node *owner;                 /* borrowed; NULL: none */
    struct project *sharer;             /* borrowed: of a dynamips that may be any node's of this */
    const char *how;                    /* the owner is known */
    uint64_t cpu_ticks, more_ticks;     /* now, and since the scan before */
    uint64_t read_bytes, written_bytes, more_read, more_written;
    bool measured;                                  /* in an earlier scan */
    bool io_known, gns3;                            /* gns3: it is a GNS3 server */
    double threads, memory_bytes, pss_bytes, files; /* NaN: not known */
    int64_t pss_ms;                                 /* monotonic, of the last reading of PSS */
    int64_t since_ms; /* monotonic: a zombie, or an orphan, since; 0: it is none */
    bool told;        /* as an orphan */
};

struct counts {
    double total, threads, running, sleeping, waiting, stopped, zombies, idle;
};

struct processes {
    const char *root; /* /proc; borrowed */
    TAILQ_HEAD(, process) list;
    void *by_pid;
    size_t count;
    unsigned scan;                            /* number of the scan under way, or the last */
    DIR *dir;                                 /* NULL: none is under way */
    struct counts counting, counted;          /* of the scan under way, of the last whole one */
    bool gns3;                                /* the last whole scan saw a GNS3 server */
    bool gns3_now;                            /* the same, of the scan under way */
    size_t hidden_emulators, hidden_ubridges; /* whose directory could not be seen */
    size_t pss_left;                          /* readings of PSS left in this step */
    int64_t pss_every_ms;                     /* 0: never */
};

void processes_init(struct processes *processes, const char *root);
void processes_fini(struct processes *processes);
/* Begins a scan unless one is under way. -errno: /proc cannot be read. */
int processes_begin(struct processes *processes);
/* Looks at up to `most` processes, and measures those that were known to be a lab's; true: the scan
 * has ended, those that were not seen have gone. */
bool processes_step(struct processes *processes, size_t most, int64_t now_ms);
/* What a lab's process takes: io, open files, PSS when it is due. */
void process_measure(struct processes *processes, struct process *process, int64_t now_ms);
/* Nobody owns what `node` or `project` did. */
void processes_forget(struct processes *processes, const struct node *node,
                      const struct project *project);
struct process *processes_find(const struct processes *processes, pid_t pid); /* NULL: none */

/* Pure: what a command line's program is; a container's id in the text of /proc/PID/cgroup. */
enum program program_of(const char *words);
bool container_of(const char *cgroup, char out[CONTAINER_TEXT + 1]);

#endif

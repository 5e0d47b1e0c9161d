/* processes.c - see processes.h. What one process is, is in process.c. */
#include "processes_internal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { PSS_A_STEP = 2 }; /* of a large virtual machine it takes milliseconds */

static int compare_pids(const void *a, const void *b)
{
    const struct process *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

void processes_init(struct processes *processes, const char *root)
{
    *processes = (struct processes){.root = root};
    TAILQ_INIT(&processes->list);
}

struct process *processes_find(const struct processes *processes, pid_t pid)
{
    struct process key = {.pid = pid};
    void *at = tfind(&key, &processes->by_pid, compare_pids);
    return at ? *(struct process **)at : NULL;
}

static void drop(struct processes *processes, struct process *process)
{
    tdelete(process, &processes->by_pid, compare_pids);
    TAILQ_REMOVE(&processes->list, process, entry);
    processes->count--;
    free(process->cwd);
    free(process->command);
    free(process);
}

static struct process *add(struct processes *processes, const struct proc *proc)
{
    struct process *process = processes->count < PROCESSES_MAX ? calloc(1, sizeof *process) : NULL;
    if (!process)
        return NULL;
    process->pid = proc->pid;
    process->started = proc->started;
    process->pss_bytes = process->files = (double)NAN;
    if (!tsearch(process, &processes->by_pid, compare_pids)) {
        free(process);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&processes->list, process, entry);
    processes->count++;
    return process;
}

static void count(struct counts *counts, const struct proc *proc)
{
    counts->total++;
    counts->threads += proc->threads;
    switch (proc->state) {
    case 'R':
        counts->running++;
        break;
    case 'S':
        counts->sleeping++;
        break;
    case 'D':
        counts->waiting++;
        break;
    case 'T':
    case 't':
        counts->stopped++;
        break;
    case 'Z':
    case 'X':
        counts->zombies++;
        break;
    default:
        counts->idle++;
    }
}

static void look_at(struct processes *processes, const char *pid, int64_t now_ms)
{
    struct proc proc;
    if (procs_look(dirfd(processes->dir), pid, &proc) < 0)
        return; /* it has just ended */
    count(&processes->counting, &proc);
    struct process *process = processes_find(processes, proc.pid);
    if (process && process->started != proc.started) {
        drop(processes, process); /* another has got its number */
        process = NULL;
    }
    if (!process && !(process = add(processes, &proc)))
        return;
    process->scan = processes->scan;
    process_look(processes, process, pid, &proc);
    if (process->owner || process->sharer)
        process_measure(processes, process, now_ms);
}

static void end(struct processes *processes)
{
    closedir(processes->dir);
    processes->dir = NULL;
    processes->counted = processes->counting;
    processes->gns3 = processes->gns3_now;
    processes->hidden_emulators = processes->hidden_ubridges = 0;
    for (struct process *at = TAILQ_FIRST(&processes->list), *next; at; at = next) {
        next = TAILQ_NEXT(at, entry);
        if (at->scan != processes->scan) {
            drop(processes, at);
        } else if (at->hidden && at->state != 'Z') {
            processes->hidden_emulators += at->program == PROGRAM_EMULATOR;
            processes->hidden_ubridges += at->program == PROGRAM_UBRIDGE;
        }
    }
}

int processes_begin(struct processes *processes)
{
    if (processes->dir)
        return 0;
    processes->dir = opendir(processes->root);
    if (!processes->dir)
        return -errno;
    processes->scan++;
    processes->counting = (struct counts){0};
    processes->gns3_now = false;
    return 0;
}

bool processes_step(struct processes *processes, size_t most, int64_t now_ms)
{
    processes->pss_left = PSS_A_STEP;
    const struct dirent *entry;
    while (processes->dir && most > 0) {
        entry = readdir(processes->dir);
        if (!entry) {
            end(processes);
            return true;
        }
        if (!isdigit((unsigned char)entry->d_name[0]) || strlen(entry->d_name) > 10)
            continue;
        look_at(processes, entry->d_name, now_ms);
        most--;
    }
    return false;
}

void processes_forget(struct processes *processes, const struct node *node,
                      const struct project *project)
{
    struct process *process;
    TAILQ_FOREACH(process, &processes->list, entry)
    {
        if (node && process->owner == node)
            process->owner = NULL;
        if (project && process->sharer == project)
            process->sharer = NULL;
    }
}

static void keep(void *process)
{
    (void)process; /* the list owns it */
}

void processes_fini(struct processes *processes)
{
    if (processes->dir)
        closedir(processes->dir);
    tdestroy(processes->by_pid, keep);
    processes->by_pid = NULL;
    while (!TAILQ_EMPTY(&processes->list)) {
        struct process *process = TAILQ_FIRST(&processes->list);
        TAILQ_REMOVE(&processes->list, process, entry);
        free(process->cwd);
        free(process->command);
        free(process); /* NOLINT(clang-analyzer-unix.Malloc): it has left the list */
    }
}

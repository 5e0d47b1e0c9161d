/* What processes.c and process.c share. */
#ifndef SYSTEM_PROCESSES_INTERNAL_H
#define SYSTEM_PROCESSES_INTERNAL_H

#include "processes.h"

/* Takes what /proc says of it now; the first times also what it is. `pid` is its directory. */
void process_look(struct processes *processes, struct process *process, const char *pid,
                  const struct proc *proc);

#endif

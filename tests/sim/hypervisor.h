/* hypervisor - a uBridge for each simulated server (with --counters): a TCP server that tells the
 * counters of the links' ends, and a process that looks like it in /proc, where it is looked for.
 * A real one serves a node; this one serves all nodes of its server whose bridges' names say whose
 * they are (VPCS, QEMU, clouds). */
#ifndef SIM_HYPERVISOR_H
#define SIM_HYPERVISOR_H

#include "model.h"

int hypervisor_start(struct server *s, const char *host); /* 0 or a negative errno */
void hypervisor_stop(struct server *s);
/* A node's own uBridge begins to count at zero. */
void hypervisor_node_started(struct node *n);

/* The process that is only looked at: when this program is called ubridge. Does not return. */
_Noreturn void hypervisor_be_seen(void);
bool hypervisor_is_asked(const char *argv0);

#endif

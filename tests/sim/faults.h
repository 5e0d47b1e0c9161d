/* faults - what may be wrong with a simulated server, and how it then behaves. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "sim.h"

/* NULL when there is no such kind. */
const char *fault_name(enum fault_kind kind);
enum fault_kind fault_parse(const char *name);
/* Takes effect at once: listeners and connections close where the kind says so. */
void fault_set(struct server *s, enum fault_kind kind, uint64_t ms, const char *prefix);
/* For one request: FAULT_NONE: answer it; FAULT_SLOW: answer it after fault.ms; anything else:
 * it has been dealt with. */
enum fault_kind fault_apply(struct conn *c);

#endif

/* console.h - whether nodes are there again: GNS3 says started, and telnet consoles answer. */
#ifndef SNAPSHOT_CONSOLE_H
#define SNAPSHOT_CONSOLE_H

#include "run.h"

/* Looks until all nodes of the run are ready or run->deadline_ms has come, then run->then. A
 * console that does not answer is said and is no failure: the node runs. */
void console_wait(struct run *run);

#endif

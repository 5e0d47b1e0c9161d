/* spawn.h - what every child of ours begins with. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <spawn.h>

/* No signal is blocked or ignored, and it leads a process group: it is killed with what it has
 * started, and an interrupt at the terminal is the daemon's to handle. 0 or an error number. */
int spawn_apart(posix_spawnattr_t *attributes);

#endif

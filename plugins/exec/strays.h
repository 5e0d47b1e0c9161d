/* strays.h - processes that have left the session of their item and have lost their parent, so that
 * nothing but a variable of their environment says whose they are. Knows nothing of items. */
#ifndef EXEC_STRAYS_H
#define EXEC_STRAYS_H

#include <stdint.h>
#include <sys/types.h>

#define STRAYS_VARIABLE "GNSWATCH_EXEC"
enum { STRAYS_MARK_BYTES = 18 };

struct stray {
    pid_t pid, session;
    uint32_t item;
};

typedef void stray_fn(void *data, const struct stray *stray);

/* What the variable says for an item of an instance: two hashes. */
void strays_mark(char mark[STRAYS_MARK_BYTES], uint32_t instance, uint32_t item);
/* Tells all of them that are of the instance. Looks at all of /proc. */
void strays_look(uint32_t instance, stray_fn *on_stray, void *data);
void stray_end(const struct stray *stray); /* SIGKILL, to its group too when that is its own */

#endif

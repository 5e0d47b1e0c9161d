/* check.h - states of a check, soft and hard, as Nagios means them: a new state is hard when it has
 * come `attempts` times, a good one at once. Pure. */
#ifndef EXEC_CHECK_H
#define EXEC_CHECK_H

#include <stdbool.h>
#include <stdint.h>

enum { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

struct check {         /* the caller's; check_init */
    int soft, hard;    /* -1: none yet */
    unsigned attempts; /* how often the soft state has come */
    int64_t since_ms;  /* of the hard state */
};

void check_init(struct check *check, int hard, int64_t since_ms);
/* True: the hard state has changed (and was not merely good at the first time). */
bool check_take(struct check *check, int state, unsigned attempts, int64_t now_ms);
bool check_is_soft(const struct check *check); /* it is to be looked at again soon */
const char *check_name(int state);             /* "ok", "warning", "critical", "unknown" */

#endif

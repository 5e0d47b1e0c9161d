/* census.h - how many processes each item has: of its session, whoever their parent is now. Looks
 * at all of /proc only when there are many more than before, or half a minute has gone. */
#ifndef EXEC_CENSUS_H
#define EXEC_CENSUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct census { /* the caller's; zeroed to begin with */
    int64_t taken_ms;
    long tasks; /* of the whole machine, when it was taken */
};

/* Whose count is asked for; `count` is filled in. */
struct census_row {
    pid_t session;
    unsigned count;
};

/* False: there is no need to count again. */
bool census_due(struct census *census, int64_t now_ms);
void census_take(struct census_row *rows, size_t row_count);

#endif

/* collectd_putval.h - PUTVAL: values of a type, checked against its limits. */
#ifndef EXEC_COLLECTD_PUTVAL_H
#define EXEC_COLLECTD_PUTVAL_H

#include "counter.h"
#include "keep.h"
#include "reader.h"
#include "types_db.h"

struct collectd_values { /* what must be remembered of one identifier with counters */
    char *key;
    struct collectd_values *next;
    unsigned count;
    struct counter counters[];
};

struct collectd_putval {
    struct reader *reader;     /* the dialect's */
    const struct types_db *db; /* the dialect's */
    struct keep keep;
    struct table table;
    struct collectd_values *first;
    struct limit limit;
};

void collectd_putval_init(struct collectd_putval *putval, struct reader *reader,
                          const struct types_db *db);
void collectd_putval_fini(struct collectd_putval *putval);

/* What stands behind PUTVAL; it is cut up. */
void collectd_putval_read(struct collectd_putval *putval, char *line, int64_t now_ms);

#endif

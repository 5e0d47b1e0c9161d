/* types_db.h - collectd's types.db: which values a type has, of what kind and between which limits.
 *   name  source:GAUGE|COUNTER|DERIVE|ABSOLUTE:min:max[, source:…]      U: unbounded; # a comment
 */
#ifndef EXEC_TYPES_DB_H
#define EXEC_TYPES_DB_H

#include "keep.h"

enum types_kind { TYPES_GAUGE = 1, TYPES_COUNTER, TYPES_DERIVE, TYPES_ABSOLUTE };

enum { TYPES_SOURCES_MAX = 32 };

struct types_source {
    char *name; /* the db's */
    enum types_kind kind;
    double min, max; /* NaN: unbounded; of counters: of the rate a second */
};

struct types_type {
    char *name; /* the db's */
    struct types_type *next;
    bool short_told; /* the reader's: that values were missing */
    unsigned count;
    struct types_source sources[];
};

struct types_db { /* zeroed but for keep.max_bytes */
    struct keep keep;
    struct table table;
    struct types_type *first;
    unsigned count;
};

/* Told of what could not be read; `line` counts from 1. */
typedef void types_error_fn(void *data, unsigned line, const char *why, const char *text);

/* A type that is there already is replaced. `text` may be cut up. */
void types_db_read(struct types_db *db, char *text, types_error_fn *on_error, void *data);
/* 0 or -errno. */
int types_db_load(struct types_db *db, const char *path, types_error_fn *on_error, void *data);
void types_db_fini(struct types_db *db);

struct types_type *types_db_find(const struct types_db *db, const char *name);

#endif

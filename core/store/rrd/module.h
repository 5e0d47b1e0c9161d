/* What the store process asks of librrd: the table that gnswatch-rrd.so exports. The module is the
 * only code that loads librrd and its 48 libraries; the daemon never loads the module.
 *
 * One thread. Paths are absolute. Answers are 0 or a negative errno; `error` says more. */
#ifndef GW_STORE_RRD_MODULE_H
#define GW_STORE_RRD_MODULE_H

#include "store/archive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RRD_MODULE_VERSION = 3 };

struct rrd_shape {
    int64_t step_s;
    size_t fields;
    const char *const *names;
    const struct archives *archives;
};

struct rrd_rows {
    int64_t start_s, step_s; /* value k holds in (start + k * step, start + (k + 1) * step] */
    size_t count, fields;
    double *values; /* [k * fields + f]; given back with free_rows */
};

struct rrd_module {
    unsigned version;
    int (*connect)(const char *rrdcached); /* from then on all goes there */
    /* -ENOENT; -ERANGE: another step, or some of the fields, of `shape` (*last_s is set); -EINVAL:
     * none of its fields; -EILSEQ: damaged, or not RRD at all. */
    int (*check)(const char *path, const struct rrd_shape *shape, int64_t *last_s);
    /* `source`, a file (NULL: none): what it has of the fields is taken over. Not by rrdcached. */
    int (*create)(const char *path, const struct rrd_shape *shape, int64_t last_s,
                  const char *source);
    /* The quick way, see append.h; -EAGAIN: take `update` for these rows. */
    int (*append)(const char *path, size_t fields, size_t count, const int64_t *seconds,
                  const double *values);
    int (*update)(const char *path, int count, const char **rows); /* "seconds:value:value…" */
    int (*fetch)(const char *path, const char *consolidation, int64_t start_s, int64_t end_s,
                 int64_t step_s, struct rrd_rows *out);
    void (*free_rows)(struct rrd_rows *rows);
    const char *(*error)(void);
};

/* The exported symbol: const struct rrd_module gnswatch_rrd_module. */
#define RRD_MODULE_SYMBOL "gnswatch_rrd_module"

#endif

/* What an RRD file has of a window, into steps: up to where the ring begins. The daemon and the
 * store process both answer with it, each with its own way to read the file. */
#ifndef GW_STORE_WINDOW_H
#define GW_STORE_WINDOW_H

#include "store/archive.h"
#include "store/bins.h"
#include "store/rrd/module.h"

/* As rrd_module.fetch, of the window's file. */
typedef int window_fetch_fn(void *data, const char *as, int64_t start_s, int64_t end_s,
                            int64_t step_s, struct rrd_rows *out);

struct window {
    struct bins *bins;
    const struct archives *archives;
    int64_t until_ms; /* what the file is asked for: up to here */
    window_fetch_fn *fetch;
    void (*free_rows)(struct rrd_rows *rows);
    void *data;
};

int window_add_file(struct window *window); /* 0, or what `fetch` says */

#endif

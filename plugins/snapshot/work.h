/* work.h - a thread for what blocks: reading, packing and hashing archives, connecting to consoles.
 * Jobs run one after another; what they are done with comes back on the instance's thread. */
#ifndef SNAPSHOT_WORK_H
#define SNAPSHOT_WORK_H

#include <gnswatch/plugin.h>
#include <stdatomic.h>

struct work;

enum { WORK_MAX = 256 /* waiting */ };

struct work_job {
    /* In the thread; stops early when *cancel. May not call the host. */
    void (*run)(void *data, const atomic_bool *cancel);
    /* On the instance's thread; not called when the instance stops before. */
    void (*done)(struct gw_plugin *self, void *data);
    void (*free_data)(void *data); /* exactly once, after done */
    void *data;
};

struct work *work_new(struct gw_plugin *self); /* NULL: no memory, no thread */
/* Asks the running job to stop, waits for it and frees what waits. NULL is fine. */
void work_free(struct work *work);
int work_add(struct work *work,
             const struct work_job *job); /* -EAGAIN: too many wait; data freed */

#endif

/* What a child is told first: whose process it is. Never in its arguments or environment: options
 * may hold secrets. */
#ifndef GW_WORKER_SETUP_H
#define GW_WORKER_SETUP_H

#include "worker/wire.h"
#include "worker/worker.h"

struct gw_plugin;

struct setup {               /* all borrowed, from the frame or the instance */
    const char *name, *path; /* the instance's; of the plugin's file */
    const char *state_dir;   /* the instance's own, which is there; NULL: none */
    const char *dashboard;
    int64_t every_ms; /* 0: the plugin's own */
    int64_t log_least;
    const json_t *options;
    struct worker_limits limits;
};

void setup_tell(struct gw_plugin *self, const char *path, const struct worker_limits *limits,
                struct buf *json); /* ends it */
/* false: something is missing. `frame` must stay while *out is used. */
bool setup_read(const struct wire_frame *frame, struct setup *out);

#endif

/* The daemon as an instance in a process of its own sees it (`isolation: process`).
 *
 * In such a process the host's parts are small ones of its own, which check what a plugin says and
 * answer what they can; what only the daemon knows or may do is asked here. Called on the
 * instance's thread; core/worker/child.c has the functions. */
#ifndef GW_PLUGIN_REMOTE_H
#define GW_PLUGIN_REMOTE_H

#include "metric/tail.h"
#include "store/store.h"

#include <gnswatch/series.h>

/* The answer to a question of gw_ask, once, from any thread. Takes `json`. */
typedef void remote_answer_fn(void *data, int error, char *json);

struct remote {
    void (*started)(struct gw_plugin *self, int error); /* start has returned */
    void (*note)(struct gw_plugin *self);               /* a callback began or ended */
    void (*fail)(struct gw_plugin *self, const char *sentence);

    /* Makes known a series that its own registry has; then it is pinned. */
    int (*series_open)(struct gw_plugin *self, struct gw_series *series,
                       const struct gw_label *labels);
    size_t (*series_each)(struct gw_plugin *self, const struct gw_match *match, bool live_only,
                          gw_series_fn *visit, void *data);
    int (*series_last)(struct gw_plugin *self, uint32_t id, double *rates, int64_t *time_ms);
    int (*query)(struct gw_plugin *self, const struct gw_query *query, store_rows_fn *on_rows,
                 void *data);
    struct tail *(*tail_new)(struct gw_plugin *self, const struct gw_match *match, bool raw,
                             const struct tail_events *events);
    const struct remote_tail *tail;

    /* What its own objects have taken as a change. */
    int (*object_put)(struct gw_plugin *self, const char *kind, const char *id, const char *json);
    int (*object_delete)(struct gw_plugin *self, const char *kind, const char *id);
    char *(*object_get)(struct gw_plugin *self, const char *kind, const char *id);
    char *(*object_list)(struct gw_plugin *self, const char *kind);

    int (*emit)(struct gw_plugin *self, const struct gw_event *event);
    int (*subscribe)(struct gw_plugin *self, const char *pattern, int64_t since, /* -1: now */
                     gw_event_fn *on_event, void *data);
    int (*ask)(struct gw_plugin *self, const char *command, const char *params_json,
               remote_answer_fn *answer, void *data);
    int (*command_role)(struct gw_plugin *self, const char *command);
};

/* As the functions of metric/tail.h. */
struct remote_tail {
    size_t (*turn)(struct tail *tail);
    void (*free)(struct tail *tail, bool told);
    void (*quiet)(struct tail *tail);
    uint64_t (*lost)(const struct tail *tail);
};

#endif

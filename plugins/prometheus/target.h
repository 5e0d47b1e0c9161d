/* target.h - one receiver of remote write: samples become blocks, blocks go through a queue on disk
 * and from there, one request at a time and in order, to the receiver. Knows nothing of pages.
 *
 * What is in a block becomes one item when target_flush is called; until then only this process has
 * it. The receiver has each sample once, in order of time within a series; after kill -9 between
 * its answer and the note of it, the blocks of one request come a second time, with the same times
 * and values. */
#ifndef PROMETHEUS_TARGET_H
#define PROMETHEUS_TARGET_H

#include "series.h"

#include <gns3/retry.h>
#include <gnswatch/http.h>
#include <gnswatch/queue.h>
#include <jansson.h>

enum { EXTERNALS_MAX = 30, JOINED_MAX = 64, HEADERS_MAX = 32, WHY_BYTES = 300 };

enum target_state { TARGET_STARTING = 1, TARGET_UP, TARGET_DOWN };

struct target {
    struct gw_plugin *self;
    const struct gw_values *values; /* its options */
    const char *name, *path;
    unsigned index;
    struct gw_http *http;
    struct gw_queue *queue;
    struct gw_series *series;
    struct gw_timer *timer;
    json_t *external_json; /* owned; holds the texts of */
    struct gw_label externals[EXTERNALS_MAX + 1];
    char *headers[HEADERS_MAX + 1]; /* owned, ends with NULL */

    struct bytes block; /* protobuf that is not in the queue yet */
    uint32_t block_samples;

    struct bytes request, packed; /* what is under way */
    int64_t ids[JOINED_MAX];      /* the items in it */
    uint32_t item_samples[JOINED_MAX];
    size_t id_count;
    bool busy, stopping;
    size_t apart; /* so many items more go alone: one of those that went together was refused */

    struct dice dice;
    unsigned tries; /* in a row that were not answered, or with "later" */
    int64_t again_ms;
    enum target_state state;
    char why[WHY_BYTES];
    int64_t why_ms; /* wall clock; 0: no error to show */
    double sent, failed, samples_sent, samples_failed, samples_lost;
};

/* From its table of options. The sentence is the instance's last error. */
int target_init(struct target *target, struct gw_plugin *self, const struct gw_values *values,
                unsigned index);
void target_fini(struct target *target);

/* What it takes of a series; NULL when it does not want this measurement, or without memory. */
struct wire_labels *target_wire(struct target *target, const struct shape *shape,
                                const struct gw_series_info *info);
void target_add(struct target *target, const struct wire_labels *wires, size_t line, double value,
                int64_t time_ms);
void target_flush(struct target *target);

void target_tick(struct target *target); /* the object and the row of the series */
void target_show(struct target *target); /* the object */
/* What died is tried again; the number of blocks. */
int64_t target_revive(struct target *target);

/* target_send.c: sends what waits, when it may. */
void target_pump(struct target *target);

/* filter.c: by the lists `include` and `exclude` of patterns, * and ?, of measurements. */
bool filter_takes(const struct gw_values *values, const char *measurement);

#endif

/* What the files of the sink share. */
#ifndef GNSWATCH_SINK_INTERNAL_H
#define GNSWATCH_SINK_INTERNAL_H

#include "sink.h"

#include <gns3/retry.h>

enum {
    SINK_LANES_MAX = 256, /* further ones share the last */
    SINK_LANE_BYTES = 64,
    SINK_UNDER_WAY_MAX = 256,
    SINK_SHOWN_MAX = 500, /* objects of what waits, and as many of what died */
};

struct sink_lane {
    char name[SINK_LANE_BYTES];
    struct sink_bucket bucket;
    unsigned under_way;
    unsigned away;    /* times in a row nobody was there */
    int64_t again_ms; /* not before, on the monotonic clock; 0: now */
    char why[200];    /* it is away */
    bool held, down;
};

struct sink_flight {
    int64_t id;
    unsigned tries; /* before this one */
    struct sink_lane *lane;
};

/* An item that has an object, as it was when it was put. */
struct sink_shown {
    int64_t id, due_ms;
    unsigned tries;
    bool dead, seen;
};

struct sink {
    struct gw_plugin *self;
    struct sink_options options;
    struct gw_queue *queue;
    struct dice dice;
    struct sink_lane *lanes[SINK_LANES_MAX]; /* owned */
    size_t lane_count;
    struct sink_flight flights[SINK_UNDER_WAY_MAX];
    size_t flight_count;
    struct sink_shown *shown; /* in order of id */
    size_t shown_count, shown_space;
    struct gw_timer *pump_timer, *show_timer;
    int64_t pump_at_ms; /* monotonic; of pump_timer */
    bool stale;         /* the objects are not what the queue is */
    uint64_t sent, failed;
};

/* lanes.c */
struct sink_lane *sink_lane_get(struct sink *sink, const char *name);
struct sink_lane *sink_lane_of(struct sink *sink, const struct gw_queue_item *item);
void sink_lane_away(struct sink *sink, struct sink_lane *lane, const char *why);
void sink_lane_back(struct sink *sink, struct sink_lane *lane);
/* 0: it may send now, else when to look again on the monotonic clock (INT64_MAX: it will be told).
 * Takes a token when it answers 0. */
int64_t sink_lane_wait(struct sink *sink, struct sink_lane *lane, int64_t now_ms);

/* pump.c */
void sink_pump_in(struct sink *sink, int64_t delay_ms); /* at the latest */
bool sink_in_flight(const struct sink *sink, int64_t id);
void sink_die(struct sink *sink, int64_t id, const char *why);
int64_t sink_pause_ms(struct sink *sink, unsigned tries); /* before try tries + 1 */

/* show.c */
void sink_show_soon(struct sink *sink);
int sink_show_begin(struct sink *sink); /* takes over the objects of the last run */
void sink_show(struct sink *sink);
void sink_say_failed(struct sink *sink, const struct gw_queue_item *dead);

#endif

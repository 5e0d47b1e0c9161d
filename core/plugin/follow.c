/* gnswatch/series.h, every row as it comes: a timer that turns a tail (metric/tail.h). */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include "metric/tail.h"

#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 1000, EVERY_LEAST_MS = 100 };

struct gw_follow {
    struct keep keep; /* first */
    LIST_ENTRY(gw_follow) entry;
    struct gw_plugin *self;
    struct gw_follow_options options; /* `match` is the tail's */
    struct gw_timer *timer;
    struct tail *tail; /* NULL: ended */
    uint64_t lost;     /* when it ended */
    bool turning, stopped;
};

/* ---- The tail: here, or in the daemon ---- */

static const struct remote *elsewhere(const struct gw_follow *follow)
{
    return follow->self->parts->remote;
}

static struct tail *open_tail(struct gw_follow *follow, const struct tail_events *events)
{
    const struct gw_follow_options *options = &follow->options;
    if (elsewhere(follow))
        return elsewhere(follow)->tail_new(follow->self, &options->match, options->raw, events);
    return tail_new(follow->self->parts->metric, &options->match, options->raw, events);
}

static size_t turn_tail(struct gw_follow *follow)
{
    return elsewhere(follow) ? elsewhere(follow)->tail->turn(follow->tail)
                             : tail_turn(follow->tail);
}

static void close_tail(struct gw_follow *follow, struct tail *tail, bool told)
{
    if (elsewhere(follow))
        elsewhere(follow)->tail->free(tail, told);
    else
        tail_free(tail, told);
}

static uint64_t lost_rows(const struct gw_follow *follow)
{
    return elsewhere(follow) ? elsewhere(follow)->tail->lost(follow->tail)
                             : tail_lost(follow->tail);
}

static void quieten(struct gw_follow *follow)
{
    if (elsewhere(follow))
        elsewhere(follow)->tail->quiet(follow->tail);
    else
        tail_quiet(follow->tail);
}

/* ---- What it hands over ---- */

static void on_found(void *data, struct gw_series_info *info)
{
    struct gw_follow *follow = data;
    if (follow->options.on_series)
        follow->options.on_series(follow->self, info, follow->options.data);
}

static void on_row(void *data, struct gw_series_info *info, int64_t time_ms, const double *values)
{
    struct gw_follow *follow = data;
    if (follow->options.on_row)
        follow->options.on_row(follow->self, info, time_ms, values, follow->options.data);
}

static void on_ended(void *data, struct gw_series_info *info)
{
    struct gw_follow *follow = data;
    if (follow->options.on_end)
        follow->options.on_end(follow->self, info, follow->options.data);
}

/* Nothing more comes; with `told` the plugin hears of the end of every series. */
static void end(struct gw_follow *follow, bool told)
{
    struct tail *tail = follow->tail;
    if (!tail)
        return;
    follow->lost = lost_rows(follow);
    follow->tail = NULL;
    gw_timer_stop(follow->timer);
    follow->timer = NULL;
    LIST_REMOVE(follow, entry);
    close_tail(follow, tail, told);
}

static void free_follow(struct gw_follow *follow)
{
    end(follow, true);
    keep_drop(&follow->keep);
    free(follow);
}

static void release(struct keep *keep)
{
    struct gw_follow *follow = (struct gw_follow *)(void *)keep;
    end(follow, false);
    free(follow);
}

static void turn(struct gw_plugin *self, void *data)
{
    struct gw_follow *follow = data;
    follow->turning = true;
    size_t rows = turn_tail(follow);
    if (rows > 0 && !follow->stopped && follow->options.on_turn)
        follow->options.on_turn(self, follow->options.data);
    follow->turning = false;
    if (follow->stopped)
        free_follow(follow);
}

/* What an older plugin does not know is as if it were zero. */
static bool take_options(struct gw_follow_options *out, const struct gw_follow_options *options)
{
    if (!options || options->size < offsetof(struct gw_follow_options, data) + sizeof(void *) ||
        options->size > sizeof(*out) || options->every_ms < 0)
        return false;
    *out = (struct gw_follow_options){0};
    memcpy(out, options, options->size);
    if (out->every_ms == 0)
        out->every_ms = EVERY_MS;
    if (out->every_ms < EVERY_LEAST_MS)
        out->every_ms = EVERY_LEAST_MS;
    return true;
}

struct gw_follow *gw_follow_start(struct gw_plugin *self, const struct gw_follow_options *options)
{
    struct gw_follow_options taken;
    if (!instance_here(self, "gw_follow_start") || !take_options(&taken, options))
        return NULL;
    struct gw_follow *follow = calloc(1, sizeof(*follow));
    if (!follow)
        return NULL;
    const struct tail_events events = {on_found, on_row, on_ended, follow};
    follow->self = self;
    follow->options = taken;
    follow->timer = gw_timer_start(self, 0, taken.every_ms, turn, follow);
    follow->tail = follow->timer ? open_tail(follow, &events) : NULL;
    if (!follow->tail) {
        gw_timer_stop(follow->timer);
        free(follow);
        return NULL;
    }
    follow->options.match = (struct gw_match){0};
    LIST_INSERT_HEAD(&self->follows, follow, entry);
    keep_add(instance_keeps(self), &follow->keep, release);
    return follow;
}

void gw_follow_stop(struct gw_follow *follow)
{
    if (!follow || !instance_here(follow->self, "gw_follow_stop"))
        return;
    if (!follow->turning) {
        free_follow(follow);
        return;
    }
    follow->stopped = true; /* from one of its own callbacks */
    quieten(follow);
}

uint64_t gw_follow_lost(const struct gw_follow *follow)
{
    return !follow ? 0 : follow->tail ? lost_rows(follow) : follow->lost;
}

void instance_end_follows(struct gw_plugin *self)
{
    while (!LIST_EMPTY(&self->follows)) {
        struct gw_follow *follow = LIST_FIRST(&self->follows);
        instance_enter(self, "stop");
        end(follow, true);
        instance_leave(self, 0);
    }
}

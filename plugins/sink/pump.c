/* What is sent when, and what becomes of it. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A full jitter may roll nothing at all; nobody is helped by a try in the same instant. */
enum { PAUSE_LEAST_MS = 100, RETRY_MS = 5000, RETRY_LONGEST_MS = 15 * 60 * 1000, WHY_BYTES = 400 };

int64_t sink_pause_ms(struct sink *sink, unsigned tries)
{
    const struct sink_options *o = &sink->options;
    int64_t pause_ms = retry_pause_ms(o->retry_ms ? o->retry_ms : RETRY_MS,
                                      o->retry_longest_ms ? o->retry_longest_ms : RETRY_LONGEST_MS,
                                      tries < 40 ? (int)tries : 40, dice_roll(&sink->dice));
    return pause_ms < PAUSE_LEAST_MS ? PAUSE_LEAST_MS : pause_ms;
}

/* ---- Under way ---- */

static size_t flight_find(const struct sink *sink, int64_t id)
{
    size_t i = 0;
    while (i < sink->flight_count && sink->flights[i].id != id)
        i++;
    return i;
}

bool sink_in_flight(const struct sink *sink, int64_t id)
{
    return flight_find(sink, id) < sink->flight_count;
}

static int flight_add(struct sink *sink, const struct gw_queue_item *item, struct sink_lane *lane)
{
    if (sink->flight_count == SINK_UNDER_WAY_MAX)
        return -EAGAIN;
    sink->flights[sink->flight_count++] = (struct sink_flight){item->id, item->tries, lane};
    lane->under_way++;
    return 0;
}

static bool flight_end(struct sink *sink, int64_t id, struct sink_flight *out)
{
    size_t i = flight_find(sink, id);
    if (i == sink->flight_count)
        return false;
    *out = sink->flights[i];
    sink->flights[i] = sink->flights[--sink->flight_count];
    out->lane->under_way--;
    return true;
}

int sink_more(struct sink *sink, int64_t after, struct gw_queue_item *item)
{
    int error;
    while (!(error = gw_queue_next(sink->queue, after, item)) && sink_in_flight(sink, item->id))
        after = item->id;
    return error;
}

int sink_take(struct sink *sink, const struct gw_queue_item *item)
{
    struct sink_lane *lane = sink_lane_of(sink, item);
    return lane && !sink_in_flight(sink, item->id) ? flight_add(sink, item, lane) : -EAGAIN;
}

/* ---- The pump ---- */

/* Sends what may be sent; answers when to look again, on the monotonic clock. */
static int64_t pump(struct sink *sink)
{
    int64_t now_ms = gw_monotonic_ms(sink->self), next_ms = INT64_MAX, after = 0;
    struct gw_queue_item item;
    int error;
    while (!(error = sink_more(sink, after, &item))) {
        after = item.id;
        struct sink_lane *lane = sink_lane_of(sink, &item);
        int64_t again_ms = lane && sink->flight_count < SINK_UNDER_WAY_MAX
                               ? sink_lane_wait(sink, lane, now_ms)
                               : INT64_MAX;
        if (again_ms) {
            next_ms = again_ms < next_ms ? again_ms : next_ms;
            if (!sink->options.lane)
                break; /* nobody else's turn */
            continue;
        }
        if (!flight_add(sink, &item, lane))
            sink->options.send(sink, &item, sink->options.data);
    }
    if (error == -ENOENT && item.due_ms) {
        int64_t due_ms = now_ms + item.due_ms - gw_now_ms(sink->self);
        next_ms = due_ms < next_ms ? due_ms : next_ms;
    }
    return next_ms;
}

static void on_pump(struct gw_plugin *self, void *data)
{
    struct sink *sink = data;
    sink->pump_timer = NULL;
    int64_t next_ms = pump(sink), now_ms = gw_monotonic_ms(self);
    if (next_ms != INT64_MAX)
        sink_pump_in(sink, next_ms > now_ms ? next_ms - now_ms : 1);
}

void sink_pump_in(struct sink *sink, int64_t delay_ms)
{
    int64_t at_ms = gw_monotonic_ms(sink->self) + delay_ms;
    if (sink->pump_timer && sink->pump_at_ms <= at_ms)
        return;
    gw_timer_stop(sink->pump_timer);
    sink->pump_at_ms = at_ms;
    sink->pump_timer = gw_timer_start(sink->self, delay_ms, 0, on_pump, sink);
}

/* ---- Outcomes ---- */

struct find {
    struct sink *sink;
    int64_t id;
};

static bool say_failed(void *data, const struct gw_queue_item *item)
{
    const struct find *find = data;
    if (item->id != find->id)
        return true;
    sink_say_failed(find->sink, item);
    return false;
}

void sink_die(struct sink *sink, int64_t id, const char *why)
{
    if (gw_queue_bury(sink->queue, id, why))
        return; /* someone deleted it meanwhile */
    sink->failed++;
    gw_queue_dead(sink->queue, say_failed, &(struct find){sink, id});
    sink_show_soon(sink);
}

static void later(struct sink *sink, const struct sink_flight *flight, const char *why,
                  int64_t not_before_ms)
{
    unsigned tries = flight->tries + 1, tries_max = sink->options.tries_max;
    if (tries_max && tries >= tries_max) {
        char last[512];
        snprintf(last, sizeof last, "%s (try %u of %u)", why ? why : "", tries, tries_max);
        sink_die(sink, flight->id, last);
        return;
    }
    int64_t due_ms = gw_now_ms(sink->self) + sink_pause_ms(sink, flight->tries);
    gw_queue_later(sink->queue, flight->id, due_ms > not_before_ms ? due_ms : not_before_ms, why);
    sink_show_soon(sink);
}

/* What a server says may be anything; what is kept and shown is one line of UTF-8. */
static const char *clean(const char *why, char *out, size_t size)
{
    if (!why)
        return NULL;
    snprintf(out, size, "%s", why);
    json_t *text = json_string(out);
    for (char *at = out; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < ' ' || c == 127)
            *at = ' ';
        else if (c > 127 && !text)
            *at = '?';
    }
    json_decref(text);
    return out;
}

int sink_split(struct sink *sink, int64_t id, const char *key, const void *bytes, size_t count,
               enum sink_outcome outcome, const char *words)
{
    char line[WHY_BYTES];
    const char *why = clean(words, line, sizeof line);
    size_t whole = flight_find(sink, id);
    struct sink_flight part = {.tries =
                                   whole < sink->flight_count ? sink->flights[whole].tries : 0};
    int error = gw_queue_put(sink->queue, key, bytes, count, &part.id);
    if (error)
        return error == -EEXIST ? 0 : error;
    if (outcome == SINK_REFUSED)
        sink_die(sink, part.id, why);
    else
        later(sink, &part, why, 0);
    return 0;
}

void sink_outcome(struct sink *sink, int64_t id, enum sink_outcome outcome, const char *words,
                  int64_t not_before_ms)
{
    struct sink_flight flight;
    if (!flight_end(sink, id, &flight))
        return;
    char line[WHY_BYTES];
    const char *why = clean(words, line, sizeof line);
    if (outcome == SINK_AWAY)
        sink_lane_away(sink, flight.lane, why);
    else if (outcome != SINK_AGAIN)
        sink_lane_back(sink, flight.lane);
    if (outcome == SINK_SENT || outcome == SINK_SPLIT) {
        sink->sent += outcome == SINK_SENT;
        gw_queue_done(sink->queue, id);
        sink->stale = true; /* it may have had an object; the next tick is soon enough */
    } else if (outcome == SINK_REFUSED) {
        sink_die(sink, id, why);
    } else if (outcome == SINK_LATER) {
        later(sink, &flight, why, not_before_ms);
    }
    sink_pump_in(sink, outcome == SINK_AGAIN ? PAUSE_LEAST_MS : 0);
}

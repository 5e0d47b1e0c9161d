/* One receiver: whether it is there, and how fast it may be spoken to. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOWN_AFTER = 2 /* once is a hiccup */ };

static struct sink_lane *lane_add(struct sink *sink, const char *name)
{
    struct sink_lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        return sink->lane_count ? sink->lanes[0] : NULL;
    snprintf(lane->name, sizeof lane->name, "%s", name);
    sink_bucket_init(&lane->bucket, sink->options.per_minute, sink->options.burst,
                     gw_monotonic_ms(sink->self));
    sink->lanes[sink->lane_count++] = lane;
    return lane;
}

struct sink_lane *sink_lane_get(struct sink *sink, const char *name)
{
    char key[SINK_LANE_BYTES];
    snprintf(key, sizeof key, "%s", name ? name : "");
    for (size_t i = 0; i < sink->lane_count; i++)
        if (!strcmp(sink->lanes[i]->name, key))
            return sink->lanes[i];
    if (sink->lane_count == SINK_LANES_MAX)
        return sink->lanes[SINK_LANES_MAX - 1];
    return lane_add(sink, key);
}

struct sink_lane *sink_lane_of(struct sink *sink, const struct gw_queue_item *item)
{
    return sink_lane_get(sink,
                         sink->options.lane ? sink->options.lane(sink->options.data, item) : NULL);
}

int64_t sink_lane_wait(struct sink *sink, struct sink_lane *lane, int64_t now_ms)
{
    unsigned at_once = sink->options.at_once ? sink->options.at_once : 1;
    if (lane->held || lane->under_way >= at_once || (lane->away && lane->under_way))
        return INT64_MAX;
    if (lane->again_ms > now_ms)
        return lane->again_ms;
    int64_t wait_ms = sink_bucket_take(&lane->bucket, now_ms);
    return wait_ms ? now_ms + wait_ms : 0;
}

static void say(struct sink *sink, const struct sink_lane *lane, bool down, const char *why)
{
    char topic[64], text[512];
    snprintf(topic, sizeof topic, "%s.%s", sink->options.plugin, down ? "down" : "up");
    const struct sink_options *o = &sink->options;
    const char *of = *lane->name ? lane->name : o->receiver ? o->receiver : o->plugin;
    if (down)
        snprintf(text, sizeof text, "%s is away: %s; what is for it waits", of, why ? why : "");
    else
        snprintf(text, sizeof text, "%s is back", of);
    json_t *about = json_pack("{s:s, s:s*}", "lane", lane->name, "why", down ? why : NULL);
    char *data = about ? json_dumps(about, JSON_COMPACT) : NULL;
    gw_emit(sink->self, &(struct gw_event){.topic = topic,
                                           .severity = down ? GW_ERROR : GW_NOTICE,
                                           .text = text,
                                           .data = data});
    free(data);
    json_decref(about);
}

static void set_down(struct sink *sink, struct sink_lane *lane, bool down, const char *why)
{
    if (lane->down == down)
        return;
    lane->down = down;
    say(sink, lane, down, why);
}

static void set_why(struct sink *sink, struct sink_lane *lane, const char *why)
{
    snprintf(lane->why, sizeof lane->why, "%s", why ? why : "");
    sink_show_soon(sink);
}

void sink_lane_away(struct sink *sink, struct sink_lane *lane, const char *why)
{
    int64_t now_ms = gw_monotonic_ms(sink->self);
    if (lane->again_ms > now_ms)
        return; /* of several under way the first has said it */
    lane->again_ms = now_ms + sink_pause_ms(sink, lane->away);
    lane->away++;
    set_why(sink, lane, why);
    if (lane->away >= DOWN_AFTER)
        set_down(sink, lane, true, why);
}

void sink_lane_back(struct sink *sink, struct sink_lane *lane)
{
    lane->away = 0;
    lane->again_ms = 0;
    *lane->why = '\0';
    set_down(sink, lane, false, NULL);
}

void sink_hold(struct sink *sink, const char *name, const char *why)
{
    struct sink_lane *lane = sink_lane_get(sink, name);
    if (!lane)
        return;
    lane->held = true;
    set_why(sink, lane, why);
    set_down(sink, lane, true, why);
}

void sink_open(struct sink *sink, const char *name)
{
    struct sink_lane *lane = sink_lane_get(sink, name);
    if (!lane)
        return;
    lane->held = false;
    sink_lane_back(sink, lane);
    sink_pump_in(sink, 0);
}

bool sink_is_down(const struct sink *sink, const char *name)
{
    for (size_t i = 0; i < sink->lane_count; i++)
        if (!strcmp(sink->lanes[i]->name, name ? name : ""))
            return sink->lanes[i]->down;
    return false;
}

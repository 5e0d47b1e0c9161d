/* How a queue is shown: the series' row, an object for what waits and what died, events. Objects
 * are brought in line with the queue a moment after something happened, not with each step. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOW_IN_MS = 50,
    SETTLE_MS = 1000, /* what is sent at once has no object */
    OLD_AT_ONCE = 100,
};

/* ---- Objects ---- */

static int by_id(const void *a, const void *b)
{
    const struct sink_shown *left = a, *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

static struct sink_shown *shown_find(struct sink *sink, int64_t id)
{
    if (!sink->shown_count)
        return NULL;
    return bsearch(&(struct sink_shown){.id = id}, sink->shown, sink->shown_count,
                   sizeof *sink->shown, by_id);
}

static int shown_add(struct sink *sink, const struct sink_shown *shown)
{
    if (sink->shown_count == sink->shown_space) {
        size_t space = sink->shown_space ? 2 * sink->shown_space : 64;
        void *more = realloc(sink->shown, space * sizeof *sink->shown);
        if (!more)
            return -ENOMEM;
        sink->shown = more;
        sink->shown_space = space;
    }
    sink->shown[sink->shown_count++] = *shown;
    return 0;
}

static json_t *document(struct sink *sink, const struct gw_queue_item *item, bool dead)
{
    json_t *doc = sink->options.describe ? sink->options.describe(sink->options.data, item) : NULL;
    if (!json_is_object(doc)) {
        json_decref(doc);
        doc = json_object();
    }
    const char *why = item->why;
    const struct sink_lane *lane = dead || why ? NULL : sink_lane_of(sink, item);
    if (lane && *lane->why)
        why = lane->why;
    json_t *own = json_pack("{s:s, s:I, s:s?, s:I, s:I}", "state", dead ? "dead" : "waiting",
                            "tries", (json_int_t)item->tries, "why", why, "put",
                            (json_int_t)item->put_ms, "due", (json_int_t)item->due_ms);
    if (own)
        json_object_update(doc, own);
    json_decref(own);
    return doc;
}

struct show {
    struct sink *sink;
    bool dead;
    size_t count;
    int64_t now_ms;
    size_t sorted; /* of sink->shown; new ones come behind */
};

static void put(struct show *show, const struct gw_queue_item *item)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)item->id);
    json_t *doc = document(show->sink, item, show->dead);
    char *text = json_dumps(doc, JSON_COMPACT);
    if (text)
        gw_object_put(show->sink->self, show->sink->options.kind, id, text);
    free(text);
    json_decref(doc);
}

static bool show_item(void *data, const struct gw_queue_item *item)
{
    struct show *show = data;
    struct sink *sink = show->sink;
    struct sink_shown now = {.id = item->id,
                             .due_ms = item->due_ms,
                             .tries = item->tries,
                             .dead = show->dead,
                             .seen = true};
    if (!show->dead && !item->tries && show->now_ms - item->put_ms < SETTLE_MS) {
        sink->stale = true;
        return true;
    }
    size_t added = sink->shown_count;
    sink->shown_count = show->sorted;
    struct sink_shown *was = shown_find(sink, item->id);
    sink->shown_count = added;
    bool away = !show->dead && !item->why; /* the lane's reason may be another one now */
    if (!was || away || was->due_ms != now.due_ms || was->tries != now.tries ||
        was->dead != now.dead)
        put(show, item);
    if (was)
        *was = now;
    else if (shown_add(sink, &now))
        return false;
    return ++show->count < SINK_SHOWN_MAX;
}

static void forget_gone(struct sink *sink)
{
    size_t kept = 0;
    for (size_t i = 0; i < sink->shown_count; i++) {
        if (sink->shown[i].seen) {
            sink->shown[kept] = sink->shown[i];
            sink->shown[kept++].seen = false;
            continue;
        }
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)sink->shown[i].id);
        gw_object_delete(sink->self, sink->options.kind, id);
    }
    sink->shown_count = kept;
}

void sink_show(struct sink *sink)
{
    struct show show = {.sink = sink, .now_ms = gw_now_ms(sink->self), .sorted = sink->shown_count};
    sink->stale = false;
    gw_queue_waiting(sink->queue, show_item, &show);
    show.dead = true;
    show.count = 0;
    gw_queue_dead(sink->queue, show_item, &show);
    forget_gone(sink);
    if (sink->shown_count)
        qsort(sink->shown, sink->shown_count, sizeof *sink->shown, by_id);
}

static void on_show(struct gw_plugin *self, void *data)
{
    (void)self;
    struct sink *sink = data;
    sink->show_timer = NULL;
    sink_show(sink);
}

void sink_show_soon(struct sink *sink)
{
    if (!sink->show_timer)
        sink->show_timer = gw_timer_start(sink->self, SHOW_IN_MS, 0, on_show, sink);
}

int sink_show_begin(struct sink *sink)
{
    char *text = gw_object_list(sink->self, sink->options.kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    size_t i;
    json_t *doc;
    int error = 0;
    json_array_foreach(list, i, doc)
    {
        const char *id = json_string_value(json_object_get(doc, "id"));
        if (id && !error)
            error = shown_add(sink, &(struct sink_shown){.id = strtoll(id, NULL, 10)});
    }
    json_decref(list);
    if (sink->shown_count)
        qsort(sink->shown, sink->shown_count, sizeof *sink->shown, by_id);
    return error;
}

/* ---- Series and events ---- */

static const struct gw_field queue_fields[] = {
    {"waiting", GW_GAUGE, "1", "What waits to be delivered"},
    {"bytes", GW_GAUGE, "By", "Its size"},
    {"dead", GW_GAUGE, "1", "What could not be delivered and is kept"},
    {"oldest_s", GW_GAUGE, "s", "How long the oldest has waited"},
    {"sent", GW_COUNTER, "1", "Delivered"},
    {"failed", GW_COUNTER, "1", "Died: refused for ever, or too often, or too old"},
    {"dropped", GW_COUNTER, "1", "Dropped because the queue was full"},
    {0},
};

static void row(struct sink *sink)
{
    struct gw_queue_counts counts;
    gw_queue_count(sink->queue, &counts);
    double oldest_ms = counts.oldest_ms ? (double)(gw_now_ms(sink->self) - counts.oldest_ms) : 0;
    double values[] = {(double)counts.items,  (double)counts.bytes,
                       (double)counts.dead,   oldest_ms > 0 ? oldest_ms / 1000 : 0,
                       (double)sink->sent,    (double)sink->failed,
                       (double)counts.dropped};
    char name[64];
    snprintf(name, sizeof name, "%s.queue", sink->options.plugin);
    gw_set(gw_series_get(sink->self, name, NULL, queue_fields, 0), values);
}

void sink_say_failed(struct sink *sink, const struct gw_queue_item *dead)
{
    char topic[64], id[24], text[700];
    snprintf(topic, sizeof topic, "%s.failed", sink->options.plugin);
    snprintf(id, sizeof id, "%lld", (long long)dead->id);
    snprintf(text, sizeof text, "a %s could not be delivered: %s", sink->options.noun,
             dead->why ? dead->why : "no reason is known");
    json_t *doc = document(sink, dead, true);
    char *data = json_dumps(doc, JSON_COMPACT);
    gw_emit(sink->self, &(struct gw_event){.topic = topic,
                                           .severity = GW_WARNING,
                                           .kind = sink->options.kind,
                                           .id = id,
                                           .text = text,
                                           .data = data});
    free(data);
    json_decref(doc);
}

/* ---- Old age ---- */

struct old {
    const struct sink *sink;
    int64_t before_ms;
    int64_t ids[OLD_AT_ONCE];
    size_t count;
};

static bool collect_old(void *data, const struct gw_queue_item *item)
{
    struct old *old = data;
    if (item->put_ms >= old->before_ms || old->count == OLD_AT_ONCE)
        return false;
    if (!sink_in_flight(old->sink, item->id))
        old->ids[old->count++] = item->id;
    return true;
}

static void bury_old(struct sink *sink)
{
    int64_t age_ms = sink->options.age_max_ms;
    if (!age_ms)
        return;
    struct old old = {.sink = sink, .before_ms = gw_now_ms(sink->self) - age_ms};
    gw_queue_waiting(sink->queue, collect_old, &old);
    char why[64];
    snprintf(why, sizeof why, "it waited for %.1f hours", (double)age_ms / 3600000);
    for (size_t i = 0; i < old.count; i++)
        sink_die(sink, old.ids[i], why);
}

void sink_tick(struct sink *sink)
{
    bury_old(sink);
    if (sink->stale)
        sink_show(sink);
    row(sink);
}

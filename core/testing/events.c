/* Events: what was said, who listens, and saying them again to who missed them. */
#include "testing/inside.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- Saying ---- */

static void keep_event(struct gwt *test, const struct gw_event *event)
{
    if (test->event_count == test->event_cap) {
        test->event_cap = test->event_cap ? test->event_cap * 2 : 64;
        test->events = gwt_need(realloc(test->events, test->event_cap * sizeof(struct gw_event *)));
    }
    test->events[test->event_count++] = gwt_need(event_copy(event));
}

int64_t events_say(struct gwt *test, const struct gw_event *event)
{
    struct gw_event said = *event;
    if (said.time_ms == 0)
        said.time_ms = clock_wall_ms(&test->clock.clock);
    int64_t sequence = bus_emit(test->bus, &said);
    if (sequence > 0) {
        said.sequence = sequence;
        keep_event(test, &said);
    }
    return sequence;
}

static bool is_object(const char *json)
{
    json_t *tree = json_loads(json, 0, NULL);
    bool object = json_is_object(tree);
    json_decref(tree);
    return object;
}

int gw_emit(struct gw_plugin *self, const struct gw_event *event)
{
    gwt_here(self, "gw_emit");
    if (!self || !event || !event->topic)
        return -EINVAL;
    int error;
    const char *fault = event_fault(event, &error);
    if (fault)
        return gw_fail(self, error, "an event was refused: %s", fault);
    if (event->data && !is_object(event->data))
        return -EILSEQ;
    struct gw_event said = *event;
    said.source = self->test->name;
    int64_t sequence = events_say(self->test, &said);
    return sequence < 0 ? (int)sequence : 0;
}

void gwt_say(struct gwt *test, const char *topic, enum gw_severity severity, const char *kind,
             const char *id, const char *text, const char *data_json)
{
    char source[64] = {0};
    strncpy(source, topic, sizeof(source) - 1);
    source[strcspn(source, ".")] = '\0';
    if (data_json && !is_object(data_json))
        gwt_die("gwt_say %s: the data is not a JSON object: %s", topic, data_json);
    struct gw_event event = {.topic = topic,
                             .severity = severity,
                             .source = source,
                             .kind = kind,
                             .id = id,
                             .text = text,
                             .data = data_json};
    int64_t sequence = events_say(test, &event);
    if (sequence < 0)
        gwt_die("gwt_say %s: %s", topic, strerror((int)-sequence));
}

/* ---- Listening ---- */

/* The stored events after `sequence` that match, at most the last EVENTS_AGAIN_MAX. */
static void add_again(struct gwt *test, struct listener *listener, const char *pattern,
                      int64_t sequence)
{
    size_t first = test->event_count, count = 0;
    while (first > 0 && test->events[first - 1]->sequence > sequence && count < EVENTS_AGAIN_MAX)
        count += topic_matches(pattern, test->events[--first]->topic);
    listener->again = gwt_need(calloc(count + 1, sizeof(struct gw_event *)));
    for (; first < test->event_count; first++) {
        if (topic_matches(pattern, test->events[first]->topic))
            listener->again[listener->again_count++] = gwt_need(event_copy(test->events[first]));
    }
}

static int subscribe(struct gw_plugin *self, const char *pattern, size_t queue_max,
                     int64_t sequence, gw_event_fn *on_event, void *data)
{
    if (!self || !pattern || !on_event)
        return -EINVAL;
    struct listener *listener = gwt_need(calloc(1, sizeof(*listener)));
    listener->on_event = on_event;
    listener->data = data;
    listener->bus = gwt_need(bus_subscribe(self->test->bus, pattern, queue_max, NULL, NULL));
    if (sequence >= 0)
        add_again(self->test, listener, pattern, sequence);
    struct listener **last = &self->listeners;
    while (*last)
        last = &(*last)->next;
    *last = listener;
    return 0;
}

int gw_subscribe(struct gw_plugin *self, const char *pattern, gw_event_fn *on_event, void *data)
{
    gwt_here(self, "gw_subscribe");
    return subscribe(self, pattern, EVENTS_QUEUE_MAX, -1, on_event, data);
}

int gw_subscribe_since(struct gw_plugin *self, const char *pattern, int64_t sequence,
                       gw_event_fn *on_event, void *data)
{
    gwt_here(self, "gw_subscribe_since");
    return subscribe(self, pattern, SIZE_MAX / sizeof(struct gw_event *) / 2,
                     sequence < 0 ? 0 : sequence, on_event, data);
}

static struct gw_event *next_event(struct listener *listener)
{
    if (listener->again_at < listener->again_count)
        return listener->again[listener->again_at++];
    return bus_take(listener->bus);
}

/* One event to the first listener that has one waiting. */
bool events_turn(struct gw_plugin *self)
{
    for (struct listener *listener = self->listeners; listener; listener = listener->next) {
        struct gw_event *event = next_event(listener);
        if (!event)
            continue;
        turn_enter(self, "event");
        listener->on_event(self, event, listener->data);
        turn_leave(self, 0);
        event_free(event);
        return true;
    }
    return false;
}

void listeners_release(struct gw_plugin *self)
{
    for (struct listener *listener; (listener = self->listeners);) {
        self->listeners = listener->next;
        while (listener->again_at < listener->again_count)
            event_free(listener->again[listener->again_at++]);
        free(listener->again);
        if (self->dead)
            gwt_spare(listener->data);
        bus_unsubscribe(listener->bus);
        free(listener);
    }
}

/* ---- Looking ---- */

static bool said_by_plugin(const struct gwt *test, size_t at, const char *pattern)
{
    return strcmp(test->events[at]->source, test->name) == 0 &&
           topic_matches(pattern, test->events[at]->topic);
}

size_t gwt_events(struct gwt *test, const char *pattern)
{
    size_t count = 0;
    for (size_t i = 0; i < test->event_count; i++)
        count += said_by_plugin(test, i, pattern);
    return count;
}

const struct gw_event *gwt_event(struct gwt *test, const char *pattern, int i)
{
    size_t count = gwt_events(test, pattern);
    if (i < 0)
        i += (int)count;
    for (size_t at = 0; i >= 0 && at < test->event_count; at++) {
        if (said_by_plugin(test, at, pattern) && i-- == 0)
            return test->events[at];
    }
    return NULL;
}

void events_fini(struct gwt *test)
{
    for (size_t i = 0; i < test->event_count; i++)
        event_free(test->events[i]);
    free(test->events);
}

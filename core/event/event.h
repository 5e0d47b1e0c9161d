/* Events: numbering, and a bus that gives each subscriber copies in its own bounded queue.
 *
 * Threads: any. A full queue drops its oldest event and counts it. `wake` runs on the emitter's
 * thread with the bus locked: it must only make the subscriber's own thread look (uv_async_send,
 * lws_cancel_service). */
#ifndef GW_EVENT_EVENT_H
#define GW_EVENT_EVENT_H

#include "base/clock.h"

#include <gnswatch/plugin.h>

struct bus;
struct subscription;

struct bus *bus_new(const struct clock *clock, int64_t last_sequence);
void bus_free(struct bus *bus); /* subscriptions must be gone */
/* Fills in sequence and time and hands out copies. Returns the sequence, or a negative errno.
 * Topics that begin with "object." are numbered 0: they are no entries of the timeline, and go only
 * to patterns that begin so too. */
int64_t bus_emit(struct bus *bus, const struct gw_event *event);
void bus_set_last_sequence(struct bus *bus, int64_t sequence); /* from disk at start */

typedef void bus_wake_fn(void *data);
struct subscription *bus_subscribe(struct bus *bus, const char *pattern, size_t queue_max,
                                   bus_wake_fn *wake, void *data);
void bus_unsubscribe(struct subscription *subscription);
/* The oldest waiting event, the caller frees it with event_free; NULL: none. */
struct gw_event *bus_take(struct subscription *subscription);
/* The same, and how many had been dropped before it. */
struct gw_event *bus_take_counted(struct subscription *subscription, uint64_t *dropped);
uint64_t bus_dropped(const struct subscription *subscription);
size_t bus_waiting(const struct subscription *subscription);
const char *subscription_pattern(const struct subscription *subscription); /* its own */
bool bus_wanted(struct bus *bus, const char *topic); /* does anyone subscribe to it now? */

/* Why a plugin may not say it, and the negative errno; NULL: it may. */
const char *event_fault(const struct gw_event *event, int *error);
struct gw_event *event_copy(const struct gw_event *event); /* one block of memory */
void event_free(struct gw_event *event);
bool topic_matches(const char *pattern, const char *topic); /* "*" matches any text */
struct buf;
void event_json(const struct gw_event *event, struct buf *out);

#endif

/* Numbers events and hands them to the queues of those who subscribed. */
#include "event/event_block.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct subscription {
    struct subscription *next;
    struct bus *bus;
    char *pattern;
    struct gw_event **ring; /* grows up to `max` */
    size_t first, count, cap, max;
    uint64_t dropped;
    bus_wake_fn *wake;
    void *data;
};

struct bus {
    const struct clock *clock;
    pthread_mutex_t lock; /* everything below, and all queues */
    int64_t sequence;
    struct subscription *subscriptions;
};

struct bus *bus_new(const struct clock *clock, int64_t last_sequence)
{
    struct bus *bus = calloc(1, sizeof(*bus));
    if (!bus)
        return NULL;
    bus->clock = clock;
    bus->sequence = last_sequence;
    pthread_mutex_init(&bus->lock, NULL);
    return bus;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    pthread_mutex_destroy(&bus->lock);
    free(bus);
}

void bus_set_last_sequence(struct bus *bus, int64_t sequence)
{
    pthread_mutex_lock(&bus->lock);
    if (sequence > bus->sequence)
        bus->sequence = sequence;
    pthread_mutex_unlock(&bus->lock);
}

struct subscription *bus_subscribe(struct bus *bus, const char *pattern, size_t queue_max,
                                   bus_wake_fn *wake, void *data)
{
    struct subscription *subscription = calloc(1, sizeof(*subscription));
    char *copy = strdup(pattern);
    if (!subscription || !copy) {
        free(subscription);
        free(copy);
        return NULL;
    }
    *subscription = (struct subscription){
        .bus = bus, .pattern = copy, .max = queue_max ? queue_max : 1, .wake = wake, .data = data};
    pthread_mutex_lock(&bus->lock);
    subscription->next = bus->subscriptions;
    bus->subscriptions = subscription;
    pthread_mutex_unlock(&bus->lock);
    return subscription;
}

/* With the lock held. NULL: empty. */
static struct gw_event *pop(struct subscription *subscription)
{
    if (subscription->count == 0)
        return NULL;
    struct gw_event *event = subscription->ring[subscription->first];
    subscription->first = (subscription->first + 1) % subscription->cap;
    subscription->count--;
    return event;
}

void bus_unsubscribe(struct subscription *subscription)
{
    if (!subscription)
        return;
    struct bus *bus = subscription->bus;
    pthread_mutex_lock(&bus->lock);
    for (struct subscription **at = &bus->subscriptions; *at; at = &(*at)->next) {
        if (*at == subscription) {
            *at = subscription->next;
            break;
        }
    }
    pthread_mutex_unlock(&bus->lock);
    for (struct gw_event *event; (event = pop(subscription));)
        event_free(event);
    free(subscription->ring);
    free(subscription->pattern);
    free(subscription);
}

static bool grow(struct subscription *subscription)
{
    size_t cap = subscription->cap ? subscription->cap * 2 : 8;
    if (cap > subscription->max)
        cap = subscription->max;
    struct gw_event **ring = malloc(cap * sizeof(struct gw_event *));
    if (!ring)
        return false;
    for (size_t i = 0; i < subscription->count; i++)
        ring[i] = subscription->ring[(subscription->first + i) % subscription->cap];
    free(subscription->ring);
    subscription->ring = ring;
    subscription->first = 0;
    subscription->cap = cap;
    return true;
}

/* With the lock held. */
static void push(struct subscription *subscription, struct gw_event *event)
{
    bool full = subscription->count == subscription->cap;
    if (full && (subscription->cap == subscription->max || !grow(subscription))) {
        event_free(pop(subscription));
        subscription->dropped++;
        if (subscription->cap == 0)
            return; /* not even memory for the first one */
    }
    size_t at = (subscription->first + subscription->count) % subscription->cap;
    subscription->ring[at] = event_ref(event);
    subscription->count++;
}

/* Object changes are many: they go only to those who ask for them by name. */
static bool wants(const struct subscription *subscription, const char *topic)
{
    bool change = strncmp(topic, "object.", 7) == 0;
    return (!change || strncmp(subscription->pattern, "object.", 7) == 0) &&
           topic_matches(subscription->pattern, topic);
}

bool bus_wanted(struct bus *bus, const char *topic)
{
    bool wanted = false;
    pthread_mutex_lock(&bus->lock);
    for (struct subscription *s = bus->subscriptions; s && !wanted; s = s->next)
        wanted = wants(s, topic);
    pthread_mutex_unlock(&bus->lock);
    return wanted;
}

/* With the lock held: to all that want it. */
static int hand_out(struct bus *bus, const struct gw_event *event)
{
    struct gw_event *copy = NULL;
    for (struct subscription *s = bus->subscriptions; s; s = s->next) {
        if (!wants(s, event->topic))
            continue;
        if (!copy && !(copy = event_copy(event)))
            return -ENOMEM;
        push(s, copy);
        if (s->wake)
            s->wake(s->data);
    }
    event_free(copy);
    return 0;
}

int64_t bus_emit(struct bus *bus, const struct gw_event *event)
{
    if (!event->topic || !*event->topic || event->severity < GW_DEBUG ||
        event->severity > GW_CRITICAL)
        return -EINVAL;
    struct gw_event full = *event;
    if (full.time_ms == 0)
        full.time_ms = clock_wall_ms(bus->clock);
    bool numbered = strncmp(full.topic, "object.", 7) != 0;
    pthread_mutex_lock(&bus->lock);
    full.sequence = numbered ? ++bus->sequence : 0;
    int error = hand_out(bus, &full);
    pthread_mutex_unlock(&bus->lock);
    return error ? error : full.sequence;
}

struct gw_event *bus_take_counted(struct subscription *subscription, uint64_t *dropped)
{
    pthread_mutex_lock(&subscription->bus->lock);
    struct gw_event *event = pop(subscription);
    *dropped = subscription->dropped;
    pthread_mutex_unlock(&subscription->bus->lock);
    return event;
}

struct gw_event *bus_take(struct subscription *subscription)
{
    uint64_t dropped;
    return bus_take_counted(subscription, &dropped);
}

uint64_t bus_dropped(const struct subscription *subscription)
{
    pthread_mutex_lock(&subscription->bus->lock);
    uint64_t dropped = subscription->dropped;
    pthread_mutex_unlock(&subscription->bus->lock);
    return dropped;
}

size_t bus_waiting(const struct subscription *subscription)
{
    pthread_mutex_lock(&subscription->bus->lock);
    size_t count = subscription->count;
    pthread_mutex_unlock(&subscription->bus->lock);
    return count;
}

const char *subscription_pattern(const struct subscription *subscription)
{
    return subscription->pattern;
}

/* Events an instance subscribed to: live from the bus, and those of the past from the store.
 *
 * One that goes on since a sequence reads the store until it has caught up, then takes what waits
 * in its queue and is later. The store writes what waits before it answers, so nothing is between
 * the two; when the queue overflows, the store has what was dropped. */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 500, RETRY_MS = 1000 };

struct instance_subscription {
    struct instance_subscription *next;
    struct subscription *bus;
    gw_event_fn *on_event;
    void *data;

    /* of gw_subscribe_since; the instance's thread's */
    bool since, asking;    /* asking: the store, or a moment until it is asked again */
    bool caught_up;        /* the store has no more: the queue goes on */
    char *pattern;         /* owned */
    int64_t sequence;      /* of the last event handed over */
    uint64_t dropped;      /* by the queue, when it was last looked at */
    struct past *past;     /* owned; from the store */
    struct gw_event *held; /* owned; taken from the queue when a gap was seen */
};

struct past { /* what the store answered, in mail->json */
    struct instance_subscription *subscription;
    int error;
    struct gw_event **events; /* owned, those from `at` on too */
    size_t count, at;
};

struct question {            /* to the store */
    struct mailbox *mailbox; /* a reference */
    unsigned run;
    struct instance_subscription *subscription;
};

static void past_fini(struct past *past)
{
    while (past->at < past->count)
        event_free(past->events[past->at++]);
    free(past->events);
}

static void past_free(struct past *past)
{
    if (!past)
        return;
    past_fini(past);
    free(past);
}

/* ---- Asking the store ------------------------------------------------------------------------ */

static void ask_store(struct gw_plugin *self, struct instance_subscription *subscription);

static void ask_again(struct gw_plugin *self, void *data)
{
    ask_store(self, data);
}

static void ask_later(struct gw_plugin *self, struct instance_subscription *subscription)
{
    subscription->asking = true;
    if (!gw_timer_start(self, RETRY_MS, 0, ask_again, subscription))
        subscription->asking = false; /* the next event tries */
}

/* On the instance's thread. */
static void take_past(struct gw_plugin *self, struct mail *mail)
{
    struct past *past = (struct past *)(void *)mail->json;
    struct instance_subscription *subscription = past->subscription;
    subscription->asking = false;
    if (past->error) {
        ask_later(self, subscription);
        return;
    }
    subscription->caught_up = past->count == 0;
    past_free(subscription->past);
    subscription->past = past;
    mail->json = NULL;
    mail->fini = NULL;
}

static void drop_past(struct mail *mail)
{
    past_fini((struct past *)(void *)mail->json);
}

/* On the store's thread. */
static void on_past(void *data, int error, struct gw_event **events, size_t count)
{
    struct question *question = data;
    struct past *past = malloc(sizeof(*past));
    struct mail *mail = past ? calloc(1, sizeof(*mail)) : NULL;
    const struct past made = {question->subscription, error, events, count, 0};
    if (mail) {
        *past = made;
        *mail = (struct mail){
            .kind = MAIL_EVENTS, .json = (char *)past, .deliver = take_past, .fini = drop_past};
    } else {
        past_fini(&(struct past){.events = events, .count = count});
        free(past);
    }
    mailbox_answer(question->mailbox, MAIL_EVENTS, question->run, mail);
    free(question);
}

static void ask_store(struct gw_plugin *self, struct instance_subscription *subscription)
{
    const struct store_events_query query = {
        .topic = subscription->pattern, .after_sequence = subscription->sequence, .limit = CHUNK};
    struct question *question = calloc(1, sizeof(*question));
    bool may = question && mailbox_ask(self->mailbox, MAIL_EVENTS, MAIL_MAX, &question->run);
    subscription->asking = true;
    if (may) {
        question->mailbox = self->mailbox;
        question->subscription = subscription;
        if (!store_events_since(self->parts->store, &query, on_past, question))
            return;
        mailbox_answer(self->mailbox, MAIL_EVENTS, question->run, NULL);
    }
    free(question);
    ask_later(self, subscription);
}

/* ---- Subscribing ----------------------------------------------------------------------------- */

static void wake_by_event(void *data)
{
    uv_async_send(data); /* closed only after the subscription is gone */
}

static void subscription_free(struct instance_subscription *subscription)
{
    if (!subscription)
        return;
    bus_unsubscribe(subscription->bus);
    past_free(subscription->past);
    event_free(subscription->held);
    free(subscription->pattern);
    free(subscription);
}

static struct instance_subscription *subscribe(struct gw_plugin *self, const char *pattern,
                                               gw_event_fn *on_event, void *data)
{
    struct instance_subscription *subscription = calloc(1, sizeof(*subscription));
    if (!subscription)
        return NULL;
    subscription->on_event = on_event;
    subscription->data = data;
    subscription->pattern = strdup(pattern);
    if (subscription->pattern)
        subscription->bus =
            bus_subscribe(self->parts->bus, pattern, MAIL_MAX, wake_by_event, &self->wake);
    if (!subscription->bus) {
        subscription_free(subscription);
        return NULL;
    }
    pthread_mutex_lock(&self->lock);
    subscription->next = self->subscriptions;
    self->subscriptions = subscription;
    pthread_mutex_unlock(&self->lock);
    return subscription;
}

int gw_subscribe(struct gw_plugin *self, const char *pattern, gw_event_fn *on_event, void *data)
{
    if (!instance_here(self, "gw_subscribe"))
        return -EPERM;
    if (!pattern || !on_event)
        return -EINVAL;
    if (self->parts->remote)
        return self->parts->remote->subscribe(self, pattern, -1, on_event, data);
    return subscribe(self, pattern, on_event, data) ? 0 : -ENOMEM;
}

int gw_subscribe_since(struct gw_plugin *self, const char *pattern, int64_t sequence,
                       gw_event_fn *on_event, void *data)
{
    if (!instance_here(self, "gw_subscribe_since"))
        return -EPERM;
    if (!pattern || !on_event || sequence < 0)
        return -EINVAL;
    if (self->parts->remote)
        return self->parts->remote->subscribe(self, pattern, sequence, on_event, data);
    struct instance_subscription *subscription = subscribe(self, pattern, on_event, data);
    if (!subscription)
        return -ENOMEM;
    if (!self->parts->store) /* nothing is kept: as gw_subscribe */
        return 0;
    subscription->since = true;
    subscription->sequence = sequence;
    ask_store(self, subscription);
    return 0;
}

void instance_release_events(struct gw_plugin *self)
{
    pthread_mutex_lock(&self->lock);
    struct instance_subscription *list = self->subscriptions;
    self->subscriptions = NULL;
    pthread_mutex_unlock(&self->lock);
    while (list) {
        struct instance_subscription *subscription = list;
        list = list->next;
        subscription_free(subscription);
    }
}

size_t instance_events_waiting(struct gw_plugin *self)
{
    size_t count = 0;
    pthread_mutex_lock(&self->lock);
    for (struct instance_subscription *s = self->subscriptions; s; s = s->next)
        count += bus_waiting(s->bus);
    pthread_mutex_unlock(&self->lock);
    return count;
}

/* ---- Handing over ---------------------------------------------------------------------------- */

static struct gw_event *next_past(struct gw_plugin *self,
                                  struct instance_subscription *subscription)
{
    struct past *past = subscription->past;
    if (past && past->at < past->count)
        return past->events[past->at++];
    past_free(past);
    subscription->past = NULL;
    if (!subscription->caught_up && !subscription->asking)
        ask_store(self, subscription);
    return NULL;
}

/* Those of object changes have no number and are not in the store: only the queue has them. */
static bool is_known(const struct instance_subscription *subscription, const struct gw_event *event)
{
    return event->sequence > 0 && event->sequence <= subscription->sequence;
}

static struct gw_event *next_live(struct gw_plugin *self,
                                  struct instance_subscription *subscription)
{
    struct gw_event *event = subscription->held;
    uint64_t dropped = subscription->dropped;
    subscription->held = NULL;
    for (;;) {
        if (!event)
            event = bus_take_counted(subscription->bus, &dropped);
        if (dropped != subscription->dropped) { /* a gap before this one: the store has it */
            subscription->dropped = dropped;
            subscription->held = event;
            subscription->caught_up = false;
            ask_store(self, subscription);
            return NULL;
        }
        if (!event || !is_known(subscription, event))
            return event;
        event_free(event);
        event = NULL;
    }
}

/* The next event that is due; NULL: none, or not yet. */
static struct gw_event *next_event(struct gw_plugin *self,
                                   struct instance_subscription *subscription)
{
    if (!subscription->since)
        return bus_take(subscription->bus);
    struct gw_event *event = NULL;
    if (!subscription->caught_up)
        event = next_past(self, subscription);
    if (!event && subscription->caught_up)
        event = next_live(self, subscription);
    if (event && event->sequence > 0)
        subscription->sequence = event->sequence;
    return event;
}

static bool deliver_events(struct gw_plugin *self, struct instance_subscription *subscription)
{
    for (int i = 0; i < INSTANCE_SHARE && !self->held; i++) {
        struct gw_event *event = next_event(self, subscription);
        if (!event)
            return false;
        instance_enter(self, "event");
        subscription->on_event(self, event, subscription->data);
        instance_leave(self, 0);
        event_free(event);
    }
    return true;
}

bool instance_deliver_events(struct gw_plugin *self)
{
    bool more = false;
    for (struct instance_subscription *s = self->subscriptions; s && !self->held; s = s->next)
        more |= deliver_events(self, s);
    return more;
}

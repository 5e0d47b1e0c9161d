/* Timers of the fake clock, and real descriptors that are looked at between leaps of it. */
#include "testing/inside.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Timers ---- */

struct gw_timer *timer_add(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                           gw_timer_fn *on_time, void *data)
{
    struct gw_timer *timer = gwt_need(calloc(1, sizeof(*timer)));
    *timer = (struct gw_timer){
        .self = self,
        .on_time = on_time,
        .data = data,
        .due_ms = clock_monotonic_ms(&self->test->clock.clock) + delay_ms,
        .repeat_ms = repeat_ms,
        .order = self->test->order++,
    };
    LIST_INSERT_HEAD(&self->timers, timer, entry);
    return timer;
}

struct gw_timer *gw_timer_start(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                                gw_timer_fn *on_time, void *data)
{
    gwt_here(self, "gw_timer_start");
    if (!self || !on_time || delay_ms < 0 || repeat_ms < 0)
        return NULL;
    struct gw_timer *timer = timer_add(self, delay_ms, repeat_ms, on_time, data);
    timer->which = "timer";
    return timer;
}

void timer_run(struct gw_timer *timer)
{
    struct gw_plugin *self = timer->self;
    timer->running = true;
    timer->due_ms += timer->repeat_ms;
    timer->order = self->test->order++;
    if (timer->repeat_ms == 0)
        LIST_REMOVE(timer, entry);
    if (timer->which)
        turn_enter(self, timer->which);
    timer->on_time(self, timer->data);
    if (timer->which)
        turn_leave(self, 0);
    timer->running = false;
    if (timer->stopped || timer->repeat_ms == 0)
        free(timer);
}

void gw_timer_stop(struct gw_timer *timer)
{
    if (!timer || timer->stopped)
        return;
    gwt_here(timer->self, "gw_timer_stop");
    timer->stopped = true;
    if (!timer->running || timer->repeat_ms > 0)
        LIST_REMOVE(timer, entry);
    if (!timer->running)
        free(timer);
}

void timers_release(struct gw_plugin *self)
{
    for (struct gw_timer *timer = LIST_FIRST(&self->timers), *next; timer; timer = next) {
        next = LIST_NEXT(timer, entry);
        free(timer);
    }
    LIST_INIT(&self->timers);
}

/* ---- Descriptors ---- */

struct gw_watch *gw_watch_start(struct gw_plugin *self, int fd, unsigned flags,
                                gw_watch_fn *on_ready, void *data)
{
    gwt_here(self, "gw_watch_start");
    if (!self || !on_ready || fd < 0)
        return NULL;
    struct gw_watch *watch;
    LIST_FOREACH(watch, &self->watches, entry)
    {
        if (watch->fd == fd && !watch->stopped)
            gwt_die("gw_watch_start: descriptor %d is watched already", fd);
    }
    watch = gwt_need(calloc(1, sizeof(*watch)));
    watch->self = self;
    watch->fd = fd;
    watch->flags = flags;
    watch->on_ready = on_ready;
    watch->data = data;
    LIST_INSERT_HEAD(&self->watches, watch, entry);
    return watch;
}

int gw_watch_change(struct gw_watch *watch, unsigned flags)
{
    if (!watch)
        return -EINVAL;
    gwt_here(watch->self, "gw_watch_change");
    watch->flags = flags;
    return 0;
}

static void sweep(struct gw_plugin *self)
{
    for (struct gw_watch *watch = LIST_FIRST(&self->watches), *next; watch; watch = next) {
        next = LIST_NEXT(watch, entry);
        if (!watch->stopped)
            continue;
        LIST_REMOVE(watch, entry);
        free(watch);
    }
}

void gw_watch_stop(struct gw_watch *watch)
{
    if (!watch)
        return;
    gwt_here(watch->self, "gw_watch_stop");
    watch->stopped = true; /* swept between turns: one may be under way */
}

void watches_release(struct gw_plugin *self)
{
    struct gw_watch *watch;
    LIST_FOREACH(watch, &self->watches, entry)
    watch->stopped = true;
    sweep(self);
}

bool watches_any(const struct gw_plugin *self)
{
    const struct gw_watch *watch;
    LIST_FOREACH(watch, &self->watches, entry)
    {
        if (!watch->stopped && watch->flags)
            return true;
    }
    return false;
}

static short events_of(unsigned flags)
{
    return (short)((flags & GW_READ ? POLLIN : 0) | (flags & GW_WRITE ? POLLOUT : 0) |
                   (flags & GW_HANGUP ? POLLRDHUP : 0));
}

/* A descriptor with an error is ready for whatever it was watched for, as with epoll. */
static unsigned flags_of(unsigned wanted, int events)
{
    unsigned flags = (events & POLLIN ? GW_READ : 0u) | (events & POLLOUT ? GW_WRITE : 0u) |
                     (events & (POLLRDHUP | POLLHUP) ? GW_HANGUP : 0u);
    if (events & (POLLERR | POLLHUP | POLLNVAL))
        flags |= wanted & (GW_READ | GW_WRITE);
    return flags & wanted;
}

static bool call_ready(struct gw_plugin *self, struct gw_watch *watch, int events)
{
    unsigned flags = watch->stopped ? 0 : flags_of(watch->flags, events);
    if (!flags)
        return false;
    turn_enter(self, "watch");
    watch->on_ready(self, watch->fd, flags, watch->data);
    turn_leave(self, 0);
    return true;
}

static bool hear_wake(const struct pollfd *wake)
{
    uint64_t count;
    return wake->revents && read(wake->fd, &count, sizeof(count)) > 0;
}

bool watches_turn(struct gw_plugin *self, int real_ms)
{
    sweep(self);
    size_t count = 0;
    struct gw_watch *watch;
    LIST_FOREACH(watch, &self->watches, entry)
    count++;
    struct pollfd *polls = gwt_need(calloc(count + 1, sizeof(*polls)));
    struct gw_watch **list = gwt_need(calloc(count + 1, sizeof(struct gw_watch *)));
    count = 0;
    LIST_FOREACH(watch, &self->watches, entry)
    {
        if (watch->flags)
            polls[count] = (struct pollfd){.fd = watch->fd, .events = events_of(watch->flags)},
            list[count++] = watch;
    }
    polls[count] = (struct pollfd){.fd = self->wake_fd, .events = POLLIN};
    bool any = false;
    if (poll(polls, count + 1, real_ms) > 0) {
        any = hear_wake(&polls[count]);
        for (size_t i = 0; i < count; i++)
            any |= call_ready(self, list[i], polls[i].revents);
    }
    sweep(self);
    free(polls);
    free(list);
    return any;
}

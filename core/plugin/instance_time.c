/* An instance's timers and descriptor watches: handles on its loop, freed when they have closed. */
#include "plugin/instance.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_handle(uv_handle_t *handle)
{
    free(handle); /* the first member of what it belongs to */
}

static void close_timer(struct gw_timer *timer)
{
    if (uv_is_closing((uv_handle_t *)&timer->handle))
        return;
    LIST_REMOVE(timer, entry);
    uv_close((uv_handle_t *)&timer->handle, free_handle);
}

static void on_time(uv_timer_t *handle)
{
    struct gw_timer *timer = (struct gw_timer *)handle;
    instance_enter(timer->self, "timer");
    timer->on_time(timer->self, timer->data);
    instance_leave(timer->self, 0);
    if (!timer->repeats) /* stays readable until the loop's next round, even when stopped */
        close_timer(timer);
}

struct gw_timer *gw_timer_start(struct gw_plugin *self, int64_t delay_ms, int64_t repeat_ms,
                                gw_timer_fn *on_time_fn, void *data)
{
    if (!instance_here(self, "gw_timer_start") || !on_time_fn || delay_ms < 0 || repeat_ms < 0)
        return NULL;
    struct gw_timer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return NULL;
    timer->self = self;
    timer->on_time = on_time_fn;
    timer->data = data;
    timer->repeats = repeat_ms > 0;
    uv_update_time(&self->loop);
    uv_timer_init(&self->loop, &timer->handle);
    uv_timer_start(&timer->handle, on_time, (uint64_t)delay_ms, (uint64_t)repeat_ms);
    LIST_INSERT_HEAD(&self->timers, timer, entry);
    return timer;
}

void gw_timer_stop(struct gw_timer *timer)
{
    if (timer && instance_here(timer->self, "gw_timer_stop"))
        close_timer(timer);
}

static void close_watch(struct gw_watch *watch)
{
    if (uv_is_closing((uv_handle_t *)&watch->handle))
        return;
    LIST_REMOVE(watch, entry);
    uv_poll_stop(&watch->handle);
    uv_close((uv_handle_t *)&watch->handle, free_handle);
}

static void on_ready(uv_poll_t *handle, int status, int events)
{
    struct gw_watch *watch = (struct gw_watch *)handle;
    unsigned flags = (events & UV_READABLE ? GW_READ : 0u) |
                     (events & UV_WRITABLE ? GW_WRITE : 0u) |
                     (events & UV_DISCONNECT ? GW_HANGUP : 0u) | (status < 0 ? GW_HANGUP : 0u);
    instance_enter(watch->self, "watch");
    watch->on_ready(watch->self, watch->fd, flags, watch->data);
    instance_leave(watch->self, 0);
}

static int poll_start(struct gw_watch *watch, unsigned flags)
{
    int events = (flags & GW_READ ? UV_READABLE : 0) | (flags & GW_WRITE ? UV_WRITABLE : 0) |
                 (flags & GW_HANGUP ? UV_DISCONNECT : 0);
    return events ? uv_poll_start(&watch->handle, events, on_ready) : uv_poll_stop(&watch->handle);
}

struct gw_watch *gw_watch_start(struct gw_plugin *self, int fd, unsigned flags,
                                gw_watch_fn *on_ready_fn, void *data)
{
    if (!instance_here(self, "gw_watch_start") || !on_ready_fn)
        return NULL;
    struct gw_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;
    watch->self = self;
    watch->fd = fd;
    watch->on_ready = on_ready_fn;
    watch->data = data;
    int error = uv_poll_init(&self->loop, &watch->handle, fd);
    if (error) {
        log_line(GW_WARNING, self->conf.name, "cannot watch descriptor %d: %s", fd,
                 strerror(-error));
        free(watch);
        return NULL;
    }
    LIST_INSERT_HEAD(&self->watches, watch, entry);
    error = poll_start(watch, flags);
    if (error) {
        close_watch(watch);
        return NULL;
    }
    return watch;
}

int gw_watch_change(struct gw_watch *watch, unsigned flags)
{
    if (!watch)
        return -EINVAL;
    return instance_here(watch->self, "gw_watch_change") ? poll_start(watch, flags) : -EPERM;
}

void gw_watch_stop(struct gw_watch *watch)
{
    if (watch && instance_here(watch->self, "gw_watch_stop"))
        close_watch(watch);
}

void instance_release_time(struct gw_plugin *self)
{
    while (!LIST_EMPTY(&self->timers))
        close_timer(LIST_FIRST(&self->timers));
    while (!LIST_EMPTY(&self->watches))
        close_watch(LIST_FIRST(&self->watches));
}

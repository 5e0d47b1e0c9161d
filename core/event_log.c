/* Writes on the daemon's loop, so that no instance waits for a terminal. */
#include "event_log.h"

#include "base/log.h"

enum { QUEUE_MAX = 256 };

static void write_waiting(struct event_log *log)
{
    for (struct gw_event *event; (event = bus_take(log->subscription));) {
        if (event->severity >= GW_NOTICE && event->sequence > 0)
            log_line(event->severity, event->source, "%s", event->text);
        event_free(event);
    }
}

static void on_wake(uv_async_t *wake)
{
    write_waiting(wake->data);
}

static void wake_loop(void *data)
{
    struct event_log *log = data;
    uv_async_send(&log->wake);
}

void event_log_start(struct event_log *log, uv_loop_t *loop, struct bus *bus)
{
    uv_async_init(loop, &log->wake, on_wake);
    log->wake.data = log;
    log->subscription = bus_subscribe(bus, "*", QUEUE_MAX, wake_loop, log);
    if (!log->subscription)
        log_line(GW_WARNING, "host", "events are not logged: out of memory");
}

void event_log_stop(struct event_log *log)
{
    if (!log->subscription)
        return;
    write_waiting(log);
    bus_unsubscribe(log->subscription);
    log->subscription = NULL;
}

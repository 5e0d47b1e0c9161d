/* Events of severity notice and above become lines of the log, as their source says them. */
#ifndef GW_EVENT_LOG_H
#define GW_EVENT_LOG_H

#include "event/event.h"

#include <uv.h>

struct event_log {
    struct subscription *subscription;
    uv_async_t wake;
};

/* On the loop's own thread. A failure is logged: the daemon runs without. */
void event_log_start(struct event_log *log, uv_loop_t *loop, struct bus *bus);
void event_log_stop(struct event_log *log); /* writes what is waiting; the loop closes the handle */

#endif

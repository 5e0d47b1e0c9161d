/* Sharing one event between queues: inside core/event only. */
#ifndef GW_EVENT_EVENT_BLOCK_H
#define GW_EVENT_EVENT_BLOCK_H

#include "event/event.h"

struct gw_event *event_ref(struct gw_event *event); /* of event_copy; undone by event_free */

#endif

/* Object changes as events of the bus: topics object.put and object.delete. */
#ifndef GW_PLUGIN_OBJECT_EVENTS_H
#define GW_PLUGIN_OBJECT_EVENTS_H

#include "event/event.h"
#include "object/object.h"

/* From now on. `bus` must live as long as `objects`. Data is {"new":true}, or what changed:
 * {"changed":{"status":["stopped","started"]}}; nothing is worked out when nobody subscribes. */
int object_events_attach(struct objects *objects, struct bus *bus);

#endif

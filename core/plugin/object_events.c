/* The bridge between two nouns that do not know each other. */
#include "plugin/object_events.h"

#include "base/json_scan.h"

#include <stdint.h>

static void on_change(void *data, const struct object_change *change)
{
    struct bus *bus = data;
    const char *topic = change->after ? "object.put" : "object.delete";
    if (!bus_wanted(bus, topic))
        return;
    struct buf what;
    buf_init(&what, SIZE_MAX / 2); /* bounded by two documents */
    if (change->before && change->after) {
        buf_adds(&what, "{\"changed\":");
        json_changed(change->before, change->after, &what);
        buf_addc(&what, '}');
    } else if (change->after) {
        buf_adds(&what, "{\"new\":true}");
    }
    struct gw_event event = {
        .time_ms = change->time_ms,
        .topic = topic,
        .severity = GW_DEBUG,
        .source = change->owner,
        .kind = change->kind,
        .id = change->id,
        .data = buf_error(&what) || !what.len ? "{}" : what.data,
    };
    bus_emit(bus, &event);
    buf_fini(&what);
}

int object_events_attach(struct objects *objects, struct bus *bus)
{
    return objects_listen(objects, on_change, bus);
}

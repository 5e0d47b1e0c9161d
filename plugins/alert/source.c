/* source.c - see source.h: the sources together, and alerts whose source did not come back. */
#include "source.h"

#include "alerts.h"
#include "topology.h"

#include <errno.h>
#include <stdlib.h>

enum { ORPHAN_MS = 10 * 60000 };

int sources_start(struct world *world)
{
    world->source = calloc(1, sizeof *world->source);
    if (!world->source)
        return gw_fail(world->self, -ENOMEM, "start");
    world->source->recent = json_object();
    world->source->cleared = json_object();
    world->source->touched = json_object();
    world->source->start_ms = world->now_ms;
    int error = source_objects_start(world);
    error = error ? error : source_series_start(world);
    return error ? error : source_events_start(world);
}

void sources_stop(struct world *world)
{
    if (!world->source)
        return;
    source_series_stop(world);
    source_events_stop(world);
    json_decref(world->source->recent);
    json_decref(world->source->cleared);
    json_decref(world->source->touched);
    free(world->source);
    world->source = NULL;
}

/* A series that ended and did not come back, or was never found again after a restart. As long as
 * what it is about is still there, nothing says that its problem is over. */
static bool is_lost(const struct world *world, const struct alert *alert)
{
    int64_t since = alert->orphan_ms  ? alert->orphan_ms
                    : !alert->claimed ? world->source->start_ms
                                      : 0;
    if (!since || world->now_ms - since < ORPHAN_MS || !alert->rule || !rule_of_series(alert->rule))
        return false;
    return !alert->subject_kind ||
           !topology_get(world->topology, alert->subject_kind, alert->subject_id) ||
           topology_closed(world->topology, &alert->place);
}

/* Of an object rule after a restart: the list at the start did not name it any more. */
static bool is_gone(const struct world *world, const struct alert *alert)
{
    return alert->rule && alert->rule->kind == RULE_OBJECT && !alert->claimed &&
           !topology_get(world->topology, alert->rule->object, alert->subject_id);
}

static void end_lost(struct world *world)
{
    for (size_t i = 0; i < world->alert_count;) {
        struct alert *alert = world->alerts[i];
        const char *why = !alert->rule            ? "its rule is no longer there"
                          : is_lost(world, alert) ? "it is no longer watched"
                          : is_gone(world, alert) ? "it is no longer there"
                                                  : NULL;
        if (!why || !alert_active(alert) || alert_end(world, alert, why))
            i++;
    }
}

void sources_turn(struct world *world)
{
    source_objects_turn(world);
    source_series_turn(world);
    source_events_turn(world);
    end_lost(world);
}

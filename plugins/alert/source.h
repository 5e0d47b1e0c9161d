/* source.h - where alerts come from: series, events, objects. Each source decides what its rules
 * want of an alert and says so with alert_want. */
#ifndef ALERT_SOURCE_H
#define ALERT_SOURCE_H

#include "world.h"

int sources_start(struct world *world); /* objects first: they tell what is where */
void sources_stop(struct world *world);
/* Silence, ends by time, things that have gone. */
void sources_turn(struct world *world);

/* Each of these is called by source.c. */
int source_series_start(struct world *world);
void source_series_stop(struct world *world);
void source_series_turn(struct world *world);
void source_series_shift(struct world *world, int64_t by_ms); /* the clock jumped */
int source_objects_start(struct world *world);
void source_objects_turn(struct world *world);
int source_events_start(struct world *world);
void source_events_stop(struct world *world);
void source_events_turn(struct world *world);

struct feed;  /* series of one pattern */
struct heard; /* a topic and whose rule it is */

struct source {
    struct feed *feeds;  /* owned list */
    struct heard *heard; /* owned list */
    json_t *recent;      /* {alert id: {times, topic}} of rules that count events */
    json_t *cleared;     /* {alert id: number of the last event that ended it} */
    json_t *touched;     /* {"kind|id": true}: objects above others, changed since the last turn */
    size_t puts;         /* object changes since the last turn */
    int64_t list_again_ms; /* 0: no */
    int64_t start_ms;
};

#endif

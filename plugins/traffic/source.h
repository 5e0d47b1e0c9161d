/* source.h - where figures come from. A source is asked once a turn, and says what it read of an
 * end whenever it has it; who reads figures does not see which source they are from. uBridge may
 * give way to something else one day: then that is one more of these. */
#ifndef TRAFFIC_SOURCE_H
#define TRAFFIC_SOURCE_H

#include "lab.h"

struct traffic;

struct source {
    const char *name;
    void *(*start)(struct traffic *traffic); /* its own data; NULL: no memory */
    void (*turn)(void *data);                /* ask; never blocks */
    void (*stop)(void *data);
};

extern const struct source ubridge_source; /* also dynamips: all hypervisors of this machine */
extern const struct source capture_source;

/* What was read of an end of a link just now, counted since that process's start. `life` names the
 * process; of two at once that with the larger one is believed. */
void source_says(struct traffic *traffic, enum source_kind source, struct end *end,
                 const struct reading *reading, uint64_t life);

#endif

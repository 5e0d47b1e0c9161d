/* meter.h - what one end of a link has sent and got, added up from a hypervisor's counters.
 *
 * Counters fall when a node's process starts again, or when its bridge is made anew; a meter never
 * falls. Pure: no time, no host. */
#ifndef TRAFFIC_METER_H
#define TRAFFIC_METER_H

#include <stdbool.h>
#include <stdint.h>

struct counts {
    uint64_t packets, bytes;
};

/* A network interface of a hypervisor: `in` is what it read from the outside, `out` what it gave.
 */
struct nio {
    struct counts in, out;
};

/* One reading. `wire` faces the link; `node` faces the node and is not always told (IOL, dynamips
 * have only one). uBridge counts `in` before and `out` after a link's filters. */
struct reading {
    bool has_node;
    struct nio wire, node;
};

struct meter {
    bool known;         /* it has had a reading */
    uint64_t life;      /* of the process the last reading was of */
    struct reading raw; /* the last one */
    uint64_t lost[2];   /* dropped in this life as last seen: towards the link, towards the node */
    uint64_t life_dropped;   /* of this life, as counted below */
    struct counts sent, got; /* by the node, on the wire; since the first reading */
    uint64_t dropped;        /* at this end */
    int64_t at_ms;           /* wall clock of the last reading; 0: none */
    int64_t read_ms;         /* monotonic time of it */
};

/* `life` names the process: another one has counted from zero. The first reading of all is where
 * counting begins. */
void meter_add(struct meter *meter, const struct reading *reading, uint64_t life);

/* How much a counter grew from `before` to `now`; one that fell began again at zero. */
uint64_t counter_growth(uint64_t before, uint64_t now);

#endif

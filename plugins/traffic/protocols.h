/* protocols.h - packets and bytes by protocol: of a link for shares of the last minute or two, of a
 * project for its series. Bounded: what is beyond the first names is "Other". */
#ifndef TRAFFIC_PROTOCOLS_H
#define TRAFFIC_PROTOCOLS_H

#include "traffic.h"

#include <jansson.h>

enum { PROTOCOLS_MAX = 48, PROTOCOL_NAME_MAX = 40 };

struct protocol {
    char name[PROTOCOL_NAME_MAX];
    struct counts total;
    uint64_t recent[2]; /* bytes of this minute and of the one before */
    struct gw_series *series;
};

struct protocols {
    struct protocol all[PROTOCOLS_MAX];
    size_t count;
    int64_t minute_ms; /* when this minute began; 0: none yet */
};

void protocols_add(struct protocols *protocols, const char *name, uint32_t bytes, int64_t now_ms);
/* [{name, share}], largest first; new reference. */
json_t *protocols_shares(const struct protocols *protocols);
/* The project's rows of traffic.protocol. */
void protocols_tell(struct traffic *traffic, struct project *project);
void protocols_free(struct protocols *protocols); /* NULL is fine */

#endif

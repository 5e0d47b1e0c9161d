/* frame.h - what a frame's headers say: who to whom, and which flow. And which of a link's two ends
 * an address is at. Pure; input may be anything. */
#ifndef TRAFFIC_FRAME_H
#define TRAFFIC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAC_BYTES = 6, SIDES_MAX = 512 };

struct frame {
    const uint8_t *destination, *source; /* addresses, within the frame */
    unsigned type;                       /* EtherType; below 1536: an 802.3 length */
    const uint8_t *ip;                   /* the IP packet; NULL: none */
    size_t ip_bytes;
    struct flow_key {
        uint8_t addresses[2][16]; /* the lower one first, with its port: both directions are one */
        uint16_t ports[2];
        uint8_t protocol, version;
    } key;
};

bool frame_read(const uint8_t *bytes, size_t count, struct frame *frame); /* false: too short */

/* "ARP", "STP" …: of a frame that is not IP. */
const char *frame_name(const struct frame *frame);

/* Which addresses are at which end. Where the address of an end's node is known, that tells; else
 * packets tell who talks to whom, so there are two sides, and which of them is the link's first end
 * is a guess. */
struct sides {
    struct {
        uint8_t mac[MAC_BYTES];
        uint8_t side; /* 0, 1 */
    } all[SIDES_MAX];
    size_t count;
    bool known[2], seen[2]; /* of the ends' nodes; seen: it is in use */
    uint8_t ends[2][MAC_BYTES];
};

void sides_know(struct sides *sides, int end, const char *mac); /* "00:50:79:66:68:00" */
/* 0: the frame goes from the first end to the second; 1: back. */
int sides_direction(struct sides *sides, const struct frame *frame);

#endif

/* frame.c - see frame.h. */
#include "frame.h"

#include <netinet/ether.h>
#include <string.h>

enum { VLAN_TAGS_MAX = 4, IPV4 = 0x0800, IPV6 = 0x86dd, ARP = 0x0806, TCP = 6, UDP = 17 };

static unsigned two(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static void set_key(struct flow_key *key, const uint8_t *from, const uint8_t *to, size_t bytes,
                    unsigned source, unsigned destination)
{
    int order = memcmp(from, to, bytes);
    bool turned = order > 0 || (order == 0 && source > destination);
    memcpy(key->addresses[turned], from, bytes);
    memcpy(key->addresses[!turned], to, bytes);
    key->ports[turned] = (uint16_t)source;
    key->ports[!turned] = (uint16_t)destination;
}

static void read_ipv4(struct frame *frame)
{
    const uint8_t *ip = frame->ip;
    size_t header = (size_t)(ip[0] & 15) * 4;
    bool first = (two(ip + 6) & 0x1fff) == 0; /* only the first fragment has ports */
    bool ports = (ip[9] == TCP || ip[9] == UDP) && first && frame->ip_bytes >= header + 4;
    frame->key.protocol = ip[9];
    frame->key.version = 4;
    set_key(&frame->key, ip + 12, ip + 16, 4, ports ? two(ip + header) : 0,
            ports ? two(ip + header + 2) : 0);
}

static void read_ipv6(struct frame *frame)
{
    const uint8_t *ip = frame->ip;
    bool ports = (ip[6] == TCP || ip[6] == UDP) && frame->ip_bytes >= 44;
    frame->key.protocol = ip[6];
    frame->key.version = 6;
    set_key(&frame->key, ip + 8, ip + 24, 16, ports ? two(ip + 40) : 0, ports ? two(ip + 42) : 0);
}

bool frame_read(const uint8_t *bytes, size_t count, struct frame *frame)
{
    *frame = (struct frame){.destination = bytes, .source = bytes + MAC_BYTES};
    size_t at = 12;
    if (count < 14)
        return false;
    for (int tags = 0; tags < VLAN_TAGS_MAX && count >= at + 6; tags++, at += 4) {
        unsigned type = two(bytes + at);
        if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
            break;
    }
    frame->type = two(bytes + at);
    at += 2;
    size_t left = count - at;
    const uint8_t *ip = bytes + at;
    bool four = frame->type == IPV4 && left >= 20 && ip[0] >> 4 == 4 && (ip[0] & 15) >= 5;
    bool six = frame->type == IPV6 && left >= 40 && ip[0] >> 4 == 6;
    if (!four && !six)
        return true;
    frame->ip = ip;
    frame->ip_bytes = left;
    size_t told = four ? two(ip + 2) : 40 + two(ip + 4); /* what follows is padding */
    if (told >= (four ? 20 : 40) && told < left)
        frame->ip_bytes = told;
    if (four)
        read_ipv4(frame);
    else
        read_ipv6(frame);
    return true;
}

const char *frame_name(const struct frame *frame)
{
    static const uint8_t stp[] = {0x01, 0x80, 0xc2, 0, 0, 0},
                         cisco[] = {0x01, 0, 0x0c, 0xcc, 0xcc, 0xcc};
    switch (frame->type) {
    case ARP:
        return "ARP";
    case IPV4:
    case IPV6:
        return "IP"; /* its header is spoiled */
    case 0x88cc:
        return "LLDP";
    case 0x8847:
    case 0x8848:
        return "MPLS";
    case 0x8863:
    case 0x8864:
        return "PPPoE";
    case 0x8809:
        return "LACP";
    case 0x888e:
        return "EAPOL";
    case 0x9000:
        return "Loopback";
    default:
        break;
    }
    if (frame->type < 1536 && memcmp(frame->destination, stp, sizeof stp) == 0)
        return "STP";
    if (frame->type < 1536 && memcmp(frame->destination, cisco, sizeof cisco) == 0)
        return "CDP";
    return frame->type < 1536 ? "802.2" : "Other";
}

/* ---- Sides ----------------------------------------------------------------------------------- */

void sides_know(struct sides *sides, int end, const char *mac)
{
    struct ether_addr address;
    if (!mac || !ether_aton_r(mac, &address))
        return;
    memcpy(sides->ends[end], address.ether_addr_octet, MAC_BYTES);
    sides->known[end] = true;
}

/* -1: not seen yet. */
static int side_of(const struct sides *sides, const uint8_t *mac)
{
    for (size_t i = 0; i < sides->count; i++)
        if (memcmp(sides->all[i].mac, mac, MAC_BYTES) == 0)
            return sides->all[i].side;
    return -1;
}

static bool is_group(const uint8_t *mac)
{
    return mac[0] & 1;
}

static void put(struct sides *sides, const uint8_t *mac, int side)
{
    if (is_group(mac) || side_of(sides, mac) >= 0 || sides->count >= SIDES_MAX)
        return;
    memcpy(sides->all[sides->count].mac, mac, MAC_BYTES);
    sides->all[sides->count++].side = (uint8_t)side;
}

/* The end whose node's address this is; -1: neither. */
static int end_of(const struct sides *sides, const uint8_t *mac)
{
    for (int end = 0; end < 2; end++)
        if (sides->known[end] && memcmp(sides->ends[end], mac, MAC_BYTES) == 0)
            return end;
    return -1;
}

int sides_direction(struct sides *sides, const struct frame *frame)
{
    int sender = end_of(sides, frame->source), receiver = end_of(sides, frame->destination);
    if (sender >= 0)
        sides->seen[sender] = true;
    if (receiver >= 0)
        sides->seen[receiver] = true;
    /* A node with a known address is alone at its end: whatever it does not send comes to it. */
    for (int end = 0; end < 2; end++)
        if (sides->seen[end])
            return sender == end ? end : 1 - end;
    int from = side_of(sides, frame->source), to = side_of(sides, frame->destination);
    if (from < 0 && to < 0 && is_group(frame->destination))
        return 0; /* a guess, and nothing to learn from */
    if (from < 0)
        from = to >= 0 ? 1 - to : 0;
    put(sides, frame->source, from);
    put(sides, frame->destination, 1 - from);
    return from;
}

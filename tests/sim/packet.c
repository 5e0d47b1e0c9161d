/* packet - made-up Ethernet frames with correct IPv4 headers: echo requests and answers mostly,
 * with TCP, UDP, ARP and OSPF between routers, so that protocol statistics have something to show.
 * Must not know who reads them. */
#include "capture.h"

#include <string.h>

enum { FRAME_ROOM = 1514 };

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32_le(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

/* RFC 1071 */
static unsigned checksum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    if (len & 1)
        sum += (uint32_t)p[len - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* VPCS style MAC and address, from the node's console number: 00:50:79:66:hh:ll, 10.0.h.l */
static void addresses(const struct node *n, uint8_t mac[6], uint8_t ip[4])
{
    unsigned number = (unsigned)json_integer_value(json_object_get(n->doc, "console"));
    const uint8_t m[6] = {0x00, 0x50, 0x79, 0x66, (uint8_t)(number >> 8), (uint8_t)number};
    const uint8_t a[4] = {10, 0, (uint8_t)(number >> 8), (uint8_t)number};
    memcpy(mac, m, 6);
    memcpy(ip, a, 4);
}

static size_t ipv4(uint8_t *f, unsigned protocol, const uint8_t src[4], const uint8_t dst[4],
                   size_t payload, uint64_t id)
{
    uint8_t *ip = f + 14;
    put16(f + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(20 + payload));
    put16(ip + 4, (unsigned)(id & 0xffff));
    ip[8] = 64;
    ip[9] = (uint8_t)protocol;
    memcpy(ip + 12, src, 4);
    memcpy(ip + 16, dst, 4);
    put16(ip + 10, checksum(ip, 20));
    return 14 + 20 + payload;
}

static size_t icmp(uint8_t *f, const uint8_t src[4], const uint8_t dst[4], bool reply, uint64_t r)
{
    uint8_t *p = f + 34;
    p[0] = reply ? 0 : 8;
    put16(p + 4, 0x87c1);
    put16(p + 6, (unsigned)(r & 0xffff));
    for (uint8_t i = 8; i < 64; i++)
        p[i] = i;
    put16(p + 2, checksum(p, 64));
    return ipv4(f, 1, src, dst, 64, r);
}

static size_t udp(uint8_t *f, const uint8_t src[4], const uint8_t dst[4], uint64_t r)
{
    static const unsigned ports[] = {53, 123, 161, 514, 4789};
    size_t data = 40 + r % 300;
    uint8_t *p = f + 34;
    put16(p, 49152 + (unsigned)(r >> 20) % 16000);
    put16(p + 2, ports[(r >> 8) % 5]);
    put16(p + 4, (unsigned)(8 + data)); /* checksum 0: not used, RFC 768 */
    return ipv4(f, 17, src, dst, 8 + data, r);
}

static size_t tcp(uint8_t *f, const uint8_t src[4], const uint8_t dst[4], uint64_t r)
{
    static const unsigned ports[] = {22, 80, 179, 443, 646};
    size_t data = r % 3 ? 1400 : 0;
    uint8_t *p = f + 34;
    put16(p, 49152 + (unsigned)(r >> 20) % 16000);
    put16(p + 2, ports[(r >> 8) % 5]);
    put32_le(p + 4, (uint32_t)(r >> 16));
    p[12] = 0x50;
    p[13] = 0x10;
    put16(p + 14, 64240);
    return ipv4(f, 6, src, dst, 20 + data, r);
}

static size_t arp(uint8_t *f, const uint8_t mac[6], const uint8_t src[4], const uint8_t dst[4])
{
    uint8_t *p = f + 14;
    memset(f, 0xff, 6);
    put16(f + 12, 0x0806);
    put16(p, 1);
    put16(p + 2, 0x0800);
    p[4] = 6;
    p[5] = 4;
    put16(p + 6, 1);
    memcpy(p + 8, mac, 6);
    memcpy(p + 14, src, 4);
    memcpy(p + 24, dst, 4);
    return 60;
}

static size_t ospf_hello(uint8_t *f, const uint8_t src[4], uint64_t r)
{
    static const uint8_t mac[6] = {0x01, 0x00, 0x5e, 0, 0, 5};
    static const uint8_t all[4] = {224, 0, 0, 5};
    uint8_t *p = f + 34;
    memcpy(f, mac, 6);
    p[0] = 2;
    p[1] = 1;
    put16(p + 2, 48);
    memcpy(p + 4, src, 4);
    return ipv4(f, 89, src, all, 48, r);
}

int packet_make(struct buf *out, struct server *s, const struct link *l, uint64_t now_us,
                size_t *bytes)
{
    uint8_t frame[FRAME_ROOM] = {0};
    uint8_t mac[2][6], ip[2][4];
    uint64_t r = rng_next(&s->rng);
    unsigned from = (unsigned)(r >> 63);
    for (unsigned e = 0; e < 2; e++)
        addresses(l->end[e], mac[e], ip[e]);
    memcpy(frame, mac[1 - from], 6);
    memcpy(frame + 6, mac[from], 6);
    unsigned kind = (unsigned)((r >> 40) % 100);
    size_t len;
    if (kind < 45)
        len = icmp(frame, ip[from], ip[1 - from], from == 1, r);
    else if (kind < 75)
        len = tcp(frame, ip[from], ip[1 - from], r);
    else if (kind < 94)
        len = udp(frame, ip[from], ip[1 - from], r);
    else if (kind < 97)
        len = arp(frame, mac[from], ip[from], ip[1 - from]);
    else
        len = ospf_hello(frame, ip[from], r);
    uint8_t record[16];
    put32_le(record, (uint32_t)(now_us / 1000000));
    put32_le(record + 4, (uint32_t)(now_us % 1000000));
    put32_le(record + 8, (uint32_t)len);
    put32_le(record + 12, (uint32_t)len);
    buf_add(out, record, sizeof(record));
    buf_add(out, frame, len);
    *bytes = len;
    return (int)from;
}

/* pcap_stream.h - packets out of a pcap file that arrives in pieces. (libpcap reads files with
 * blocking calls; GNS3's stream may rest for hours within a record.) Pure; input may be anything.
 */
#ifndef TRAFFIC_PCAP_STREAM_H
#define TRAFFIC_PCAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PCAP_PACKET_MAX = 256 * 1024 }; /* a longer record is no packet: the stream is broken */

struct pcap_stream {
    uint8_t *bytes; /* owned: what is not yet a whole record */
    size_t count, room;
    bool begun, swapped, nanoseconds, broken;
    uint32_t link_type; /* LINKTYPE_…, 1: Ethernet */
};

struct pcap_packet {
    int64_t time_ms;
    const uint8_t *bytes; /* borrowed */
    uint32_t captured, length;
};

typedef void pcap_packet_fn(const struct pcap_packet *packet, void *data);

/* 0; -EPROTO: this is no pcap file, and never will be; -ENOMEM. */
int pcap_stream_add(struct pcap_stream *stream, const uint8_t *bytes, size_t count,
                    pcap_packet_fn *on_packet, void *data);
void pcap_stream_fini(struct pcap_stream *stream); /* ready to begin anew */

#endif

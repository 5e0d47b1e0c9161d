/* pcap_stream.c - see pcap_stream.h. The format: draft-ietf-opsawg-pcap. */
#include "pcap_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16 };

static const uint32_t magic_us = 0xa1b2c3d4, magic_ns = 0xa1b23c4d;

static uint32_t word(const struct pcap_stream *stream, const uint8_t *at)
{
    uint32_t low =
        (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return stream->swapped ? __builtin_bswap32(low) : low;
}

static int take_header(struct pcap_stream *stream)
{
    const uint8_t *at = stream->bytes;
    stream->swapped = false;
    uint32_t magic = word(stream, at);
    stream->swapped = magic == __builtin_bswap32(magic_us) || magic == __builtin_bswap32(magic_ns);
    magic = word(stream, at);
    if (magic != magic_us && magic != magic_ns)
        return -EPROTO;
    stream->nanoseconds = magic == magic_ns;
    stream->link_type = word(stream, at + 20) & 0xffff;
    stream->begun = true;
    return FILE_HEADER;
}

/* The bytes of the record at `at`; 0: it is not whole yet; -EPROTO. */
static int64_t take_record(const struct pcap_stream *stream, size_t at, pcap_packet_fn *on_packet,
                           void *data)
{
    const uint8_t *head = stream->bytes + at;
    if (stream->count - at < RECORD_HEADER)
        return 0;
    uint32_t captured = word(stream, head + 8);
    if (captured > PCAP_PACKET_MAX)
        return -EPROTO;
    if (stream->count - at - RECORD_HEADER < captured)
        return 0;
    uint32_t fraction = word(stream, head + 4);
    struct pcap_packet packet = {
        .time_ms =
            (int64_t)word(stream, head) * 1000 + fraction / (stream->nanoseconds ? 1000000 : 1000),
        .bytes = head + RECORD_HEADER,
        .captured = captured,
        .length = word(stream, head + 12),
    };
    on_packet(&packet, data);
    return RECORD_HEADER + (int64_t)captured;
}

static int keep(struct pcap_stream *stream, const uint8_t *bytes, size_t count)
{
    if (stream->count + count > stream->room) {
        size_t room = stream->room ? stream->room : 4096;
        while (room < stream->count + count)
            room *= 2;
        uint8_t *larger = realloc(stream->bytes, room);
        if (!larger)
            return -ENOMEM;
        stream->bytes = larger;
        stream->room = room;
    }
    memcpy(stream->bytes + stream->count, bytes, count);
    stream->count += count;
    return 0;
}

static int take_all(struct pcap_stream *stream, pcap_packet_fn *on_packet, void *data)
{
    size_t at = 0;
    if (!stream->begun) {
        if (stream->count < FILE_HEADER)
            return 0;
        int header = take_header(stream);
        if (header < 0)
            return header;
        at = (size_t)header;
    }
    int64_t bytes;
    while ((bytes = take_record(stream, at, on_packet, data)) > 0)
        at += (size_t)bytes;
    stream->count -= at;
    memmove(stream->bytes, stream->bytes + at, stream->count);
    return bytes < 0 ? (int)bytes : 0;
}

int pcap_stream_add(struct pcap_stream *stream, const uint8_t *bytes, size_t count,
                    pcap_packet_fn *on_packet, void *data)
{
    /* In steps, so that no more is kept than one record and one step. */
    while (count > 0 && !stream->broken) {
        size_t step = count < 65536 ? count : 65536;
        int error = keep(stream, bytes, step);
        if (error == 0)
            error = take_all(stream, on_packet, data);
        if (error < 0) {
            stream->broken = true;
            return error;
        }
        bytes += step;
        count -= step;
    }
    return stream->broken ? -EPROTO : 0;
}

void pcap_stream_fini(struct pcap_stream *stream)
{
    free(stream->bytes);
    *stream = (struct pcap_stream){0};
}

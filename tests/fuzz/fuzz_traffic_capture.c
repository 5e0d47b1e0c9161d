/* A capture's bytes, cut into pieces: the first byte says how long the pieces are. The packets are
 * the same as when the whole comes at once; each, taken as a frame, has a direction and a name. */
#include "fuzz.h"
#include "traffic/frame.h"
#include "traffic/pcap_stream.h"

struct seen {
    size_t count, bytes;
    int64_t times;
    struct sides *sides;
};

static void on_packet(const struct pcap_packet *packet, void *data)
{
    struct seen *seen = data;
    struct frame frame;
    seen->count++;
    seen->bytes += packet->captured;
    seen->times = (int64_t)((uint64_t)seen->times * 31 + (uint64_t)packet->time_ms);
    if (!frame_read(packet->bytes, packet->captured, &frame))
        return;
    int direction = sides_direction(seen->sides, &frame);
    fuzz_check(direction == 0 || direction == 1);
    fuzz_check(frame_name(&frame)[0]);
    fuzz_check(!frame.ip || (frame.ip >= packet->bytes && frame.ip_bytes >= 20 &&
                             frame.ip + frame.ip_bytes <= packet->bytes + packet->captured));
    fuzz_check(seen->sides->count <= SIDES_MAX);
}

static int run(const uint8_t *data, size_t size, size_t piece, struct seen *seen)
{
    struct pcap_stream stream = {0};
    int error = 0;
    *seen = (struct seen){.sides = calloc(1, sizeof *seen->sides)};
    fuzz_check(seen->sides);
    for (size_t at = 0; at < size && error == 0; at += piece) {
        size_t bytes = size - at < piece ? size - at : piece;
        error = pcap_stream_add(&stream, data + at, bytes, on_packet, seen);
        fuzz_check(stream.count <= PCAP_PACKET_MAX + 65536 + 64);
    }
    pcap_stream_fini(&stream);
    free(seen->sides);
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, pieces;
    if (size < 2)
        return 0;
    int error = run(data + 1, size - 1, size, &whole);
    fuzz_check(run(data + 1, size - 1, 1 + data[0] % 97, &pieces) == error);
    fuzz_check(whole.count == pieces.count && whole.bytes == pieces.bytes &&
               whole.times == pieces.times);
    return 0;
}

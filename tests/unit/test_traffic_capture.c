/* Captures as they arrive: pieces of pcap, time stamps that are not of now, protocols. */
#include "unit.h"

#include "traffic/dpi.h"
#include "traffic/pcap_stream.h"
#include "traffic/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct seen {
    size_t count, bytes;
    int64_t last_ms;
};

static void on_packet(const struct pcap_packet *packet, void *data)
{
    struct seen *seen = data;
    seen->count++;
    seen->bytes += packet->captured;
    seen->last_ms = packet->time_ms;
    for (uint32_t i = 0; i < packet->captured; i++) /* all of it may be read */
        assert_int_equal(packet->bytes[i], (uint8_t)i);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A file of `count` packets of 10, 11, 12 … bytes, one each 100 ms from second 1000 on. */
static size_t make_file(uint8_t *file, int count)
{
    static const uint8_t header[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0};
    size_t at = sizeof header;
    memcpy(file, header, sizeof header);
    for (int i = 0; i < count; i++) {
        uint32_t bytes = 10 + (uint32_t)i;
        put32(file + at, 1000 + (uint32_t)i / 10);
        put32(file + at + 4, (uint32_t)i % 10 * 100000);
        put32(file + at + 8, bytes);
        put32(file + at + 12, bytes);
        for (uint32_t k = 0; k < bytes; k++)
            file[at + 16 + k] = (uint8_t)k;
        at += 16 + bytes;
    }
    return at;
}

static void packets_are_the_same_however_the_stream_is_cut(void **state)
{
    (void)state;
    uint8_t file[8192];
    size_t size = make_file(file, 50);
    for (size_t piece = 1; piece <= size; piece += piece < 64 ? 1 : 501) {
        struct pcap_stream stream = {0};
        struct seen seen = {0};
        for (size_t at = 0; at < size; at += piece)
            assert_int_equal(pcap_stream_add(&stream, file + at,
                                             size - at < piece ? size - at : piece, on_packet,
                                             &seen),
                             0);
        assert_int_equal(seen.count, 50);
        assert_int_equal(seen.bytes, 50 * 10 + 49 * 50 / 2);
        assert_int_equal(seen.last_ms, 1004900);
        assert_int_equal(stream.count, 0);
        assert_int_equal(stream.link_type, 1);
        pcap_stream_fini(&stream);
    }
}

static void a_stream_that_ends_within_a_packet_keeps_the_packets_before(void **state)
{
    (void)state;
    uint8_t file[1024];
    size_t size = make_file(file, 3);
    struct pcap_stream stream = {0};
    struct seen seen = {0};
    assert_int_equal(pcap_stream_add(&stream, file, size - 1, on_packet, &seen), 0);
    assert_int_equal(seen.count, 2);
    pcap_stream_fini(&stream);
}

/* GNS3 2.2 ends a capture with a header block where a chunk's size belongs. */
static void what_is_no_capture_breaks_the_stream_for_good(void **state)
{
    (void)state;
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n0\r\n\r\n";
    uint8_t file[1024];
    size_t size = make_file(file, 2);
    struct pcap_stream stream = {0};
    struct seen seen = {0};
    assert_int_equal(pcap_stream_add(&stream, (const uint8_t *)text, sizeof text, on_packet, &seen),
                     -EPROTO);
    assert_int_equal(pcap_stream_add(&stream, file, size, on_packet, &seen), -EPROTO);
    assert_int_equal(seen.count, 0);
    pcap_stream_fini(&stream);
    pcap_stream_add(&stream, file, size, on_packet, &seen);
    assert_int_equal(pcap_stream_add(&stream, (const uint8_t *)text, sizeof text, on_packet, &seen),
                     -EPROTO);
    assert_int_equal(seen.count, 2);
    pcap_stream_fini(&stream);
}

static void other_byte_orders_and_nanoseconds_are_read(void **state)
{
    (void)state;
    static const uint8_t file[] = {0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0,
                                   0,    0,    0,    0,    1, 0, 0, 0, 0, 1, 0, 0, 0, 5,
                                   0x3b, 0x02, 0x33, 0x80, 0, 0, 0, 2, 0, 0, 0, 9, 0, 1};
    struct pcap_stream stream = {0};
    struct seen seen = {0};
    assert_int_equal(pcap_stream_add(&stream, file, sizeof file, on_packet, &seen), 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last_ms, 5990);
    pcap_stream_fini(&stream);
}

/* ---- Time stamps ----------------------------------------------------------------------------- */

enum { NOW = 1000000000, SECOND = 1000 };

static void packets_of_now_count_and_those_before_our_capture_are_a_fault(void **state)
{
    (void)state;
    struct tap_clock live = {.offset_ms = 0, .since_ms = NOW, .ours = true};
    for (int i = 0; i < 10; i++)
        assert_true(tap_clock_take(&live, NOW + i * SECOND, NOW + i * SECOND + 50));
    assert_int_equal(live.stale, 0);
    struct tap_clock dead = {.offset_ms = 0, .since_ms = NOW, .ours = true};
    for (int i = 0; i < 10; i++)
        assert_false(tap_clock_take(&dead, NOW - 600 * SECOND + i * SECOND, NOW + 50));
    assert_int_equal(dead.stale, 10);
    assert_true(tap_clock_take(&dead, NOW + 20 * SECOND, NOW + 20 * SECOND));
    assert_int_equal(dead.stale, 0); /* it lives again */
}

static void the_servers_clock_may_be_wrong(void **state)
{
    (void)state;
    enum { BEHIND = -900 * SECOND };
    struct tap_clock known = {.offset_ms = BEHIND, .since_ms = NOW, .ours = true};
    assert_true(tap_clock_take(&known, NOW + BEHIND + SECOND, NOW + SECOND));
    assert_int_equal(known.stale, 0);
    struct tap_clock learns = {.offset_ms = INT64_MIN, .since_ms = NOW, .ours = true};
    for (int i = 0; i < 10; i++)
        assert_true(tap_clock_take(&learns, NOW + BEHIND + i * SECOND, NOW + i * SECOND + i * 10));
    assert_int_equal(learns.stale, 0);
    assert_true(learns.offset_ms > BEHIND - 200 && learns.offset_ms <= BEHIND);
    struct tap_clock dead = {.offset_ms = INT64_MIN, .since_ms = NOW, .ours = true};
    for (int i = 0; i < 10; i++) /* ten seconds of packets in one piece */
        tap_clock_take(&dead, NOW + BEHIND + i * SECOND, NOW + 100);
    assert_true(dead.stale > 0);
}

static void history_of_somebody_elses_capture_does_not_count(void **state)
{
    (void)state;
    struct tap_clock clock = {.offset_ms = 0, .since_ms = NOW};
    for (int i = 0; i < 100; i++)
        assert_false(tap_clock_take(&clock, NOW - (3600 - i) * SECOND, NOW + 10));
    assert_true(tap_clock_take(&clock, NOW + SECOND, NOW + SECOND));
    assert_int_equal(clock.stale, 0);
    /* With a clock nobody knows: until the stream keeps step with time. */
    struct tap_clock apart = {.offset_ms = INT64_MIN, .since_ms = NOW};
    for (int i = 0; i < 3600; i++)
        assert_false(tap_clock_take(&apart, NOW - 9000000 + i * SECOND, NOW + i / 100));
    int counted = 0;
    for (int i = 0; i < 20; i++)
        counted += tap_clock_take(&apart, NOW - 9000000 + (3600 + i) * SECOND, NOW + i * SECOND);
    assert_true(counted >= 12 && counted < 20);
}

/* ---- Protocols ------------------------------------------------------------------------------- */

static void protocols_are_told_by_what_packets_say(void **state)
{
    (void)state;
    static const uint8_t ping[98] = {0, 0x50, 0x79, 0x66, 0x68, 1,  0,  0x50, 0x79, 0x66, 0x68, 0,
                                     8, 0,    0x45, 0,    0,    84, 1,  2,    0,    0,    64,   1,
                                     0, 0,    10,   0,    0,    2,  10, 0,    0,    3,    8};
    static const uint8_t dns[] = {
        2, 0,   0,   0,   0,   2,   2,   0,   0,  0,   0,   1,   8,  0, 0x45, 0, 0,    57,
        1, 2,   0,   0,   64,  17,  0,   0,   10, 0,   0,   2,   10, 0, 0,    1, 0xc0, 0,
        0, 53,  0,   37,  0,   0,   0,   7,   1,  0,   0,   1,   0,  0, 0,    0, 0,    0,
        7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3,  'o', 'r', 'g', 0,  0, 1,    0, 1};
    static const uint8_t arp[60] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6};
    struct dpi *dpi = dpi_new();
    struct frame frame;
    assert_non_null(dpi);
    assert_true(frame_read(ping, sizeof ping, &frame));
    assert_string_equal(dpi_name(dpi, &frame, NOW), "ICMP");
    assert_true(frame_read(dns, sizeof dns, &frame));
    assert_string_equal(dpi_name(dpi, &frame, NOW), "DNS");
    assert_true(frame_read(arp, sizeof arp, &frame));
    assert_string_equal(dpi_name(dpi, &frame, NOW), "ARP");
    dpi_free(dpi);
}

static void more_flows_than_fit_make_room_for_each_other(void **state)
{
    (void)state;
    uint8_t packet[60] = {2, 0,    0, 0, 0,  2, 2, 0, 0, 0,  0, 1, 8,
                          0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 6, 0, 0};
    struct dpi *dpi = dpi_new();
    struct frame frame;
    for (uint32_t i = 0; i < 50000; i++) {
        put32(packet + 26, i * 2654435761u);
        put32(packet + 30, i);
        packet[46] = 0x50;
        assert_true(frame_read(packet, sizeof packet, &frame));
        assert_non_null(dpi_name(dpi, &frame, NOW + 100 * (int64_t)i));
    }
    assert_in_range(dpi_undecided(dpi), 1, 1000); /* 600 came in the last minute */
    dpi_free(dpi);
}

static double share(const json_t *list, size_t i)
{
    return json_real_value(json_object_get(json_array_get(list, i), "share"));
}

static void shares_are_of_the_last_two_minutes_and_names_are_bounded(void **state)
{
    (void)state;
    struct protocols *protocols = calloc(1, sizeof *protocols);
    for (int i = 0; i < 3; i++)
        protocols_add(protocols, "ICMP", 100, NOW);
    protocols_add(protocols, "DNS", 100, NOW);
    json_t *list = protocols_shares(protocols);
    assert_int_equal(json_array_size(list), 2);
    assert_float_equal(share(list, 0), 75, 0);
    assert_float_equal(share(list, 1), 25, 0);
    json_decref(list);
    protocols_add(protocols, "DNS", 100, NOW + 130 * SECOND);
    list = protocols_shares(protocols);
    assert_int_equal(json_array_size(list), 1);
    assert_float_equal(share(list, 0), 100, 0);
    json_decref(list);
    assert_int_equal(protocols->all[0].total.packets, 3); /* counters do not fall */
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "P%d", i);
        protocols_add(protocols, name, 1, NOW + 131 * SECOND);
    }
    assert_int_equal(protocols->count, PROTOCOLS_MAX);
    protocols_free(protocols);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_the_same_however_the_stream_is_cut),
        cmocka_unit_test(a_stream_that_ends_within_a_packet_keeps_the_packets_before),
        cmocka_unit_test(what_is_no_capture_breaks_the_stream_for_good),
        cmocka_unit_test(other_byte_orders_and_nanoseconds_are_read),
        cmocka_unit_test(packets_of_now_count_and_those_before_our_capture_are_a_fault),
        cmocka_unit_test(the_servers_clock_may_be_wrong),
        cmocka_unit_test(history_of_somebody_elses_capture_does_not_count),
        cmocka_unit_test(protocols_are_told_by_what_packets_say),
        cmocka_unit_test(more_flows_than_fit_make_room_for_each_other),
        cmocka_unit_test(shares_are_of_the_last_two_minutes_and_names_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

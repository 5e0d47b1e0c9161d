/* Frames, rows and what else goes between the daemon and a child: read back as it was written, and
 * refused when it is none. */
#include "unit.h"

#include "worker/event_text.h"
#include "worker/rows.h"
#include "worker/series_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Frames ---------------------------------------------------------------------------------- */

static void feed(struct wire_in *in, const void *bytes, size_t count)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, count), (ssize_t)count);
    close(ends[1]);
    assert_int_equal(wire_read(in, ends[0]), (int64_t)count);
    assert_int_equal(wire_read(in, ends[0]), 0);
    close(ends[0]);
}

static void a_frame_is_read_as_it_was_put(void **state)
{
    struct buf out, json;
    struct wire_in in = {0};
    struct wire_frame frame;
    char why[128];
    (void)state;
    buf_init(&out, WIRE_LARGE_MAX);
    wire_begin(&json);
    wire_add_text(&json, "kind", "a.\"b\"");
    wire_add_text(&json, "none", NULL);
    wire_add_int(&json, "count", -7);
    wire_add_number(&json, "done", 0.5);
    assert_int_equal(wire_put(&out, WIRE_PUT, 9, wire_end(&json), "{\"a\":1}", 7), 0);
    assert_int_equal(wire_put(&out, WIRE_WAKE, 0, NULL, NULL, 0), 0);
    buf_fini(&json);
    feed(&in, out.data, out.len);
    assert_int_equal(wire_next(&in, true, &frame, why), 1);
    assert_int_equal(frame.type, WIRE_PUT);
    assert_int_equal(frame.id, 9);
    assert_string_equal(wire_text(&frame, "kind"), "a.\"b\"");
    assert_null(wire_text(&frame, "none"));
    assert_int_equal(wire_int(&frame, "count"), -7);
    assert_true(wire_number(&frame, "done") > 0.4);
    assert_string_equal(frame.raw, "{\"a\":1}");
    assert_int_equal(frame.raw_bytes, 7);
    wire_done(&frame);
    assert_int_equal(wire_next(&in, true, &frame, why), 1);
    assert_int_equal(frame.type, WIRE_WAKE);
    assert_null(wire_text(&frame, "kind"));
    wire_done(&frame);
    assert_int_equal(wire_next(&in, true, &frame, why), 0);
    wire_in_fini(&in);
    buf_fini(&out);
}

static void a_frame_may_come_in_any_pieces(void **state)
{
    struct buf out;
    struct wire_in in = {0};
    struct wire_frame frame;
    char why[128];
    (void)state;
    buf_init(&out, WIRE_LARGE_MAX);
    assert_int_equal(wire_put(&out, WIRE_LOG, 1, "{\"level\":2}", "hello", 5), 0);
    for (size_t i = 0; i < out.len; i++) {
        assert_int_equal(wire_next(&in, true, &frame, why), 0);
        feed(&in, out.data + i, 1);
    }
    assert_int_equal(wire_next(&in, true, &frame, why), 1);
    assert_string_equal(frame.raw, "hello");
    wire_done(&frame);
    wire_in_fini(&in);
    buf_fini(&out);
}

static void assert_no_frame(const void *bytes, size_t count)
{
    struct wire_in in = {0};
    struct wire_frame frame;
    char why[128] = "";
    feed(&in, bytes, count);
    assert_int_equal(wire_next(&in, true, &frame, why), -EPROTO);
    assert_true(*why);
    wire_in_fini(&in);
}

static void what_breaks_the_rules_is_no_frame(void **state)
{
    static const char unknown[] = "\x04\0\0\0\0\0\0\0\xc8\0\0\0{}\0";
    static const char of_the_daemon[] = "\x04\0\0\0\0\0\0\0\x01\0\0\0{}\0";
    static const char huge[] = "\xff\xff\xff\x7f\0\0\0\0\x25\0\0\0{}\0";
    static const char tiny[] = "\x02\0\0\0\0\0\0\0\x25\0\0\0{}\0";
    static const char no_json[] = "\x04\0\0\0\0\0\0\0\x25\0\0\0{!\0";
    static const char no_object[] = "\x04\0\0\0\0\0\0\0\x25\0\0\0[]\0";
    static const char no_end[] = "\x04\0\0\0\0\0\0\0\x25\0\0\0{}\0x";
    (void)state;
    assert_no_frame(unknown, sizeof(unknown));
    assert_no_frame(of_the_daemon, sizeof(of_the_daemon));
    assert_no_frame(huge, sizeof(huge));
    assert_no_frame(tiny, sizeof(tiny));
    assert_no_frame(no_json, sizeof(no_json));
    assert_no_frame(no_object, sizeof(no_object));
    assert_no_frame(no_end, sizeof(no_end) - 1);
}

static void what_is_too_large_is_not_put(void **state)
{
    struct buf out;
    char *large = calloc(1, WIRE_MAX + 1);
    (void)state;
    buf_init(&out, WIRE_LARGE_MAX);
    assert_int_equal(wire_put(&out, WIRE_PUT, 1, NULL, large, WIRE_MAX), -EMSGSIZE);
    assert_int_equal(out.len, 0);
    assert_int_equal(wire_put(&out, WIRE_PAGE, 1, NULL, large, WIRE_MAX), 0);
    buf_fini(&out);
    free(large);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

struct ring {
    struct rows child, daemon;
};

static int open_ring(void **state)
{
    struct ring *ring = calloc(1, sizeof(*ring));
    int fd = rows_memory();
    assert_true(fd >= 0);
    assert_int_equal(rows_map(&ring->child, fd), 0);
    assert_int_equal(rows_map(&ring->daemon, fd), 0);
    assert_int_not_equal(ftruncate(fd, 0), 0); /* it is sealed: a child cannot take it away */
    close(fd);
    *state = ring;
    return 0;
}

static int close_ring(void **state)
{
    struct ring *ring = *state;
    rows_unmap(&ring->child);
    rows_unmap(&ring->daemon);
    free(ring);
    return 0;
}

static void rows_arrive_once_in_their_order_also_around_the_end(void **state)
{
    struct ring *ring = *state;
    struct row row;
    bool half;
    int64_t sent = 0, taken = 0;
    while (sent < 300000) {
        for (int i = 0; i < 1000; i++, sent++) {
            const double values[] = {(double)sent, NAN, -1};
            assert_int_equal(rows_put(&ring->child, 7, sent + 1, values, 3, &half), 0);
        }
        for (; rows_take(&ring->daemon, &row) == 1; taken++) {
            assert_int_equal(row.series, 7);
            assert_int_equal(row.fields, 3);
            assert_int_equal(row.time_ms, taken + 1);
            assert_true((int64_t)row.values[0] == taken && isnan(row.values[1]));
        }
    }
    assert_int_equal(taken, sent);
}

static void a_full_ring_drops_counts_and_says_once_that_it_is_half_full(void **state)
{
    struct ring *ring = *state;
    const double values[30] = {0};
    struct row row;
    bool half;
    int put = 0, halves = 0, taken = 0;
    while (rows_put(&ring->child, 1, put + 1, values, 30, &half) == 0) {
        halves += half;
        put++;
    }
    assert_int_equal(halves, 1);
    assert_int_equal(put, ROWS_WORDS / 32);
    assert_int_equal(rows_put(&ring->child, 1, put + 1, values, 30, &half), -EAGAIN);
    assert_int_equal(atomic_load(&ring->daemon.head->dropped), 2);
    while (rows_take(&ring->daemon, &row) == 1)
        taken++;
    assert_int_equal(taken, put);
    assert_int_equal(rows_put(&ring->child, 1, put + 1, values, 30, &half), 0);
}

static void assert_lie(struct ring *ring, uint64_t head, uint64_t first_word)
{
    struct row row;
    atomic_store(&ring->child.words[0], first_word);
    atomic_store(&ring->child.head->head, head);
    assert_int_equal(rows_take(&ring->daemon, &row), -EPROTO);
    ring->daemon.at = ring->daemon.seen = 0;
}

static void what_is_no_row_is_not_taken_for_one(void **state)
{
    struct ring *ring = *state;
    assert_lie(ring, 1, 0);
    assert_lie(ring, UINT64_MAX, 0);
    assert_lie(ring, ROWS_WORDS + 1, 0);
    assert_lie(ring, 100, 1 | UINT64_C(33) << 32);
    assert_lie(ring, 4, 1 | UINT64_C(3) << 32);
}

/* ---- Texts ----------------------------------------------------------------------------------- */

static void a_bucket_gives_ten_seconds_at_once_and_then_its_rate(void **state)
{
    struct bucket bucket = {.per_s = 5}, none = {0};
    int64_t now_ns = 1000;
    int given = 0;
    (void)state;
    while (bucket_take(&bucket, now_ns))
        given++;
    assert_int_equal(given, 50);
    now_ns += 2000000000;
    for (given = 0; bucket_take(&bucket, now_ns); given++)
        ;
    assert_in_range(given, 9, 10);
    for (int i = 0; i < 1000; i++)
        assert_true(bucket_take(&none, now_ns));
}

static void a_series_is_read_as_it_was_told(void **state)
{
    const struct gw_label labels[] = {{"node", "PC\"1"}, {"server", "lab"}, {0}};
    const struct gw_field fields[] = {
        {"up", GW_GAUGE, "1", "Whether"}, {"bytes", GW_COUNTER, NULL, NULL}, {0}};
    const double last[] = {1, NAN};
    const struct gw_series_info info = {.id = 12,
                                        .key = "a.b{node=\"PC\\\"1\"}",
                                        .measurement = "a.b",
                                        .labels = labels,
                                        .fields = fields,
                                        .label_count = 2,
                                        .field_count = 2,
                                        .every_ms = 5000,
                                        .live = true,
                                        .last_ms = 77,
                                        .last = last};
    struct series_read read;
    struct buf text;
    (void)state;
    buf_init(&text, 10000);
    series_text(&info, &text);
    json_t *tree = json_loads(text.data, 0, NULL);
    assert_true(series_read(tree, &read));
    assert_int_equal(read.info.id, 12);
    assert_string_equal(read.info.key, info.key);
    assert_string_equal(read.info.labels[0].value, "PC\"1");
    assert_null(read.info.labels[2].name);
    assert_int_equal(read.info.fields[1].kind, GW_COUNTER);
    assert_null(read.info.fields[1].unit);
    assert_int_equal(read.info.label_count, 2);
    assert_true(read.info.live && read.info.last_ms == 77 && read.info.every_ms == 5000);
    assert_true(read.info.last[0] > 0 && isnan(read.info.last[1]));
    json_decref(tree);
    buf_fini(&text);
}

static void labels_and_fields_beyond_the_limits_are_refused(void **state)
{
    struct gw_label labels[GW_LABELS_MAX + 1];
    struct gw_field fields[GW_FIELDS_MAX + 1];
    json_t *pairs = json_array(), *rows = json_array();
    (void)state;
    for (int i = 0; i <= GW_LABELS_MAX; i++)
        json_array_append_new(pairs, json_pack("[ss]", "a", "b"));
    for (int i = 0; i <= GW_FIELDS_MAX; i++)
        json_array_append_new(rows, json_pack("[siss]", "a", 1, "1", "help"));
    assert_false(labels_read(pairs, labels));
    assert_false(fields_read(rows, fields));
    json_array_remove(pairs, 0);
    json_array_remove(rows, 0);
    assert_true(labels_read(pairs, labels));
    assert_true(fields_read(rows, fields));
    json_array_set_new(rows, 0, json_pack("[siss]", "a", 3, "1", "help"));
    json_array_set_new(pairs, 0, json_integer(1));
    assert_false(labels_read(pairs, labels));
    assert_false(fields_read(rows, fields));
    json_decref(pairs);
    json_decref(rows);
}

int main(void)
{
#define RING(name) cmocka_unit_test_setup_teardown(name, open_ring, close_ring)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_read_as_it_was_put),
        cmocka_unit_test(a_frame_may_come_in_any_pieces),
        cmocka_unit_test(what_breaks_the_rules_is_no_frame),
        cmocka_unit_test(what_is_too_large_is_not_put),
        RING(rows_arrive_once_in_their_order_also_around_the_end),
        RING(a_full_ring_drops_counts_and_says_once_that_it_is_half_full),
        RING(what_is_no_row_is_not_taken_for_one),
        cmocka_unit_test(a_bucket_gives_ten_seconds_at_once_and_then_its_rate),
        cmocka_unit_test(a_series_is_read_as_it_was_told),
        cmocka_unit_test(labels_and_fields_beyond_the_limits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Remote write's bytes: protobuf as protoc reads it, and snappy there and back. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wire.h>

/* What `protoc --decode_raw` says of these bytes; false: there is no protoc. */
static bool decode(const struct bytes *bytes, char *out, size_t space)
{
    char path[] = "/tmp/gnswatch-wire-XXXXXX", command[200];
    if (system("command -v protoc >/dev/null 2>&1") != 0)
        return false;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
    close(fd);
    snprintf(command, sizeof command, "protoc --decode_raw < %s", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    out[fread(out, 1, space - 1, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    return true;
}

static void labels_are_sorted_and_empty_ones_left_out(void **state)
{
    (void)state;
    struct gw_label labels[] = {{"zone", "b"}, {"__name__", "up"}, {"empty", ""}, {"Alpha", "x"}};
    struct bytes out = {0};
    wire_labels(&out, labels, 4);
    static const char want[] = "\x0a\x0a\x0a\x05"
                               "Alpha"
                               "\x12\x01"
                               "x"
                               "\x0a\x0e\x0a\x08"
                               "__name__"
                               "\x12\x02"
                               "up"
                               "\x0a\x09\x0a\x04"
                               "zone"
                               "\x12\x01"
                               "b";
    assert_int_equal(out.len, sizeof want - 1);
    assert_memory_equal(out.data, want, out.len);
    bytes_fini(&out);
}

static void a_request_is_what_an_independent_decoder_reads(void **state)
{
    (void)state;
    struct bytes labels = {0}, out = {0};
    char long_value[301], text[4096];
    memset(long_value, 'v', 300);
    long_value[300] = '\0';
    struct gw_label all[] = {{"__name__", "up"}, {"node", long_value}};
    wire_labels(&labels, all, 2);
    wire_sample(&out, labels.data, labels.len, 1.5, 1795000000123);
    wire_sample(&out, labels.data, labels.len, wire_stale(), 1795000000124);
    wire_metadata(&out, WIRE_COUNTER, "x_total", "Help, \"quoted\"", "seconds");
    wire_metadata(&out, WIRE_GAUGE, "y", "H", "");
    if (!decode(&out, text, sizeof text)) {
        print_message("protoc is not installed: not compared with its decoder\n");
        skip();
    }
    static const char *const want[] = {
        "1 {\n  1 {\n    1: \"__name__\"\n    2: \"up\"\n  }\n",
        "  1 {\n    1: \"node\"\n    2: \"vvvv",
        "  2 {\n    1: 0x3ff8000000000000\n    2: 1795000000123\n  }\n}\n1 {\n",
        "  2 {\n    1: 0x7ff0000000000002\n    2: 1795000000124\n  }\n}\n",
        "3 {\n  1: 1\n  2: \"x_total\"\n  4: \"Help, \\\"quoted\\\"\"\n  5: \"seconds\"\n}\n",
        "3 {\n  1: 2\n  2: \"y\"\n  4: \"H\"\n}\n",
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (!strstr(text, want[i]))
            fail_msg("no '%s' in '%s'", want[i], text);
    bytes_fini(&labels);
    bytes_fini(&out);
}

static void snappy_gives_back_what_it_was_given(void **state)
{
    (void)state;
    struct bytes data = {0}, packed = {0}, back = {0};
    for (unsigned i = 0; i < 200000; i++)
        bytes_add(&data, (char[]){(char)(i * i >> 7)}, 1);
    bytes_text(&packed, "head");
    bytes_text(&back, "before");
    assert_int_equal(wire_compress(&packed, data.data, data.len), 0);
    assert_true(packed.len < data.len);
    assert_int_equal(wire_uncompress(&back, packed.data + 4, packed.len - 4), 0);
    assert_int_equal(back.len, data.len + 6);
    assert_memory_equal(back.data + 6, data.data, data.len);
    assert_int_equal(wire_uncompress(&back, "\xff\xff nonsense", 10), -EILSEQ);
    back.max = 1000;
    bytes_reset(&back);
    assert_int_equal(wire_uncompress(&back, packed.data + 4, packed.len - 4), -ENOMEM);
    bytes_fini(&data);
    bytes_fini(&packed);
    bytes_fini(&back);
}

static void a_buffer_keeps_to_its_limit(void **state)
{
    (void)state;
    struct bytes bytes = {.max = 10};
    bytes_text(&bytes, "12345");
    bytes_text(&bytes, "123456");
    assert_true(bytes.failed);
    assert_int_equal(bytes.len, 5);
    bytes_reset(&bytes);
    bytes_text(&bytes, "1234567890");
    assert_false(bytes.failed);
    bytes_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_sorted_and_empty_ones_left_out),
        cmocka_unit_test(a_request_is_what_an_independent_decoder_reads),
        cmocka_unit_test(snappy_gives_back_what_it_was_given),
        cmocka_unit_test(a_buffer_keeps_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

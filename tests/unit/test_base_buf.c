/* Text that grows up to its limit, and JSON written into it. */
#include "base/buf.h"
#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_string_equal(buf.data, "");
    buf_clear(&buf);
    assert_string_equal(buf.data, "");
    char *text = buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    buf_fini(&buf);
    buf_fini(&buf);
    buf_fini(NULL);
}

static void text_is_added_in_every_way(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_add(&buf, "ab", 2);
    buf_adds(&buf, "cd");
    buf_adds(&buf, NULL);
    buf_addc(&buf, 'e');
    buf_printf(&buf, "%d-%s", 42, "x");
    assert_string_equal(buf.data, "abcde42-x");
    assert_int_equal(buf.len, 9);
    char *text = buf_take(&buf);
    assert_string_equal(text, "abcde42-x");
    free(text);
    assert_int_equal(buf.len, 0);
    buf_adds(&buf, "again");
    assert_string_equal(buf.data, "again");
    buf_fini(&buf);
}

static void growth_keeps_what_is_there(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100000);
    for (int i = 0; i < 10000; i++)
        buf_addc(&buf, (char)('a' + i % 26));
    assert_int_equal(buf.len, 10000);
    for (size_t i = 0; i < buf.len; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    buf_fini(&buf);
}

static void the_limit_is_held_and_sticks(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    buf_adds(&buf, "12345");
    assert_int_equal(buf_error(&buf), 0);
    buf_addc(&buf, '6');
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    assert_string_equal(buf.data, "12345");
    buf_adds(&buf, "");
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    assert_null(buf_take(&buf));
    buf_clear(&buf);
    assert_int_equal(buf_error(&buf), 0);
    buf_printf(&buf, "%s", "123456");
    assert_int_equal(buf_error(&buf), -EMSGSIZE);
    assert_int_equal(buf.len, 0);
    buf_clear(&buf);
    assert_int_equal(buf_reserve(&buf, SIZE_MAX), -EMSGSIZE);
    buf_fini(&buf);
}

static void expect_json(const char *text, size_t bytes, const char *expected)
{
    struct buf buf;
    buf_init(&buf, 1000);
    buf_json_string_n(&buf, text, bytes);
    assert_string_equal(buf.data, expected);
    buf_fini(&buf);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    expect_json("", 0, "\"\"");
    expect_json("plain", 5, "\"plain\"");
    expect_json("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"");
    expect_json("\n\r\t\b\f", 5, "\"\\n\\r\\t\\b\\f\"");
    expect_json("a\0b\x1f\x7f", 5, "\"a\\u0000b\\u001f\x7f\"");
    expect_json("é😀", 6, "\"é😀\"");
    struct buf buf;
    buf_init(&buf, 100);
    buf_json_string(&buf, NULL);
    assert_string_equal(buf.data, "null");
    buf_fini(&buf);
}

static void bad_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    expect_json("\xff", 1, "\"\\ufffd\"");
    expect_json("a\xc3", 2, "\"a\\ufffd\"");                     /* cut short */
    expect_json("\xc0\x80", 2, "\"\\ufffd\\ufffd\"");            /* overlong */
    expect_json("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""); /* a surrogate */
    expect_json("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    expect_json("\xe2\x28\xa1", 3, "\"\\ufffd(\\ufffd\"");
    assert_int_equal(utf8_length("\xf4\x8f\xbf\xbf", 4), 4); /* U+10FFFF, the last */
    assert_int_equal(utf8_length("\xf4\x8f\xbf\xbf", 3), 0);
}

static void json_numbers_have_the_fewest_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "1"},
        {-1, "-1"},
        {0.5, "0.5"},
        {-0.25, "-0.25"},
        {12.3456, "12.3456"},
        {0.1, "0.1"},
        {1e15, "1e+15"},
        {123456789012, "123456789012"},
        {0.30000000000000004, "0.30000000000000004"},
        {0.12345678901234, "0.12345678901234"},
        {1.234567890123456, "1.234567890123456"},
        {1e-9, "1e-09"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5e-324, "4.94065646e-324"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        buf_json_number(&buf, cases[i].value);
        assert_string_equal(buf.data, cases[i].text);
        buf_fini(&buf);
    }
}

static void json_integers_reach_both_ends(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    buf_json_int(&buf, INT64_MIN);
    buf_addc(&buf, ' ');
    buf_json_int(&buf, INT64_MAX);
    buf_addc(&buf, ' ');
    buf_json_int(&buf, 0);
    assert_string_equal(buf.data, "-9223372036854775808 9223372036854775807 0");
    buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(text_is_added_in_every_way),
        cmocka_unit_test(growth_keeps_what_is_there),
        cmocka_unit_test(the_limit_is_held_and_sticks),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(bad_utf8_becomes_the_replacement_character),
        cmocka_unit_test(json_numbers_have_the_fewest_digits),
        cmocka_unit_test(json_integers_reach_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

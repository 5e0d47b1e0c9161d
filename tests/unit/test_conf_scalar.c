/* Single values as people write them, and the nearest name. */
#include "conf/near.h"
#include "conf/scalar.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct whole_case {
    const char *text;
    int error;
    int64_t value;
    const char *written; /* how it is written again; NULL: as it was */
};

static void check_whole(const struct whole_case *cases, size_t count,
                        int (*read)(const char *, int64_t *), void (*add)(struct buf *, int64_t))
{
    for (size_t i = 0; i < count; i++) {
        int64_t value = 0;
        int error = read(cases[i].text, &value);
        if (error != cases[i].error || value != cases[i].value)
            fail_msg("'%s': %d, %lld", cases[i].text, error, (long long)value);
        if (error)
            continue;
        struct buf out;
        buf_init(&out, 100);
        add(&out, value);
        assert_string_equal(out.data, cases[i].written ? cases[i].written : cases[i].text);
        buf_fini(&out);
    }
}

#define CHECK_WHOLE(cases, read, add) \
    check_whole(cases, sizeof(cases) / sizeof(*(cases)), read, add)

static void whole_numbers_are_decimal_and_fit(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"0", 0, 0},
        {"-1", 0, -1},
        {"+7", 0, 7, "7"},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"9223372036854775808", -ERANGE},
        {"", -EINVAL},
        {"-", -EINVAL},
        {"0x10", -EINVAL},
        {"1.0", -EINVAL},
        {" 1", -EINVAL},
        {"1 ", -EINVAL},
        {"1e3", -EINVAL},
    };
    CHECK_WHOLE(cases, scalar_int, buf_json_int);
}

static void durations_need_a_unit(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"0", 0, 0, "0s"},
        {"0s", 0, 0},
        {"500ms", 0, 500},
        {"5s", 0, 5000},
        {"1500ms", 0, 1500},
        {"1.5s", 0, 1500, "1500ms"},
        {".5m", 0, 30000, "30s"},
        {"90s", 0, 90000},
        {"60s", 0, 60000, "1m"},
        {"1h30m", 0, 5400000, "90m"},
        {"2w", 0, 1209600000, "14d"},
        {"9223372036854775807ms", 0, INT64_MAX},
        {"9223372036854775808ms", -ERANGE},
        {"9223372036854775807s", -ERANGE},
        {"5", -EINVAL},
        {"5 s", -EINVAL},
        {"s", -EINVAL},
        {"-5s", -EINVAL},
        {"5S", -EINVAL},
        {"5sec", -EINVAL},
        {"1h30", -EINVAL},
        {"", -EINVAL},
        {"1e3s", -EINVAL},
    };
    CHECK_WHOLE(cases, scalar_duration, scalar_add_duration);
}

static void sizes_tell_1000_from_1024(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"0", 0, 0, "0B"},
        {"10", 0, 10, "10B"},
        {"10B", 0, 10},
        {"64KiB", 0, 65536},
        {"64kB", 0, 64000},
        {"64KB", 0, 64000, "64kB"},
        {"1.5MiB", 0, 1572864, "1536KiB"},
        {"10GB", 0, 10000000000},
        {"2TiB", 0, (int64_t)2 << 40},
        {"9223372036854775807", 0, INT64_MAX, "9223372036854775807B"},
        {"9223372036854775808", -ERANGE},
        {"16777216TiB", -ERANGE},
        {"-1", -EINVAL},
        {"1M", -EINVAL},
        {"1KiB 2", -EINVAL},
        {"1KiB1B", -EINVAL},
        {"", -EINVAL},
    };
    CHECK_WHOLE(cases, scalar_size, scalar_add_size);
}

static void times_are_rfc_3339_with_a_zone(void **state)
{
    (void)state;
    static const struct whole_case cases[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"2026-01-02T03:04:05.678Z", 0, 1767323045678},
        {"2026-01-02T04:04:05.678+01:00", 0, 1767323045678, "2026-01-02T03:04:05.678Z"},
        {"2026-01-01t21:34:05-05:30", 0, 1767323045000, "2026-01-02T03:04:05Z"},
        {"2024-02-29 00:00:00z", 0, 1709164800000, "2024-02-29T00:00:00Z"},
        {"0000-01-01T00:00:00Z", 0, -62167219200000},
        {"9999-12-31T23:59:59.999Z", 0, 253402300799999},
        {"1969-12-31T23:59:59.999Z", 0, -1},
        {"-1", 0, -1, "1969-12-31T23:59:59.999Z"},
        {"2016-12-31T23:59:60Z", 0, 1483228800000, "2017-01-01T00:00:00Z"},
        {"253402300800000", 0, 253402300800000},
        {"2025-02-29T00:00:00Z", -ERANGE},
        {"2026-13-01T00:00:00Z", -ERANGE},
        {"2026-01-00T00:00:00Z", -ERANGE},
        {"2026-01-01T24:00:00Z", -ERANGE},
        {"2026-01-01T00:00:00", -EINVAL},
        {"2026-01-01", -EINVAL},
        {"2026-01-01T00:00Z", -EINVAL},
        {"2026-01-01T00:00:00.Z", -EINVAL},
        {"2026-01-01T00:00:00+24:00", -EINVAL},
        {"2026-01-01T00:00:00+01", -EINVAL},
        {"today", -EINVAL},
    };
    CHECK_WHOLE(cases, scalar_time, scalar_add_time);
}

static void what_is_asked_for_now_may_say_how_long_ago(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_int_equal(scalar_moment("now", 1000000, &ms), 0);
    assert_int_equal(ms, 1000000);
    assert_int_equal(scalar_moment("-1m30s", 1000000, &ms), 0);
    assert_int_equal(ms, 910000);
    assert_int_equal(scalar_moment("1970-01-01T00:00:01Z", 1000000, &ms), 0);
    assert_int_equal(ms, 1000);
    assert_int_equal(scalar_moment("-7", 1000000, &ms), 0); /* as ever: before 1970 */
    assert_int_equal(ms, -7);
    assert_int_equal(scalar_moment("1h", 1000000, &ms), -EINVAL);
    assert_int_equal(scalar_moment("-1y", 1000000, &ms), -EINVAL);
    assert_int_equal(scalar_moment("-", 1000000, &ms), -EINVAL);
}

static void yes_and_no_have_six_words(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "Yes", "TRUE", "on"};
    static const char *const no[] = {"no", "off", "False"};
    static const char *const neither[] = {"y", "n", "1", "0", "", "yes ", "maybe"};
    bool value;
    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
        assert_true(scalar_bool(yes[i], &value) == 0 && value);
    for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
        assert_true(scalar_bool(no[i], &value) == 0 && !value);
    for (size_t i = 0; i < sizeof(neither) / sizeof(*neither); i++)
        assert_int_equal(scalar_bool(neither[i], &value), -EINVAL);
}

static void numbers_are_finite_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        double value;
    } cases[] = {
        {"1", 0, 1},      {"-1.5", 0, -1.5},  {"1e3", 0, 1000},   {"2.5E-1", 0, 0.25},
        {".5", 0, 0.5},   {"1e400", -ERANGE}, {"1.", -EINVAL},    {".", -EINVAL},
        {"inf", -EINVAL}, {"nan", -EINVAL},   {"0x1p3", -EINVAL}, {"1,5", -EINVAL},
        {"1e", -EINVAL},  {"", -EINVAL},      {"1 ", -EINVAL},    {"--1", -EINVAL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        double value = 0;
        int error = scalar_number(cases[i].text, &value);
        if (error != cases[i].error || value < cases[i].value || value > cases[i].value)
            fail_msg("'%s': %d, %g", cases[i].text, error, value);
    }
}

static void distances_count_edits(void **state)
{
    (void)state;
    assert_int_equal(near_distance("", ""), 0);
    assert_int_equal(near_distance("", "abc"), 3);
    assert_int_equal(near_distance("timeout", "timeout"), 0);
    assert_int_equal(near_distance("timout", "timeout"), 1);   /* insert */
    assert_int_equal(near_distance("timeeout", "timeout"), 1); /* delete */
    assert_int_equal(near_distance("timaout", "timeout"), 1);  /* replace */
    assert_int_equal(near_distance("timoeut", "timeout"), 1);  /* swap */
    assert_int_equal(near_distance("TIMEOUT", "timeout"), 0);
    assert_int_equal(near_distance("kitten", "sitting"), 3);
    assert_int_equal(near_distance("ca", "abc"), 3); /* restricted: no edit within a swap */
    char longer[NEAR_MAX + 2];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(near_distance(longer, "x"), NEAR_MAX + 1);
}

static const char *nearest(const char *name)
{
    static const char *const known[] = {"timeout", "tags", "url", "enabled", "x"};
    struct near near;
    near_init(&near, name);
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        near_offer(&near, known[i]);
    return near_best(&near);
}

static void only_a_name_that_may_be_meant_is_offered(void **state)
{
    (void)state;
    assert_string_equal(nearest("timeuot"), "timeout");
    assert_string_equal(nearest("enable"), "enabled");
    assert_string_equal(nearest("ulr"), "url");
    assert_string_equal(nearest("tag"), "tags");
    assert_null(nearest("colour"));
    assert_null(nearest("y")); /* as far from x as can be */
    assert_null(nearest(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_decimal_and_fit),
        cmocka_unit_test(durations_need_a_unit),
        cmocka_unit_test(sizes_tell_1000_from_1024),
        cmocka_unit_test(times_are_rfc_3339_with_a_zone),
        cmocka_unit_test(what_is_asked_for_now_may_say_how_long_ago),
        cmocka_unit_test(yes_and_no_have_six_words),
        cmocka_unit_test(numbers_are_finite_decimals),
        cmocka_unit_test(distances_count_edits),
        cmocka_unit_test(only_a_name_that_may_be_meant_is_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

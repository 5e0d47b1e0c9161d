/* Time zones against libc's own reading of the same database. */
#include "base/zone.h"

#include <gnswatch/cron.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

static const char *const zones[] = {
    "UTC",
    "Europe/Paris",
    "Europe/London",
    "Europe/Dublin", /* winter is the exception there */
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe", /* half an hour */
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia", /* left out a day */
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Gaza",
    "America/Scoresbysund",
    "Antarctica/Troll",
    "Etc/GMT+12",
    "EST5EDT",
};

enum { ZONES = sizeof(zones) / sizeof(*zones) };

static void use_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void expect_same(const char *zone, int64_t time_s)
{
    struct gw_local is;
    struct tm should;
    time_t when = (time_t)time_s;
    assert_int_equal(gw_local_time(zone, time_s * 1000 + (time_s & 1 ? 999 : 0), &is), 0);
    assert_non_null(localtime_r(&when, &should));
    bool same = is.year == should.tm_year + 1900 && is.month == should.tm_mon + 1 &&
                is.day == should.tm_mday && is.hour == should.tm_hour &&
                is.minute == should.tm_min && is.second == should.tm_sec &&
                is.weekday == should.tm_wday && is.offset_s == should.tm_gmtoff &&
                strcmp(is.zone, should.tm_zone) == 0;
    if (!same)
        fail_msg("%s %lld: %d-%d-%d %d:%d:%d %d %s, not %d-%d-%d %d:%d:%d %ld %s", zone,
                 (long long)time_s, is.year, is.month, is.day, is.hour, is.minute, is.second,
                 is.offset_s, is.zone, should.tm_year + 1900, should.tm_mon + 1, should.tm_mday,
                 should.tm_hour, should.tm_min, should.tm_sec, should.tm_gmtoff, should.tm_zone);
}

static int64_t pick(uint64_t *seed, int64_t from, int64_t until)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return from + (int64_t)((*seed >> 16) % (uint64_t)(until - from));
}

static void local_time_is_what_libc_says_in_all_zones_from_1970_to_2100(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (size_t z = 0; z < ZONES; z++) {
        use_zone(zones[z]);
        for (int i = 0; i < 3000; i++)
            expect_same(zones[z], pick(&seed, 0, INT64_C(4102444800)));
        for (int i = 0; i < 300; i++)
            expect_same(zones[z], pick(&seed, -INT64_C(2208988800), 0));
    }
}

/* Both sides of every change, and the moment itself. */
static void local_time_is_right_at_every_change(void **state)
{
    (void)state;
    for (size_t z = 0; z < ZONES; z++) {
        use_zone(zones[z]);
        const struct zone *zone = zone_open(zones[z]);
        assert_non_null(zone);
        struct zone_span span;
        zone_span_at(zone, 0, &span);
        while (span.until_s < INT64_C(4102444800)) {
            expect_same(zones[z], span.until_s - 1);
            expect_same(zones[z], span.until_s);
            zone_span_at(zone, span.until_s, &span);
        }
        zone_close(zone);
    }
}

/* As the header says it: the first moment when the clock shows this or, after a gap, later. */
static void a_moment_reads_back_as_its_local_time(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (size_t z = 0; z < ZONES; z++) {
        for (int i = 0; i < 2000; i++) {
            struct gw_local local, again;
            int64_t time_ms = pick(&seed, 0, INT64_C(4102444800)) * 1000;
            assert_int_equal(gw_local_time(zones[z], time_ms, &local), 0);
            int64_t moment_ms = gw_local_moment(zones[z], &local);
            assert_int_equal(gw_local_time(zones[z], moment_ms, &again), 0);
            assert_true(moment_ms <= time_ms);
            again.offset_s = local.offset_s;
            memcpy(again.zone, local.zone, sizeof(local.zone));
            assert_memory_equal(&again, &local, sizeof(local));
        }
    }
}

static int64_t moment_s(const char *zone, int year, int month, int day, int hour, int minute)
{
    const struct gw_local local = {
        .year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return gw_local_moment(zone, &local) / 1000;
}

static void a_time_in_a_gap_is_the_moment_after_it_and_the_first_of_two_counts(void **state)
{
    (void)state;
    assert_int_equal(moment_s("Europe/Paris", 2026, 3, 29, 2, 30), 1774746000); /* 01:00 UTC */
    assert_int_equal(moment_s("Europe/Paris", 2026, 3, 29, 3, 0), 1774746000);
    assert_int_equal(moment_s("Europe/Paris", 2026, 10, 25, 2, 30), 1792888200); /* 00:30 UTC */
    assert_int_equal(moment_s("Australia/Lord_Howe", 2026, 10, 4, 2, 15), 1791041400);
    assert_int_equal(moment_s("Australia/Sydney", 2026, 4, 5, 2, 30), 1775316600);
    assert_int_equal(moment_s("Pacific/Apia", 2011, 12, 30, 12, 0), 1325239200); /* no such day */
    assert_int_equal(moment_s("Asia/Kolkata", 2026, 14, 1, 5, 30), 1801440000);  /* February 2027 */
}

static void names_lead_nowhere_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "../zoneinfo/UTC",
        "/etc/localtime",
        "Europe/../UTC",
        "Europe//Paris",
        "Europe",
        "Europe/",
        "Mars/Olympus",
        "tzdata.zi",
        "zone.tab",
        "right/UTC",
        "UTC\n",
        "Europe/Paris/Old",
        ".",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct gw_local local;
        assert_int_equal(gw_local_time(bad[i], 0, &local), -ENOENT);
        assert_int_equal(local.year, 1970);
        assert_string_equal(local.zone, "UTC");
    }
    char name[300];
    memset(name, 'a', sizeof(name));
    name[299] = '\0';
    assert_null(zone_open(name));
}

static void the_machine_s_zone_is_what_TZ_says(void **state)
{
    (void)state;
    setenv("TZ", "XYZ-5:30", 1); /* another one may be kept: read by its rule, so ask anew */
    struct gw_local local;
    assert_int_equal(gw_local_time(NULL, 0, &local), 0);
    assert_int_equal(local.offset_s, 19800);
    assert_string_equal(local.zone, "XYZ");
    assert_int_equal(gw_local_time("", 0, &local), 0);
    assert_int_equal(local.hour, 5);
}

static void more_zones_than_are_kept_are_all_right(void **state)
{
    (void)state;
    const struct zone *held = zone_open("Asia/Tokyo");
    for (int i = 0; i < 200; i++) {
        char name[16];
        int west = i % 12 + 1;
        snprintf(name, sizeof(name), "Etc/GMT%c%d", i % 3 ? '+' : '-', west);
        struct gw_local local;
        assert_int_equal(gw_local_time(name, 0, &local), 0);
        assert_int_equal(local.offset_s, (i % 3 ? -west : west) * 3600);
        for (size_t z = 0; z < ZONES; z++)
            assert_int_equal(gw_local_time(zones[z], 0, &local), 0);
    }
    struct zone_span span;
    zone_span_at(held, 0, &span);
    assert_int_equal(span.offset_s, 9 * 3600);
    zone_close(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_s_zone_is_what_TZ_says),
        cmocka_unit_test(local_time_is_what_libc_says_in_all_zones_from_1970_to_2100),
        cmocka_unit_test(local_time_is_right_at_every_change),
        cmocka_unit_test(a_moment_reads_back_as_its_local_time),
        cmocka_unit_test(a_time_in_a_gap_is_the_moment_after_it_and_the_first_of_two_counts),
        cmocka_unit_test(names_lead_nowhere_else),
        cmocka_unit_test(more_zones_than_are_kept_are_all_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

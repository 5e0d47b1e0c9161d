/* Schedules against a walk over every minute. */
#include "base/cron_inside.h"

#include <gnswatch/cron.h>

#include <stdio.h>
#include <string.h>

#include "unit.h"

enum { MINUTE_MS = 60000 };
static const int64_t DAY_MS = 86400000;

static int64_t moment(const char *zone, int year, int month, int day, int hour, int minute)
{
    const struct gw_local local = {
        .year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return gw_local_moment(zone, &local);
}

static struct gw_cron *make(const char *text, const char *zone)
{
    char why[200];
    struct gw_cron *cron = gw_cron_new(text, zone, why, sizeof(why));
    if (!cron)
        fail_msg("%s: %s", text, why);
    return cron;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool wall_matches(const struct cron_fields *f, int64_t wall_ms)
{
    struct gw_local wall;
    gw_local_time("UTC", wall_ms, &wall);
    struct gw_local tomorrow;
    gw_local_time("UTC", wall_ms + DAY_MS, &tomorrow);
    bool last = (f->bits[CRON_DAY] & CRON_LAST_DAY) && tomorrow.day == 1;
    bool day = last || f->bits[CRON_DAY] >> wall.day & 1;
    bool weekday = f->bits[CRON_WEEKDAY] >> wall.weekday & 1;
    bool either = f->star[CRON_DAY] || f->star[CRON_WEEKDAY] ? day && weekday : day || weekday;
    return either && f->bits[CRON_MINUTE] >> wall.minute & 1 &&
           f->bits[CRON_HOUR] >> wall.hour & 1 && f->bits[CRON_MONTH] >> wall.month & 1;
}

/* A time is up when the wall clock first shows it or more; with every hour, whenever it is shown.
 */
struct walk {
    const char *zone;
    struct cron_fields fields;
    int64_t time_ms, most_ms; /* what the clock has shown at most */
};

static bool walk_on(struct walk *w)
{
    w->time_ms += MINUTE_MS;
    struct gw_local local;
    gw_local_time(w->zone, w->time_ms, &local);
    int64_t wall_ms = w->time_ms + local.offset_s * (int64_t)1000;
    bool up = w->fields.every_hour && wall_matches(&w->fields, wall_ms);
    for (int64_t t = w->most_ms + MINUTE_MS; !w->fields.every_hour && t <= wall_ms; t += MINUTE_MS)
        up |= wall_matches(&w->fields, t);
    if (wall_ms > w->most_ms)
        w->most_ms = wall_ms;
    return up;
}

static void compare(const char *text, const char *zone, int64_t from_ms, int days)
{
    char why[200];
    struct gw_local local;
    struct walk w = {.zone = zone, .time_ms = from_ms};
    assert_true(cron_read(text, &w.fields, why, sizeof(why)));
    gw_local_time(zone, from_ms, &local);
    w.most_ms = from_ms + local.offset_s * (int64_t)1000;
    struct gw_cron *cron = make(text, zone);
    int64_t next = gw_cron_next(cron, from_ms), last = 0;
    for (int i = 0; i < days * 1440; i++) {
        bool up = walk_on(&w);
        if (up != (next == w.time_ms))
            fail_msg("%s in %s: %lld is %s", text, zone, (long long)w.time_ms,
                     up ? "missed" : "too much");
        last = up ? w.time_ms : last;
        if (up)
            next = gw_cron_next(cron, w.time_ms);
        if (last && gw_cron_last(cron, w.time_ms + 59999) != last)
            fail_msg("%s in %s: before %lld is %lld, not %lld", text, zone, (long long)w.time_ms,
                     (long long)gw_cron_last(cron, w.time_ms + 59999), (long long)last);
    }
    gw_cron_free(cron);
}

static void times_are_those_of_a_walk_over_every_minute(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "* * * * *",       "*/15 * * * *",   "30 2 * * *",    "0 3 * * *",
        "15,45 1-3 * * *", "0 */2 * * *",    "59 23 * * sun", "0 0 L * *",
        "*/7 2 * * *",     "30 2 29,30 * 5", "5 4 */2 * *",   "0 0 1 * mon",
        "@hourly",         "@daily",         "@weekly",       "0-10/5 2,3 * mar-apr,oct *",
        "20 0-23/3 * * *",
    };
    static const struct {
        const char *zone;
        int month, day;
    } places[] = {
        {"Europe/Paris", 3, 27},      {"Europe/Paris", 10, 23},      {"America/New_York", 3, 6},
        {"America/New_York", 10, 30}, {"Australia/Lord_Howe", 4, 3}, {"Australia/Lord_Howe", 10, 2},
        {"Australia/Sydney", 4, 3},   {"Australia/Sydney", 10, 2},   {"America/Santiago", 4, 3},
        {"America/Santiago", 9, 4},   {"Asia/Kolkata", 2, 26},       {"Africa/Casablanca", 2, 13},
    };
    for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++) {
        for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++)
            compare(texts[t], places[p].zone,
                    moment(places[p].zone, 2026, places[p].month, places[p].day, 12, 0), 4);
    }
}

/* ---- Single facts ---------------------------------------------------------------------------- */

static void expect_next(const char *text, const char *zone, int64_t after, int64_t next)
{
    struct gw_cron *cron = make(text, zone);
    if (gw_cron_next(cron, after) != next)
        fail_msg("%s: %lld, not %lld", text, (long long)gw_cron_next(cron, after), (long long)next);
    gw_cron_free(cron);
}

static void next_is_later_and_last_is_not(void **state)
{
    (void)state;
    int64_t noon = moment("UTC", 2026, 3, 2, 12, 0);
    struct gw_cron *cron = make("0 12 * * *", "UTC");
    assert_int_equal(gw_cron_next(cron, noon - 1), noon);
    assert_int_equal(gw_cron_next(cron, noon), noon + DAY_MS);
    assert_int_equal(gw_cron_last(cron, noon), noon);
    assert_int_equal(gw_cron_last(cron, noon - 1), noon - DAY_MS);
    assert_int_equal(gw_cron_next(NULL, noon), 0);
    assert_int_equal(gw_cron_next(cron, INT64_MAX), 0);
    assert_int_equal(gw_cron_last(cron, INT64_MIN), 0);
    gw_cron_free(cron);
    gw_cron_free(NULL);
}

static void a_leap_day_is_found_within_eight_years(void **state)
{
    (void)state;
    expect_next("0 0 29 2 *", "UTC", moment("UTC", 2096, 2, 29, 0, 0),
                moment("UTC", 2104, 2, 29, 0, 0));
    expect_next("0 0 29 feb *", "UTC", moment("UTC", 2026, 1, 1, 0, 0),
                moment("UTC", 2028, 2, 29, 0, 0));
    struct gw_cron *cron = make("0 0 29 2 *", "UTC");
    assert_int_equal(gw_cron_last(cron, moment("UTC", 2104, 2, 28, 0, 0)),
                     moment("UTC", 2096, 2, 29, 0, 0));
    gw_cron_free(cron);
}

static void names_seven_and_L_are_understood(void **state)
{
    (void)state;
    int64_t monday = moment("UTC", 2026, 3, 2, 0, 0);
    expect_next("0 0 * * 7", "UTC", monday, moment("UTC", 2026, 3, 8, 0, 0));
    expect_next("0 0 * * SUN", "UTC", monday, moment("UTC", 2026, 3, 8, 0, 0));
    expect_next("0 0 * * fri-sun", "UTC", monday, moment("UTC", 2026, 3, 6, 0, 0));
    expect_next("0 0 * * 6-7", "UTC", monday, moment("UTC", 2026, 3, 7, 0, 0));
    expect_next("0 0 L * *", "UTC", monday, moment("UTC", 2026, 3, 31, 0, 0));
    expect_next("0 0 15,L feb *", "UTC", monday, moment("UTC", 2027, 2, 15, 0, 0));
    expect_next("0 0 13 * fri", "UTC", monday, moment("UTC", 2026, 3, 6, 0, 0)); /* either */
    expect_next("@yearly", "UTC", monday, moment("UTC", 2027, 1, 1, 0, 0));
    expect_next(" @Monthly ", "UTC", monday, moment("UTC", 2026, 4, 1, 0, 0));
    expect_next("0 0\t1  jan-mar,dec *", "UTC", monday, moment("UTC", 2026, 12, 1, 0, 0));
}

static void six_fields_have_seconds(void **state)
{
    (void)state;
    int64_t noon = moment("UTC", 2026, 3, 2, 12, 0);
    expect_next("*/20 * * * * *", "UTC", noon + 20000, noon + 40000);
    expect_next("30 0 13 * * *", "UTC", noon, noon + 3630000);
    struct gw_cron *cron = make("5 2 12 * * *", "UTC");
    assert_int_equal(gw_cron_last(cron, noon + 125000), noon + 125000);
    assert_int_equal(gw_cron_last(cron, noon + 124999), noon + 125000 - DAY_MS);
    gw_cron_free(cron);
}

static void what_is_wrong_is_said_with_its_field(void **state)
{
    (void)state;
    static const struct {
        const char *text, *zone, *why;
    } wrong[] = {
        {"61 * * * *", "UTC", "minute: 61 is more than 59"},
        {"* 24 * * *", "UTC", "hour: 24 is more than 23"},
        {"* * 0 * *", "UTC", "day: 0 is less than 1"},
        {"* * * 13 *", "UTC", "month: 13 is more than 12"},
        {"* * * * 8", "UTC", "weekday: 8 is more than 7"},
        {"60 * * * * *", "UTC", "second: 60 is more than 59"},
        {"99999999999999999999 * * * *", "UTC", "minute: 99999999999999999999 is more than 59"},
        {"x * * * *", "UTC", "minute: 'x' is no number"},
        {"* * * foo *", "UTC", "month: 'foo' is no number and no name"},
        {"5x * * * *", "UTC", "minute: '5x' is no number"},
        {"*/0 * * * *", "UTC", "minute: a step of 0 leads nowhere"},
        {"*/90 * * * *", "UTC", "minute: a step of 90 is more than 59"},
        {"5/15 * * * *", "UTC", "minute: a step needs * or a range: 5-59/15"},
        {"* 9-5 * * *", "UTC", "hour: the range 9-5 runs backwards"},
        {"1,, * * * *", "UTC", "minute: a value is missing before ','"},
        {"1, * * * *", "UTC", "minute: a value is missing at the end"},
        {"*/ * * * *", "UTC", "minute: a value is missing at the end"},
        {"-5 * * * *", "UTC", "minute: a value is missing before '-'"},
        {"** * * * *", "UTC", "minute: '*' is not understood here"},
        {"* * 31 feb,apr *", "UTC", "day: no month given has such a day"},
        {"* * * * L", "UTC", "weekday: 'L' is no number and no name"},
        {"* * *", "UTC",
         "5 fields are needed: minute hour day month weekday (or 6, with second first), not 3"},
        {"", "UTC",
         "5 fields are needed: minute hour day month weekday (or 6, with second first), not 0"},
        {"* * * * * * *", "UTC",
         "5 fields are needed: minute hour day month weekday (or 6, with second first), not more "
         "than 6"},
        {"@reboot", "UTC", "'@reboot' is none of @hourly, @daily, @weekly, @monthly, @yearly"},
        {"@daily now", "UTC",
         "'@daily now' is none of @hourly, @daily, @weekly, @monthly, @yearly"},
        {"* * * * *", "Mars/Olympus", "there is no time zone 'Mars/Olympus'"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char why[200];
        struct gw_cron *cron = gw_cron_new(wrong[i].text, wrong[i].zone, why, sizeof(why));
        assert_null(cron);
        assert_string_equal(why, wrong[i].why);
        assert_null(gw_cron_new(wrong[i].text, wrong[i].zone, NULL, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_those_of_a_walk_over_every_minute),
        cmocka_unit_test(next_is_later_and_last_is_not),
        cmocka_unit_test(a_leap_day_is_found_within_eight_years),
        cmocka_unit_test(names_seven_and_L_are_understood),
        cmocka_unit_test(six_fields_have_seconds),
        cmocka_unit_test(what_is_wrong_is_said_with_its_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

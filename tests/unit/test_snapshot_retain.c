/* Retention against a model of its own: libc's calendar, sets of period names, no code in common.
 */
#include "unit.h"

#include "snapshot/retain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ITEMS = 400, ROUNDS = 60, HOUR_MS = 3600 * 1000 };

/* 2026-03-02 10:00 UTC */
#define START_MS ((int64_t)1772445600000)

static struct retain_item item(int64_t time_ms)
{
    return (struct retain_item){.time_ms = time_ms, .good = true, .proven = true};
}

static size_t kept(const struct retain_item *items, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += items[i].keep;
    return sum;
}

/* ---- The model ------------------------------------------------------------------------------- */

static void period_name(const char *format, int64_t time_ms, char *out, size_t size)
{
    time_t time = (time_t)(time_ms / 1000);
    struct tm tm;
    localtime_r(&time, &tm);
    assert_true(strftime(out, size, format, &tm) > 0);
}

static int newest_first(const void *a, const void *b)
{
    const struct retain_item *x = a, *y = b;
    return (x->time_ms < y->time_ms) - (x->time_ms > y->time_ms);
}

/* What one rule keeps: of each of the newest `left` names the first that is met. */
static void model_rule(const struct retain_item *items, size_t count, const char *format,
                       int64_t left, bool *keep)
{
    static char names[ITEMS][40];
    size_t named = 0;
    for (size_t i = 0; i < count && (int64_t)named < left; i++) {
        char name[40];
        bool known = false;
        if (!items[i].good)
            continue;
        if (format)
            period_name(format, items[i].time_ms, name, sizeof name);
        else
            snprintf(name, sizeof name, "%zu", i);
        for (size_t n = 0; n < named; n++)
            known = known || strcmp(names[n], name) == 0;
        if (known)
            continue;
        snprintf(names[named++], sizeof names[0], "%s", name);
        keep[i] = true;
    }
}

static void model(const struct retain_rules *rules, const struct retain_item *items, size_t count,
                  bool *keep)
{
    bool any = rules->last || rules->hourly || rules->daily || rules->weekly || rules->monthly ||
               rules->yearly;
    model_rule(items, count, NULL, rules->last, keep);
    model_rule(items, count, "%Y-%m-%d %H %z", rules->hourly, keep);
    model_rule(items, count, "%Y-%m-%d", rules->daily, keep);
    model_rule(items, count, "%G-%V", rules->weekly, keep);
    model_rule(items, count, "%Y-%m", rules->monthly, keep);
    model_rule(items, count, "%Y", rules->yearly, keep);
    size_t last = count;
    for (size_t i = 0; i < count && last == count; i++)
        last = items[i].good && items[i].proven ? i : count;
    for (size_t i = 0; i < count && last == count; i++)
        last = items[i].good ? i : count;
    bool good_before = false;
    for (size_t i = 0; i < count; i++) {
        keep[i] = keep[i] || items[i].pinned || (!any && items[i].good) || i == last ||
                  (!items[i].good && !good_before);
        good_before = good_before || items[i].good;
    }
}

static void agree_with_the_model(const char *zone, unsigned seed)
{
    struct retain_item items[ITEMS];
    bool keep[ITEMS] = {false};
    srandom(seed);
    setenv("TZ", zone, 1);
    tzset();
    struct retain_rules rules = {random() % 5,  random() % 30, random() % 20,
                                 random() % 10, random() % 14, random() % 4};
    size_t count = 1 + (size_t)random() % ITEMS;
    int64_t at = START_MS;
    for (size_t i = 0; i < count; i++) {
        at += (1 + random() % 30) * (HOUR_MS / (1 + random() % 4));
        items[i] = item(at);
        items[i].good = random() % 10 != 0;
        items[i].proven = items[i].good && random() % 4 != 0;
        items[i].pinned = random() % 40 == 0;
    }
    qsort(items, count, sizeof *items, newest_first);
    model(&rules, items, count, keep);
    retain_decide(&rules, zone, items, count, 0);
    for (size_t i = 0; i < count; i++)
        if (items[i].keep != keep[i])
            fail_msg("seed %u, zone %s, place %zu of %zu: '%s', the model says %s", seed, zone, i,
                     count, items[i].text, keep[i] ? "keep" : "remove");
}

static void decisions_are_those_of_a_model_in_several_zones(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC", "Europe/Paris", "America/New_York",
                                        "Australia/Lord_Howe", "Asia/Kathmandu"};
    for (unsigned seed = 1; seed <= ROUNDS; seed++)
        for (size_t z = 0; z < sizeof zones / sizeof *zones; z++)
            agree_with_the_model(zones[z], seed);
}

/* ---- What must hold whatever the rules ------------------------------------------------------- */

static void without_rules_everything_stays(void **state)
{
    (void)state;
    struct retain_item items[] = {item(START_MS), item(START_MS + 1), item(START_MS + 2)};
    retain_decide(&(struct retain_rules){0}, "UTC", items, 3, 0);
    assert_int_equal(kept(items, 3), 3);
    assert_string_equal(items[0].text, "no rule removes anything");
}

static void the_last_good_one_stays_when_all_newer_ones_are_damaged(void **state)
{
    (void)state;
    struct retain_item items[4];
    for (int i = 0; i < 4; i++)
        items[i] = item(START_MS + i * HOUR_MS);
    items[1].good = items[2].good = items[3].good = false;
    retain_decide(&(struct retain_rules){.last = 1}, "UTC", items, 4, 0);
    assert_true(items[3].keep); /* sorted: the oldest */
    assert_int_equal(items[3].time_ms, START_MS);
    retain_decide(&(struct retain_rules){.last = 1}, "UTC", items, 4, 100);
    assert_true(items[3].keep);
}

static void a_proven_one_stays_although_an_unproven_one_is_newer(void **state)
{
    (void)state;
    struct retain_item items[3] = {item(START_MS), item(START_MS + 1000), item(START_MS + 2000)};
    items[1].proven = items[2].proven = false;
    retain_decide(&(struct retain_rules){.last = 1}, "UTC", items, 3, 0);
    assert_true(items[0].keep && !items[1].keep && items[2].keep);
    assert_string_equal(items[2].text, "the last good one");
}

static void damaged_ones_take_no_place_and_go_when_a_newer_one_is_good(void **state)
{
    (void)state;
    struct retain_item items[3] = {item(START_MS), item(START_MS + 1000), item(START_MS + 2000)};
    items[1].good = items[1].proven = false;
    retain_decide(&(struct retain_rules){.last = 2}, "UTC", items, 3, 0);
    assert_true(items[0].keep && !items[1].keep && items[2].keep);
    assert_non_null(strstr(items[1].text, "damaged"));
}

static void a_full_disk_takes_the_oldest_but_no_pin(void **state)
{
    (void)state;
    struct retain_item items[4];
    for (int i = 0; i < 4; i++)
        items[i] = item(START_MS + i * HOUR_MS);
    items[0].pinned = true;
    retain_decide(&(struct retain_rules){.last = 10}, "UTC", items, 4, 1);
    assert_true(items[3].keep && items[3].pinned);
    assert_false(items[2].keep);
    assert_non_null(strstr(items[2].text, "too full"));
    assert_int_equal(kept(items, 4), 3);
    retain_decide(&(struct retain_rules){.last = 10}, "UTC", items, 4, 100);
    assert_int_equal(kept(items, 4), 2); /* the pin and the last good one */
}

/* 2026-10-25: Paris has the hour from 2 to 3 twice; 00:30 and 01:30 UTC are both 02:30 there. */
static void the_hour_that_comes_twice_is_two_hours_and_one_day(void **state)
{
    (void)state;
    int64_t first = 1792888200000, second = first + HOUR_MS;
    struct retain_item items[2] = {item(first), item(second)};
    retain_decide(&(struct retain_rules){.hourly = 2}, "Europe/Paris", items, 2, 0);
    assert_int_equal(kept(items, 2), 2);
    retain_decide(&(struct retain_rules){.daily = 2}, "Europe/Paris", items, 2, 0);
    assert_int_equal(kept(items, 2), 1);
}

/* 23:30 UTC on a 31st is the next month in Paris. */
static void months_are_those_of_the_zone(void **state)
{
    (void)state;
    int64_t late = 1774999800000; /* 2026-03-31 23:30 UTC */
    struct retain_item items[2] = {item(late - 2 * HOUR_MS), item(late)};
    retain_decide(&(struct retain_rules){.monthly = 9}, "Europe/Paris", items, 2, 0);
    assert_int_equal(kept(items, 2), 2);
    retain_decide(&(struct retain_rules){.monthly = 9}, "UTC", items, 2, 0);
    assert_int_equal(kept(items, 2), 1);
}

static void young_ones_stay_beside_those_of_the_rules(void **state)
{
    (void)state;
    struct retain_item items[] = {
        {.time_ms = 5000, .good = true}, {.time_ms = 4000, .good = true},
        {.time_ms = 3000, .good = true}, {.time_ms = 2000, .good = true, .pinned = true},
        {.time_ms = 1000, .good = true},
    };
    retain_decide(&(struct retain_rules){.last = 1, .since_ms = 3500}, "UTC", items, 5, 0);
    static const char *const texts[] = {"last 1", "not old enough to go", "no rule keeps it",
                                        "pinned", "no rule keeps it"};
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(items[i].text, texts[i]);
        assert_int_equal(items[i].keep, i != 2 && i != 4);
    }
    retain_decide(&(struct retain_rules){.since_ms = 9000}, "UTC", items, 2, 0);
    assert_string_equal(items[0].text, "the last good one");
    assert_false(items[1].keep);
}

static void nothing_to_decide_is_fine(void **state)
{
    (void)state;
    retain_decide(&(struct retain_rules){.last = 1}, "UTC", NULL, 0, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_those_of_a_model_in_several_zones),
        cmocka_unit_test(without_rules_everything_stays),
        cmocka_unit_test(the_last_good_one_stays_when_all_newer_ones_are_damaged),
        cmocka_unit_test(a_proven_one_stays_although_an_unproven_one_is_newer),
        cmocka_unit_test(damaged_ones_take_no_place_and_go_when_a_newer_one_is_good),
        cmocka_unit_test(a_full_disk_takes_the_oldest_but_no_pin),
        cmocka_unit_test(the_hour_that_comes_twice_is_two_hours_and_one_day),
        cmocka_unit_test(months_are_those_of_the_zone),
        cmocka_unit_test(young_ones_stay_beside_those_of_the_rules),
        cmocka_unit_test(nothing_to_decide_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

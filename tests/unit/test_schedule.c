/* Due times on a grid, and how long to wait after failures. */
#include "unit.h"

#include "plugin/schedule.h"

#include <stdio.h>

#define MS INT64_C(1000000)

static void the_first_tick_is_within_one_interval_and_keeps_its_phase(void **state)
{
    (void)state;
    struct schedule a, b;
    schedule_init(&a, "lab", 1000, 5000 * MS);
    schedule_init(&b, "lab", 1000, 987654321 * MS); /* a restart, much later */
    assert_true(a.due_ns > 5000 * MS && a.due_ns <= 6000 * MS);
    assert_int_equal(a.due_ns % (1000 * MS), b.due_ns % (1000 * MS));
}

static void instances_with_the_same_interval_are_spread_over_it(void **state)
{
    (void)state;
    int slots[10] = {0};
    for (int i = 0; i < 100; i++) {
        struct schedule schedule;
        char name[16];
        snprintf(name, sizeof(name), "lab%d", i);
        schedule_init(&schedule, name, 1000, 0);
        slots[(schedule.due_ns - 1) / (100 * MS)]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(slots[i], 2, 25);
}

static void ticks_that_are_taken_late_do_not_drift(void **state)
{
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, "lab", 1000, 0);
    int64_t first_ns = schedule.due_ns;
    for (int i = 1; i <= 1000; i++) {
        assert_int_equal(schedule_next(&schedule, schedule.due_ns + i % 900 * MS), 0);
        assert_int_equal(schedule.due_ns, first_ns + i * 1000 * MS);
    }
}

static void missed_turns_are_skipped_and_counted(void **state)
{
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, "lab", 1000, 0);
    int64_t due_ns = schedule.due_ns;
    assert_int_equal(schedule_next(&schedule, due_ns + 3500 * MS), 3);
    assert_int_equal(schedule.due_ns, due_ns + 4000 * MS);
    assert_int_equal(schedule_next(&schedule, due_ns + 5000 * MS), 1);
    assert_int_equal(schedule.due_ns, due_ns + 6000 * MS); /* later than now, always */
}

static void a_wait_is_rounded_up_and_never_negative(void **state)
{
    (void)state;
    struct schedule schedule = {.every_ns = 1000 * MS, .due_ns = 10 * MS};
    assert_int_equal(schedule_wait_ms(&schedule, 9 * MS + 1), 1);
    assert_int_equal(schedule_wait_ms(&schedule, 8 * MS), 2);
    assert_int_equal(schedule_wait_ms(&schedule, 10 * MS), 0);
    assert_int_equal(schedule_wait_ms(&schedule, 11 * MS), 0);
}

static void back_off_doubles_up_to_five_minutes_with_full_jitter(void **state)
{
    (void)state;
    const uint64_t seeds[] = {0, 1, 900, 12345678901u, UINT64_MAX};
    for (unsigned tries = 1; tries < 40; tries++) {
        int64_t limit = tries > 9 ? 300000 : INT64_C(1000) << (tries - 1);
        for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
            assert_in_range(backoff_ms(tries, seeds[i]), 100, limit > 300000 ? 300000 : limit);
    }
    assert_int_equal(backoff_ms(1, 900), 1000);
    assert_int_equal(backoff_ms(1, 0), 100);
    assert_int_equal(backoff_ms(30, 299900), 300000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_tick_is_within_one_interval_and_keeps_its_phase),
        cmocka_unit_test(instances_with_the_same_interval_are_spread_over_it),
        cmocka_unit_test(ticks_that_are_taken_late_do_not_drift),
        cmocka_unit_test(missed_turns_are_skipped_and_counted),
        cmocka_unit_test(a_wait_is_rounded_up_and_never_negative),
        cmocka_unit_test(back_off_doubles_up_to_five_minutes_with_full_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

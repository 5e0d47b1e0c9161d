/* Following series: every row once, in order, through renames, ends, restarts and overruns. */
#include "unit.h"

#include "metric/tail.h"
#include "metric/view.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_ROWS = 8, SEEN_MAX = 4096 };

static const struct gw_field fields[] = {
    {"cpu", GW_GAUGE, "%", "Load"},
    {"bytes", GW_COUNTER, "By", "Traffic"},
    {0},
};
static const struct gw_field other_fields[] = {{"cpu", GW_GAUGE, "%", "Load"}, {0}};

struct fixture {
    struct fake_clock clock;
    struct metric *metric;
    struct tail *tail;
    int owner;
    char seen[SEEN_MAX]; /* what was told, one word each */
};

static void say(struct fixture *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct fixture *f, const char *format, ...)
{
    size_t used = strlen(f->seen);
    va_list args;
    va_start(args, format);
    vsnprintf(f->seen + used, sizeof(f->seen) - used, format, args);
    va_end(args);
}

static const char *node(const struct gw_series_info *info)
{
    return info->labels[0].value;
}

static void on_found(void *data, struct gw_series_info *info)
{
    assert_true(info->live);
    say(data, "+%s ", node(info));
}

static void on_row(void *data, struct gw_series_info *info, int64_t time_ms, const double *values)
{
    assert_int_equal(info->last_ms, time_ms);
    if (isnan(values[1]))
        say(data, "%s@%lld:%g ", node(info), (long long)time_ms / 1000, values[0]);
    else
        say(data, "%s@%lld:%g/%g ", node(info), (long long)time_ms / 1000, values[0], values[1]);
}

static void on_ended(void *data, struct gw_series_info *info)
{
    say(data, "-%s ", node(info));
}

static void follow(struct fixture *f, const char *measurement, const struct gw_label *labels,
                   bool raw)
{
    const struct tail_events events = {on_found, on_row, on_ended, f};
    const struct gw_match match = {measurement, labels};
    f->tail = tail_new(f->metric, &match, raw, &events);
    assert_non_null(f->tail);
}

static void expect_turn(struct fixture *f, const char *told)
{
    f->seen[0] = '\0';
    tail_turn(f->tail);
    assert_string_equal(f->seen, told);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    fake_clock_init(&f->clock, 1000);
    f->metric = metric_new(&f->clock.clock, &(struct metric_options){.ring_rows = RING_ROWS});
    *state = f;
    return f->metric ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tail_free(f->tail, false);
    metric_free(f->metric);
    free(f);
    return 0;
}

static struct gw_series *get(struct fixture *f, const char *measurement, const char *name)
{
    int error = 0;
    const struct gw_label labels[] = {{"node", name}, {"server", "a"}, {0}};
    struct gw_series *series =
        metric_get(f->metric, &f->owner, measurement, labels, fields, 1000, &error);
    assert_non_null(series);
    return series;
}

static void set(struct gw_series *series, int64_t second)
{
    const double row[] = {(double)second, 10.0 * (double)second};
    assert_int_equal(metric_set(series, second * 1000, row), 0);
}

static void rows_from_now_on_come_once_and_counters_as_rates(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A");
    set(a, 1);
    follow(f, "t.*", NULL, false);
    set(a, 2);
    expect_turn(f, "+A A@2:2/10 ");
    expect_turn(f, "");
    set(a, 3);
    set(a, 4);
    expect_turn(f, "A@3:3/10 A@4:4/10 ");
}

static void a_raw_follower_gets_counters_as_they_were_set(void **state)
{
    struct fixture *f = *state;
    follow(f, NULL, NULL, true);
    set(get(f, "t.a", "A"), 5);
    expect_turn(f, "+A A@5:5/50 ");
}

static void silence_of_more_than_five_intervals_gives_no_rate(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A");
    set(a, 1);
    follow(f, NULL, NULL, false);
    set(a, 6);
    set(a, 12);
    expect_turn(f, "+A A@6:6/10 A@12:12 ");
}

static void a_new_series_is_followed_from_its_first_row(void **state)
{
    struct fixture *f = *state;
    follow(f, "t.a", NULL, false);
    expect_turn(f, "");
    set(get(f, "t.a", "A"), 1);
    set(get(f, "t.b", "B"), 1);
    expect_turn(f, "+A A@1:1 ");
}

static void labels_choose_by_pattern(void **state)
{
    struct fixture *f = *state;
    const struct gw_label wanted[] = {{"node", "P*"}, {"server", "a"}, {0}};
    const struct gw_label absent[] = {{"project", "*"}, {0}};
    get(f, "t.a", "PC1");
    get(f, "t.a", "R1");
    follow(f, NULL, wanted, false);
    expect_turn(f, "+PC1 ");
    tail_free(f->tail, false);
    follow(f, NULL, absent, false);
    expect_turn(f, "");
}

static void the_end_is_told_after_the_last_row(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, NULL, false);
    set(a, 1);
    metric_release(f->metric, &f->owner); /* nobody stores: the ring may go */
    expect_turn(f, "+A A@1:1 -A ");
    expect_turn(f, "");
    set(get(f, "t.a", "A"), 2);
    expect_turn(f, "+A A@2:2/10 ");
}

static void what_begins_and_ends_between_two_turns_is_seen(void **state)
{
    struct fixture *f = *state;
    get(f, "t.a", "Old");
    metric_release(f->metric, &f->owner);
    follow(f, NULL, NULL, true);
    expect_turn(f, "");
    for (int i = 1; i <= 2; i++) {
        set(get(f, "t.a", "A"), i);
        metric_release(f->metric, &f->owner);
    }
    expect_turn(f, "+A A@1:1/10 A@2:2/20 -A ");
    expect_turn(f, "");
    set(get(f, "t.a", "A"), 3);
    set(get(f, "t.a", "Old"), 3);
    metric_release(f->metric, &f->owner);
    expect_turn(f, "+Old +A Old@3:3/30 A@3:3/30 -Old -A ");
}

static void a_restart_between_two_turns_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, NULL, true);
    set(a, 1);
    expect_turn(f, "+A A@1:1/10 ");
    set(a, 2);
    metric_release(f->metric, &f->owner);
    set(get(f, "t.a", "A"), 3);
    expect_turn(f, "A@2:2/20 A@3:3/30 ");
}

static void a_restart_with_another_interval_takes_the_old_ring_along(void **state)
{
    struct fixture *f = *state;
    const struct gw_label labels[] = {{"node", "A"}, {"server", "a"}, {0}};
    int error = 0;
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, NULL, true);
    set(a, 1);
    metric_end(a);
    a = metric_get(f->metric, &f->owner, "t.a", labels, fields, 5000, &error);
    set(a, 2);
    expect_turn(f, "+A A@1:1/10 A@2:2/20 ");
}

static void other_fields_make_another_series(void **state)
{
    struct fixture *f = *state;
    const struct gw_label labels[] = {{"node", "A"}, {"server", "a"}, {0}};
    const double row[] = {3, 0};
    int error = 0;
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, NULL, true);
    set(a, 1);
    metric_end(a);
    a = metric_get(f->metric, &f->owner, "t.a", labels, other_fields, 1000, &error);
    assert_non_null(a);
    expect_turn(f, "+A A@1:1/10 -A ");
    expect_turn(f, "+A ");
    assert_int_equal(metric_set(a, 4000, row), 0);
    f->seen[0] = '\0';
    assert_int_equal(tail_turn(f->tail), 1);
}

static void a_rename_is_told_and_keeps_its_place(void **state)
{
    struct fixture *f = *state;
    const struct gw_label renamed[] = {{"node", "Z"}, {"server", "a"}, {0}};
    const struct gw_label elsewhere[] = {{"node", "Z"}, {"server", "b"}, {0}};
    const struct gw_label wanted[] = {{"server", "a"}, {0}};
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, wanted, true);
    set(a, 1);
    expect_turn(f, "+A A@1:1/10 ");
    set(a, 2);
    assert_int_equal(metric_relabel(a, renamed), 0);
    expect_turn(f, "+Z Z@2:2/20 ");
    assert_int_equal(metric_relabel(a, elsewhere), 0);
    set(a, 3);
    expect_turn(f, "Z@3:3/30 -Z "); /* it matched until this turn saw that it does not */
    assert_int_equal(metric_relabel(a, renamed), 0);
    set(a, 4);
    expect_turn(f, "+Z ");
    set(a, 5);
    expect_turn(f, "Z@5:5/50 ");
}

static void a_series_that_is_removed_ends(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A"), *b = get(f, "t.a", "B");
    follow(f, NULL, NULL, true);
    set(a, 1);
    set(b, 1);
    metric_end(a);
    metric_forget(f->metric, 1);
    expect_turn(f, "+A +B A@1:1/10 B@1:1/10 -A ");
    set(b, 2);
    expect_turn(f, "B@2:2/20 ");
}

static void rows_overwritten_before_their_turn_are_counted(void **state)
{
    struct fixture *f = *state;
    struct gw_series *a = get(f, "t.a", "A");
    follow(f, NULL, NULL, true);
    for (int i = 1; i <= 20; i++)
        set(a, i);
    f->seen[0] = '\0';
    assert_int_equal(tail_turn(f->tail), RING_ROWS - 1);
    assert_int_equal(tail_lost(f->tail), 20 - (RING_ROWS - 1));
    assert_non_null(strstr(f->seen, "A@20:20"));
    assert_null(strstr(f->seen, "A@13:13"));
}

static void more_rows_than_a_batch_holds_all_come(void **state)
{
    struct fixture *f = *state;
    enum { MANY = 3000 };
    struct gw_series *list[MANY];
    f->seen[0] = '\0';
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof(name), "N%d", i);
        list[i] = get(f, "t.many", name);
    }
    const struct tail_events events = {.data = f};
    const struct gw_match match = {"t.many", NULL};
    f->tail = tail_new(f->metric, &match, false, &events);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < MANY; i++) {
            set(list[i], 10 * round);
            set(list[i], 10 * round + 1);
        }
        assert_int_equal(tail_turn(f->tail), 2 * MANY);
    }
    assert_int_equal(tail_lost(f->tail), 0);
}

static void a_tail_that_is_let_go_tells_all_ends_and_holds_no_rings(void **state)
{
    struct fixture *f = *state;
    get(f, "t.a", "A");
    get(f, "t.a", "B");
    follow(f, NULL, NULL, false);
    tail_turn(f->tail);
    f->seen[0] = '\0';
    tail_free(f->tail, true);
    f->tail = NULL;
    assert_string_equal(f->seen, "-A -B ");
    metric_release(f->metric, &f->owner);
    assert_null(registry_find(f->metric, 1)->ring);
}

/* ---- Looking --------------------------------------------------------------------------------- */

static bool count_one(void *data, const struct gw_series_info *info)
{
    struct fixture *f = data;
    assert_string_equal(info->measurement, "t.many");
    assert_null(info->fields[info->field_count].name);
    assert_null(info->labels[info->label_count].name);
    assert_int_equal(info->last_ms, 7000);
    assert_true(info->last[1] == 70.0);
    get(f, "t.other", "made while walking"); /* the registry is not locked */
    return info->id < 400;
}

static void all_series_are_visited_without_holding_the_registry(void **state)
{
    struct fixture *f = *state;
    const struct gw_match match = {"t.many", NULL};
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof(name), "N%d", i);
        set(get(f, "t.many", name), 7);
    }
    assert_int_equal(view_each(f->metric, &match, true, count_one, f), 400);
}

static void the_newest_row_is_known_for_five_intervals(void **state)
{
    struct fixture *f = *state;
    double rates[2];
    int64_t time_ms = 0;
    struct gw_series *a = get(f, "t.a", "A");
    fake_clock_init(&f->clock, 4000);
    assert_int_equal(view_last(f->metric, 77, rates, NULL), -ENOENT);
    assert_int_equal(view_last(f->metric, 1, rates, NULL), -ENODATA);
    set(a, 2);
    assert_int_equal(view_last(f->metric, 1, rates, &time_ms), 0);
    assert_true(isnan(rates[1]));
    set(a, 4);
    assert_int_equal(view_last(f->metric, 1, rates, &time_ms), 0);
    assert_int_equal(time_ms, 4000);
    assert_true(rates[0] == 4 && rates[1] == 10);
    fake_clock_init(&f->clock, 9001);
    assert_int_equal(view_last(f->metric, 1, rates, &time_ms), -ENODATA);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_from_now_on_come_once_and_counters_as_rates),
        TEST(a_raw_follower_gets_counters_as_they_were_set),
        TEST(silence_of_more_than_five_intervals_gives_no_rate),
        TEST(a_new_series_is_followed_from_its_first_row),
        TEST(labels_choose_by_pattern),
        TEST(the_end_is_told_after_the_last_row),
        TEST(what_begins_and_ends_between_two_turns_is_seen),
        TEST(a_restart_between_two_turns_loses_nothing),
        TEST(a_restart_with_another_interval_takes_the_old_ring_along),
        TEST(other_fields_make_another_series),
        TEST(a_rename_is_told_and_keeps_its_place),
        TEST(a_series_that_is_removed_ends),
        TEST(rows_overwritten_before_their_turn_are_counted),
        TEST(more_rows_than_a_batch_holds_all_come),
        TEST(a_tail_that_is_let_go_tells_all_ends_and_holds_no_rings),
        TEST(all_series_are_visited_without_holding_the_registry),
        TEST(the_newest_row_is_known_for_five_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

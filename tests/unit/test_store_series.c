/* Series through the store: rings, journal, files and back, with turns made by hand. */
#include "store_fixture.h"

#include "store/file_rows.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int setup(void **state)
{
    struct store_fixture *f = malloc(sizeof(*f));
    fixture_begin(f);
    fixture_open(f, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct store_fixture *f = *state;
    if (f->store)
        fixture_close(f);
    fixture_end(f);
    free(f);
    return 0;
}

enum { T0 = 1700000000 };

/* Rows of [from, to) are there, and what the fixture wrote: the gauge, and the counter's rate. */
static void assert_rows(const struct answer *a, int64_t from_s, int64_t to_s)
{
    assert_int_equal(a->error, 0);
    assert_int_equal(a->step_ms, 1000);
    size_t checked = 0;
    for (size_t i = 0; i < a->count; i++) {
        /* A step [t, t + 1 s) is told by the row at its end. */
        int64_t end_s = a->times_ms[i] / 1000 + 1;
        if (end_s < from_s || end_s >= to_s)
            continue;
        checked++;
        if (a->values[i] != (double)(end_s % 100))
            fail_msg("cpu at %lld is %g", (long long)end_s, a->values[i]);
        double rate = a->values[a->count + i];
        if (end_s > from_s && fabs(rate - 10) > 1e-6)
            fail_msg("rate at %lld is %g", (long long)end_s, rate);
    }
    assert_int_equal(checked, to_s - from_s);
}

static void recent_rows_are_answered_from_the_ring(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 100);
    struct answer a = fixture_query(f, 1, T0 + 10, T0 + 90, 300, STORE_AVERAGE);
    assert_rows(&a, T0 + 11, T0 + 91);
    answer_fini(&a);
    struct link_state link;
    link_state(f->store->link, &link);
    assert_int_equal(link.reads_from_ring, 1);
}

static uint64_t reads_from_file(const struct store_fixture *f)
{
    struct link_state link;
    link_state(f->store->link, &link);
    return link.reads_from_file;
}

/* Not every file system says whether it would have to wait. */
static bool can_read_here(const struct store_fixture *f, const char *name)
{
    char path[512];
    struct file_rows file;
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    if (file_rows_open(&file, path, 2))
        return false;
    file_rows_close(&file);
    return true;
}

static void old_rows_come_from_the_file_and_new_ones_from_the_ring(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    for (int i = 0; i < 30; i++) {
        fixture_rows(series, T0 + 20 * i, 20);
        f->clock.now_wall_ms = 1000LL * (T0 + 20 * i + 20);
        fixture_tick(f);
    }
    assert_true(file_exists(f, "rrd/gns3.node/a/PC1.rrd"));
    struct answer a = fixture_query(f, 1, T0, T0 + 600, 1000, STORE_AVERAGE);
    assert_rows(&a, T0 + 1, T0 + 600);
    answer_fini(&a);
    assert_int_equal(reads_from_file(f), can_read_here(f, "rrd/gns3.node/a/PC1.rrd"));
}

static void many_rows_become_few_points(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    for (int i = 0; i < 30; i++) {
        fixture_rows(series, T0 + 20 * i, 20);
        f->clock.now_wall_ms = 1000LL * (T0 + 20 * i + 20);
        fixture_tick(f);
    }
    struct answer a = fixture_query(f, 1, T0, T0 + 600, 6, STORE_AVERAGE);
    assert_int_equal(a.step_ms, 100000);
    assert_int_equal(a.count, 6);
    for (size_t i = 1; i < 5; i++) {
        assert_float_equal(a.values[i], 49.5, 0.01);
        assert_float_equal(a.values[6 + i], 10, 1e-6);
    }
    answer_fini(&a);
    a = fixture_query(f, 1, T0, T0 + 600, 6, STORE_MAX);
    assert_float_equal(a.values[2], 99, 0.6);
    answer_fini(&a);
    a = fixture_query(f, 1, T0, T0 + 600, 6, STORE_MIN);
    assert_float_equal(a.values[2], 0, 0.6);
    answer_fini(&a);
}

static void silence_is_a_gap(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 10);
    fixture_rows(series, T0 + 30, 10);
    struct answer a = fixture_query(f, 1, T0 + 2, T0 + 40, 100, STORE_AVERAGE);
    for (size_t i = 0; i < a.count; i++) {
        int64_t end_s = a.times_ms[i] / 1000 + 1;
        bool known = end_s < T0 + 10 || (end_s >= T0 + 30 && end_s < T0 + 40);
        assert_int_equal(isnan(a.values[i]), !known);
    }
    answer_fini(&a);
}

static void a_counter_that_falls_is_a_gap_and_no_spike(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 10);
    for (int i = 10; i < 20; i++)
        metric_set(series, 1000LL * (T0 + i), (double[]){1, 10.0 * i});
    struct answer a = fixture_query(f, 1, T0 + 1, T0 + 19, 100, STORE_AVERAGE);
    const double *rate = a.values + a.count;
    for (size_t i = 0; i < a.count; i++) {
        int64_t end_s = a.times_ms[i] / 1000 + 1;
        if (end_s == T0 + 10)
            assert_true(isnan(rate[i]));
        else
            assert_float_equal(rate[i], 10, 1e-6);
    }
    answer_fini(&a);
}

static void a_closed_store_has_everything_in_files(void **state)
{
    struct store_fixture *f = *state;
    fixture_rows(fixture_series(f, "PC1"), T0, 100);
    fixture_close(f);
    fixture_open(f, NULL);
    struct answer a = fixture_query(f, 1, T0 + 1, T0 + 99, 1000, STORE_AVERAGE);
    assert_rows(&a, T0 + 2, T0 + 100);
    answer_fini(&a);
}

static void a_renamed_series_takes_its_file_along(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 60);
    fixture_tick(f);
    const struct gw_label labels[] = {{"server", "a"}, {"node", "Router 7/0"}, {0}};
    assert_int_equal(metric_relabel(series, labels), 0);
    fixture_rows(series, T0 + 60, 60);
    fixture_tick(f);
    assert_false(file_exists(f, "rrd/gns3.node/a/PC1.rrd"));
    fixture_close(f);
    fixture_open(f, NULL);
    struct answer a = fixture_query(f, 1, T0 + 1, T0 + 119, 1000, STORE_AVERAGE);
    assert_rows(&a, T0 + 2, T0 + 120);
    answer_fini(&a);
}

static void an_ended_series_gives_its_ring_back_when_it_is_filed(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 10);
    metric_end(series);
    fixture_tick(f);
    fixture_tick(f);
    assert_true(file_exists(f, "rrd/gns3.node/a/PC1.rrd"));
    metric_release(f->metric, f->bus); /* takes back what is released */
    double *rows;
    size_t count;
    int64_t oldest;
    assert_int_equal(metric_recent(f->metric, 1, 0, INT64_MAX, &rows, &count, &oldest), 0);
    assert_null(rows);
    struct answer a = fixture_query(f, 1, T0 + 1, T0 + 9, 1000, STORE_AVERAGE);
    assert_rows(&a, T0 + 2, T0 + 10);
    answer_fini(&a);
}

static void an_unknown_series_is_not_found(void **state)
{
    struct store_fixture *f = *state;
    struct answer a = fixture_query(f, 4711, T0, T0 + 10, 10, STORE_AVERAGE);
    assert_int_equal(a.error, -ENOENT);
    struct store_read wrong = {1, 10, 10, 1, STORE_AVERAGE};
    assert_int_equal(store_query(f->store, &wrong, (store_rows_fn *)(uintptr_t)1, NULL), -EINVAL);
}

static void series_silent_too_long_are_removed_with_their_files(void **state)
{
    struct store_fixture *f = *state;
    struct gw_series *series = fixture_series(f, "PC1");
    fixture_rows(series, T0, 10);
    metric_end(series);
    fixture_tick(f);
    fixture_tick(f);
    assert_true(file_exists(f, "rrd/gns3.node/a/PC1.rrd"));
    fixture_advance_ms(f, 31LL * 86400 * 1000);
    struct series_info info;
    for (int i = 0; i < 100 && metric_find(f->metric, "1", &info) == 0; i++) {
        series_info_fini(&info);
        fixture_tick(f);
    }
    assert_int_equal(metric_find(f->metric, "1", &info), -ENOENT);
    fixture_tick(f);
    assert_false(file_exists(f, "rrd/gns3.node/a"));
}

int main(int argc, char **argv)
{
    store_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(recent_rows_are_answered_from_the_ring),
        T(old_rows_come_from_the_file_and_new_ones_from_the_ring),
        T(many_rows_become_few_points),
        T(silence_is_a_gap),
        T(a_counter_that_falls_is_a_gap_and_no_spike),
        T(a_closed_store_has_everything_in_files),
        T(a_renamed_series_takes_its_file_along),
        T(an_ended_series_gives_its_ring_back_when_it_is_filed),
        T(an_unknown_series_is_not_found),
        T(series_silent_too_long_are_removed_with_their_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

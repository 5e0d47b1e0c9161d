/* Numbers that outliers do not spoil. */
#include "unit.h"

#include "robust.h"

#include <math.h>
#include <stdlib.h>

static void median_and_deviation_ignore_one_wild_value(void **state)
{
    (void)state;
    double values[] = {9, 10, 11, 10, 9000};
    double median = robust_median(values, 5);
    assert_true(fabs(median - 10) < 1e-9);
    assert_true(fabs(robust_deviation(values, 5, median) - 1.4826) < 1e-9);
    assert_true(isnan(robust_median(values, 0)));
    double even[] = {4, 1, 3, 2};
    assert_true(fabs(robust_median(even, 4) - 2.5) < 1e-9);
}

static void the_slope_ignores_a_jump_that_went_away(void **state)
{
    (void)state;
    double x[20], y[20];
    for (size_t i = 0; i < 20; i++) {
        x[i] = (double)i;
        y[i] = 50 + 0.5 * (double)i;
    }
    y[3] = y[11] = 99;
    assert_true(fabs(robust_slope(x, y, 20) - 0.5) < 0.02);
    assert_true(isnan(robust_slope(x, y, 1)));
    double same[] = {1, 1};
    assert_true(isnan(robust_slope(same, y, 2)));
}

static void a_history_keeps_means_of_buckets_and_knows_gaps(void **state)
{
    (void)state;
    struct history history;
    assert_int_equal(history_init(&history, 1000, 5), 0);
    double values[5], ages[5];
    assert_int_equal(history_values(&history, 0, values, ages), 0);
    for (int i = 0; i < 4; i++)
        history_add(&history, 1000000 + 250 * i, i); /* mean 1.5 */
    history_add(&history, 1001000, 7);
    history_add(&history, 1000500, 99); /* too late */
    history_add(&history, 1001100, (double)NAN);
    history_add(&history, 1004000, 8); /* two seconds of nothing */
    assert_int_equal(history_values(&history, 0, values, ages), 2);
    assert_true(fabs(values[0] - 1.5) < 1e-9 && fabs(values[1] - 7) < 1e-9);
    assert_true(fabs(ages[0] - 3000) < 1e-9 && fabs(ages[1] - 2000) < 1e-9);
    for (int i = 5; i < 30; i++)
        history_add(&history, 1000000 + 1000 * i, i);
    assert_int_equal(history_values(&history, 0, values, NULL), 5);
    assert_true(fabs(values[0] - 24) < 1e-9 && fabs(values[4] - 28) < 1e-9);
    assert_int_equal(history_values(&history, 2, values, NULL), 2);
    history_add(&history, 9000000, 1); /* a gap longer than all of it */
    assert_int_equal(history_values(&history, 0, values, NULL), 0);
    history_fini(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_and_deviation_ignore_one_wild_value),
        cmocka_unit_test(the_slope_ignores_a_jump_that_went_away),
        cmocka_unit_test(a_history_keeps_means_of_buckets_and_knows_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What rules make of rows: windows, rates, changes, forecasts, hysteresis. Also matchers. */
#include "unit.h"

#include "match.h"
#include "value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t begin = 1795000000000;

static struct rule rule_of(enum rule_kind kind)
{
    return (struct rule){.kind = kind,
                         .op = OP_ABOVE,
                         .as = AS_AVERAGE,
                         .per_ms = 1000,
                         .warning = NAN,
                         .critical = NAN,
                         .clear = NAN,
                         .clear_critical = NAN,
                         .at_least = NAN,
                         .reaches = NAN};
}

static bool none(double value)
{
    return isnan(value) ? true : false;
}

/* The value after rows each 10 s, as a function of the second makes them. */
typedef double make_fn(double second);

static double after(const struct rule *rule, bool counter, make_fn *make, int64_t seconds)
{
    int64_t over;
    assert_true(rule_needs_samples(rule, &over));
    struct samples *samples = samples_new(over);
    double value = NAN;
    for (int64_t second = 0; second <= seconds; second += 10) {
        double now =
            value_step(rule, counter, samples, begin + second * 1000, make((double)second));
        value = none(now) && rule->kind == RULE_FORECAST ? value : now; /* NaN: as before */
    }
    free(samples);
    return value;
}

static double ramp(double second)
{
    return 50 + second / 100;
}

static double flat(double second)
{
    (void)second;
    return 7;
}

static double jump(double second)
{
    return second < 7200 ? 100 : 400;
}

static void a_window_has_average_least_and_greatest(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_THRESHOLD);
    rule.over_ms = 300000;
    assert_true(fabs(after(&rule, false, ramp, 3000) - (80 - 1.45)) < 0.15);
    rule.as = AS_MIN;
    assert_true(fabs(after(&rule, false, ramp, 3000) - 77.1) < 0.15);
    rule.as = AS_MAX;
    assert_true(fabs(after(&rule, false, ramp, 3000) - 80) < 0.01);
}

static void a_window_that_is_half_empty_says_nothing(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_THRESHOLD);
    rule.over_ms = 300000;
    assert_true(none(after(&rule, false, flat, 140)));
    assert_false(none(after(&rule, false, flat, 150)));
}

static void a_long_window_has_the_average_of_all_its_rows(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_THRESHOLD);
    rule.over_ms = 86400000;
    const double expected = 50 + (172800.0 - 43200.0) / 100;
    assert_true(fabs(after(&rule, false, ramp, 172800) - expected) < 864 * 0.02);
}

static void growth_is_measured_per_the_unit_of_time_asked_for(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_RATE);
    rule.over_ms = 300000;
    assert_true(fabs(after(&rule, false, ramp, 3000) - 0.01) < 1e-6);
    rule.per_ms = 3600000;
    assert_true(fabs(after(&rule, false, ramp, 3000) - 36) < 1e-3);
    assert_true(fabs(after(&rule, true, flat, 3000) - 7 * 3600) < 1e-6);
}

static void a_change_is_against_what_was_before_the_window(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_CHANGE);
    rule.over_ms = 300000;
    rule.baseline_ms = 3600000;
    assert_true(fabs(after(&rule, false, jump, 7100)) < 1e-9);
    assert_true(fabs(after(&rule, false, jump, 7500) - 300) < 15);
    rule.absolute = true;
    assert_true(fabs(after(&rule, false, jump, 7500) - 300) < 15);
    rule.at_least = 500;
    assert_true(fabs(after(&rule, false, jump, 7500)) < 1e-9);
}

static void a_forecast_is_the_time_until_the_line_gets_there(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_FORECAST);
    rule.over_ms = 3600000;
    rule.reaches = 100;
    assert_true(fabs(after(&rule, false, ramp, 3600) - 1400) < 70);
    assert_true(after(&rule, false, flat, 3600) > 1e300);
    rule.at_least = 90;
    assert_true(after(&rule, false, ramp, 3600) > 1e300);
    rule.at_least = NAN;
    rule.reaches = 60;
    assert_true(after(&rule, false, ramp, 3600) < 1e-9);
}

static double step_up(double second)
{
    return second < 2000 ? 40 : 97;
}

static void a_step_is_no_trend(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_FORECAST);
    rule.over_ms = 3600000;
    rule.reaches = 100;
    for (int64_t seconds = 2000; seconds < 6000; seconds += 200)
        assert_true(after(&rule, false, step_up, seconds) > 1e300);
}

static void a_line_that_falls_reaches_what_is_below(void **state)
{
    (void)state;
    struct samples *samples = samples_new(3600000);
    struct rule rule = rule_of(RULE_FORECAST);
    double value = NAN;
    rule.over_ms = 3600000;
    rule.reaches = 0;
    for (int64_t second = 0; second <= 3600; second += 10) {
        double now =
            value_step(&rule, false, samples, begin + second * 1000, 100 - (double)second / 100);
        value = none(now) ? value : now;
    }
    assert_true(fabs(value - 6400) < 70);
    free(samples);
}

static void gaps_and_missing_values_are_left_out(void **state)
{
    (void)state;
    struct samples *samples = samples_new(60000);
    struct samples_sum sum;
    samples_add(samples, begin, 1);
    samples_add(samples, begin + 1000, NAN);
    samples_add(samples, begin + 2000, 3);
    samples_sum(samples, begin - 60000, begin + 2000, &sum);
    assert_true(fabs(sum.mean - 2) < 1e-9);
    assert_int_equal(sum.rows, 2);
    samples_add(samples, begin + 3600000, 9); /* after a gap the window begins anew */
    assert_false(samples_cover(samples, begin + 3600000, 0.5));
    samples_sum(samples, begin + 3540000, begin + 3600000, &sum);
    assert_true(fabs(sum.mean - 9) < 1e-9);
    samples_sum(samples, begin + 7200000, begin + 7260000, &sum);
    assert_true(none(sum.mean));
    free(samples);
}

static void hysteresis_keeps_a_level_until_its_clear_value(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_THRESHOLD);
    rule.warning = 90;
    rule.clear = 80;
    rule.critical = 98;
    rule.clear_critical = 95;
    static const struct {
        double value;
        enum level level;
    } line[] = {{85, LEVEL_OK},      {90, LEVEL_OK},       {90.1, LEVEL_WARNING},
                {85, LEVEL_WARNING}, {99, LEVEL_CRITICAL}, {96, LEVEL_CRITICAL},
                {95, LEVEL_WARNING}, {97, LEVEL_WARNING},  {80.1, LEVEL_WARNING},
                {80, LEVEL_OK},      {85, LEVEL_OK}};
    enum level level = LEVEL_OK;
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        level = value_level(&rule, line[i].value, level);
        assert_int_equal(level, line[i].level);
    }
}

static void a_rule_with_a_critical_limit_alone_clears_by_clear(void **state)
{
    (void)state;
    struct rule rule = rule_of(RULE_THRESHOLD);
    rule.op = OP_BELOW;
    rule.critical = 10;
    rule.clear = 20;
    assert_int_equal(value_level(&rule, 15, LEVEL_OK), LEVEL_OK);
    assert_int_equal(value_level(&rule, 9, LEVEL_OK), LEVEL_CRITICAL);
    assert_int_equal(value_level(&rule, 15, LEVEL_CRITICAL), LEVEL_CRITICAL);
    assert_int_equal(value_level(&rule, 20, LEVEL_CRITICAL), LEVEL_OK);
}

/* ---- Matchers -------------------------------------------------------------------------------- */

static bool fits(const char *text, const struct labels *labels)
{
    struct matchers matchers = {0};
    char why[200];
    assert_int_equal(matchers_add(&matchers, text, why, sizeof why), 0);
    bool fit = matchers_fit(&matchers, labels);
    matchers_fini(&matchers);
    return fit;
}

static void matchers_fit_whole_values(void **state)
{
    (void)state;
    struct labels labels = {0};
    labels_set(&labels, "node", "PC1");
    labels_set(&labels, "project", "net-a");
    assert_true(fits("node=PC1", &labels));
    assert_true(fits(" node = \"PC1\" ", &labels));
    assert_false(fits("node=PC", &labels));
    assert_true(fits("node!=PC2", &labels));
    assert_true(fits("project=~net-.*", &labels));
    assert_false(fits("project=~net", &labels));
    assert_true(fits("project=~net-a|net-b", &labels));
    assert_false(fits("project!~net-.*", &labels));
    assert_true(fits("absent=", &labels));
    assert_true(fits("absent!=x", &labels));
    assert_false(fits("absent=~.+", &labels));
    labels_fini(&labels);
}

static void a_wrong_matcher_is_told_with_what_is_wrong(void **state)
{
    (void)state;
    struct matchers matchers = {0};
    char why[300] = "";
    static const char *const wrong[] = {"", "node", "=x", "node=~(", "no de=x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(matchers_add(&matchers, wrong[i], why, sizeof why), -22);
    assert_non_null(strstr(why, "'no de=x'"));
    assert_int_equal(matchers.count, 0);
    matchers_fini(&matchers);
}

static void labels_are_sorted_replaced_and_removed(void **state)
{
    (void)state;
    struct labels labels = {0};
    labels_set(&labels, "b", "2");
    labels_set(&labels, "a", "1");
    labels_set(&labels, "b", "3");
    assert_int_equal(labels.count, 2);
    assert_string_equal(labels.at[0].name, "a");
    assert_string_equal(labels_get(&labels, "b"), "3");
    labels_set(&labels, "a", "");
    assert_string_equal(labels_get(&labels, "a"), "");
    assert_int_equal(labels.count, 1);
    labels_fini(&labels);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_has_average_least_and_greatest),
        cmocka_unit_test(a_window_that_is_half_empty_says_nothing),
        cmocka_unit_test(a_long_window_has_the_average_of_all_its_rows),
        cmocka_unit_test(growth_is_measured_per_the_unit_of_time_asked_for),
        cmocka_unit_test(a_change_is_against_what_was_before_the_window),
        cmocka_unit_test(a_forecast_is_the_time_until_the_line_gets_there),
        cmocka_unit_test(a_step_is_no_trend),
        cmocka_unit_test(a_line_that_falls_reaches_what_is_below),
        cmocka_unit_test(gaps_and_missing_values_are_left_out),
        cmocka_unit_test(hysteresis_keeps_a_level_until_its_clear_value),
        cmocka_unit_test(a_rule_with_a_critical_limit_alone_clears_by_clear),
        cmocka_unit_test(matchers_fit_whole_values),
        cmocka_unit_test(a_wrong_matcher_is_told_with_what_is_wrong),
        cmocka_unit_test(labels_are_sorted_replaced_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

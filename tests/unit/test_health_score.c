/* The arithmetic of scores: what must hold for any factors, tried on many. */
#include "unit.h"

#include "rollup.h"
#include "score.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 20000, FACTORS = 8 };

static double chance(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (double)(*seed >> 8) / (1 << 24);
}

static void any_factors(struct factor_value *factors, unsigned *seed)
{
    for (size_t i = 0; i < FACTORS; i++)
        factors[i] = (struct factor_value){.weight = floor(chance(seed) * 101),
                                           .badness = chance(seed) < 0.5 ? 0 : chance(seed),
                                           .known = chance(seed) < 0.8 ? 1 : 0};
}

static struct verdict judge(const struct factor_value *factors, double *points)
{
    return score_judge(factors, FACTORS, 50, 60, points);
}

static void points_add_up_and_scores_stay_within_bounds(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        struct factor_value factors[FACTORS];
        double points[FACTORS], sum = 0;
        int tenths[FACTORS], whole = 0;
        any_factors(factors, &seed);
        struct verdict verdict = judge(factors, points);
        assert_true(verdict.score >= -1 && verdict.score <= 100);
        assert_true(verdict.loss >= 0 && verdict.loss <= 100);
        assert_true(verdict.coverage >= 0 && verdict.coverage <= 100);
        for (size_t i = 0; i < FACTORS; i++) {
            assert_true(points[i] >= 0 && points[i] <= factors[i].weight + 1e-9);
            sum += points[i];
        }
        assert_true(fabs(sum - verdict.loss) < 1e-6);
        if (verdict.score < 0)
            continue;
        score_tenths(points, FACTORS, 100 - verdict.score, tenths);
        for (size_t i = 0; i < FACTORS; i++) {
            assert_true(tenths[i] >= 0);
            whole += tenths[i];
        }
        assert_int_equal(whole, verdict.loss > 0 ? 10 * (100 - verdict.score) : 0);
    }
}

static void a_factor_that_gets_worse_never_raises_a_score(void **state)
{
    (void)state;
    unsigned seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        struct factor_value factors[FACTORS];
        double points[FACTORS];
        any_factors(factors, &seed);
        struct verdict before = judge(factors, points);
        size_t which = (size_t)(chance(&seed) * FACTORS);
        factors[which].badness += (1 - factors[which].badness) * chance(&seed);
        struct verdict after = judge(factors, points);
        assert_true(after.loss >= before.loss - 1e-9);
        if (before.score >= 0)
            assert_true(after.score <= before.score);
    }
}

static void what_becomes_unknown_never_raises_a_score_and_lowers_coverage(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (int round = 0; round < ROUNDS; round++) {
        struct factor_value factors[FACTORS];
        double points[FACTORS];
        any_factors(factors, &seed);
        struct verdict before = judge(factors, points);
        factors[(size_t)(chance(&seed) * FACTORS)].known = 0;
        struct verdict after = judge(factors, points);
        assert_true(after.coverage <= before.coverage + 1e-9);
        if (after.score >= 0 && before.score >= 0)
            assert_true(after.score <= before.score);
        assert_true(after.loss >= before.loss - 1e-9);
    }
}

static void what_is_hardly_known_has_no_score_unless_it_is_bad(void **state)
{
    (void)state;
    double points[2];
    struct factor_value factors[2] = {{.weight = 40, .known = 1}, {.weight = 60}};
    struct verdict verdict = score_judge(factors, 2, 50, 60, points);
    assert_int_equal(verdict.score, SCORE_UNKNOWN);
    assert_true(fabs(verdict.coverage - 40) < 1e-9);
    factors[0] = (struct factor_value){.weight = 100, .known = 1, .badness = 1};
    factors[1].weight = 100;
    verdict = score_judge(factors, 2, 90, 60, points);
    assert_int_equal(verdict.score, 0);
    assert_true(verdict.coverage >= 100); /* nothing that is unknown can change it */
    verdict = score_judge(NULL, 0, 0, 60, points);
    assert_int_equal(verdict.score, SCORE_UNKNOWN);
}

static void a_small_loss_is_at_least_one_point(void **state)
{
    (void)state;
    double points[1];
    struct factor_value factor = {.weight = 100, .known = 1, .badness = 0.002};
    assert_int_equal(score_judge(&factor, 1, 50, 60, points).score, 99);
    factor.badness = 0.0001;
    assert_int_equal(score_judge(&factor, 1, 50, 60, points).score, 100);
}

static void one_dead_of_a_hundred_shows_but_does_not_drown(void **state)
{
    (void)state;
    struct child children[100];
    double shares[100];
    for (size_t i = 0; i < 100; i++)
        children[i] = (struct child){.weight = 1, .known = 1};
    assert_true(rollup_join(children, 100, shares).loss <= 0);
    children[42].loss = 1;
    struct rollup rollup = rollup_join(children, 100, shares);
    assert_true(fabs(rollup.loss - 0.1) < 1e-9);
    assert_true(fabs(shares[42] - 1) < 1e-9);
    for (size_t i = 0; i < 100; i++)
        children[i].loss = 1;
    assert_true(fabs(rollup_join(children, 100, shares).loss - 1) < 1e-9);
    assert_true(rollup_join(NULL, 0, NULL).known >= 1);
}

static void rollups_lie_between_the_mean_and_the_worst_and_grow_with_each_loss(void **state)
{
    (void)state;
    unsigned seed = 4;
    for (int round = 0; round < ROUNDS; round++) {
        struct child children[FACTORS];
        double shares[FACTORS], weights = 0, mean = 0, worst = 0, sum = 0;
        for (size_t i = 0; i < FACTORS; i++) {
            children[i] = (struct child){.weight = floor(chance(&seed) * 5),
                                         .loss = chance(&seed) < 0.4 ? 0 : chance(&seed),
                                         .known = chance(&seed)};
            weights += children[i].weight;
            mean += children[i].weight * children[i].loss;
            if (children[i].weight > 0)
                worst = fmax(worst, children[i].loss);
        }
        struct rollup before = rollup_join(children, FACTORS, shares);
        for (size_t i = 0; i < FACTORS; i++)
            sum += shares[i];
        assert_true(weights <= 0 || before.loss >= mean / weights - 1e-9);
        assert_true(before.loss <= worst + 1e-9);
        assert_true(before.loss > 0 ? fabs(sum - 1) < 1e-9 : sum <= 0);
        children[(size_t)(chance(&seed) * FACTORS)].loss = 1;
        assert_true(rollup_join(children, FACTORS, NULL).loss >= before.loss - 1e-9);
    }
}

static void how_nodes_are_divided_into_projects_does_not_matter(void **state)
{
    (void)state;
    struct child flat[12], parts[2], halves[2][6];
    for (size_t i = 0; i < 12; i++) {
        flat[i] = (struct child){.weight = 1, .loss = i % 5 ? 0 : 0.7, .known = 1};
        halves[i / 6][i % 6] = flat[i];
    }
    for (size_t i = 0; i < 2; i++)
        parts[i] =
            (struct child){.weight = 6, .loss = rollup_join(halves[i], 6, NULL).loss, .known = 1};
    assert_true(fabs(rollup_join(parts, 2, NULL).loss - rollup_join(flat, 12, NULL).loss) < 1e-9);
}

static void a_level_falls_at_once_and_rises_only_beyond_its_threshold(void **state)
{
    (void)state;
    assert_int_equal(score_level(90, LEVEL_UNKNOWN, 3), LEVEL_GOOD);
    assert_int_equal(score_level(89, LEVEL_GOOD, 3), LEVEL_FAIR);
    assert_int_equal(score_level(91, LEVEL_FAIR, 3), LEVEL_FAIR);
    assert_int_equal(score_level(93, LEVEL_FAIR, 3), LEVEL_GOOD);
    assert_int_equal(score_level(100, LEVEL_BAD, 20), LEVEL_GOOD);
    assert_int_equal(score_level(72, LEVEL_BAD, 3), LEVEL_POOR);
    assert_int_equal(score_level(41, LEVEL_BAD, 3), LEVEL_BAD);
    assert_int_equal(score_level(39, LEVEL_GOOD, 3), LEVEL_BAD);
    assert_int_equal(score_level(SCORE_UNKNOWN, LEVEL_GOOD, 3), LEVEL_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_add_up_and_scores_stay_within_bounds),
        cmocka_unit_test(a_factor_that_gets_worse_never_raises_a_score),
        cmocka_unit_test(what_becomes_unknown_never_raises_a_score_and_lowers_coverage),
        cmocka_unit_test(what_is_hardly_known_has_no_score_unless_it_is_bad),
        cmocka_unit_test(a_small_loss_is_at_least_one_point),
        cmocka_unit_test(one_dead_of_a_hundred_shows_but_does_not_drown),
        cmocka_unit_test(rollups_lie_between_the_mean_and_the_worst_and_grow_with_each_loss),
        cmocka_unit_test(how_nodes_are_divided_into_projects_does_not_matter),
        cmocka_unit_test(a_level_falls_at_once_and_rises_only_beyond_its_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

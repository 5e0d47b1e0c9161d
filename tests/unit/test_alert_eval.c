/* The state machine of one alert: time lines in, levels out. */
#include "unit.h"

#include "eval.h"

#include <string.h>

/* A letter a second: what is wanted (. ok, u unknown, w warning, c critical), and under it what
 * the level is after it (p: pending). */
static char letter(const struct eval *eval)
{
    static const char levels[] = " .uwc";
    return eval->level == LEVEL_OK && eval_pending(eval) ? 'p' : levels[eval->level];
}

static enum level wanted(char letter)
{
    return letter == 'c'   ? LEVEL_CRITICAL
           : letter == 'w' ? LEVEL_WARNING
           : letter == 'u' ? LEVEL_UNKNOWN
                           : LEVEL_OK;
}

static void line(const struct eval_times *times, const char *in, const char *level,
                 const char *loud)
{
    static const char levels[] = " .uwc";
    char got[100] = "", told[100] = "";
    struct eval eval;
    eval_init(&eval);
    for (size_t i = 0; in[i]; i++) {
        eval_step(&eval, times, wanted(in[i]), 1000000 + 1000 * (int64_t)i);
        got[i] = letter(&eval);
        told[i] = levels[eval.loud];
    }
    assert_string_equal(got, level);
    if (loud)
        assert_string_equal(told, loud);
}

static void without_times_the_level_is_what_is_wanted(void **state)
{
    (void)state;
    struct eval_times times = {.multiplier = 1};
    line(&times, ".wwc.u.cw.", ".wwc.u.cw.", ".wwc.u.cw.");
}

static void it_fires_only_when_it_has_held_for_as_long_as_for_says(void **state)
{
    (void)state;
    struct eval_times times = {.for_ms = 3000, .critical_for_ms = 3000};
    line(&times, "www.wwww.", "ppp.pppw.", ".......w.");
    line(&times, "wwwwwww", "pppwwww", "...wwww");
}

static void critical_has_a_for_of_its_own(void **state)
{
    (void)state;
    struct eval_times times = {.for_ms = 2000, .critical_for_ms = 4000};
    line(&times, "cccccc", "ppwwcc", NULL);
    line(&times, "wwccccccw", "ppwwwwccw", NULL);
}

static void a_jump_to_critical_fires_as_critical_at_once_when_both_have_held(void **state)
{
    (void)state;
    struct eval_times times = {.for_ms = 2000, .critical_for_ms = 2000};
    line(&times, "cccc..", "ppcc..", NULL);
    line(&times, "wccc", "ppwc", NULL);
}

static void it_keeps_firing_for_a_while_after_it_last_held(void **state)
{
    (void)state;
    struct eval_times times = {.keep_ms = 3000};
    line(&times, "w..w....", "wwwwww..", NULL);
    line(&times, "c.w.....", "cccww...", NULL);
}

static void a_delay_hides_what_passes_within_it(void **state)
{
    (void)state;
    struct eval_times times = {.delay_up_ms = 2000, .delay_down_ms = 3000, .multiplier = 1};
    line(&times, "w.....", "w.....", "......");
    line(&times, "wwww......", "wwww......", "..wwwww...");
}

static void a_delay_grows_while_it_flaps_and_has_an_end(void **state)
{
    (void)state;
    struct eval_times times = {
        .delay_up_ms = 1000, .delay_down_ms = 2000, .delay_max_ms = 6000, .multiplier = 2};
    /* Up after 1 s; down, and up within the 2 s of that: 2 s; down within these: 8 s, held to 6. */
    line(&times, "ww.w..........", "ww.w..........", ".wwwwwwwww....");
}

static void unknown_is_a_level_of_its_own_below_warning(void **state)
{
    (void)state;
    struct eval_times times = {.multiplier = 1};
    line(&times, "uwcu.", "uwcu.", NULL);
}

static void time_in_which_nobody_looked_does_not_count(void **state)
{
    (void)state;
    struct eval_times times = {.for_ms = 10000, .critical_for_ms = 10000};
    struct eval eval;
    eval_init(&eval);
    eval_step(&eval, &times, LEVEL_WARNING, 1000);
    eval_step(&eval, &times, LEVEL_WARNING, 5000);
    eval_shift(&eval, 3600000);
    eval_step(&eval, &times, LEVEL_WARNING, 3606000);
    assert_true(eval_pending(&eval));
    eval_step(&eval, &times, LEVEL_WARNING, 3611000);
    assert_int_equal(eval.level, LEVEL_WARNING);
}

static void names_and_levels_are_the_same(void **state)
{
    (void)state;
    for (enum level level = LEVEL_UNKNOWN; level <= LEVEL_CRITICAL; level++)
        assert_int_equal(level_from(level_name(level)), level);
    assert_int_equal(level_from("fine"), LEVEL_OK);
    assert_int_equal(level_from(NULL), LEVEL_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_times_the_level_is_what_is_wanted),
        cmocka_unit_test(it_fires_only_when_it_has_held_for_as_long_as_for_says),
        cmocka_unit_test(critical_has_a_for_of_its_own),
        cmocka_unit_test(a_jump_to_critical_fires_as_critical_at_once_when_both_have_held),
        cmocka_unit_test(it_keeps_firing_for_a_while_after_it_last_held),
        cmocka_unit_test(a_delay_hides_what_passes_within_it),
        cmocka_unit_test(a_delay_grows_while_it_flaps_and_has_an_end),
        cmocka_unit_test(unknown_is_a_level_of_its_own_below_warning),
        cmocka_unit_test(time_in_which_nobody_looked_does_not_count),
        cmocka_unit_test(names_and_levels_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

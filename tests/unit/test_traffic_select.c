/* Which project the traffic switch selects, and when a lab is idle: functions of facts and time. */
#include "unit.h"

#include "traffic/idle.h"
#include "traffic/select.h"

#include <math.h>
#include <string.h>

enum { A, B, C, COUNT, SECOND = 1000, MINUTE = 60000 };

struct world {
    struct select_rules rules;
    struct selection now;
    struct candidate all[COUNT];
    struct decision decision;
    int64_t now_ms;
};

static struct world world(void)
{
    struct world w = {.rules = {.dwell_ms = 30 * SECOND,
                                .leave_ms = 10 * SECOND,
                                .cooldown_ms = 60 * SECOND,
                                .starve_ms = 10 * MINUTE,
                                .margin = 5},
                      .now = {.mode = SELECT_AUTO},
                      .now_ms = 1000000 * SECOND};
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < COUNT; i++)
        w.all[i] = (struct candidate){.id = names[i],
                                      .name = names[i],
                                      .opened = true,
                                      .watched = true,
                                      .priority = 5,
                                      .status = STATUS_IDLE};
    return w;
}

static void traffic_in(struct world *w, int i, double packets_s)
{
    w->all[i].status = STATUS_ACTIVE;
    w->all[i].packets_s = packets_s;
    w->all[i].last_traffic_ms = w->now_ms;
    if (w->all[i].active_since_ms == 0)
        w->all[i].active_since_ms = w->now_ms;
}

/* Decides and takes the decision over, as the plugin does. */
static ptrdiff_t decide(struct world *w)
{
    select_decide(&w->rules, &w->now, w->all, COUNT, w->now_ms, &w->decision);
    ptrdiff_t chosen = w->decision.chosen;
    const char *to = chosen >= 0 ? w->all[chosen].id : NULL;
    if ((to == NULL) != (w->now.current == NULL) || (to && strcmp(to, w->now.current) != 0))
        w->now.since_ms = w->now_ms;
    w->now.current = to;
    if (chosen >= 0)
        w->all[chosen].selected_ms = w->now_ms;
    assert_true(strlen(w->decision.text) > 0);
    return chosen;
}

static void later(struct world *w, int64_t ms)
{
    w->now_ms += ms;
    for (int i = 0; i < COUNT; i++)
        if (w->all[i].status == STATUS_ACTIVE)
            w->all[i].last_traffic_ms = w->now_ms;
}

static void without_traffic_nothing_is_selected(void **state)
{
    (void)state;
    struct world w = world();
    assert_int_equal(decide(&w), -1);
    w.all[A].status = STATUS_NO_DATA;
    assert_int_equal(decide(&w), -1);
}

static void the_project_with_traffic_is_selected(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, B, 10);
    assert_int_equal(decide(&w), B);
    assert_non_null(strstr(w.decision.text, "traffic"));
}

static void priority_counts_more_than_packets(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 1e6);
    traffic_in(&w, B, 3);
    w.all[B].priority = 6;
    assert_int_equal(decide(&w), B);
}

static void what_is_closed_or_not_watched_is_not_selected(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    traffic_in(&w, B, 10);
    w.all[A].opened = false;
    w.all[B].watched = false;
    assert_int_equal(decide(&w), -1);
    assert_string_equal(w.all[A].text, "closed");
    assert_string_equal(w.all[B].text, "not watched");
}

static void a_better_one_waits_until_the_dwell_is_over(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    assert_int_equal(decide(&w), A);
    traffic_in(&w, B, 10);
    w.all[B].priority = 9;
    later(&w, 29 * SECOND);
    assert_int_equal(decide(&w), A);
    assert_non_null(strstr(w.decision.text, "not for another 1 s"));
    later(&w, SECOND);
    assert_int_equal(decide(&w), B);
}

static void one_that_is_only_a_little_better_does_not_take_over(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    traffic_in(&w, B, 900);
    later(&w, 5 * MINUTE);
    assert_int_equal(decide(&w), A);
}

static void a_pause_is_no_reason_to_leave_but_silence_is(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    traffic_in(&w, B, 10);
    w.all[A].status = STATUS_IDLE;
    later(&w, 9 * SECOND);
    assert_int_equal(decide(&w), A);
    later(&w, 2 * SECOND);
    assert_int_equal(decide(&w), B);
    assert_non_null(strstr(w.decision.text, "no traffic for 11 s"));
}

static void the_last_one_stays_while_nothing_else_has_traffic(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    w.all[A].status = STATUS_IDLE;
    later(&w, 60 * MINUTE);
    assert_int_equal(decide(&w), A);
    w.all[A].opened = false;
    assert_int_equal(decide(&w), -1);
}

static void what_was_just_left_does_not_come_back_at_once(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    later(&w, 40 * SECOND);
    decide(&w);
    traffic_in(&w, B, 10);
    w.all[B].priority = 9;
    assert_int_equal(decide(&w), B);
    w.all[A].priority = 10;
    traffic_in(&w, C, 10);
    w.all[B].status = STATUS_IDLE;
    later(&w, 20 * SECOND);
    assert_int_equal(decide(&w), C); /* a is better, but cools down */
    later(&w, 70 * SECOND);
    assert_int_equal(decide(&w), A);
}

static void the_only_one_may_come_back_at_once(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    later(&w, 40 * SECOND);
    decide(&w);
    traffic_in(&w, B, 10);
    w.all[B].priority = 9;
    decide(&w);
    w.all[B].status = STATUS_IDLE;
    later(&w, 15 * SECOND);
    assert_int_equal(decide(&w), A);
}

static void everybody_with_traffic_has_a_turn(void **state)
{
    (void)state;
    struct world w = world();
    int64_t seen[COUNT] = {0};
    w.all[A].priority = 10;
    w.all[C].priority = 1;
    for (int i = 0; i < COUNT; i++)
        traffic_in(&w, i, 10);
    for (int64_t ms = 0; ms < 60 * MINUTE; ms += 2 * SECOND) {
        ptrdiff_t chosen = decide(&w);
        assert_true(chosen >= 0);
        seen[chosen] += 2 * SECOND;
        later(&w, 2 * SECOND);
    }
    assert_true(seen[A] > 50 * MINUTE - 2 * MINUTE); /* priority still says who has most of it */
    assert_true(seen[B] >= 2 * 30 * SECOND);
    assert_true(seen[C] >= 2 * 30 * SECOND);
}

static void it_never_changes_faster_than_the_dwell(void **state)
{
    (void)state;
    struct world w = world();
    int64_t changed = 0;
    const char *last = NULL;
    uint32_t random = 1;
    for (int i = 0; i < COUNT; i++)
        traffic_in(&w, i, 10);
    for (int turn = 0; turn < 20000; turn++) {
        random = random * 1664525 + 1013904223;
        w.all[(random >> 16) % COUNT].priority = 1 + (int)(random >> 24) % 10;
        decide(&w);
        if (w.now.current != last) {
            assert_true(last == NULL || w.now_ms - changed >= 30 * SECOND);
            changed = w.now_ms;
            last = w.now.current;
        }
        later(&w, 2 * SECOND);
    }
}

static void a_pin_holds_whatever_the_traffic_until_it_ends(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, B, 10);
    w.all[A].opened = false;
    w.now.pinned = "a";
    w.now.pinned_until_ms = w.now_ms + MINUTE;
    assert_int_equal(decide(&w), A);
    later(&w, MINUTE - 1);
    assert_int_equal(decide(&w), A);
    later(&w, 1);
    assert_int_equal(decide(&w), B);
    w.now.pinned = "gone";
    w.now.pinned_until_ms = INT64_MAX;
    assert_int_equal(decide(&w), B);
}

static void manual_stays_and_off_selects_nothing(void **state)
{
    (void)state;
    struct world w = world();
    traffic_in(&w, A, 10);
    decide(&w);
    w.now.mode = SELECT_MANUAL;
    traffic_in(&w, B, 10);
    w.all[B].priority = 10;
    later(&w, 60 * MINUTE);
    assert_int_equal(decide(&w), A);
    w.now.mode = SELECT_OFF;
    assert_int_equal(decide(&w), -1);
}

/* ---- Idle labs ------------------------------------------------------------------------------- */

static const struct idle_rules tell_only = {
    .after_ms = 60 * MINUTE, .warn_ms = 15 * MINUTE, .action = IDLE_NONE, .cpu_below = 20};
static const struct idle_rules stop_it = {
    .after_ms = 60 * MINUTE, .warn_ms = 15 * MINUTE, .action = IDLE_STOP, .cpu_below = 20};
static const struct idle_facts quiet = {.running = true, .status = STATUS_IDLE, .cpu_percent = 2};

static void a_quiet_lab_is_told_once_and_left_alone(void **state)
{
    (void)state;
    struct idle_state lab = {0};
    int told = 0;
    for (int64_t now = MINUTE; now < 600 * MINUTE; now += MINUTE) {
        enum idle_step step = idle_next(&tell_only, &quiet, &lab, now);
        assert_true(step == IDLE_STEP_NONE || step == IDLE_STEP_IDLE);
        told += step == IDLE_STEP_IDLE;
        assert_true(step == IDLE_STEP_NONE || now == 61 * MINUTE);
    }
    assert_int_equal(told, 1);
}

static void a_warning_comes_before_the_action_and_each_comes_once(void **state)
{
    (void)state;
    struct idle_state lab = {0};
    int64_t warned = 0, acted = 0;
    int steps = 0;
    for (int64_t now = MINUTE; now < 600 * MINUTE; now += MINUTE) {
        enum idle_step step;
        while ((step = idle_next(&stop_it, &quiet, &lab, now)) != IDLE_STEP_NONE) {
            steps++;
            warned = step == IDLE_STEP_WARN ? now : warned;
            acted = step == IDLE_STEP_ACT ? now : acted;
        }
    }
    assert_int_equal(steps, 3);
    assert_int_equal(warned, 61 * MINUTE);
    assert_int_equal(acted, 76 * MINUTE);
}

static enum idle_step after_hours(const struct idle_rules *rules, const struct idle_facts *facts)
{
    struct idle_state lab = {0};
    enum idle_step last = IDLE_STEP_NONE;
    for (int64_t now = MINUTE; now < 300 * MINUTE; now += MINUTE) {
        enum idle_step step = idle_next(rules, facts, &lab, now);
        last = step != IDLE_STEP_NONE ? step : last;
    }
    return last;
}

static void what_is_in_use_or_not_known_is_not_idle(void **state)
{
    (void)state;
    struct idle_facts facts = quiet;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_ACT);
    facts.status = STATUS_ACTIVE;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts.status = STATUS_NO_DATA;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts = quiet;
    facts.consoles = 1;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts.consoles = -1;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts = quiet;
    facts.cpu_percent = 21;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts.cpu_percent = NAN;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
    facts = quiet;
    facts.running = false;
    assert_int_equal(after_hours(&stop_it, &facts), IDLE_STEP_NONE);
}

static void what_is_not_known_counts_as_unused_where_the_file_says_so(void **state)
{
    (void)state;
    struct idle_rules rules = stop_it;
    struct idle_facts facts = quiet;
    rules.unknown_is_quiet = true;
    facts.consoles = -1;
    facts.cpu_percent = NAN;
    assert_int_equal(after_hours(&rules, &facts), IDLE_STEP_ACT);
    facts.status = STATUS_NO_DATA; /* but traffic nobody can see is never no traffic */
    assert_int_equal(after_hours(&rules, &facts), IDLE_STEP_NONE);
    facts.status = STATUS_IDLE;
    facts.consoles = 1;
    assert_int_equal(after_hours(&rules, &facts), IDLE_STEP_NONE);
}

static void use_after_the_warning_starts_all_over(void **state)
{
    (void)state;
    struct idle_state lab = {0};
    struct idle_facts used = quiet;
    used.consoles = 1;
    idle_next(&stop_it, &quiet, &lab, MINUTE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 61 * MINUTE), IDLE_STEP_IDLE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 61 * MINUTE), IDLE_STEP_WARN);
    assert_int_equal(idle_next(&stop_it, &used, &lab, 70 * MINUTE), IDLE_STEP_BUSY);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 80 * MINUTE), IDLE_STEP_NONE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 139 * MINUTE), IDLE_STEP_NONE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 140 * MINUTE), IDLE_STEP_IDLE);
}

static void a_lab_that_is_kept_is_warned_of_again_before_anything_is_done(void **state)
{
    (void)state;
    struct idle_state lab = {0};
    idle_next(&stop_it, &quiet, &lab, MINUTE);
    idle_next(&stop_it, &quiet, &lab, 61 * MINUTE);
    idle_next(&stop_it, &quiet, &lab, 61 * MINUTE);
    lab.kept_until_ms = 200 * MINUTE;
    lab.act_ms = 0;
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 199 * MINUTE), IDLE_STEP_NONE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 200 * MINUTE), IDLE_STEP_WARN);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 214 * MINUTE), IDLE_STEP_NONE);
    assert_int_equal(idle_next(&stop_it, &quiet, &lab, 215 * MINUTE), IDLE_STEP_ACT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_traffic_nothing_is_selected),
        cmocka_unit_test(the_project_with_traffic_is_selected),
        cmocka_unit_test(priority_counts_more_than_packets),
        cmocka_unit_test(what_is_closed_or_not_watched_is_not_selected),
        cmocka_unit_test(a_better_one_waits_until_the_dwell_is_over),
        cmocka_unit_test(one_that_is_only_a_little_better_does_not_take_over),
        cmocka_unit_test(a_pause_is_no_reason_to_leave_but_silence_is),
        cmocka_unit_test(the_last_one_stays_while_nothing_else_has_traffic),
        cmocka_unit_test(what_was_just_left_does_not_come_back_at_once),
        cmocka_unit_test(the_only_one_may_come_back_at_once),
        cmocka_unit_test(everybody_with_traffic_has_a_turn),
        cmocka_unit_test(it_never_changes_faster_than_the_dwell),
        cmocka_unit_test(a_pin_holds_whatever_the_traffic_until_it_ends),
        cmocka_unit_test(manual_stays_and_off_selects_nothing),
        cmocka_unit_test(a_quiet_lab_is_told_once_and_left_alone),
        cmocka_unit_test(a_warning_comes_before_the_action_and_each_comes_once),
        cmocka_unit_test(what_is_in_use_or_not_known_is_not_idle),
        cmocka_unit_test(what_is_not_known_counts_as_unused_where_the_file_says_so),
        cmocka_unit_test(use_after_the_warning_starts_all_over),
        cmocka_unit_test(a_lab_that_is_kept_is_warned_of_again_before_anything_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

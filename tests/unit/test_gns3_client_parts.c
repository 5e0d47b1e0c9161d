/* The parts of the GNS3 client that have no clock, dice or network of their own: breaker, retry,
 * budget, feed lines, credentials. */
#include "gns3/auth.h"
#include "gns3/breaker.h"
#include "gns3/budget.h"
#include "gns3/feed_lines.h"
#include "gns3/retry.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---- The breaker ---- */

static struct breaker open_breaker(int64_t now_ms, double random)
{
    struct breaker breaker;
    breaker_init(&breaker, 5, 60000, 600000);
    for (int i = 0; i < 5; i++)
        breaker_failure(&breaker, now_ms, random);
    return breaker;
}

static void a_closed_breaker_opens_at_the_fifth_failure_in_a_row(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, 5, 60000, 600000);
    for (int i = 0; i < 4; i++)
        breaker_failure(&breaker, 0, 0.5);
    breaker_success(&breaker); /* the row is broken */
    for (int i = 0; i < 4; i++)
        breaker_failure(&breaker, 0, 0.5);
    assert_true(breaker_allow(&breaker, 0));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    breaker_failure(&breaker, 0, 0.5);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_false(breaker_allow(&breaker, 0));
}

static void an_open_breaker_waits_the_share_the_dice_say(void **state)
{
    (void)state;
    struct breaker breaker = open_breaker(1000, 0.5);
    assert_false(breaker_allow(&breaker, 1000 + 29999));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_true(breaker_allow(&breaker, 1000 + 30000));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    breaker = open_breaker(1000, 0);
    assert_false(breaker_allow(&breaker, 1000 + 999)); /* never at once */
    assert_true(breaker_allow(&breaker, 1000 + 1000));
}

static void a_half_open_breaker_lets_exactly_one_through(void **state)
{
    (void)state;
    struct breaker breaker = open_breaker(0, 0.5);
    assert_true(breaker_allow(&breaker, 60000));
    for (int i = 0; i < 3; i++)
        assert_false(breaker_allow(&breaker, 60000 + i * 100000));
    breaker_withdraw(&breaker); /* cancelled: no verdict, so another one may */
    assert_true(breaker_allow(&breaker, 60000));
    assert_false(breaker_allow(&breaker, 60000));
    breaker_success(&breaker);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_true(breaker_allow(&breaker, 60000));
    assert_true(breaker_allow(&breaker, 60000));
}

static void each_failed_try_doubles_the_wait_up_to_ten_minutes(void **state)
{
    (void)state;
    const int64_t waits_ms[] = {60000, 120000, 240000, 480000, 600000, 600000, 600000};
    struct breaker breaker = open_breaker(0, 0.999999999);
    int64_t now_ms = 0;
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        assert_false(breaker_allow(&breaker, now_ms + waits_ms[i] - 2));
        now_ms += waits_ms[i];
        assert_true(breaker_allow(&breaker, now_ms));
        breaker_failure(&breaker, now_ms, 0.999999999);
        assert_int_equal(breaker.state, BREAKER_OPEN);
    }
    assert_true(breaker_allow(&breaker, now_ms + 600000));
    breaker_success(&breaker);
    breaker_failure(&breaker, 0, 0.5); /* one is not five again */
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void stragglers_do_not_move_an_open_breaker(void **state)
{
    (void)state;
    struct breaker breaker = open_breaker(0, 0.5);
    breaker_failure(&breaker, 20000, 0.9);
    breaker_success(&breaker);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_true(breaker_allow(&breaker, 30000));
}

static void a_hint_makes_an_open_breaker_half_open_and_no_other(void **state)
{
    (void)state;
    struct breaker breaker = open_breaker(0, 0.5);
    breaker_hint(&breaker);
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_true(breaker_allow(&breaker, 0));
    breaker_hint(&breaker);
    assert_false(breaker_allow(&breaker, 0)); /* the one try is still under way */
    breaker_success(&breaker);
    breaker_hint(&breaker);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

/* ---- Retries ---- */

static void the_pause_doubles_and_is_a_share_of_its_ceiling(void **state)
{
    (void)state;
    assert_int_equal(retry_pause_ms(200, 5000, 0, 0.5), 100);
    assert_int_equal(retry_pause_ms(200, 5000, 1, 0.5), 200);
    assert_int_equal(retry_pause_ms(200, 5000, 2, 0.5), 400);
    assert_int_equal(retry_pause_ms(200, 5000, 2, 0), 0);
    assert_int_equal(retry_pause_ms(200, 5000, 60, 0.5), 2500);
    assert_int_equal(retry_pause_ms(200, 5000, -1, 0.5), 100);
}

static void three_tries_and_no_more(void **state)
{
    (void)state;
    struct retry retry = {.tries = 1, .tries_max = 3, .deadline_ms = 100000};
    assert_int_equal(retry_next_ms(&retry, 0, 0.5), 100);
    retry.tries = 2;
    assert_int_equal(retry_next_ms(&retry, 0, 0.5), 200);
    retry.tries = 3;
    assert_int_equal(retry_next_ms(&retry, 0, 0.5), -1);
    retry = (struct retry){.tries = 1, .tries_max = 1, .deadline_ms = 100000};
    assert_int_equal(retry_next_ms(&retry, 0, 0.5), -1);
}

static void no_try_begins_after_the_deadline(void **state)
{
    (void)state;
    struct retry retry = {.tries = 1, .tries_max = 3, .deadline_ms = 1000};
    assert_int_equal(retry_next_ms(&retry, 880, 0.5), 100);
    assert_int_equal(retry_next_ms(&retry, 890, 0.5), -1);
    assert_int_equal(retry_next_ms(&retry, 1000, 0), -1);
}

static void the_dice_are_even_enough(void **state)
{
    (void)state;
    struct dice dice;
    dice_init(&dice);
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double roll = dice_roll(&dice);
        assert_true(roll >= 0 && roll < 1);
        sum += roll;
    }
    assert_true(sum > 4500 && sum < 5500); /* 17 standard deviations */
}

/* ---- The budget ---- */

static int taken_within(struct budget *budget, int64_t from_ms, int64_t to_ms)
{
    int taken = 0;
    for (int64_t now_ms = from_ms; now_ms < to_ms; now_ms += 5)
        while (budget_take(budget, now_ms) == 0)
            taken++;
    return taken;
}

static void the_mean_rate_is_kept_and_a_burst_is_one_second(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 10, 0);
    assert_int_equal(taken_within(&budget, 0, 5), 10);
    int taken = taken_within(&budget, 5, 10000);
    assert_true(taken >= 98 && taken <= 100);
    assert_int_equal(taken_within(&budget, 60000, 60005), 10); /* idleness is not saved up */
}

static void the_wait_it_says_is_enough(void **state)
{
    (void)state;
    struct budget budget;
    budget_init(&budget, 0.5, 0);
    assert_int_equal(budget_take(&budget, 0), 0);
    int64_t wait_ms = budget_take(&budget, 0);
    assert_true(wait_ms > 1990 && wait_ms <= 2001);
    assert_int_equal(budget_take(&budget, wait_ms), 0);
}

static void answer_times(struct budget *budget, int count, double latency_ms, int64_t *now_ms)
{
    for (int i = 0; i < count; i++)
        budget_observe(budget, latency_ms, *now_ms += 1000);
}

static void a_slow_server_is_polled_less_and_a_recovered_one_as_before(void **state)
{
    (void)state;
    struct budget budget;
    int64_t now_ms = 0;
    budget_init(&budget, 10, 0);
    answer_times(&budget, 20, 20, &now_ms);
    assert_false(budget_is_slow(&budget));
    assert_true(budget.rate == 10);
    answer_times(&budget, 4, 400, &now_ms); /* over five times its 20 ms */
    assert_true(budget_is_slow(&budget));
    assert_true(budget.rate < 10);
    answer_times(&budget, 4, 400, &now_ms);
    assert_true(budget.rate >= 10 / 8.0 && budget.rate < 2);
    answer_times(&budget, 40, 20, &now_ms);
    assert_false(budget_is_slow(&budget));
    assert_true(budget.rate == 10);
}

static void over_a_second_is_slow_whatever_the_baseline(void **state)
{
    (void)state;
    struct budget budget;
    int64_t now_ms = 0;
    budget_init(&budget, 10, 0);
    answer_times(&budget, 5, 1100, &now_ms);
    assert_true(budget_is_slow(&budget));
    assert_true(budget.rate < 10);
}

static void a_few_milliseconds_are_noise(void **state)
{
    (void)state;
    struct budget budget;
    int64_t now_ms = 0;
    budget_init(&budget, 10, 0);
    answer_times(&budget, 20, 1, &now_ms);
    answer_times(&budget, 20, 40, &now_ms);
    assert_false(budget_is_slow(&budget));
    assert_true(budget.rate == 10);
}

/* ---- Lines ---- */

struct heard {
    char text[256];
    int stop_after;
};

static bool on_line(const char *line, size_t bytes, void *data)
{
    struct heard *heard = data;
    size_t used = strlen(heard->text);
    snprintf(heard->text + used, sizeof(heard->text) - used, "%.*s|", (int)bytes, line);
    return --heard->stop_after != 0;
}

static void lines_are_the_same_however_they_are_cut(void **state)
{
    (void)state;
    const char *stream = "one\ntwo\r\n\n\r\nthree and more\n0123456789abcdefX\nlast\nrest";
    for (size_t piece = 1; piece <= strlen(stream); piece++) {
        struct heard heard = {0};
        struct feed_lines lines;
        feed_lines_init(&lines, 16);
        for (size_t at = 0; at < strlen(stream); at += piece) {
            size_t left = strlen(stream) - at;
            assert_true(
                feed_lines_add(&lines, stream + at, left < piece ? left : piece, on_line, &heard));
        }
        assert_string_equal(heard.text, "one|two|three and more|last|");
        assert_int_equal(lines.skipped, 1);
        feed_lines_fini(&lines);
    }
}

static void a_new_stream_does_not_go_on_with_the_old_half_line(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct feed_lines lines;
    feed_lines_init(&lines, 16);
    feed_lines_add(&lines, "half", 4, on_line, &heard);
    feed_lines_clear(&lines);
    feed_lines_add(&lines, "whole\n", 6, on_line, &heard);
    assert_string_equal(heard.text, "whole|");
    feed_lines_fini(&lines);
}

static void the_reader_can_stop_within_a_piece(void **state)
{
    (void)state;
    struct heard heard = {.stop_after = 2};
    struct feed_lines lines;
    feed_lines_init(&lines, 16);
    assert_false(feed_lines_add(&lines, "a\nb\nc\n", 6, on_line, &heard));
    assert_string_equal(heard.text, "a|b|");
    feed_lines_fini(&lines);
}

static void a_long_line_does_not_keep_its_memory(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct feed_lines lines;
    feed_lines_init(&lines, 1024 * 1024);
    char *long_line = malloc(500000);
    memset(long_line, 'x', 500000);
    feed_lines_add(&lines, long_line, 500000, on_line, &heard);
    assert_true(lines.room >= 500000);
    feed_lines_add(&lines, "\n", 1, on_line, &heard);
    assert_true(lines.room < 500000);
    free(long_line);
    feed_lines_fini(&lines);
}

/* ---- Credentials ---- */

static void the_basic_header_is_gns3s_to_the_letter(void **state)
{
    (void)state;
    struct auth auth;
    assert_int_equal(auth_init(&auth, "Aladdin", "open sesame"), 0); /* RFC 7617, section 2 */
    assert_string_equal(auth_header(&auth, 2), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_null(auth_header(&auth, 3));
    auth_fini(&auth);
    const char *const pairs[][3] = {
        {"a", "b", "YTpi"}, {"a", "bc", "YTpiYw=="}, {"a", "bcd", "YTpiY2Q="}, {"a", "", "YTo="}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_int_equal(auth_init(&auth, pairs[i][0], pairs[i][1]), 0);
        assert_string_equal(auth_header(&auth, 2) + strlen("Authorization: Basic "), pairs[i][2]);
        auth_fini(&auth);
    }
    assert_int_equal(auth_init(&auth, NULL, NULL), 0);
    assert_null(auth_header(&auth, 2));
    auth_fini(&auth);
}

static void a_token_is_taken_only_from_a_proper_answer(void **state)
{
    (void)state;
    struct auth auth;
    assert_int_equal(auth_init(&auth, "ann", "s"), 0);
    const char *bad[] = {"",
                         "[]",
                         "{}",
                         "{\"access_token\":1}",
                         "{\"access_token\":\"\"}",
                         "{\"access_token\":\"a\\r\\nX: y\"}",
                         "{\"access_token\":\"a b\"}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(auth_take_token(&auth, bad[i], strlen(bad[i])), -EBADMSG);
    assert_null(auth_header(&auth, 3));
    const char *good = "{\"access_token\":\"abc.def\",\"token_type\":\"bearer\"}";
    assert_int_equal(auth_take_token(&auth, good, strlen(good)), 0);
    assert_string_equal(auth_header(&auth, 3), "Authorization: Bearer abc.def");
    assert_int_equal(auth.generation, 1);
    auth_forget(&auth);
    assert_null(auth_header(&auth, 3));
    auth_fini(&auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_breaker_opens_at_the_fifth_failure_in_a_row),
        cmocka_unit_test(an_open_breaker_waits_the_share_the_dice_say),
        cmocka_unit_test(a_half_open_breaker_lets_exactly_one_through),
        cmocka_unit_test(each_failed_try_doubles_the_wait_up_to_ten_minutes),
        cmocka_unit_test(stragglers_do_not_move_an_open_breaker),
        cmocka_unit_test(a_hint_makes_an_open_breaker_half_open_and_no_other),
        cmocka_unit_test(the_pause_doubles_and_is_a_share_of_its_ceiling),
        cmocka_unit_test(three_tries_and_no_more),
        cmocka_unit_test(no_try_begins_after_the_deadline),
        cmocka_unit_test(the_dice_are_even_enough),
        cmocka_unit_test(the_mean_rate_is_kept_and_a_burst_is_one_second),
        cmocka_unit_test(the_wait_it_says_is_enough),
        cmocka_unit_test(a_slow_server_is_polled_less_and_a_recovered_one_as_before),
        cmocka_unit_test(over_a_second_is_slow_whatever_the_baseline),
        cmocka_unit_test(a_few_milliseconds_are_noise),
        cmocka_unit_test(lines_are_the_same_however_they_are_cut),
        cmocka_unit_test(a_new_stream_does_not_go_on_with_the_old_half_line),
        cmocka_unit_test(the_reader_can_stop_within_a_piece),
        cmocka_unit_test(a_long_line_does_not_keep_its_memory),
        cmocka_unit_test(the_basic_header_is_gns3s_to_the_letter),
        cmocka_unit_test(a_token_is_taken_only_from_a_proper_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

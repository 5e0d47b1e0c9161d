/* The plugin in its host: what is queued, tried, given up, and never doubled. */
#include "unit.h"

#include <errno.h>
#include <gnswatch/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

#define URL  "http://hooks.invalid/T0/secret"
#define YAML "hooks:\n  - name: chat\n    url: " URL "\n    secret: key\n    token: abc\n"

static struct gwt *begin(void)
{
    struct gwt *test = gwt_new(&gnswatch_plugin, YAML, 0);
    assert_non_null(test);
    assert_int_equal(gwt_start(test), 0);
    return test;
}

static int send_it(struct gwt *test, const char *id, const char **reply)
{
    char params[300];
    snprintf(params, sizeof params,
             "{\"hook\":\"chat\",\"notification\":{\"id\":\"%s\",\"title\":\"T %s\",\"kind\":"
             "\"firing\",\"alerts\":[]}}",
             id, id);
    return gwt_call(test, "webhook.send", params, reply);
}

static const char *header(const struct gwt_request *request, const char *name)
{
    for (size_t i = 0; request && request->headers[i]; i++)
        if (strncasecmp(request->headers[i], name, strlen(name)) == 0)
            return request->headers[i] + strlen(name) + 2;
    return "(none)";
}

static void a_notification_is_posted_once_with_what_proves_who_sent_it(void **state)
{
    (void)state;
    struct gwt *test = begin();
    const char *reply;
    gwt_http(test, "POST", URL, 200, "ok", 0);
    assert_int_equal(send_it(test, "n1", &reply), 0);
    assert_int_equal(send_it(test, "n1", &reply), 0);
    assert_non_null(strstr(reply, "\"duplicate\":true"));
    gwt_run(test, 10000);
    assert_int_equal(gwt_requests(test, URL), 1);
    const struct gwt_request *request = gwt_request(test, URL, 0);
    assert_string_equal(header(request, "Idempotency-Key"), "n1");
    assert_string_equal(header(request, "Authorization"), "Bearer abc");
    assert_int_equal(strncmp(header(request, "X-Gnswatch-Signature"), "sha256=", 7), 0);
    assert_float_equal(gwt_value(test, "webhook.queue", "", "sent"), 1, 0);
    gwt_stop(test);
    gwt_free(test);
}

static void an_address_that_is_away_costs_no_try_and_gets_everything_when_it_is_back(void **state)
{
    (void)state;
    struct gwt *test = begin();
    gwt_http(test, "POST", URL, -ECONNREFUSED, NULL, 0);
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "n%d", i);
        assert_int_equal(send_it(test, id, NULL), 0);
    }
    gwt_run(test, 3600000);
    assert_int_equal(gwt_events(test, "webhook.down"), 1);
    assert_int_equal(gwt_objects(test, "webhook.delivery"), 5);
    gwt_kill(test);
    assert_int_equal(gwt_start(test), 0);
    size_t before = gwt_requests(test, URL);
    gwt_http(test, "POST", URL, 200, "", 0);
    gwt_run(test, 3600000);
    assert_int_equal(gwt_requests(test, URL) - before, 5);
    assert_int_equal(gwt_objects(test, "webhook.delivery"), 0);
    gwt_stop(test);
    gwt_free(test);
}

static void what_is_refused_for_ever_is_kept_and_can_be_tried_again_by_hand(void **state)
{
    (void)state;
    struct gwt *test = begin();
    gwt_http(test, "POST", URL, 404, "no_team", 0);
    assert_int_equal(send_it(test, "n1", NULL), 0);
    gwt_run(test, 10000);
    assert_int_equal(gwt_requests(test, URL), 1);
    assert_int_equal(gwt_events(test, "webhook.failed"), 1);
    assert_string_equal(gwt_member(test, "webhook.delivery", "1", "state"), "dead");
    assert_string_equal(gwt_member(test, "webhook.delivery", "1", "why"), "HTTP 404: no_team");
    assert_string_equal(gwt_member(test, "webhook.delivery", "1", "hook"), "chat");
    gwt_http(test, "POST", URL, 200, "", 0);
    assert_int_equal(gwt_call(test, "webhook.delivery.retry", "{\"id\":\"1\"}", NULL), 0);
    gwt_run(test, 10000);
    assert_int_equal(gwt_objects(test, "webhook.delivery"), 0);
    gwt_stop(test);
    gwt_free(test);
}

static void a_stop_in_the_middle_of_a_delivery_is_no_failure_of_the_address(void **state)
{
    (void)state;
    struct gwt *test = begin();
    gwt_http(test, "POST", URL, 200, "", 0);
    gwt_http_slow(test, 5000);
    assert_int_equal(send_it(test, "n1", NULL), 0);
    assert_int_equal(send_it(test, "n2", NULL), 0);
    gwt_run(test, 1000);
    assert_true(gwt_requests(test, URL) >= 1);
    gwt_stop(test);
    assert_int_equal(gwt_events(test, "webhook.*"), 0);
    size_t before = gwt_requests(test, URL);
    assert_int_equal(gwt_start(test), 0);
    gwt_run(test, 60000);
    assert_int_equal(gwt_requests(test, URL) - before, 2);
    assert_int_equal(gwt_objects(test, "webhook.delivery"), 0);
    gwt_stop(test);
    gwt_free(test);
}

static void a_test_says_what_the_address_answers(void **state)
{
    (void)state;
    struct gwt *test = begin();
    const char *reply;
    gwt_http(test, "POST", URL, 403, "token_revoked", 0);
    assert_int_equal(gwt_call(test, "webhook.test", "{}", &reply), -EIO);
    assert_non_null(strstr(reply, "hook chat: HTTP 403: token_revoked"));
    assert_null(strstr(reply, "secret"));
    gwt_http(test, "POST", URL, 200, "", 0);
    assert_int_equal(gwt_call(test, "webhook.test", "{}", &reply), 0);
    assert_int_equal(gwt_call(test, "webhook.test", "{\"hook\":\"x\"}", &reply), -ENOENT);
    gwt_stop(test);
    gwt_free(test);
}

static void a_wrong_address_or_template_is_said_at_the_start(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"hooks:\n  - name: a\n    url: ftp://x/\n", "`url` must be http"},
        {"hooks:\n  - name: a\n    url: http://u:p@x/\n", "settings of their own"},
        {"hooks:\n  - name: a\n", "`url` is missing"},
        {"hooks:\n  - name: a\n    url: http://x/\n    format: template\n", "needs a `template`"},
        {"hooks:\n  - name: a\n    url: http://x/\n    format: template\n    template: '{{#a}}'\n",
         "`template`: line 1"},
        {"hooks:\n  - name: a\n    url: http://x/\n    headers: [nonsense]\n", "header 1"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct gwt *test = gwt_new(&gnswatch_plugin, wrong[i][0], 0);
        assert_int_not_equal(gwt_start(test), 0);
        if (!strstr(gwt_last_error(test), wrong[i][1]))
            fail_msg("'%s' does not hold '%s'", gwt_last_error(test), wrong[i][1]);
        gwt_free(test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_is_posted_once_with_what_proves_who_sent_it),
        cmocka_unit_test(an_address_that_is_away_costs_no_try_and_gets_everything_when_it_is_back),
        cmocka_unit_test(what_is_refused_for_ever_is_kept_and_can_be_tried_again_by_hand),
        cmocka_unit_test(a_stop_in_the_middle_of_a_delivery_is_no_failure_of_the_address),
        cmocka_unit_test(a_test_says_what_the_address_answers),
        cmocka_unit_test(a_wrong_address_or_template_is_said_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

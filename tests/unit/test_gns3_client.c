/* The GNS3 client against a scripted server: who answers there, are we let in, what is retried, and
 * what happens when it goes away. */
#include "gns3_client_world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---- Who answers ---- */

static void version_2_is_found_by_itself(void **state)
{
    struct world *world = *state;
    connect_to(world);
    assert_int_equal(client_api(world->client), 2);
    assert_string_equal(client_version(world->client), "2.2.59");
    assert_string_equal(world->states, "up ");
    get(world, "/projects");
    assert_int_equal(world->status, 200);
    assert_string_equal(world->body, "[{\"name\":\"lab\"}]");
    assert_true(client_latency_ms(world->client) > 0);
}

static void version_3_is_found_and_logged_in_to_once(void **state)
{
    struct world *world = *state;
    world->api = 3;
    world->version = "3.0.6";
    host_option(world->host, "user", "ann");
    host_option(world->host, "password", "secret");
    connect_to(world);
    assert_int_equal(client_api(world->client), 3);
    for (int i = 0; i < 5; i++) {
        get(world, "/projects");
        assert_int_equal(world->status, 200);
    }
    assert_int_equal(world->logins, 1);
    assert_int_equal(server_requests(world->server, "/v3/projects"), 5);
}

static void version_3_without_a_user_gets_the_account_gns3_comes_with(void **state)
{
    struct world *world = *state;
    world->api = 3;
    connect_to(world);
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

static void basic_credentials_let_us_in(void **state)
{
    struct world *world = *state;
    world->basic = "YW5uOnNlY3JldA==";
    host_option(world->host, "user", "ann");
    host_option(world->host, "password", "secret");
    connect_to(world);
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

static void wrong_credentials_are_a_state_of_their_own(void **state)
{
    struct world *world = *state;
    for (world->api = 2; world->api <= 3; world->api++) {
        world->basic = "other";
        host_option(world->host, "user", "ann");
        host_option(world->host, "password", "secret wrong");
        start(world);
        assert_true(host_run(world->host, is_decided, world));
        assert_int_equal(client_state(world->client), CLIENT_UNAUTHORIZED);
        assert_non_null(strstr(client_why(world->client), "password_file"));
        get(world, "/projects");
        assert_int_equal(world->error, -EACCES);
        assert_int_equal(client_breaker(world->client), BREAKER_CLOSED);
        client_free(world->client);
        world->client = NULL;
    }
}

static void locked_out_is_tried_again_later(void **state)
{
    struct world *world = *state;
    world->basic = "other";
    host_option(world->host, "user", "ann");
    host_option(world->host, "password", "secret");
    start(world);
    assert_true(host_run(world->host, is_locked_out, world));
    world->basic = "YW5uOnNlY3JldA==";
    assert_true(host_run(world->host, is_up, world));
}

static void something_else_at_the_address_is_down_and_says_why(void **state)
{
    struct world *world = *state;
    world->api = 0;
    start(world);
    assert_true(host_run(world->host, is_decided, world));
    assert_int_equal(client_state(world->client), CLIENT_DOWN);
    assert_non_null(strstr(client_why(world->client), "not as a GNS3 server"));
}

static void an_upgraded_server_is_probed_again(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{}}\n";
    connect_to(world);
    world->api = 3;
    world->version = "3.0.6";
    world->cut = true;
    get(world, "/projects");
    assert_true(host_run(world->host, is_down, world));
    world->cut = false;
    assert_true(host_run(world->host, is_up, world));
    assert_int_equal(client_api(world->client), 3);
    assert_string_equal(client_version(world->client), "3.0.6");
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

static void requests_before_the_first_contact_wait_for_it(void **state)
{
    struct world *world = *state;
    start(world);
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

/* ---- Tokens ---- */

static void a_revoked_token_costs_one_more_login_and_no_answer(void **state)
{
    struct world *world = *state;
    world->api = 3;
    connect_to(world);
    world->token = "t2";
    assert_int_equal(
        ask(world, &(struct client_ask){.method = "POST", .path = "/echo", .body = "{\"a\":1}"}),
        0);
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->status, 201);
    assert_string_equal(world->body, "{\"a\":1}");
    assert_int_equal(world->logins, 2);
    assert_string_equal(world->states, "up ");
}

static void a_user_who_is_gone_ends_as_unauthorized(void **state)
{
    struct world *world = *state;
    world->api = 3;
    connect_to(world);
    world->token = "t2";
    world->logins_refused = true;
    get(world, "/projects");
    assert_true(host_run(world->host, is_locked_out, world));
    assert_int_equal(world->error, -EACCES);
    assert_int_equal(world->logins, 2);
    assert_int_equal(client_breaker(world->client), BREAKER_CLOSED);
}

/* ---- Failures ---- */

static void refused_is_down_at_once(void **state)
{
    struct world *world = *state;
    connect_to(world);
    server_free(world->server);
    world->server = NULL;
    get(world, "/projects");
    assert_true(world->error == -ECONNREFUSED || world->error == -EHOSTDOWN);
    assert_true(host_run(world->host, is_down, world));
    assert_string_equal(world->breakers, ""); /* it did not take five failures */
    assert_non_null(strstr(client_why(world->client), "refused"));
    get(world, "/projects");
    assert_int_equal(world->error, -EHOSTDOWN);
    assert_non_null(strstr(world->text, "lab is down"));
}

static void a_server_that_comes_back_is_up_again(void **state)
{
    struct world *world = *state;
    connect_to(world);
    int port = server_port(world->server);
    server_free(world->server);
    get(world, "/projects");
    assert_true(host_run(world->host, is_down, world));
    host_run_ms(world->host, 3000);
    world->server = server_new(world->host, port, script, world);
    assert_true(host_run(world->host, is_up, world));
    assert_string_equal(world->states, "up down up ");
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

static void five_failures_open_the_breaker_and_an_answer_closes_it(void **state)
{
    struct world *world = *state;
    connect_to(world);
    world->projects_status = 500;
    world->projects_fails = 5;
    for (int i = 0; i < 5; i++) {
        get(world, "/projects");
        assert_int_equal(world->status, 500);
    }
    assert_int_equal(client_breaker(world->client), BREAKER_OPEN);
    assert_int_equal(client_state(world->client), CLIENT_DOWN);
    get(world, "/projects");
    assert_int_equal(world->error, -EHOSTDOWN);
    assert_true(host_run(world->host, is_up, world));
    assert_string_equal(world->breakers, "ohc");
    assert_int_equal(client_breaker(world->client), BREAKER_CLOSED);
}

static void answers_that_refuse_are_no_failures(void **state)
{
    struct world *world = *state;
    connect_to(world);
    for (int i = 0; i < 8; i++) {
        get(world, i % 2 ? "/conflict" : "/nothing");
        assert_int_equal(world->error, 0);
        assert_int_equal(world->status, i % 2 ? 409 : 404);
        assert_string_equal(world->text, i % 2 ? "The project is busy" : "none");
    }
    assert_int_equal(client_breaker(world->client), BREAKER_CLOSED);
}

static void idempotent_requests_are_retried_others_never(void **state)
{
    struct world *world = *state;
    connect_to(world);
    world->projects_status = 503;
    world->projects_fails = 2;
    get(world, "/projects");
    assert_int_equal(world->status, 200);
    assert_int_equal(server_requests(world->server, "/v2/projects"), 3);
    world->projects_fails = 2;
    assert_int_equal(ask(world, &(struct client_ask){.method = "POST", .path = "/projects"}), 0);
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->status, 503);
    assert_int_equal(server_requests(world->server, "/v2/projects"), 4);
}

static void a_hung_server_is_down_before_its_requests_end(void **state)
{
    struct world *world = *state;
    host_option(world->host, "timeout", "1000");
    connect_to(world);
    world->silent = true;
    struct client_ask patient = {.path = "/projects", .timeout_ms = 60000};
    assert_int_equal(ask(world, &patient), 0);
    assert_true(host_run(world->host, is_down, world));
    assert_int_equal(world->done, 0);
}

static void a_hung_server_ends_at_the_deadline_and_is_down(void **state)
{
    struct world *world = *state;
    host_option(world->host, "timeout", "1000");
    connect_to(world);
    world->silent = true;
    get(world, "/projects");
    assert_int_equal(world->error, -ETIMEDOUT);
    assert_true(host_run(world->host, is_down, world));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(version_2_is_found_by_itself),
        TEST(version_3_is_found_and_logged_in_to_once),
        TEST(version_3_without_a_user_gets_the_account_gns3_comes_with),
        TEST(basic_credentials_let_us_in),
        TEST(wrong_credentials_are_a_state_of_their_own),
        TEST(locked_out_is_tried_again_later),
        TEST(something_else_at_the_address_is_down_and_says_why),
        TEST(an_upgraded_server_is_probed_again),
        TEST(requests_before_the_first_contact_wait_for_it),
        TEST(a_revoked_token_costs_one_more_login_and_no_answer),
        TEST(a_user_who_is_gone_ends_as_unauthorized),
        TEST(refused_is_down_at_once),
        TEST(a_server_that_comes_back_is_up_again),
        TEST(five_failures_open_the_breaker_and_an_answer_closes_it),
        TEST(answers_that_refuse_are_no_failures),
        TEST(idempotent_requests_are_retried_others_never),
        TEST(a_hung_server_is_down_before_its_requests_end),
        TEST(a_hung_server_ends_at_the_deadline_and_is_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The GNS3 client against a scripted server: polls within their budget, feeds, and figures. */
#include "gns3/client_internal.h"
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

/* ---- Polls ---- */

static bool last_poll_is_sent(void *data)
{
    return server_requests(((struct world *)data)->server, "/v2/nothing/2") > 0;
}

static void the_budget_paces_polls_and_not_commands(void **state)
{
    struct world *world = *state;
    host_option(world->host, "budget", "0.1");
    connect_to(world);
    char path[32];
    int64_t began_ms = gw_monotonic_ms(world->host);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "/nothing/%d", i);
        assert_int_equal(ask(world, &(struct client_ask){.path = path, .poll = true}), 0);
    }
    get(world, "/projects");
    assert_false(last_poll_is_sent(world));
    assert_true(host_run(world->host, last_poll_is_sent, world));
    assert_true(gw_monotonic_ms(world->host) - began_ms >= 19000); /* one at once, two later */
}

static bool is_slow_asked(void *data)
{
    return ((struct world *)data)->slow_peer != NULL;
}

/* Starting a node takes seconds on a server that has time for every poll. */
static void a_command_that_takes_long_does_not_slow_polls(void **state)
{
    struct world *world = *state;
    connect_to(world);
    struct client_ask command = {
        .method = "POST", .path = "/slow", .timeout_ms = 60000, .on_done = on_done, .data = world};
    assert_int_equal(client_send(world->client, &command), 0);
    assert_true(host_run(world->host, is_slow_asked, world));
    host_run_ms(world->host, 20000);
    server_answer(world->slow_peer, 200, "", "{}");
    assert_true(host_run(world->host, is_done, world));
    assert_int_equal(world->status, 200);
    assert_false(budget_is_slow(&world->client->budget));
    assert_true(world->client->budget.rate == world->client->budget.full_rate);
}

static bool are_five_done(void *data)
{
    return ((struct world *)data)->done == 5;
}

static void equal_polls_that_wait_are_one_request(void **state)
{
    struct world *world = *state;
    host_option(world->host, "budget", "1");
    connect_to(world);
    struct client_ask first = {.path = "/nothing", .poll = true};
    assert_int_equal(ask(world, &first), 0);
    struct client_ask poll = {.path = "/projects", .poll = true, .on_done = on_done, .data = world};
    for (int i = 0; i < 4; i++)
        assert_int_equal(client_send(world->client, &poll), 0);
    assert_true(host_run(world->host, are_five_done, world));
    assert_int_equal(world->status, 200);
    assert_int_equal(server_requests(world->server, "/v2/projects"), 1);
}

static void too_many_requests_are_refused(void **state)
{
    struct world *world = *state;
    world->silent = true;
    start(world);
    struct client_ask many = {.path = "/projects", .poll = true, .on_done = on_done, .data = world};
    for (int i = 0; i < 1024; i++)
        assert_int_equal(client_send(world->client, &many), 0);
    assert_int_equal(client_send(world->client, &many), -EAGAIN);
    client_free(world->client);
    world->client = NULL;
    assert_int_equal(world->done, 1024);
    assert_int_equal(world->error, -ECANCELED);
}

/* ---- Feeds ---- */

static bool feed_said_done(void *data)
{
    return strstr(((struct world *)data)->feed_log, "done") != NULL;
}

static void the_controllers_feed_survives_whatever_it_is_sent(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{\"cpu\":1}}\n"
                  "garbage\n"
                  "{\"event\":{}}\n"
                  "[1,2]\n\n\r\n"
                  "\x01\xff\n"
                  "{\"action\":\"done\"}\n";
    connect_to(world);
    assert_true(host_run(world->host, feed_said_done, world));
    assert_string_equal(world->feed_log, ":ping{\"cpu\":1} :done{} ");
    assert_true(client_feed_open(world->client));
    assert_int_equal(world->feed_opens, 1);
    assert_non_null(strstr(host_log(world->host), "4 lines of the controller's feed"));
}

static bool feed_opened_thrice(void *data)
{
    return ((struct world *)data)->feed_opens >= 3;
}

static void a_feed_that_ends_is_opened_again_and_the_server_stays_up(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{}}\n";
    world->feed_ends = true;
    connect_to(world);
    assert_true(host_run(world->host, feed_opened_thrice, world));
    assert_string_equal(world->states, "up ");
}

static void a_silent_feed_is_opened_again(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{}}\n";
    connect_to(world);
    int64_t began_ms = gw_monotonic_ms(world->host);
    assert_true(host_run(world->host, feed_opened_thrice, world));
    assert_true(gw_monotonic_ms(world->host) - began_ms >= 2 * 15000);
}

static bool feed_is_open(void *data)
{
    return client_feed_open(((struct world *)data)->client);
}

static void a_killed_server_is_noticed_by_its_feed(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{}}\n";
    connect_to(world);
    assert_true(host_run(world->host, feed_is_open, world));
    server_free(world->server);
    world->server = NULL;
    assert_true(host_run(world->host, is_down, world)); /* without a request of ours */
    assert_string_equal(world->breakers, "");
    assert_false(client_feed_open(world->client));
}

static bool project_spoke(void *data)
{
    return strstr(((struct world *)data)->feed_log, "p1:ping") != NULL;
}

static void a_projects_feed_is_followed_only_when_asked(void **state)
{
    struct world *world = *state;
    world->feed = "{\"action\":\"ping\",\"event\":{}}\n";
    connect_to(world);
    host_run_ms(world->host, 1000);
    assert_int_equal(server_requests(world->server, "/v2/projects/p1/notifications"), 0);
    assert_int_equal(client_follow_project(world->client, "../p1"), -EINVAL);
    assert_int_equal(client_follow_project(world->client, "p1"), 0);
    assert_int_equal(client_follow_project(world->client, "p1"), 0);
    assert_true(host_run(world->host, project_spoke, world));
    assert_int_equal(server_requests(world->server, "/v2/projects/p1/notifications"), 1);
    client_unfollow_project(world->client, "p1");
    client_unfollow_project(world->client, "p1");
    host_run_ms(world->host, 1000);
    assert_int_equal(client_follow_project(world->client, "p1"), 0);
}

/* ---- Figures ---- */

static void the_figures_count_what_happened(void **state)
{
    struct world *world = *state;
    world->api = 3;
    connect_to(world);
    get(world, "/projects");
    get(world, "/nothing");
    world->projects_status = 500;
    world->projects_fails = 1;
    get(world, "/projects");
    client_report(world->client);
    /* version twice, login, check, feed not counted, and the three above */
    assert_true(*host_row(world->host, "requests") == 7);
    assert_true(*host_row(world->host, "failures") == 1);
    assert_true(*host_row(world->host, "successes") == 6);
    assert_true(*host_row(world->host, "le_inf") == 7);
    double seconds = *host_row(world->host, "seconds");
    assert_true(seconds > 0 && seconds < 7 * 10);
    assert_true(*host_row(world->host, "connections_reused") >= 3);
    assert_true(*host_row(world->host, "sent_bytes") > 300);
    assert_true(*host_row(world->host, "received_bytes") > 300);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_budget_paces_polls_and_not_commands),
        TEST(a_command_that_takes_long_does_not_slow_polls),
        TEST(equal_polls_that_wait_are_one_request),
        TEST(too_many_requests_are_refused),
        TEST(the_controllers_feed_survives_whatever_it_is_sent),
        TEST(a_feed_that_ends_is_opened_again_and_the_server_stays_up),
        TEST(a_silent_feed_is_opened_again),
        TEST(a_killed_server_is_noticed_by_its_feed),
        TEST(a_projects_feed_is_followed_only_when_asked),
        TEST(the_figures_count_what_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

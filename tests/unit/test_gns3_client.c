/* The GNS3 client against a scripted server: who answers there, are we let in, what is retried, and
 * what happens when it goes away. Time runs 20 times as fast as outside. */
#include "gns3/client.h"
#include "gns3_client_host.h"
#include "gns3_client_server.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { SPEED = 20 };

struct world {
    struct gw_plugin *host;
    struct server *server;
    struct client *client;
    /* the script */
    int api; /* 2, 3; 0: something else answers */
    const char *version, *basic, *token;
    int projects_status, projects_fails; /* the first so many fail with that status */
    bool silent, cut;                    /* never answers; closes without an answer */
    const char *feed;                    /* what a feed says; NULL: 404 */
    bool feed_ends;
    struct peer *feed_peer;
    int logins;
    bool logins_refused;
    /* what we were told */
    char states[512], breakers[64], feed_log[8192];
    int feed_opens, done, error, status;
    char body[1024], text[1024];
};

static bool has_header(const struct request *request, const char *header)
{
    return strstr(request->head, header) != NULL;
}

static const char *headers_of(const struct world *world)
{
    return world->api == 2 ? "Connection: close\r\n" : "";
}

static bool let_in(struct world *world, struct peer *peer, const struct request *request)
{
    char want[256];
    if (world->api == 2 && world->basic) {
        snprintf(want, sizeof(want), "\r\nAuthorization: Basic %s\r\n", world->basic);
        if (!has_header(request, want)) {
            server_send(peer, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"GNS3 "
                              "server\"\r\nContent-Type: application/octet-stream\r\n"
                              "Content-Length: 0\r\n\r\n");
            return false;
        }
    }
    if (world->api == 3) {
        snprintf(want, sizeof(want), "\r\nAuthorization: Bearer %s\r\n", world->token);
        if (!has_header(request, want)) {
            server_answer(peer, 401, "", "{\"message\":\"Could not validate credentials\"}");
            return false;
        }
    }
    return true;
}

static void answer_login(struct world *world, struct peer *peer, const struct request *request)
{
    char body[256];
    world->logins++;
    bool wrong = strstr(request->body, "\"ann\"") && !strstr(request->body, "\"secret\"");
    if (wrong || world->logins_refused) {
        server_answer(peer, 401, "", "{\"message\":\"Authentication was unsuccessful.\"}");
        return;
    }
    snprintf(body, sizeof(body), "{\"access_token\":\"%s\",\"token_type\":\"bearer\"}",
             world->token);
    server_answer(peer, 200, "", body);
}

static void answer_feed(struct world *world, struct peer *peer)
{
    char chunk[4096];
    world->feed_peer = peer;
    server_send(peer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
    snprintf(chunk, sizeof(chunk), "%zx\r\n%s\r\n", strlen(world->feed), world->feed);
    server_send(peer, chunk);
    if (world->feed_ends)
        server_send(peer, "0\r\n\r\n");
}

static void answer_path(struct world *world, struct peer *peer, const struct request *request,
                        const char *path)
{
    if (strcmp(path, "/projects") == 0 && world->projects_fails > 0) {
        world->projects_fails--;
        server_answer(peer, world->projects_status, headers_of(world),
                      "{\"message\":\"it went wrong\"}");
    } else if (strcmp(path, "/projects") == 0) {
        server_answer(peer, 200, headers_of(world), "[{\"name\":\"lab\"}]");
    } else if (strcmp(path, "/computes") == 0) {
        server_answer(peer, 200, headers_of(world), "[]");
    } else if (strcmp(path, "/notifications") == 0 && world->feed) {
        answer_feed(world, peer);
    } else if (strcmp(path, "/projects/p1/notifications") == 0 && world->feed) {
        answer_feed(world, peer);
    } else if (strcmp(path, "/echo") == 0) {
        server_answer(peer, 201, headers_of(world), request->body);
    } else if (strcmp(path, "/conflict") == 0) {
        server_answer(peer, 409, headers_of(world), "{\"message\":\"The project is busy\"}");
    } else {
        server_answer(peer, 404, headers_of(world), "{\"message\":\"none\"}");
    }
}

static void script(struct server *server, struct peer *peer, const struct request *request,
                   void *data)
{
    (void)server;
    struct world *world = data;
    char version[128], prefix[8];
    snprintf(version, sizeof(version), "{\"local\": false, \"version\": \"%s\"}", world->version);
    snprintf(prefix, sizeof(prefix), "/v%d/", world->api);
    if (world->silent)
        return;
    if (world->cut)
        server_close(peer);
    else if (world->api == 0)
        server_answer(peer, 200, "", "<html>a printer</html>");
    else if (strncmp(request->path, prefix, 4) != 0)
        server_answer(peer, 404, "", "{\"detail\":\"Not Found\"}");
    else if (strcmp(request->path, "/v3/version") == 0)
        server_answer(peer, 200, "", version);
    else if (strcmp(request->path, "/v3/access/users/authenticate") == 0)
        answer_login(world, peer, request);
    else if (!let_in(world, peer, request))
        return;
    else if (strcmp(request->path, "/v2/version") == 0)
        server_answer(peer, 200, headers_of(world), version);
    else
        answer_path(world, peer, request, request->path + 3);
}

static void on_state(struct client *client, enum client_state state, const char *why, void *data)
{
    (void)client;
    static const char *const names[] = {"", "connecting", "up", "unauthorized", "down"};
    struct world *world = data;
    size_t used = strlen(world->states);
    snprintf(world->states + used, sizeof(world->states) - used, "%s ", names[state]);
    assert_true(state == CLIENT_UP || *why);
}

static void on_breaker(struct client *client, enum breaker_state state, void *data)
{
    (void)client;
    struct world *world = data;
    size_t used = strlen(world->breakers);
    if (used + 2 < sizeof(world->breakers))
        world->breakers[used] = "-chop"[state]; /* closed, half-open, open */
}

static void on_feed(struct client *client, const char *project_id, const char *action,
                    const char *event, void *data)
{
    (void)client;
    struct world *world = data;
    size_t used = strlen(world->feed_log);
    snprintf(world->feed_log + used, sizeof(world->feed_log) - used, "%s:%s%s ",
             project_id ? project_id : "", action, event);
}

static void on_feed_open(struct client *client, const char *project_id, void *data)
{
    (void)client;
    (void)project_id;
    ((struct world *)data)->feed_opens++;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    world->host = host_new(SPEED);
    world->api = 2;
    world->version = "2.2.59";
    world->token = "t1";
    world->server = server_new(world->host, 0, script, world);
    host_option(world->host, "name", "lab");
    host_option(world->host, "url", server_url(world->server));
    host_option(world->host, "timeout", "10000");
    host_option(world->host, "connections", "8");
    host_option(world->host, "budget", "1000");
    host_option(world->host, "health_every", "30000");
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    client_free(world->client);
    if (world->server)
        server_free(world->server);
    const char *log = host_log(world->host);
    assert_null(strstr(log, "secret"));
    assert_null(strstr(log, world->token));
    assert_int_equal(host_watches(world->host), 0);
    assert_int_equal(host_timers(world->host), 0);
    host_free(world->host);
    free(world);
    return 0;
}

static void start(struct world *world)
{
    struct client_events events = {on_state, on_breaker, on_feed, on_feed_open, world};
    world->client = client_new(world->host, host_values(world->host), &events);
    assert_non_null(world->client);
}

static bool is_decided(void *data)
{
    return client_state(((struct world *)data)->client) != CLIENT_CONNECTING;
}

static bool is_up(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_UP;
}

static bool is_down(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_DOWN;
}

static bool is_locked_out(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_UNAUTHORIZED;
}

static bool is_done(void *data)
{
    return ((struct world *)data)->done > 0;
}

static void on_done(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct world *world = data;
    world->done++;
    world->error = answer->error;
    world->status = answer->status;
    snprintf(world->body, sizeof(world->body), "%s", answer->body);
    snprintf(world->text, sizeof(world->text), "%s", answer->text ? answer->text : "");
}

static int ask(struct world *world, struct client_ask *ask)
{
    ask->on_done = on_done;
    ask->data = world;
    world->done = 0;
    int error = client_send(world->client, ask);
    assert_int_equal(world->done, 0);
    return error;
}

static void get(struct world *world, const char *path)
{
    assert_int_equal(ask(world, &(struct client_ask){.path = path, .idempotent = true}), 0);
    assert_true(host_run(world->host, is_done, world));
}

static void connect_to(struct world *world)
{
    start(world);
    assert_true(host_run(world->host, is_decided, world));
    assert_int_equal(client_state(world->client), CLIENT_UP);
}

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
    assert_true(*host_row(world->host, "connections_reused") >= 3);
    assert_true(*host_row(world->host, "sent_bytes") > 300);
    assert_true(*host_row(world->host, "received_bytes") > 300);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
        TEST(a_hung_server_ends_at_the_deadline_and_is_down),
        TEST(the_budget_paces_polls_and_not_commands),
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

/* The world of gns3_client_world.h. */
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

enum { SPEED = 20 };

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

void script(struct server *server, struct peer *peer, const struct request *request, void *data)
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
    else if (strcmp(request->path, "/v2/slow") == 0)
        world->slow_peer = peer;
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

int world_setup(void **state)
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

int world_teardown(void **state)
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

void start(struct world *world)
{
    struct client_events events = {on_state, on_breaker, on_feed, on_feed_open, world};
    world->client = client_new(world->host, host_values(world->host), &events);
    assert_non_null(world->client);
}

bool is_decided(void *data)
{
    return client_state(((struct world *)data)->client) != CLIENT_CONNECTING;
}

bool is_up(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_UP;
}

bool is_down(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_DOWN;
}

bool is_locked_out(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_UNAUTHORIZED;
}

bool is_done(void *data)
{
    return ((struct world *)data)->done > 0;
}

void on_done(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct world *world = data;
    world->done++;
    world->error = answer->error;
    world->status = answer->status;
    snprintf(world->body, sizeof(world->body), "%s", answer->body);
    snprintf(world->text, sizeof(world->text), "%s", answer->text ? answer->text : "");
}

int ask(struct world *world, struct client_ask *ask)
{
    ask->on_done = on_done;
    ask->data = world;
    world->done = 0;
    int error = client_send(world->client, ask);
    assert_int_equal(world->done, 0);
    return error;
}

void get(struct world *world, const char *path)
{
    assert_int_equal(ask(world, &(struct client_ask){.path = path, .idempotent = true}), 0);
    assert_true(host_run(world->host, is_done, world));
}

void connect_to(struct world *world)
{
    start(world);
    assert_true(host_run(world->host, is_decided, world));
    assert_int_equal(client_state(world->client), CLIENT_UP);
}

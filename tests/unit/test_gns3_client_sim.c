/* The GNS3 client against the simulator (its path is the first argument), whose faults are set over
 * its control port. Both run 20 times as fast as life. */
#include "gns3/client.h"
#include "gns3_client_host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

extern char **environ;

enum { SPEED = 20 };

struct world {
    const char *simulator;
    struct gw_plugin *host;
    struct client *client;
    pid_t pid;
    int control;
    char ports_file[64], url[128];
    char states[256], breakers[64];
    int feed_opens, feed_lines, done, error, status;
    char *body; /* of the last answer; owned */
};

/* ---- The simulator ---- */

static json_t *wait_for_ports(const struct world *world)
{
    for (int i = 0; i < 1000; i++) { /* 10 s */
        json_t *ports = json_load_file(world->ports_file, 0, NULL);
        if (ports)
            return ports;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return NULL;
}

static void simulate(struct world *world, const char *version)
{
    snprintf(world->ports_file, sizeof(world->ports_file), "/tmp/gns3_client_sim_%d",
             (int)getpid());
    unlink(world->ports_file);
    char speed[8];
    snprintf(speed, sizeof(speed), "%d", SPEED);
    const char *arguments[] = {world->simulator,  "--api",   version,      "--control",
                               "127.0.0.1:0",     "--speed", speed,        "--ports-file",
                               world->ports_file, "--auth",  "ann:secret", NULL};
    assert_int_equal(posix_spawn(&world->pid, world->simulator, NULL, NULL,
                                 (char *const *)(uintptr_t)arguments, environ),
                     0);
    json_t *ports = wait_for_ports(world);
    assert_non_null(ports);
    json_t *server = json_array_get(json_object_get(ports, "servers"), 0);
    world->control = (int)json_integer_value(json_object_get(ports, "control"));
    snprintf(world->url, sizeof(world->url), "%s",
             json_string_value(json_object_get(server, "url")));
    json_decref(ports);
}

static void control(const struct world *world, const char *path, const char *body)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)world->control)};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    dprintf(fd,
            "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n"
            "Content-Type: application/json\r\n\r\n%s",
            path, strlen(body), body);
    char answer[1024];
    ssize_t got = recv(fd, answer, sizeof(answer) - 1, 0);
    close(fd);
    assert_true(got > 0);
    answer[got] = '\0';
    assert_non_null(strstr(answer, " 200 "));
}

static void fault(const struct world *world, const char *kind)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"kind\":\"%s\",\"ms\":60000}", kind);
    control(world, "/fault", body);
}

/* ---- The client ---- */

static void on_state(struct client *client, enum client_state state, const char *why, void *data)
{
    (void)client;
    (void)why;
    static const char *const names[] = {"", "connecting", "up", "unauthorized", "down"};
    struct world *world = data;
    size_t used = strlen(world->states);
    snprintf(world->states + used, sizeof(world->states) - used, "%s ", names[state]);
}

static void on_breaker(struct client *client, enum breaker_state state, void *data)
{
    (void)client;
    struct world *world = data;
    size_t used = strlen(world->breakers);
    if (used + 2 < sizeof(world->breakers))
        world->breakers[used] = "-cho"[state];
}

static void on_feed(struct client *client, const char *project_id, const char *action,
                    const char *event, void *data)
{
    (void)client;
    (void)project_id;
    assert_true(strlen(action) > 3 && event[0] == '{');
    ((struct world *)data)->feed_lines++;
}

static void on_feed_open(struct client *client, const char *project_id, void *data)
{
    (void)client;
    assert_null(project_id);
    ((struct world *)data)->feed_opens++;
}

static bool is_up(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_UP;
}

static bool is_down(void *data)
{
    return client_state(((struct world *)data)->client) == CLIENT_DOWN;
}

static bool is_done(void *data)
{
    return ((struct world *)data)->done > 0;
}

static bool has_feed(void *data)
{
    struct world *world = data;
    return client_feed_open(world->client) && world->feed_lines > 0;
}

static void on_done(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct world *world = data;
    world->done++;
    world->error = answer->error;
    world->status = answer->status;
    free(world->body);
    world->body = strdup(answer->body);
}

static void get(struct world *world, const char *path)
{
    world->done = 0;
    struct client_ask ask = {.path = path, .idempotent = true, .on_done = on_done, .data = world};
    assert_int_equal(client_send(world->client, &ask), 0);
    assert_true(host_run(world->host, is_done, world));
}

static void connect_to(struct world *world, const char *version)
{
    simulate(world, version);
    world->host = host_new(SPEED);
    host_option(world->host, "name", "lab");
    host_option(world->host, "url", world->url);
    host_option(world->host, "user", "ann");
    host_option(world->host, "password", "secret");
    host_option(world->host, "timeout", "10000");
    host_option(world->host, "connections", "8");
    host_option(world->host, "budget", "1000");
    host_option(world->host, "health_every", "30000");
    struct client_events events = {on_state, on_breaker, on_feed, on_feed_open, world};
    world->client = client_new(world->host, host_values(world->host), &events);
    assert_non_null(world->client);
    assert_true(host_run(world->host, is_up, world));
    assert_string_equal(client_version(world->client), version);
}

static int setup(void **state)
{
    struct world *world = *state;
    *world = (struct world){.simulator = world->simulator};
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    client_free(world->client);
    if (world->host) {
        assert_int_equal(host_timers(world->host), 0);
        assert_int_equal(host_watches(world->host), 0);
        host_free(world->host);
    }
    if (world->pid > 0) {
        kill(world->pid, SIGTERM);
        waitpid(world->pid, NULL, 0);
    }
    unlink(world->ports_file);
    free(world->body);
    return 0;
}

/* ---- The tests ---- */

static void lists_and_feed_come(struct world *world, const char *version)
{
    connect_to(world, version);
    get(world, "/projects");
    assert_int_equal(world->status, 200);
    json_t *projects = json_loads(world->body, 0, NULL);
    assert_int_equal(json_array_size(projects), 1);
    json_t *project = json_array_get(projects, 0);
    char path[128];
    snprintf(path, sizeof(path), "/projects/%s/nodes",
             json_string_value(json_object_get(project, "project_id")));
    json_decref(projects);
    get(world, path);
    json_t *nodes = json_loads(world->body, 0, NULL);
    assert_int_equal(json_array_size(nodes), 10);
    json_decref(nodes);
    assert_true(host_run(world->host, has_feed, world));
}

static void a_2_2_server_gives_its_lists_and_its_feed(void **state)
{
    lists_and_feed_come(*state, "2.2.59");
}

static void a_3_0_server_gives_its_lists_and_its_feed(void **state)
{
    lists_and_feed_come(*state, "3.0.6");
}

static void a_server_that_goes_down_is_noticed_and_comes_back(void **state)
{
    struct world *world = *state;
    connect_to(world, "2.2.59");
    assert_true(host_run(world->host, has_feed, world));
    fault(world, "down");
    assert_true(host_run(world->host, is_down, world));
    fault(world, "none");
    assert_true(host_run(world->host, is_up, world));
    world->feed_lines = 0;
    assert_true(host_run(world->host, has_feed, world));
    assert_string_equal(world->states, "up down up ");
    assert_int_equal(world->feed_opens, 2);
}

static void a_restart_is_survived_and_the_feed_comes_back(void **state)
{
    struct world *world = *state;
    connect_to(world, "3.0.6");
    assert_true(host_run(world->host, has_feed, world));
    control(world, "/restart", "{\"ms\":300}");
    assert_true(host_run(world->host, is_down, world));
    assert_true(host_run(world->host, is_up, world));
    world->feed_lines = 0;
    assert_true(host_run(world->host, has_feed, world));
}

static void errors_open_the_breaker_and_their_end_closes_it(void **state)
{
    struct world *world = *state;
    connect_to(world, "2.2.59");
    fault(world, "error500");
    for (int i = 0; i < 5; i++)
        get(world, "/projects");
    assert_int_equal(world->status, 500);
    assert_int_equal(client_breaker(world->client), BREAKER_OPEN);
    get(world, "/projects");
    assert_int_equal(world->error, -EHOSTDOWN);
    fault(world, "none");
    assert_true(host_run(world->host, is_up, world));
    get(world, "/projects");
    assert_int_equal(world->status, 200);
}

static void garbage_is_down_once_the_owner_says_so(void **state)
{
    struct world *world = *state;
    connect_to(world, "2.2.59");
    fault(world, "garbage");
    get(world, "/projects");
    assert_int_equal(world->status, 200);
    client_unreadable(world->client, "the list of projects is no JSON");
    assert_true(host_run(world->host, is_down, world));
    assert_non_null(strstr(client_why(world->client), "not as a GNS3 server"));
    fault(world, "none");
    assert_true(host_run(world->host, is_up, world));
}

static void half_answers_are_failures(void **state)
{
    struct world *world = *state;
    connect_to(world, "3.0.6");
    fault(world, "half");
    get(world, "/projects");
    assert_true(world->error == -EPROTO || world->error == -ECONNRESET ||
                world->error == -EHOSTDOWN);
    assert_true(host_run(world->host, is_down, world));
    fault(world, "none");
    assert_true(host_run(world->host, is_up, world));
}

static bool feed_opened_again(void *data)
{
    return ((struct world *)data)->feed_opens >= 2;
}

static void a_hung_feed_is_opened_again(void **state)
{
    struct world *world = *state;
    connect_to(world, "2.2.59");
    assert_true(host_run(world->host, has_feed, world));
    fault(world, "hang_feed");
    host_run_ms(world->host, 16000);
    fault(world, "none");
    assert_true(host_run(world->host, feed_opened_again, world));
    assert_string_equal(world->states, "up ");
}

static void a_revoked_token_is_replaced_unseen(void **state)
{
    struct world *world = *state;
    connect_to(world, "3.0.6");
    control(world, "/revoke", "{}");
    get(world, "/projects");
    assert_int_equal(world->status, 200);
    assert_string_equal(world->states, "up ");
}

#define TEST(f)                        \
    {                                  \
#f, f, setup, teardown, &world \
    }

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s SIMULATOR\n", arguments[0]);
        return 2;
    }
    struct world world = {.simulator = arguments[1]};
    const struct CMUnitTest tests[] = {
        TEST(a_2_2_server_gives_its_lists_and_its_feed),
        TEST(a_3_0_server_gives_its_lists_and_its_feed),
        TEST(a_server_that_goes_down_is_noticed_and_comes_back),
        TEST(a_restart_is_survived_and_the_feed_comes_back),
        TEST(errors_open_the_breaker_and_their_end_closes_it),
        TEST(garbage_is_down_once_the_owner_says_so),
        TEST(half_answers_are_failures),
        TEST(a_hung_feed_is_opened_again),
        TEST(a_revoked_token_is_replaced_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

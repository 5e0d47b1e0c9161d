/* One GNS3 server: its life, its state, and what the owner may ask about it.
 *
 * The work is in api.c, client_request.c and feed.c. */
#include "client_internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BREAKER_FAILURES = 5,
    BREAKER_RECOVERY_MS = 60000,
    BREAKER_RECOVERY_MAX_MS = 600000,
    IDLE_MAX_MS = 4000,                  /* GNS3 3 closes kept connections after 5 s */
    ANSWER_MAX_BYTES = 64 * 1024 * 1024, /* a list of 10,000 nodes is 14 MB */
};

/* ---- State ---- */

void client_set_state(struct client *client, enum client_state state, const char *why)
{
    bool changed = client->state != state;
    client->state = state;
    snprintf(client->why, sizeof(client->why), "%s", why);
    if (!changed)
        return;
    if (state != CLIENT_UP) {
        feeds_stop(client);
        requests_refuse(client);
    }
    if (client->events.on_state)
        client->events.on_state(client, state, client->why, client->events.data);
    if (state == CLIENT_UP)
        feeds_start(client);
}

void client_tell_breaker(struct client *client, enum breaker_state before)
{
    if (client->breaker.state != before && client->events.on_breaker)
        client->events.on_breaker(client, client->breaker.state, client->events.data);
}

void client_heard(struct client *client)
{
    client->session.answered_ms = client_now(client);
    enum breaker_state before = client->breaker.state;
    breaker_success(&client->breaker);
    client_tell_breaker(client, before);
}

void client_failed(struct client *client, const char *why)
{
    enum breaker_state before = client->breaker.state;
    breaker_failure(&client->breaker, client_now(client), dice_roll(&client->dice));
    client_tell_breaker(client, before);
    if (client->breaker.state != BREAKER_OPEN || client->state == CLIENT_DOWN)
        return;
    char text[sizeof(client->why)];
    snprintf(text, sizeof(text), "%d failures in a row, the last: %s", client->breaker.failures,
             why);
    client_set_state(client, CLIENT_DOWN, text);
    if (client->session.step == SESSION_IDLE)
        session_begin(client); /* is it all of the server? */
}

void client_unreadable(struct client *client, const char *what)
{
    if (client->freed || client->state != CLIENT_UP)
        return;
    char why[256];
    snprintf(why, sizeof(why), "an answer cannot be read: %s", what);
    client->stats.failures++;
    client->stats.successes--;
    client_failed(client, why);
    session_suspect(client, -EPROTO);
}

/* ---- Life ---- */

static struct gw_http *open_http(struct client *client, const struct gw_values *server)
{
    struct gw_http_options options = {
        .size = sizeof(options),
        .base = client->url,
        .ca_file = gw_string(server, "ca_file"),
        .insecure = gw_bool(server, "insecure"),
        .connect_ms = client->timeout_ms < 5000 ? client->timeout_ms : 5000,
        .connections_max = client->connections,
        .idle_max_ms = IDLE_MAX_MS,
        .answer_max_bytes = ANSWER_MAX_BYTES,
    };
    return gw_http_new(client->self, &options);
}

static int client_open(struct client *client, const struct gw_values *server)
{
    const char *name = gw_string(server, "name"), *url = gw_string(server, "url");
    client->name = strdup(name ? name : "");
    client->url = strdup(url ? url : "");
    if (!client->name || !client->url)
        return -ENOMEM;
    size_t length = strlen(client->url);
    while (length > 0 && client->url[length - 1] == '/')
        client->url[--length] = '\0';
    client->timeout_ms = gw_int(server, "timeout");
    client->health_ms = gw_int(server, "health_every");
    client->connections = (int)gw_int(server, "connections");
    budget_init(&client->budget, gw_number(server, "budget"), client_now(client));
    int error = auth_init(&client->auth, gw_string(server, "user"), gw_string(server, "password"));
    if (error)
        return error;
    client->http = open_http(client, server);
    if (!client->http)
        return gw_fail(client->self, -EINVAL, "server %s: its `url` cannot be used", client->name);
    return feeds_init(client);
}

struct client *client_new(struct gw_plugin *self, const struct gw_values *server,
                          const struct client_events *events)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        return NULL;
    client->self = self;
    client->events = *events;
    client->state = CLIENT_CONNECTING;
    client->session.step = SESSION_IDLE;
    TAILQ_INIT(&client->feeds);
    TAILQ_INIT(&client->taps);
    requests_init(client);
    stats_init(client);
    dice_init(&client->dice);
    breaker_init(&client->breaker, BREAKER_FAILURES, BREAKER_RECOVERY_MS, BREAKER_RECOVERY_MAX_MS);
    if (client_open(client, server) < 0) {
        client_free(client);
        return NULL;
    }
    session_schedule(client, 0);
    return client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    client->freed = true;
    session_fini(client);
    gw_http_free(client->http);
    requests_fini(client);
    feeds_fini(client);
    taps_fini(client);
    auth_fini(&client->auth);
    free(client->name);
    free(client->url);
    free(client);
}

/* ---- What the owner may ask ---- */

const char *client_name(const struct client *client)
{
    return client->name;
}

const char *client_url(const struct client *client)
{
    return client->url;
}

const char *client_version(const struct client *client)
{
    return client->version;
}

int client_api(const struct client *client)
{
    return client->api;
}

enum client_state client_state(const struct client *client)
{
    return client->state;
}

const char *client_why(const struct client *client)
{
    return client->why;
}

enum breaker_state client_breaker(const struct client *client)
{
    return client->breaker.state;
}

double client_latency_ms(const struct client *client)
{
    return client->stats.latency_ms;
}

/* ---- Options ---- */

const struct gw_row gns3_server_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 64,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "What this server is called everywhere"},
    {.name = "url",
     .type = GW_STRING,
     .def = "http://127.0.0.1:3080",
     .min = 8,
     .max = 512,
     .help = "Where it answers: http://HOST:PORT or https://HOST:PORT, without credentials"},
    {.name = "user",
     .type = GW_STRING,
     .max = 128,
     .help = "Who to log in as; without, GNS3 3 is tried with the account it comes with"},
    {.name = "password", .type = GW_SECRET, .max = 1024, .help = "The user's password"},
    {.name = "ca_file",
     .type = GW_STRING,
     .max = 4096,
     .help = "Certificates (PEM) to trust for https instead of the system's"},
    {.name = "insecure",
     .type = GW_BOOL,
     .def = "no",
     .help = "Accept any certificate: whoever is in between can read and change everything"},
    {.name = "timeout",
     .type = GW_DURATION,
     .def = "10s",
     .min = 1000,
     .max = 300000,
     .help = "How long a request may take, retries included"},
    {.name = "connections",
     .type = GW_INT,
     .def = "8",
     .min = 1,
     .max = 20,
     .help = "Requests under way at once at most, feeds not counted"},
    {.name = "budget",
     .type = GW_NUMBER,
     .unit = "1/s",
     .def = "10",
     .min = 0.1,
     .max = 1000,
     .help = "Polls a second in the mean; fewer while the server is slow"},
    {.name = "health_every",
     .type = GW_DURATION,
     .def = "30s",
     .max = 3600000,
     .help = "How often to ask whether it is alive when nothing else proves it; 0s: never"},
    {.name = "project_feeds",
     .type = GW_BOOL,
     .def = "no",
     .help = "Follow projects' own feeds, where auto_close is off: changes show at once"},
    {0},
};

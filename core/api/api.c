/* Start and stop: options, listening, the service thread. */
#include "api/api.h"

#include "api/listen.h"
#include "api/live.h"
#include "api/server.h"
#include "api/url.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gw_row token_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 60,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "Shown in the history of commands"},
    {.name = "role",
     .type = GW_ENUM,
     .def = "viewer",
     .choices = "viewer|operator|admin",
     .help = "viewer reads, operator acts, admin administers"},
    {.name = "token",
     .type = GW_SECRET,
     .help = "The token itself, at least 16 characters; better token_file or token_env"},
    {.name = "hash",
     .type = GW_STRING,
     .min = 64,
     .max = 64,
     .help = "Instead of the token, its BLAKE2b-256 in hexadecimal: b2sum -l 256"},
    {0},
};

const struct gw_row api_options[] = {
    {.name = "listen",
     .type = GW_STRING,
     .def = "127.0.0.1:8088",
     .help = "Address and port; port 0 takes any that is free; another address than loopback "
             "needs tokens"},
    {.name = "anonymous_role",
     .type = GW_ENUM,
     .def = "operator",
     .choices = "none|viewer|operator|admin",
     .help = "What callers on this machine may do while there are no tokens; what a proxy "
             "passes on is not from this machine"},
    {.name = "hosts",
     .type = GW_STRINGS,
     .help = "Further names in the Host header that are ours, for example behind a proxy"},
    {.name = "public_url",
     .type = GW_STRING,
     .help = "Where people reach the dashboard, for links in messages, such as "
             "https://watch.example.org; without it, where it listens"},
    {.name = "tokens", .type = GW_TABLES, .rows = token_rows, .help = "Who may"},
    {.name = "tls_cert", .type = GW_STRING, .help = "PEM file with the certificate and its chain"},
    {.name = "tls_key", .type = GW_STRING, .help = "PEM file with the key"},
    {.name = "body_max",
     .type = GW_SIZE,
     .unit = "By",
     .def = "1MiB",
     .min = 1024,
     .max = 64 << 20,
     .help = "Largest body of a request"},
    {.name = "connections_max",
     .type = GW_INT,
     .def = "1024",
     .min = 8,
     .max = 65536,
     .help = "How many connections at once; more are refused"},
    {.name = "requests_per_second",
     .type = GW_INT,
     .def = "0",
     .min = 0,
     .max = 1000000,
     .help = "Of one client address; 0 is no limit"},
    {.name = "websocket_compression",
     .type = GW_BOOL,
     .def = "no",
     .help = "permessage-deflate; costs about 200 KiB of memory a client"},
    {0},
};

static void on_wake(uv_async_t *wake)
{
    struct api *api = wake->data;
    inbox_run(api->inbox, api);
    if (!api->stopping)
        live_turn(api->live);
    if (api->stop_asked && !api->stopping) {
        api->stopping = true;
        listen_say_goodbye(api);
    }
}

static int read_options(struct api *api, const struct api_parts *parts)
{
    const struct gw_values *options = parts->options;
    api->body_max_bytes = gw_int(options, "body_max");
    api->connections_max = (int)gw_int(options, "connections_max");
    api->compression = gw_bool(options, "websocket_compression");
    api->tls = gw_has(options, "tls_cert");
    api->limits.requests_per_second = (double)gw_int(options, "requests_per_second");
    api->web_dir = parts->web_dir ? strdup(parts->web_dir) : NULL;
    api->socket_path = parts->socket_path ? strdup(parts->socket_path) : NULL;
    api->ports_file = parts->ports_file ? strdup(parts->ports_file) : NULL;
    return (parts->web_dir && !api->web_dir) || (parts->socket_path && !api->socket_path) ||
                   (parts->ports_file && !api->ports_file)
               ? -ENOMEM
               : 0;
}

static void free_api(struct api *api)
{
    live_free(api->live);
    auth_free(api->auth);
    inbox_unref(api->inbox);
    buf_fini(&api->openapi);
    free(api->web_dir);
    free(api->socket_path);
    free(api->ports_file);
    free(api->url);
    free(api);
}

/* Closes what the loop holds and turns it until all is gone. */
static void end_loop(struct api *api)
{
    if (api->live)
        live_stop(api->live);
    inbox_close(api->inbox);
    uv_close((uv_handle_t *)&api->wake, NULL);
    uv_close((uv_handle_t *)&api->tick, NULL);
    uv_close((uv_handle_t *)&api->goodbye, NULL);
    while (uv_run(&api->loop, UV_RUN_DEFAULT) != 0) {
    }
    listen_free(api);
    int error = uv_loop_close(&api->loop);
    if (error)
        log_line(GW_ERROR, "api", "the loop is still held: %s", uv_strerror(error));
}

static void *service(void *data)
{
    struct api *api = data;
    pthread_setname_np(pthread_self(), "gw-api");
    uv_run(&api->loop, UV_RUN_DEFAULT); /* until listen_end has stopped it */
    listen_end(api);
    command_waits_end(api);
    end_loop(api);
    return NULL;
}

static int start_loop(struct api *api)
{
    int error = uv_loop_init(&api->loop);
    if (error)
        return error;
    uv_async_init(&api->loop, &api->wake, on_wake);
    uv_timer_init(&api->loop, &api->tick);
    uv_timer_init(&api->loop, &api->goodbye);
    api->wake.data = api;
    api->inbox = inbox_new(&api->wake);
    api->live = api->inbox ? live_new(&api->parts, &api->loop, api->inbox) : NULL;
    return api->live ? 0 : -ENOMEM;
}

static void write_ports(const struct api *api)
{
    if (!api->ports_file)
        return;
    char part[4096];
    snprintf(part, sizeof(part), "%s.part", api->ports_file);
    FILE *file = fopen(part, "we");
    if (!file)
        return;
    fprintf(file, "{\"http\":%d,\"tls\":%s}\n", api->port, api->tls ? "true" : "false");
    if (fclose(file) != 0 || rename(part, api->ports_file) != 0)
        log_line(GW_WARNING, "api", "%s could not be written: %s", api->ports_file,
                 strerror(errno));
}

static int start_thread(struct api *api, char **why)
{
    int error = pthread_create(&api->thread, NULL, service, api);
    if (error == 0) {
        write_ports(api);
        return 0;
    }
    if (asprintf(why, "the API's thread does not start: %s", strerror(error)) < 0)
        *why = NULL;
    return -error;
}

int api_start(const struct api_parts *parts, struct api **out, char **why)
{
    *out = NULL;
    *why = NULL;
    struct api *api = calloc(1, sizeof(*api));
    if (!api)
        return -ENOMEM;
    api->parts = *parts;
    api->clock = parts->clock;
    api->boot = (uint64_t)clock_wall_ms(parts->clock) << 20;
    api->started_ms = clock_monotonic_ms(parts->clock);
    buf_init(&api->openapi, ANSWER_MAX_BYTES);
    struct listen_address address;
    int error = read_options(api, parts);
    if (!error)
        error = listen_parse(gw_string(parts->options, "listen"), &address, why);
    if (!error) {
        api->auth = auth_new(parts->clock, parts->options, address.host, why);
        error = api->auth ? 0 : -EINVAL;
    }
    if (error) {
        free_api(api);
        return error;
    }
    error = start_loop(api);
    if (!error)
        error = listen_start(api, &address, why);
    if (!error)
        error = url_make(gw_string(parts->options, "public_url"), &address, api->port, api->tls,
                         &api->url, why);
    if (!error)
        error = start_thread(api, why);
    if (error) {
        listen_end(api);
        end_loop(api);
        free_api(api);
        return error;
    }
    *out = api;
    return 0;
}

const char *api_url(const struct api *api)
{
    return api->url;
}

int api_check(const struct gw_values *options, char **why)
{
    struct listen_address address;
    char *url = NULL;
    *why = NULL;
    int error = listen_parse(gw_string(options, "listen"), &address, why);
    if (error)
        return error;
    struct auth *auth = auth_new(clock_system(), options, address.host, why);
    if (!auth)
        return -EINVAL;
    error = url_make(gw_string(options, "public_url"), &address, address.port, false, &url, why);
    free(url);
    auth_free(auth);
    return error;
}

int api_port(const struct api *api)
{
    return api->port;
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    api->stop_asked = true;
    inbox_wake(api->inbox);
    pthread_join(api->thread, NULL);
    if (api->ports_file)
        unlink(api->ports_file);
    if (api->socket_path)
        unlink(api->socket_path);
    free_api(api);
}

/* The host itself: instances, health, batches, the event stream. */
#include "api/batch.h"
#include "api/live.h"
#include "api/route.h"
#include "api/server.h"

#include <inttypes.h>
#include <string.h>

static bool get_plugins(struct request *request)
{
    struct host *host = request->api->parts.host;
    buf_adds(&request->out, "{\"items\":");
    if (host)
        host_json(host, &request->out);
    else
        buf_adds(&request->out, "[]");
    buf_addc(&request->out, '}');
    return request_json(request, 200);
}

static bool restart_plugin(struct request *request)
{
    struct host *host = request->api->parts.host;
    const char *name = request->captures[0];
    int error = host ? host_restart(host, name) : -2;
    if (error)
        return request_problem(request, status_of_errno(error), "There is no instance '%.100s'",
                               name);
    buf_adds(&request->out, "{}");
    return request_json(request, 200);
}

static void add_api_health(struct api *api, struct buf *out)
{
    const struct api_counts *counts = &api->counts;
    struct live_counts live;
    live_count(api->live, &live);
    buf_printf(out,
               ",\"api\":{\"requests\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"errors\":%" PRIu64
               ",\"sent_bytes\":%" PRIu64 ",\"connections\":%d,\"connections_max\":%d"
               ",\"connections_refused\":%" PRIu64 ",\"live_clients\":%" PRIu64
               ",\"live_messages\":%" PRIu64 "}",
               counts->requests, counts->refused, counts->errors, counts->sent_bytes,
               api->connections, api->connections_max, counts->connections_refused, live.clients,
               live.messages);
    buf_printf(out, ",\"dropped\":{\"live\":%" PRIu64 "}", live.dropped);
}

static void add_metric_health(struct api *api, struct buf *out)
{
    struct metric_counts counts = {0};
    metric_count(api->parts.metric, &counts);
    buf_printf(out,
               ",\"metric\":{\"series\":%" PRIu64 ",\"live\":%" PRIu64 ",\"rows\":%" PRIu64
               ",\"values\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"overrun_rows\":%" PRIu64
               ",\"arena_bytes\":%zu}",
               counts.series, counts.live, counts.rows, counts.values, counts.refused,
               counts.overrun_rows, counts.arena_bytes);
}

static bool get_host_health(struct request *request)
{
    static const char *const roles[] = {"none", "viewer", "operator", "admin"};
    struct api *api = request->api;
    struct buf store;
    buf_init(&store, 1 << 20);
    bool well = true;
    if (api->parts.store)
        store_health(api->parts.store, &store, &well);
    struct buf *out = &request->out;
    buf_printf(out,
               "{\"status\":\"%s\",\"version\":\"%s\",\"uptime_s\":%" PRId64 ",\"time\":%" PRId64
               ",\"role\":\"%s\",\"store\":",
               well ? "ok" : "degraded", GNSWATCH_VERSION,
               (clock_monotonic_ms(api->clock) - api->started_ms) / 1000, clock_wall_ms(api->clock),
               roles[request->role]);
    buf_adds(out, store.len && !buf_error(&store) ? store.data : "null");
    buf_fini(&store);
    add_api_health(api, out);
    add_metric_health(api, out);
    buf_addc(out, '}');
    return request_json(request, 200);
}

static bool get_health(struct request *request)
{
    buf_adds(&request->out, "{\"status\":\"ok\"}");
    return request_json(request, 200);
}

static bool get_ready(struct request *request)
{
    struct host *host = request->api->parts.host;
    bool ready = !request->api->stopping && (!host || host_ready(host));
    buf_adds(&request->out, ready ? "{\"status\":\"ok\"}" : "{\"status\":\"starting\"}");
    return request_json(request, ready ? 200 : 503);
}

/* The connection goes on as a stream (http.c). */
static bool get_stream(struct request *request)
{
    int64_t since;
    if (!request_int(request, "since", 0, INT64_MAX, -1, &since))
        return true;
    if (request->method != METHOD_GET || !request->owner)
        return request_problem(request, 400, "Only GET, and not in a batch");
    request->status = 101;
    return true;
}

static bool get_live(struct request *request)
{
    return request_problem(request, 426,
                           "This is a WebSocket; /api/v1/live/events has the same "
                           "messages as server-sent events");
}

static const struct gw_row batch_query[] = {
    {.name = "get",
     .type = GW_STRINGS,
     .min = 1,
     .max = BATCH_MAX,
     .flags = GW_REQUIRED,
     .help = "A path and query, percent-encoded; may be repeated"},
    {0},
};
static const struct gw_row batch_item[] = {
    {.name = "status", .type = GW_INT, .help = "Its status"},
    {.name = "body", .type = GW_JSON, .help = "Its body"},
    {0},
};
static const struct gw_row batch_answer_rows[] = {
    {.name = "items", .type = GW_TABLES, .rows = batch_item, .help = "Answers in the order asked"},
    {.name = "sequence",
     .type = GW_INT,
     .help = "Of the live feed when it was asked; subscribe with it as `since`"},
    {0},
};
static const struct gw_row status_answer[] = {
    {.name = "status", .type = GW_STRING, .help = "ok, or what is the matter"},
    {0},
};
static const struct gw_row health_answer[] = {
    {.name = "status", .type = GW_ENUM, .choices = "ok|degraded", .help = "How it is"},
    {.name = "version", .type = GW_STRING, .help = "Version of gnswatch"},
    {.name = "uptime_s", .type = GW_INT, .unit = "s", .help = "Since the start"},
    {.name = "time", .type = GW_INT, .help = "The host's clock, milliseconds since 1970"},
    {.name = "role", .type = GW_STRING, .help = "The caller's role"},
    {.name = "store", .type = GW_JSON, .help = "How the store is"},
    {.name = "api", .type = GW_JSON, .help = "How the API is"},
    {.name = "dropped", .type = GW_JSON, .help = "What was dropped, by queue"},
    {.name = "metric", .type = GW_JSON, .help = "How many series and rows"},
    {0},
};
static const struct gw_row plugins_answer[] = {
    {.name = "items", .type = GW_JSON, .help = "Instances, a list"},
    {0},
};
static const struct gw_row stream_query[] = {
    {.name = "topics", .type = GW_STRINGS, .help = "As for the WebSocket; repeated or with commas"},
    {.name = "since",
     .type = GW_INT,
     .min = 0,
     .max = 9e15,
     .help = "Sequence of the last message that was read"},
    {0},
};

const struct route host_routes[] = {
    {.method = METHOD_GET,
     .path = "/health",
     .handle = get_health,
     .id = "isAlive",
     .tag = "host",
     .help = "200 while the process serves",
     .answer = status_answer},
    {.method = METHOD_GET,
     .path = "/ready",
     .handle = get_ready,
     .id = "isReady",
     .tag = "host",
     .help = "200 once every instance has started or failed once",
     .answer = status_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/health",
     .handle = get_host_health,
     .role = GW_VIEWER,
     .id = "getHealth",
     .tag = "host",
     .help = "How the host itself is",
     .answer = health_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/plugins",
     .handle = get_plugins,
     .role = GW_VIEWER,
     .id = "listPlugins",
     .tag = "host",
     .help = "Instances of plugins",
     .answer = plugins_answer},
    {.method = METHOD_POST,
     .path = "/api/v1/plugins/{instance}/restart",
     .handle = restart_plugin,
     .role = GW_ADMIN,
     .id = "restartPlugin",
     .tag = "host",
     .help = "Restarts an instance at once",
     .captures = {"Name of the instance"}},
    {.method = METHOD_GET,
     .path = "/api/v1/batch",
     .handle = batch_answer,
     .role = GW_VIEWER,
     .id = "batch",
     .tag = "host",
     .help = "Up to 20 GETs in one",
     .query = batch_query,
     .answer = batch_answer_rows},
    {.method = METHOD_GET,
     .path = "/api/v1/live",
     .handle = get_live,
     .role = GW_VIEWER,
     .id = "live",
     .tag = "live",
     .help = "WebSocket with what changes"},
    {.method = METHOD_GET,
     .path = "/api/v1/live/events",
     .handle = get_stream,
     .role = GW_VIEWER,
     .id = "liveEvents",
     .tag = "live",
     .help = "What changes, as server-sent events",
     .query = stream_query,
     .answer_type = "text/event-stream"},
    {0},
};

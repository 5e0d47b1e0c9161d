/* server.c - one configured GNS3 server: its client, its state, its object. */
#include "events.h"
#include "inventory.h"
#include "operation.h"
#include "poll.h"
#include "series.h"

#include <stdlib.h>
#include <string.h>

/* Of the server's CPU time, once: so that what is there shows soon after the start. */
enum { FIRST_CREDIT_MS = 2000 };

static const char *const status_names[] = {
    [CLIENT_CONNECTING] = "connecting",
    [CLIENT_UP] = "up",
    [CLIENT_UNAUTHORIZED] = "unauthorized",
    [CLIENT_DOWN] = "down",
};

static const char *const breaker_names[] = {
    [BREAKER_CLOSED] = "closed",
    [BREAKER_HALF_OPEN] = "half-open",
    [BREAKER_OPEN] = "open",
};

const char *server_status(const struct server *server)
{
    return status_names[server->state];
}

struct server *server_find(const struct gns3 *gns3, const char *name)
{
    for (size_t i = 0; i < gns3->server_count; i++)
        if (strcmp(gns3->servers[i]->name, name) == 0)
            return gns3->servers[i];
    return NULL;
}

static void server_say(struct server *server, const char *why)
{
    static const struct {
        const char *topic, *text;
        enum gw_severity severity;
    } kinds[] = {
        [CLIENT_UP] = {"gns3.server.up", "answers", GW_NOTICE},
        [CLIENT_UNAUTHORIZED] = {"gns3.server.unauthorized", "refuses the credentials", GW_ERROR},
        [CLIENT_DOWN] = {"gns3.server.down", "does not answer", GW_ERROR},
    };
    if (server->state == CLIENT_CONNECTING)
        return;
    struct text data = {0};
    text_open(&data, NULL, '{');
    text_string_member(&data, "server", server->name);
    text_string_member(&data, "version", client_version(server->client));
    text_string_member(&data, "error", why && *why ? why : NULL);
    text_close(&data, '}');
    say(server, kinds[server->state].severity, kinds[server->state].topic, "gns3.server",
        server->name, text_string(&data), "GNS3 server %s %s%s%s.", server->name,
        kinds[server->state].text, why && *why ? ": " : "", why && *why ? why : "");
    text_fini(&data);
}

static void server_on_state(struct client *client, enum client_state state, const char *why,
                            void *data)
{
    (void)client;
    struct server *server = data;
    if (server->gns3->stopping || server->state == state)
        return;
    server->state = state;
    server->since_ms = gw_now_ms(server->gns3->self);
    server_say(server, why);
    server_put(server);
    if (state == CLIENT_UP)
        poll_resync(server);
    else
        poll_pump(server); /* tells who waits */
}

static void server_on_breaker(struct client *client, enum breaker_state state, void *data)
{
    (void)client;
    static const struct {
        const char *topic, *text;
        enum gw_severity severity;
    } kinds[] = {
        [BREAKER_CLOSED] = {"gns3.breaker.closed", "requests flow again", GW_NOTICE},
        [BREAKER_HALF_OPEN] = {"gns3.breaker.half_open", "one request tries whether it is back",
                               GW_INFO},
        [BREAKER_OPEN] = {"gns3.breaker.open", "no requests are sent for now", GW_WARNING},
    };
    struct server *server = data;
    if (server->gns3->stopping)
        return;
    say(server, kinds[state].severity, kinds[state].topic, "gns3.server", server->name, NULL,
        "GNS3 server %s: %s.", server->name, kinds[state].text);
    server_put(server);
}

static void server_on_feed(struct client *client, const char *project_id, const char *action,
                           const char *event_json, void *data)
{
    (void)client;
    struct server *server = data;
    if (!server->gns3->stopping)
        notice_feed(server, project_id, action, event_json);
}

static void server_on_feed_open(struct client *client, const char *project_id, void *data)
{
    (void)client;
    struct server *server = data;
    if (!server->gns3->stopping)
        notice_feed_open(server, project_id);
}

static void server_jobs(struct server *server)
{
    for (enum job_kind kind = JOB_PROJECTS; kind <= JOB_TEMPLATES; kind++)
        job_init(server_job(server, kind), kind, server, NULL);
}

struct server *server_new(struct gns3 *gns3, const struct gw_values *values)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    *server =
        (struct server){.gns3 = gns3, .state = CLIENT_CONNECTING, .credit_ms = FIRST_CREDIT_MS};
    server->since_ms = gw_now_ms(gns3->self);
    server->credit_at_ms = gw_monotonic_ms(gns3->self);
    server->project_feeds = gw_bool(values, "project_feeds");
    server_jobs(server);
    const struct client_events events = {.on_state = server_on_state,
                                         .on_breaker = server_on_breaker,
                                         .on_feed = server_on_feed,
                                         .on_feed_open = server_on_feed_open,
                                         .data = server};
    keep(&server->name, gw_string(values, "name"));
    server->client = server->name ? client_new(gns3->self, values, &events) : NULL;
    if (!server->client) {
        server_free(server);
        return NULL;
    }
    return server;
}

void server_stop(struct server *server)
{
    gw_timer_stop(server->timer);
    server->timer = NULL;
    client_free(server->client);
    server->client = NULL;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server_stop(server);
    for (size_t i = 0; i < SERVER_JOBS; i++)
        job_fini(&server->jobs[i]);
    for (size_t i = 0; i < server->project_count; i++)
        project_free(server->projects[i]);
    for (size_t i = 0; i < server->compute_count; i++)
        compute_free(server->computes[i]);
    for (size_t i = 0; i < server->template_count; i++)
        template_free(server->templates[i]);
    operation_free_all(server);
    free(server->projects);
    free(server->computes);
    free(server->templates);
    free(server->name);
    text_fini(&server->text);
    free(server);
}

struct counts {
    size_t opened, nodes, started, links, snapshots;
};

static void server_count(const struct server *server, struct counts *counts)
{
    *counts = (struct counts){0};
    for (size_t i = 0; i < server->project_count; i++) {
        const struct project *project = server->projects[i];
        counts->opened += project->opened;
        counts->nodes += project->node_count;
        counts->links += project->link_count;
        counts->snapshots += project->snapshot_count;
        for (size_t n = 0; n < project->node_count; n++)
            counts->started += project->nodes[n]->status == NODE_STARTED;
    }
}

static void put_counts(struct text *text, const struct server *server)
{
    struct counts counts;
    server_count(server, &counts);
    text_int_member(text, "computes", (int64_t)server->compute_count);
    text_int_member(text, "projects", (int64_t)server->project_count);
    text_int_member(text, "projects_opened", (int64_t)counts.opened);
    text_int_member(text, "nodes", (int64_t)counts.nodes);
    text_int_member(text, "nodes_started", (int64_t)counts.started);
    text_int_member(text, "links", (int64_t)counts.links);
    text_int_member(text, "snapshots", (int64_t)counts.snapshots);
}

void server_put(struct server *server)
{
    struct client *client = server->client;
    struct text *text = &server->text;
    int api = client_api(client);
    const char *why = client_why(client);
    text_clear(text);
    text_open(text, NULL, '{');
    text_string_member(text, "name", server->name);
    text_string_member(text, "instance", gw_name(server->gns3->self));
    text_string_member(text, "url", client_url(client));
    text_string_member(text, "version", client_version(client));
    text_string_member(text, "api", api == 2 ? "v2" : api == 3 ? "v3" : "");
    text_string_member(text, "status", server_status(server));
    text_string_member(text, "error", why && *why ? why : NULL);
    text_string_member(text, "breaker", breaker_names[client_breaker(client)]);
    text_int_member(text, "since", server->since_ms);
    put_counts(text, server);
    text_string_member(text, "feed", client_feed_open(client) ? "http" : "none");
    text_close(text, '}');
    gw_object_put(server->gns3->self, "gns3.server", server->name, text_string(text));
}

void server_tick(struct server *server)
{
    /* A state reached while the client was being made came before its owner was ready. */
    if (server->state != client_state(server->client))
        server_on_state(server->client, client_state(server->client), client_why(server->client),
                        server);
    poll_pump(server);
    server_put(server);
    series_tick(server);
}

/* control - see control.h. Plain HTTP with JSON in and out; every request names a server by its
 * index (0 when left out). Wrong requests get 400 with a sentence. */
#include "control.h"

#include "capture.h"
#include "faults.h"
#include "feed.h"
#include "http.h"
#include "inbox.h"
#include "model.h"
#include "route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void reply(struct conn *c, int status, json_t *steal)
{
    char *text = json_dumps(steal, JSON_COMPACT);
    json_decref(steal);
    answer_raw(c, status, "application/json", text ? text : "", text ? strlen(text) : 0);
    free(text);
}

static void ok(struct conn *c)
{
    reply(c, 200, json_pack("{s:b}", "ok", 1));
}

static void wrong(struct conn *c, const char *what)
{
    reply(c, 400, json_pack("{s:s}", "error", what));
}

json_t *ports_doc(const struct sim *sim)
{
    json_t *list = json_array();
    for (int i = 0; i < sim->n_servers; i++) {
        const struct server *s = &sim->servers[i];
        char url[128];
        snprintf(url, sizeof(url), "http://%s:%d", sim->opt.listen_host, s->port);
        json_array_append_new(list, json_pack("{s:i,s:i,s:s,s:s}", "index", i, "port", s->port,
                                              "url", url, "version", s->version));
    }
    return json_pack("{s:i,s:i,s:i,s:o}", "pid", (int)getpid(), "control", sim->control_port,
                     "smtp", inbox_port(sim->inbox), "servers", list);
}

int ports_write(const struct sim *sim, const char *path)
{
    char tmp[4096];
    snprintf(tmp, sizeof(tmp), "%s.tmp%d", path, (int)getpid());
    json_t *doc = ports_doc(sim);
    int rc = json_dump_file(doc, tmp, JSON_INDENT(1));
    json_decref(doc);
    if (rc < 0)
        return errno ? -errno : -EIO;
    if (rename(tmp, path) < 0) {
        rc = -errno;
        unlink(tmp);
        return rc;
    }
    return 0;
}

static json_t *route_counts(const struct server *s)
{
    json_t *out = json_object();
    for (size_t i = 0; i < route_count(); i++) {
        char key[256];
        if (!s->stats.by_route[i])
            continue;
        snprintf(key, sizeof(key), "%s %s", route_get(i)->method, route_get(i)->pattern);
        json_object_set_new(out, key, json_integer((json_int_t)s->stats.by_route[i]));
    }
    return out;
}

static void put(json_t *doc, const char *key, uint64_t value)
{
    json_object_set_new(doc, key, json_integer((json_int_t)value));
}

static json_t *server_stats(struct server *s)
{
    const struct counters *n = &s->stats;
    json_t *doc = json_pack("{s:i,s:s,s:i,s:b,s:s,s:o}", "index", s->index, "version", s->version,
                            "port", s->port, "listening", s->listening, "fault",
                            fault_name(s->fault.kind), "routes", route_counts(s));
    size_t opened = 0, conns = 0;
    for (size_t i = 0; i < s->n_projects; i++)
        opened += s->projects[i]->opened;
    for (const struct conn *c = s->conns; c; c = c->next)
        conns++;
    put(doc, "requests", n->requests);
    put(doc, "unmatched", n->unmatched);
    put(doc, "answers_2xx", n->by_class[2]);
    put(doc, "answers_4xx", n->by_class[4]);
    put(doc, "answers_5xx", n->by_class[5]);
    put(doc, "unauthorized", n->unauthorized);
    put(doc, "logins", n->logins);
    put(doc, "connections", n->connections);
    put(doc, "connections_open", conns);
    put(doc, "bytes_in", n->bytes_in);
    put(doc, "bytes_out", n->bytes_out);
    put(doc, "feeds_opened", n->feeds_opened);
    put(doc, "feeds_open", feed_count(s));
    put(doc, "feed_events", n->feed_events);
    put(doc, "feed_drops", n->feed_drops);
    put(doc, "projects", s->n_projects);
    put(doc, "projects_opened", opened);
    put(doc, "projects_auto_closed", n->auto_closed);
    put(doc, "captures_started", n->captures_started);
    put(doc, "captures_stopped", n->captures_stopped);
    put(doc, "captures_active", (uint64_t)s->capturing);
    put(doc, "streams_opened", n->streams_opened);
    put(doc, "streams_open", capture_readers(s));
    put(doc, "nodes_crashed", n->nodes_crashed);
    put(doc, "restarts", n->restarts);
    put(doc, "hypervisor_asks", n->hypervisor_asks);
    put(doc, "hypervisor_others", n->hypervisor_others);
    return doc;
}

static void get_stats(struct conn *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->sim->n_servers; i++)
        json_array_append_new(list, server_stats(&c->sim->servers[i]));
    reply(c, 200, json_pack("{s:o}", "servers", list));
}

static const char *text_of(const json_t *body, const char *key)
{
    const char *v = json_string_value(json_object_get(body, key));
    return v ? v : "";
}

static void post_fault(struct conn *c, struct server *s, const json_t *body)
{
    enum fault_kind kind = fault_parse(text_of(body, "kind"));
    json_int_t ms = json_integer_value(json_object_get(body, "ms"));
    if (!kind) {
        wrong(c, "kind: one of none down refuse slow error500 garbage half hang hang_feed "
                 "dead_compute");
        return;
    }
    fault_set(s, kind, ms > 0 ? (uint64_t)ms : 0, text_of(body, "path_prefix"));
    ok(c);
}

static struct project *project_of(struct conn *c, struct server *s, const json_t *body)
{
    const char *name = text_of(body, "project");
    struct project *p = project_by_name(s, name);
    if (!p)
        p = project_find(s, name);
    if (!p)
        wrong(c, "project: no project of this name or id on this server");
    return p;
}

static void post_node(struct conn *c, struct server *s, const json_t *body)
{
    struct project *p = project_of(c, s, body);
    if (!p)
        return;
    struct node *n = node_by_name(p, text_of(body, "node"));
    const char *action = text_of(body, "action");
    if (!n) {
        wrong(c, "node: no node of this name in the project");
        return;
    }
    if (strcmp(action, "crash") == 0) {
        node_crash(n);
    } else if (strcmp(action, "stop") == 0) {
        node_stop(n, 2);
    } else if (strcmp(action, "start") == 0) {
        node_start(n);
    } else {
        wrong(c, "action: one of crash stop start");
        return;
    }
    ok(c);
}

static void post_project(struct conn *c, struct server *s, const json_t *body)
{
    struct project *p = project_of(c, s, body);
    if (!p)
        return;
    const char *action = text_of(body, "action");
    json_t *auto_close = json_object_get(body, "auto_close");
    if (json_is_boolean(auto_close)) {
        json_object_set(p->doc, "auto_close", auto_close);
        project_touch(p);
        feed_project_event(p, "project.updated");
    }
    if (json_is_string(json_object_get(body, "unreadable")))
        sim_copy(p->unreadable, sizeof(p->unreadable), text_of(body, "unreadable"));
    if (json_is_integer(json_object_get(body, "snapshot_ms")))
        p->snapshot_ms = (uint64_t)json_integer_value(json_object_get(body, "snapshot_ms"));
    if (strcmp(action, "open") == 0)
        project_open(p, false);
    else if (strcmp(action, "close") == 0)
        project_close(p, false);
    else if (strcmp(action, "quiet") == 0 || strcmp(action, "busy") == 0)
        p->quiet = strcmp(action, "quiet") == 0;
    else if (action[0]) {
        wrong(c, "action: one of open close quiet busy");
        return;
    }
    ok(c);
}

static void post_snapshot(struct conn *c, struct server *s, const json_t *body)
{
    struct project *p = project_of(c, s, body);
    if (!p)
        return;
    struct snapshot *snapshot = snapshot_by_name(p, text_of(body, "snapshot"));
    const char *action = text_of(body, "action");
    if (!snapshot) {
        wrong(c, "snapshot: no snapshot of this name in the project");
    } else if (strcmp(action, "cut") != 0 && strcmp(action, "lose") != 0) {
        wrong(c, "action: cut or lose");
    } else {
        snapshot->cut = strcmp(action, "cut") == 0;
        snapshot->lost = !snapshot->cut;
        ok(c);
    }
}

static void post_link(struct conn *c, struct server *s, const json_t *body)
{
    struct project *p = project_of(c, s, body);
    if (!p)
        return;
    const char *action = text_of(body, "action");
    const char *a = text_of(body, "node");
    bool die = strcmp(action, "die") == 0;
    int touched = 0;
    if (!die && strcmp(action, "revive") != 0) {
        wrong(c, "action: die or revive");
        return;
    }
    for (size_t i = 0; i < p->n_links; i++)
        for (int e = 0; e < 2; e++)
            if (strcmp(text_of(p->links[i]->end[e]->doc, "name"), a) == 0 ||
                strcmp(p->links[i]->id, text_of(body, "link")) == 0) {
                p->links[i]->dead = die;
                touched++;
            }
    if (touched)
        ok(c);
    else
        wrong(c, "link or node: no such link in the project");
}

static void post_restart(struct conn *c, struct server *s, const json_t *body)
{
    json_int_t ms = json_integer_value(json_object_get(body, "ms"));
    server_restart(s, ms > 0 ? (uint64_t)ms : 300, json_is_true(json_object_get(body, "graceful")));
    ok(c);
}

/* Old tokens stop working, as when the server's secret was changed. */
static void post_token(struct conn *c, struct server *s, const json_t *body)
{
    (void)body;
    s->secret = rng_next(&s->rng);
    ok(c);
}

static const struct {
    const char *path;
    void (*handler)(struct conn *c, struct server *s, const json_t *body);
} posts[] = {
    {"/fault", post_fault},       {"/node", post_node}, {"/project", post_project},
    {"/restart", post_restart},   {"/link", post_link}, {"/revoke", post_token},
    {"/snapshot", post_snapshot},
};

static void dispatch_post(struct conn *c)
{
    const struct buf *b = &c->req.body;
    json_t *body = json_loadb(b->len ? b->data : "{}", b->len ? b->len : 2, 0, NULL);
    if (!json_is_object(body)) {
        json_decref(body);
        wrong(c, "the body is not a JSON object");
        return;
    }
    json_int_t index = json_integer_value(json_object_get(body, "server"));
    bool found = false;
    if (index < 0 || index >= c->sim->n_servers) {
        wrong(c, "server: there is no server of this index");
        json_decref(body);
        return;
    }
    for (size_t i = 0; !found && i < sizeof(posts) / sizeof(posts[0]); i++)
        if (strcmp(posts[i].path, c->req.path) == 0) {
            found = true;
            posts[i].handler(c, &c->sim->servers[index], body);
        }
    json_decref(body);
    if (!found)
        reply(c, 404,
              json_pack("{s:s}", "error",
                        "POST /fault /node /project /link /restart "
                        "/revoke /snapshot"));
}

void control_dispatch(struct conn *c)
{
    if (inbox_dispatch(c))
        return;
    if (strcmp(c->req.method, "POST") == 0)
        dispatch_post(c);
    else if (strcmp(c->req.path, "/stats") == 0)
        get_stats(c);
    else if (strcmp(c->req.path, "/ports") == 0)
        reply(c, 200, ports_doc(c->sim));
    else
        reply(c, 404, json_pack("{s:s}", "error", "GET /stats or /ports"));
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct sim *sim = listener->data;
    if (status == 0)
        conn_accept(listener, sim, NULL);
}

int control_listen(struct sim *sim)
{
    struct sockaddr_in addr;
    int len = sizeof(addr);
    int rc = uv_ip4_addr(sim->opt.control_host, sim->opt.control_port, &addr);
    if (rc < 0)
        return rc;
    sim->control = sim_alloc(sizeof(*sim->control));
    sim->control->data = sim;
    uv_tcp_init(sim->loop, sim->control);
    rc = uv_tcp_bind(sim->control, (struct sockaddr *)&addr, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)sim->control, 64, on_connection);
    if (rc == 0)
        rc = uv_tcp_getsockname(sim->control, (struct sockaddr *)&addr, &len);
    if (rc == 0)
        sim->control_port = ntohs(addr.sin_port);
    return rc;
}

/* feed - see feed.h. A listener is a connection that never gets another answer; it costs a ping
 * every five silent seconds. Must not know of routes. */
#include "feed.h"

#include "http.h"
#include "load.h"
#include "ws.h"

#include <stdlib.h>
#include <string.h>

enum {
    PING_MS = 5000,
    WS_PING_MS = 20000,
    BEAT_V2_MS = 1000,
    CLOSE_V2_HTTP_MS = 8700, /* measured from the client's leaving to the project's closing */
    CLOSE_V2_WS_MS = 8950,
    CLOSE_V3_WS_MS = 8800,
};

struct feed {
    struct feed *prev, *next;
    struct conn *conn;       /* borrowed: it owns the feed */
    struct project *project; /* borrowed; NULL: controller, or the project was deleted */
    bool of_project;
    uv_timer_t ping;
    uv_timer_t ws_ping;
    bool pong_due;
};

static json_t *ping_event(struct server *s)
{
    json_t *event = json_pack("{s:f,s:f}", "cpu_usage_percent", load_cpu_percent(s, 0),
                              "memory_usage_percent", load_memory_percent(s, 0));
    if (server_is(s, 3))
        json_object_set_new(event, "disk_usage_percent", json_real(load_disk_percent(s)));
    return event;
}

static char *message_text(const char *action, json_t *event)
{
    json_t *m = json_pack("{s:s,s:O}", "action", action, "event", event);
    char *text = json_dumps(m, JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    json_decref(m);
    return text;
}

static void feed_send(struct feed *f, const char *text)
{
    struct conn *c = f->conn;
    size_t len = strlen(text);
    if (c->closing || c->server->fault.kind == FAULT_HANG_FEED)
        return;
    c->server->stats.feed_events++;
    if (c->ws) {
        ws_send(c, WS_TEXT, text, len);
        return;
    }
    struct buf chunk = {0};
    if (c->req.http10)
        buf_addf(&chunk, "%s\n", text);
    else
        buf_addf(&chunk, "%zx\r\n%s\n\r\n", len + 1, text);
    conn_write(c, chunk.data, chunk.len);
    buf_free(&chunk);
}

static void ping_later(struct feed *f);

static void send_ping(struct feed *f)
{
    json_t *event = ping_event(f->conn->server);
    char *text = message_text("ping", event);
    json_decref(event);
    feed_send(f, text);
    free(text);
    ping_later(f);
}

static void on_ping(uv_timer_t *t)
{
    send_ping(t->data);
}

static void ping_later(struct feed *f)
{
    uv_timer_start(&f->ping, on_ping, sim_wait_ms(f->conn->sim, PING_MS), 0);
}

static void on_ws_ping(uv_timer_t *t)
{
    struct feed *f = t->data;
    if (f->pong_due) {
        ws_send_close(f->conn, 1011, "keepalive ping timeout");
        conn_finish(f->conn);
        return;
    }
    f->pong_due = true;
    ws_send(f->conn, WS_PING, "sim1", 4);
}

void feed_pong(struct conn *c)
{
    if (c->feed)
        c->feed->pong_due = false;
}

static void send_head(struct conn *c)
{
    struct buf head = {0};
    char date[40];
    http_date(date);
    if (server_is(c->server, 3))
        buf_addf(&head,
                 "HTTP/1.1 200 OK\r\ndate: %s\r\nserver: uvicorn\r\n"
                 "content-type: application/json\r\n%s\r\n",
                 date, c->req.http10 ? "connection: close\r\n" : "Transfer-Encoding: chunked\r\n");
    else
        buf_addf(&head,
                 "HTTP/1.1 200 OK\r\nConnection: close\r\nX-Route: /v2/%snotifications\r\n"
                 "Server: Python/3.11 GNS3/%s\r\nContent-Type: application/json\r\n"
                 "Transfer-Encoding: chunked\r\nDate: %s\r\n\r\n",
                 c->feed->of_project ? "projects/{project_id}/" : "", c->server->version, date);
    conn_write(c, head.data, head.len);
    buf_free(&head);
}

void feed_open(struct conn *c, struct project *p)
{
    struct server *s = c->server;
    struct feed *f = sim_alloc(sizeof(*f));
    f->conn = c;
    f->project = p;
    f->of_project = p != NULL;
    f->next = s->feeds;
    if (s->feeds)
        s->feeds->prev = f;
    s->feeds = f;
    c->feed = f;
    c->streaming = true;
    s->stats.feeds_opened++;
    uv_timer_init(s->sim->loop, &f->ping);
    uv_timer_init(s->sim->loop, &f->ws_ping);
    f->ping.data = f->ws_ping.data = f;
    if (p)
        project_listener_added(p);
    if (!c->ws)
        send_head(c);
    else if (server_is(s, 3))
        uv_timer_start(&f->ws_ping, on_ws_ping, sim_wait_ms(s->sim, WS_PING_MS),
                       sim_wait_ms(s->sim, WS_PING_MS));
    send_ping(f);
}

static void on_timer2_closed(uv_handle_t *h)
{
    free(h->data);
}

static void on_timer1_closed(uv_handle_t *h)
{
    struct feed *f = h->data;
    uv_close((uv_handle_t *)&f->ws_ping, on_timer2_closed);
}

static uint64_t closing_ms(const struct conn *c)
{
    if (server_is(c->server, 3))
        return c->ws ? CLOSE_V3_WS_MS : 0; /* 3.0 HTTP listeners never close a project */
    return c->ws ? CLOSE_V2_WS_MS : CLOSE_V2_HTTP_MS;
}

void feed_conn_gone(struct conn *c)
{
    struct feed *f = c->feed;
    if (!f)
        return;
    c->feed = NULL;
    if (f->prev)
        f->prev->next = f->next;
    else
        c->server->feeds = f->next;
    if (f->next)
        f->next->prev = f->prev;
    if (f->project)
        project_listener_gone(f->project, closing_ms(c));
    uv_close((uv_handle_t *)&f->ping, on_timer1_closed);
}

void feed_project_gone(struct project *p)
{
    for (struct feed *f = p->server->feeds; f; f = f->next)
        if (f->project == p)
            f->project = NULL;
}

static bool anyone(const struct server *s, const struct project *p)
{
    for (const struct feed *f = s->feeds; f; f = f->next)
        if (f->project == p && f->of_project == (p != NULL))
            return true;
    return false;
}

void feed_emit(struct server *s, struct project *p, const char *action, json_t *event)
{
    if (!anyone(s, p))
        return;
    char *text = message_text(action, event);
    for (struct feed *f = s->feeds, *next; f; f = next) {
        next = f->next;
        if (f->project != p || f->of_project != (p != NULL))
            continue;
        feed_send(f, text);
        if (!f->conn->closing)
            ping_later(f);
    }
    free(text);
}

void feed_project_event(struct project *p, const char *action)
{
    struct server *s = p->server;
    bool to_controller = s->major == 3 || s->patch_code >= 20245;
    feed_emit(s, to_controller ? NULL : p, action, p->doc);
}

json_t *compute_doc(struct server *s, int index)
{
    struct compute *k = &s->computes[index];
    bool v3 = server_is(s, 3);
    static const char *const types[] = {
        "cloud",      "ethernet_hub", "ethernet_switch", "nat",
        "vpcs",       "virtualbox",   "dynamips",        "frame_relay_switch",
        "atm_switch", "qemu",         "vmware",          "traceng",
        "docker",     "iou"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!v3 || strcmp(types[i], "traceng") != 0)
            json_array_append_new(list, json_string(types[i]));
    json_t *caps =
        json_pack("{s:o,s:s,s:s}", "node_types", list, "platform", "linux", "version", s->version);
    json_t *doc = json_pack(
        "{s:o,s:s,s:b,s:s,s:n,s:s,s:i,s:s,s:s,s:o,s:o}", "capabilities", caps, "compute_id", k->id,
        "connected", k->connected, "host", "127.0.0.1", "last_error", "name", k->name, "port",
        s->port, "protocol", "http", "user", "gns3", "cpu_usage_percent",
        k->connected ? json_real(load_cpu_percent(s, index)) : json_null(), "memory_usage_percent",
        k->connected ? json_real(load_memory_percent(s, index)) : json_null());
    if (v3) {
        json_object_update_new(caps, json_pack("{s:i,s:I,s:I}", "cpus", 2, "disk_size",
                                               (json_int_t)270553174016, "memory",
                                               (json_int_t)25276514304));
        json_object_set_new(doc, "disk_usage_percent",
                            k->connected ? json_real(load_disk_percent(s)) : json_null());
    }
    return doc;
}

static void on_beat(uv_timer_t *t)
{
    struct server *s = t->data;
    uint64_t next = BEAT_V2_MS;
    if (server_is(s, 3)) /* irregular: 0.6 to 16 s apart */
        next = 600 + (uint64_t)(rng_unit(&s->rng) * rng_unit(&s->rng) * 15400.0);
    for (int i = 0; s->feeds && i < s->n_computes; i++) {
        if (!s->computes[i].connected)
            continue;
        json_t *event = compute_doc(s, i);
        feed_emit(s, NULL, "compute.updated", event);
        json_decref(event);
    }
    uv_timer_start(&s->beat, on_beat, sim_wait_ms(s->sim, next), 0);
}

void feed_start(struct server *s)
{
    s->beat.data = s;
    uv_timer_start(&s->beat, on_beat, sim_wait_ms(s->sim, BEAT_V2_MS), 0);
}

void feed_farewell(struct server *s)
{
    bool v3 = server_is(s, 3);
    for (struct feed *f = s->feeds, *next; f; f = next) {
        struct conn *c = f->conn;
        next = f->next;
        if (c->ws) {
            ws_send_close(c, v3 ? 1012 : 1001, v3 ? "" : "Server shutdown");
            if (!v3 && !f->of_project) { /* bytes of an HTTP answer behind the close frame */
                struct buf tail = {0};
                buf_addf(&tail,
                         "HTTP/1.1 200 OK\r\nConnection: close\r\nX-Route: /v2/notifications/ws\r\n"
                         "Server: Python/3.11 GNS3/%s\r\nContent-Length: 0\r\n"
                         "Content-Type: application/octet-stream\r\n\r\n",
                         s->version);
                conn_write(c, tail.data, tail.len);
                buf_free(&tail);
            }
        } else if (v3) {
            conn_write(c, "0\r\n\r\n", 5);
        }
        conn_finish(c);
    }
}

size_t feed_count(const struct server *s)
{
    size_t n = 0;
    for (const struct feed *f = s->feeds; f; f = f->next)
        n++;
    return n;
}

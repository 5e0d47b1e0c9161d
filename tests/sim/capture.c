/* capture - see capture.h. One timer a server, every 100 ms as the real server polls its files,
 * makes the packets due since the last tick and sends what is new to the readers. */
#include "capture.h"

#include "http.h"
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PUMP_MS = 100, CAPTURE_MAX = 8 * 1024 * 1024, PACKETS_PER_TICK_MAX = 5000 };

struct reader {
    struct reader *next;
    struct conn *conn; /* borrowed: it owns the reader */
    struct link *link; /* borrowed; NULL when the capture ended */
    uint64_t at;       /* position in the file */
};

static const uint8_t pcap_header[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2,    0,    4, 0, 0, 0, 0, 0,
                                        0,    0,    0,    0,    0xff, 0xff, 0, 0, 1, 0, 0, 0};

static uint64_t wall_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* Keeps the file bounded: drops whole records at its front. */
static void trim(struct capture *cap)
{
    while (cap->file.len > CAPTURE_MAX) {
        size_t drop = 0;
        while (drop < CAPTURE_MAX / 4) {
            const uint8_t *r = (const uint8_t *)cap->file.data + drop + 8;
            uint32_t len = (uint32_t)r[0] | (uint32_t)r[1] << 8 | (uint32_t)r[2] << 16;
            drop += 16 + len;
        }
        buf_drop(&cap->file, drop);
        cap->base += drop;
    }
}

static void send_chunk(struct conn *c, const void *data, size_t len)
{
    struct buf chunk = {0};
    buf_addf(&chunk, "%zx\r\n", len);
    buf_add(&chunk, data, len);
    buf_adds(&chunk, "\r\n");
    conn_write(c, chunk.data, chunk.len);
    buf_free(&chunk);
}

/* Nothing at all, not even the header, before the first packet. */
static void feed_reader(struct reader *r)
{
    struct capture *cap = &r->link->capture;
    struct buf out = {0};
    uint64_t end = cap->base + cap->file.len;
    if (r->at >= end)
        return;
    if (r->at == 0)
        buf_add(&out, pcap_header, sizeof(pcap_header));
    if (r->at < cap->base)
        r->at = cap->base;
    buf_add(&out, cap->file.data + (r->at - cap->base), (size_t)(end - r->at));
    r->at = end;
    send_chunk(r->conn, out.data, out.len);
    buf_free(&out);
}

static void count(struct tally *tally, size_t bytes)
{
    tally->packets++;
    tally->bytes += bytes;
}

/* Nobody but the ends' hypervisors sees what a dead link is given. */
static bool link_is_fed(const struct link *l)
{
    struct link alive = *l;
    alive.dead = false;
    return l->project->server->sim->opt.counters && link_passes(&alive);
}

/* One packet: into the capture, if there is one, and into the ends' counters. */
static void pass(struct link *l, struct buf *out, uint64_t at_us)
{
    size_t bytes;
    int from = packet_make(out, l->project->server, l, at_us, &bytes);
    count(&l->sent[from], bytes);
    if (!l->dead)
        count(&l->got[1 - from], bytes);
}

static void make_traffic(struct link *l, uint64_t now_us)
{
    struct server *s = l->project->server;
    struct capture *cap = &l->capture;
    struct buf nowhere = {0};
    bool seen = cap->active && !l->dead;
    if (l->project->quiet || !(link_passes(l) || link_is_fed(l)))
        return;
    uint64_t seed = (uint64_t)(l->busy * 1e6);
    double rate = s->sim->opt.pps * l->busy * load_wave(sim_now_ms(s->sim), seed) * 2.0;
    cap->debt += rate * s->sim->opt.speed * PUMP_MS / 1000.0;
    int n = (int)cap->debt;
    cap->debt -= n;
    if (n > PACKETS_PER_TICK_MAX)
        n = PACKETS_PER_TICK_MAX;
    for (int i = 0; i < n; i++) {
        pass(l, seen ? &cap->file : &nowhere,
             now_us - (uint64_t)(n - 1 - i) * (PUMP_MS * 1000 / (uint64_t)n));
        nowhere.len = 0;
    }
    buf_free(&nowhere);
    trim(cap);
}

static void on_pump(uv_timer_t *t)
{
    struct server *s = t->data;
    uint64_t now_us = wall_us();
    for (size_t i = 0; i < s->n_projects; i++) {
        struct project *p = s->projects[i];
        for (size_t k = 0; p->opened && k < p->n_links; k++) {
            struct link *l = p->links[k];
            if (!l->capture.active && !s->sim->opt.counters)
                continue;
            make_traffic(l, now_us);
            for (struct reader *r = l->capture.readers, *next; r; r = next) {
                next = r->next;
                feed_reader(r);
            }
        }
    }
}

static void count_capturing(struct server *s, int change)
{
    s->capturing += change;
    s->pump.data = s;
    if (s->sim->opt.counters)
        return; /* it runs always */
    if (s->capturing == 1 && change > 0)
        uv_timer_start(&s->pump, on_pump, PUMP_MS, PUMP_MS);
    else if (!s->capturing)
        uv_timer_stop(&s->pump);
}

void capture_pump(struct server *s)
{
    s->pump.data = s;
    uv_timer_start(&s->pump, on_pump, PUMP_MS, PUMP_MS);
}

static struct node *choose_side(const struct link *l)
{
    for (int e = 0; e < 2; e++)
        if (l->end[e]->always_on && node_is(l->end[e], "started"))
            return l->end[e];
    for (int e = 0; e < 2; e++)
        if (node_is(l->end[e], "started"))
            return l->end[e];
    return NULL;
}

static void file_name(const struct link *l, char *out, size_t size)
{
    snprintf(out, size, "%s_%d-%d_to_%s_%d-%d.pcap",
             json_string_value(json_object_get(l->end[0]->doc, "name")), l->adapter[0], l->port[0],
             json_string_value(json_object_get(l->end[1]->doc, "name")), l->adapter[1], l->port[1]);
}

int capture_start(struct link *l)
{
    struct capture *cap = &l->capture;
    if (cap->active)
        return -EBUSY;
    struct node *side = choose_side(l);
    if (!side)
        return -ENODEV;
    char name[600], path[800];
    file_name(l, name, sizeof(name));
    snprintf(path, sizeof(path), "/opt/gns3/projects/%s/project-files/captures/%s", l->project->id,
             name);
    cap->active = true;
    cap->side = side;
    cap->debt = 0;
    if (!l->dead) { /* a dead ubridge leaves the old file in place */
        cap->file.len = 0;
        cap->base = 0;
    }
    json_object_set_new(l->doc, "capturing", json_true());
    json_object_set_new(l->doc, "capture_file_name", json_string(name));
    json_object_set_new(l->doc, "capture_file_path", json_string(path));
    json_object_set(l->doc, "capture_compute_id", json_object_get(side->doc, "compute_id"));
    project_touch(l->project);
    l->project->server->stats.captures_started++;
    count_capturing(l->project->server, 1);
    link_emit(l, "link.updated");
    return 0;
}

/* 2.2 sends a header block where a chunk size belongs and leaves the connection open. */
static void end_reader(struct reader *r)
{
    struct conn *c = r->conn;
    feed_reader(r);
    if (c->closing)
        return; /* and r is gone with it */
    r->link = NULL;
    if (server_is(c->server, 3)) {
        conn_write(c, "0\r\n\r\n", 5);
        conn_finish(c);
        return;
    }
    struct buf tail = {0};
    char date[40];
    http_date(date);
    buf_addf(&tail,
             "HTTP/1.1 200 OK\r\nConnection: close\r\n"
             "X-Route: /v2/projects/{project_id}/links/{link_id}/pcap\r\n"
             "Server: Python/3.11 GNS3/%s\r\nContent-Length: 0\r\n"
             "Content-Type: application/octet-stream\r\nDate: %s\r\n\r\n0\r\n\r\n",
             c->server->version, date);
    conn_write(c, tail.data, tail.len);
    buf_free(&tail);
}

void capture_stop(struct link *l, bool emit)
{
    struct capture *cap = &l->capture;
    if (!cap->active)
        return;
    while (cap->readers) {
        struct reader *r = cap->readers;
        cap->readers = r->next;
        end_reader(r);
    }
    cap->active = false;
    cap->side = NULL;
    json_object_set_new(l->doc, "capturing", json_false());
    json_object_set_new(l->doc, "capture_compute_id", json_null());
    project_touch(l->project);
    l->project->server->stats.captures_stopped++;
    count_capturing(l->project->server, -1);
    if (emit)
        link_emit(l, "link.updated");
}

static void stream_head(struct conn *c)
{
    struct buf head = {0};
    char date[40];
    http_date(date);
    if (server_is(c->server, 3))
        buf_addf(&head,
                 "HTTP/1.1 200 OK\r\ndate: %s\r\nserver: uvicorn\r\n"
                 "content-type: application/vnd.tcpdump.pcap\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n",
                 date);
    else
        buf_addf(&head,
                 "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 "X-Route: /v2/compute/projects/{project_id}/vpcs/nodes/{node_id}/adapters/"
                 "{adapter_number:\\d+}/ports/{port_number:\\d+}/pcap\r\n"
                 "Server: Python/3.11 GNS3/%s\r\nContent-Type: application/vnd.tcpdump.pcap\r\n"
                 "Transfer-Encoding: chunked\r\nDate: %s\r\n\r\n",
                 c->server->version, date);
    conn_write(c, head.data, head.len);
    buf_free(&head);
}

void capture_stream(struct conn *c, struct link *l)
{
    struct reader *r = sim_alloc(sizeof(*r));
    r->conn = c;
    r->link = l;
    r->next = l->capture.readers;
    l->capture.readers = r;
    c->reader = r;
    c->streaming = true;
    c->server->stats.streams_opened++;
    stream_head(c);
    feed_reader(r);
}

void capture_conn_gone(struct conn *c)
{
    struct reader *r = c->reader;
    if (!r)
        return;
    c->reader = NULL;
    if (r->link) {
        struct reader **at = &r->link->capture.readers;
        while (*at && *at != r)
            at = &(*at)->next;
        if (*at)
            *at = r->next;
    }
    free(r);
}

void capture_link_gone(struct link *l)
{
    buf_free(&l->capture.file);
}

size_t capture_readers(const struct server *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_projects; i++)
        for (size_t k = 0; k < s->projects[i]->n_links; k++)
            for (const struct reader *r = s->projects[i]->links[k]->capture.readers; r; r = r->next)
                n++;
    return n;
}

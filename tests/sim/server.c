/* server - one simulated GNS3 server: its listening socket, what it starts with, its restarts. */
#include "capture.h"
#include "demo.h"
#include "feed.h"
#include "http.h"
#include "hypervisor.h"
#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 512, GROUP = 10 };

uint64_t sim_now_ms(const struct sim *sim)
{
    double wall = (double)(uv_now(sim->loop) - sim->started_ms);
    return (uint64_t)(wall * sim->opt.speed);
}

uint64_t sim_wait_ms(const struct sim *sim, uint64_t ms)
{
    uint64_t wait = (uint64_t)((double)ms / sim->opt.speed);
    return wait ? wait : 1;
}

bool server_is(const struct server *s, int major)
{
    return s->major == major;
}

bool server_ids_stable(const struct server *s)
{
    return s->major == 3 ? s->patch_code >= 30100 : s->patch_code >= 20258;
}

static void set_version(struct server *s, const char *version)
{
    long part[3] = {0};
    char *at = s->version;
    sim_copy(s->version, sizeof(s->version), version);
    for (size_t i = 0; i < 3 && *at; i++) { /* digits and dots only: options.c has looked */
        part[i] = strtol(at, &at, 10);
        at += *at == '.';
    }
    s->major = (int)part[0];
    s->patch_code = (int)(part[0] * 10000 + part[1] * 100 + part[2]);
}

struct builtin {
    const char *type, *name, *category, *format, *v2_symbol, *v3_symbol, *v2_id, *v3_id;
};

static const struct builtin builtins[] = {
    {"cloud", "Cloud", "guest", "Cloud{0}", ":/symbols/cloud.svg",
     ":/symbols/affinity/square/blue/cloud.svg", "39e257dc-8412-3174-b6b3-0ee3ed6a43e9",
     "b6ed2e82-d5aa-5a86-b6dd-8b9dd1c66800"},
    {"nat", "NAT", "guest", "NAT{0}", ":/symbols/nat.svg", ":/symbols/affinity/square/blue/nat.svg",
     "df8f4ea9-33b7-3e96-86a2-c39bc9bb649c", "2d7eb722-90e8-56c1-8dfa-a30d79847984"},
    {"vpcs", "VPCS", "guest", "PC{0}", ":/symbols/vpcs_guest.svg",
     ":/symbols/affinity/square/blue/client.svg", "19021f99-e36f-394d-b4a1-8aaa902ab9cc",
     "52136454-1f50-590a-94e4-816bd02d1062"},
    {"ethernet_switch", "Ethernet switch", "switch", "Switch{0}", ":/symbols/ethernet_switch.svg",
     ":/symbols/affinity/square/blue/switch.svg", "1966b864-93e7-32d5-965f-001384eec461",
     "92a43283-9c7e-5a68-9695-1f05a2e8dd05"},
    {"ethernet_hub", "Ethernet hub", "switch", "Hub{0}", ":/symbols/hub.svg",
     ":/symbols/affinity/square/blue/hub.svg", "b4503ea9-d6b6-3695-9fe4-1db3b39290b0",
     "8ed8d072-b183-541c-81ec-6e106c3a5a2a"},
    {"frame_relay_switch", "Frame Relay switch", "switch", "FRSW{0}",
     ":/symbols/frame_relay_switch.svg", ":/symbols/affinity/square/blue/isdn.svg",
     "dd0f6f3a-ba58-3249-81cb-a1dd88407a47", "6ae48470-232f-50a4-a0df-5fb07e6ecba7"},
    {"atm_switch", "ATM switch", "switch", "ATMSW{0}", ":/symbols/atm_switch.svg",
     ":/symbols/affinity/square/blue/atm.svg", "aaa764e2-b383-300f-8a0e-3493bbfdb7d2",
     "fe3f642f-1398-562b-a3a8-bb93d4b2ee16"},
};

static json_t *make_templates(const struct server *s)
{
    bool v3 = server_is(s, 3);
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        const struct builtin *b = &builtins[i];
        json_t *t = json_pack(
            "{s:s,s:s,s:s,s:s,s:s,s:s,s:n,s:b}", "template_id", v3 ? b->v3_id : b->v2_id, "name",
            b->name, "category", b->category, "default_name_format", b->format, "symbol",
            v3 ? b->v3_symbol : b->v2_symbol, "template_type", b->type, "compute_id", "builtin", 1);
        if (strcmp(b->type, "vpcs") == 0) {
            if (v3)
                json_object_set_new(t, "base_script_file", json_string("vpcs_base_config.txt"));
            else
                json_object_set_new(t, "properties",
                                    json_pack("{s:s}", "base_script_file", "vpcs_base_config.txt"));
        }
        if (strcmp(b->type, "ethernet_switch") == 0)
            json_object_set_new(t, "console_type", json_string("none"));
        json_array_append_new(list, t);
    }
    return list;
}

static void make_users(struct server *s)
{
    const struct options *o = &s->sim->opt;
    struct user *u = &s->users[s->n_users++];
    sim_copy(u->name, sizeof(u->name), o->auth ? o->user : "admin");
    sim_copy(u->password, sizeof(u->password), o->auth ? o->password : "admin");
    sim_copy(u->role, sizeof(u->role), "admin");
    for (int i = 0; i < o->n_extra && s->n_users < SIM_USERS_MAX; i++)
        s->users[s->n_users++] = o->extra[i];
}

static void make_computes(struct server *s)
{
    static const char *const names[] = {"local", "second", "third",   "fourth",
                                        "fifth", "sixth",  "seventh", "eighth"};
    s->n_computes = s->sim->opt.computes;
    for (int i = 0; i < s->n_computes; i++) {
        struct compute *k = &s->computes[i];
        sim_copy(k->id, sizeof(k->id), names[i]);
        sim_copy(k->name, sizeof(k->name), i ? names[i] : s->name);
        k->connected = true;
    }
    if (server_is(s, 3))
        snprintf(s->computes[0].name, sizeof(s->computes[0].name), "%.40s (controller)", s->name);
}

/* Whole groups share a compute, as a user would place them. */
static json_t *place(const struct server *s, int i, const char *type)
{
    int group = i / GROUP, in = i % GROUP;
    bool hub = strcmp(type, "ethernet_switch") == 0;
    json_t *f =
        json_pack("{s:i,s:i}", "x", (group % 5) * 400 - 800 + (hub ? 160 : (in - 1) % 5 * 80), "y",
                  (group / 5) * 300 - 300 + (hub ? 0 : 90 + (in - 1) / 5 * 90));
    json_object_set_new(f, "compute_id", json_string(s->computes[group % s->n_computes].id));
    if (hub) {
        json_t *map = json_array();
        for (int p = 0; p < GROUP + 2; p++) {
            char name[32];
            snprintf(name, sizeof(name), "Ethernet%d", p);
            json_array_append_new(map, json_pack("{s:s,s:i,s:s,s:i}", "name", name, "port_number",
                                                 p, "type", "access", "vlan", 1));
        }
        json_object_set_new(f, "properties", json_pack("{s:o}", "ports_mapping", map));
    }
    return f;
}

/* Groups of one switch and nine PCs; the switches form a chain. */
static void fill_project(struct project *p, int nodes, int started_percent)
{
    struct node *hub = NULL;
    int port = 0, pcs = 0, switches = 0;
    for (int i = 0; i < nodes; i++) {
        char name[32];
        bool is_hub = i % GROUP == 0;
        const char *type = is_hub ? "ethernet_switch" : "vpcs";
        snprintf(name, sizeof(name), is_hub ? "SW%d" : "PC%d", is_hub ? ++switches : ++pcs);
        json_t *fields = place(p->server, i, type);
        struct node *n = node_new(p, type, name, fields);
        json_decref(fields);
        if (hub)
            link_new(p, n, 0, is_hub ? GROUP : 0, hub, 0, is_hub ? GROUP + 1 : port++);
        if (is_hub) {
            hub = n;
            port = 0;
        } else if ((i * 37) % 100 < started_percent) {
            node_start(n);
        }
    }
}

static void fill(struct server *s)
{
    const struct options *o = &s->sim->opt;
    if (o->demo) {
        demo_fill(s);
        return;
    }
    for (int i = 0; i < o->projects; i++) {
        char name[32];
        snprintf(name, sizeof(name), "lab%d", i + 1);
        struct project *p = project_new(s, name, NULL);
        fill_project(p, o->nodes, o->started_percent);
        if (o->opened >= 0 && i >= o->opened)
            project_close(p, true);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *s = listener->data;
    if (status == 0)
        conn_accept(listener, s->sim, s);
}

static void free_handle(uv_handle_t *h)
{
    free(h);
}

void server_unlisten(struct server *s)
{
    if (!s->listener)
        return;
    uv_close((uv_handle_t *)s->listener, free_handle);
    s->listener = NULL;
    s->listening = false;
}

int server_listen(struct server *s)
{
    struct sockaddr_storage addr;
    int rc = uv_ip4_addr(s->sim->opt.listen_host, s->port, (struct sockaddr_in *)&addr);
    if (rc < 0)
        rc = uv_ip6_addr(s->sim->opt.listen_host, s->port, (struct sockaddr_in6 *)&addr);
    if (rc < 0)
        return rc;
    s->listener = sim_alloc(sizeof(*s->listener));
    uv_tcp_init(s->sim->loop, s->listener);
    s->listener->data = s;
    rc = uv_tcp_bind(s->listener, (struct sockaddr *)&addr, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)s->listener, BACKLOG, on_connection);
    if (rc < 0) {
        server_unlisten(s);
        return rc;
    }
    int len = sizeof(addr);
    uv_tcp_getsockname(s->listener, (struct sockaddr *)&addr, &len);
    s->port = ntohs(((struct sockaddr_in *)&addr)->sin_port);
    s->listening = true;
    return 0;
}

int server_init(struct server *s, struct sim *sim, int index)
{
    s->sim = sim;
    s->index = index;
    set_version(s, sim->opt.versions[index % sim->opt.n_versions]);
    s->rng = sim->opt.seed * 1000003 + (uint64_t)index;
    s->secret = rng_next(&s->rng);
    s->port = sim->opt.listen_port ? sim->opt.listen_port + index : 0;
    s->next_console = server_is(s, 3) ? 12000 : 5000;
    s->fault.kind = (enum fault_kind)1;
    if (index)
        snprintf(s->name, sizeof(s->name), "gns3server%d", index + 1);
    else
        sim_copy(s->name, sizeof(s->name), "gns3server");
    uv_timer_init(sim->loop, &s->beat);
    uv_timer_init(sim->loop, &s->pump);
    uv_timer_init(sim->loop, &s->revive);
    uv_timer_init(sim->loop, &s->give_up);
    make_computes(s);
    make_users(s);
    s->templates = make_templates(s);
    int rc = server_listen(s);
    if (rc < 0)
        return rc;
    fill(s);
    feed_start(s);
    if (!sim->opt.counters)
        return 0;
    capture_pump(s);
    return hypervisor_start(s, "127.0.0.1");
}

static void on_revive(uv_timer_t *t)
{
    struct server *s = t->data;
    for (size_t i = 0; i < s->n_projects; i++)
        if (json_is_true(json_object_get(s->projects[i]->doc, "auto_open")))
            project_open(s->projects[i], true);
    if (!s->listening && s->fault.kind != FAULT_DOWN && s->fault.kind != FAULT_REFUSE &&
        server_listen(s) < 0)
        uv_timer_start(&s->revive, on_revive, 100, 0);
}

void server_restart(struct server *s, uint64_t ms, bool graceful)
{
    s->generation++;
    s->stats.restarts++;
    server_unlisten(s);
    if (graceful)
        feed_farewell(s);
    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        if (!graceful || !c->feed)
            conn_close(c);
    }
    for (size_t i = 0; i < s->n_projects; i++)
        project_close(s->projects[i], true);
    s->revive.data = s;
    uv_timer_start(&s->revive, on_revive, ms ? ms : 1, 0);
}

void server_fini(struct server *s)
{
    server_unlisten(s);
    hypervisor_stop(s);
    while (s->conns)
        conn_close(s->conns);
    while (s->n_projects)
        project_remove(s->projects[s->n_projects - 1]);
    free(s->projects);
    s->projects = NULL;
    blob_unref(s->projects_text);
    s->projects_text = NULL;
    json_decref(s->templates);
    s->templates = NULL;
    uv_close((uv_handle_t *)&s->beat, NULL);
    uv_close((uv_handle_t *)&s->pump, NULL);
    uv_close((uv_handle_t *)&s->revive, NULL);
    uv_close((uv_handle_t *)&s->give_up, NULL);
}

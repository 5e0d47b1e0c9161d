/* demo - see demo.h. Every lab is a table of nodes and of links between them (by position in the
 * table); ports are given out in order. Must not know of HTTP. */
#include "demo.h"

#include "feed.h"
#include "model.h"

#include <stdio.h>
#include <string.h>

enum { EVENT_EVERY_MS = 25000, LAB_NODES_MAX = 40, LAB_LINKS_MAX = 64 };

struct lab_node {
    const char *name, *type;
    int x, y;
};

struct lab_link {
    int a, b;
};

struct lab {
    const char *name;
    bool opened, auto_close;
    struct lab_node nodes[LAB_NODES_MAX];
    struct lab_link links[LAB_LINKS_MAX];
};

#define QEMU "qemu"
#define DYN  "dynamips"
#define SW   "ethernet_switch"
#define PC   "vpcs"
#define DOCK "docker"

static const struct lab all_labs[] = {
    {"campus-core",
     true,
     false,
     {{"core-1", DYN, -120, -260}, {"core-2", DYN, 120, -260},  {"dist-1", QEMU, -340, -100},
      {"dist-2", QEMU, -60, -100}, {"dist-3", QEMU, 220, -100}, {"acc-1", SW, -440, 60},
      {"acc-2", SW, -240, 60},     {"acc-3", SW, -20, 60},      {"acc-4", SW, 180, 60},
      {"acc-5", SW, 380, 60},      {"PC1", PC, -500, 200},      {"PC2", PC, -400, 200},
      {"PC3", PC, -300, 200},      {"PC4", PC, -200, 200},      {"PC5", PC, -80, 200},
      {"PC6", PC, 20, 200},        {"PC7", PC, 120, 200},       {"PC8", PC, 220, 200},
      {"PC9", PC, 330, 200},       {"PC10", PC, 430, 200},      {"radius", DOCK, 380, -220},
      {"internet", "nat", 0, -420}},
     {{0, 1},  {0, 2},  {0, 3},  {0, 4},  {1, 2},  {1, 3},  {1, 4},  {2, 5},  {2, 6},
      {3, 6},  {3, 7},  {4, 8},  {4, 9},  {5, 10}, {5, 11}, {6, 12}, {6, 13}, {7, 14},
      {7, 15}, {8, 16}, {8, 17}, {9, 18}, {9, 19}, {4, 20}, {0, 21}}},
    {"mpls-ring",
     true,
     true,
     {{"P1", DYN, 0, -240},
      {"P2", DYN, 208, -120},
      {"P3", DYN, 208, 120},
      {"P4", DYN, 0, 240},
      {"P5", DYN, -208, 120},
      {"P6", DYN, -208, -120},
      {"PE1", QEMU, 0, -380},
      {"PE2", QEMU, 350, -190},
      {"PE3", QEMU, 350, 190},
      {"PE4", QEMU, -350, 190},
      {"CE-red-1", PC, 0, -500},
      {"CE-red-2", PC, 480, -250},
      {"CE-blue-1", PC, 480, 250},
      {"CE-blue-2", PC, -480, 250}},
     {{0, 1},
      {1, 2},
      {2, 3},
      {3, 4},
      {4, 5},
      {5, 0},
      {0, 6},
      {1, 7},
      {2, 8},
      {4, 9},
      {6, 10},
      {7, 11},
      {8, 12},
      {9, 13}}},
    {"dc-fabric",
     true,
     false,
     {{"spine-1", QEMU, -180, -240},
      {"spine-2", QEMU, 180, -240},
      {"leaf-1", QEMU, -420, -60},
      {"leaf-2", QEMU, -140, -60},
      {"leaf-3", QEMU, 140, -60},
      {"leaf-4", QEMU, 420, -60},
      {"web-1", DOCK, -480, 120},
      {"web-2", DOCK, -360, 120},
      {"app-1", DOCK, -200, 120},
      {"app-2", DOCK, -80, 120},
      {"db-1", DOCK, 80, 120},
      {"db-2", DOCK, 200, 120},
      {"cache-1", DOCK, 360, 120},
      {"log-1", DOCK, 480, 120}},
     {{0, 2},
      {0, 3},
      {0, 4},
      {0, 5},
      {1, 2},
      {1, 3},
      {1, 4},
      {1, 5},
      {2, 6},
      {2, 7},
      {3, 8},
      {3, 9},
      {4, 10},
      {4, 11},
      {5, 12},
      {5, 13}}},
    {"branch-vpn",
     true,
     true,
     {{"hq-fw", QEMU, 0, -200},
      {"wan", SW, 0, 0},
      {"branch-a", DYN, -300, 120},
      {"branch-b", DYN, 0, 180},
      {"branch-c", DYN, 300, 120},
      {"user-a", PC, -380, 260},
      {"user-b", PC, 0, 320},
      {"user-c", PC, 380, 260},
      {"hq-srv", DOCK, 160, -300}},
     {{0, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 5}, {3, 6}, {4, 7}, {0, 8}}},
    {"ipv6-migration",
     true,
     true,
     {{"R1", DYN, -260, -60},
      {"R2", DYN, 0, -160},
      {"R3", DYN, 260, -60},
      {"R4", DYN, 0, 60},
      {"LAN1", SW, -400, 80},
      {"LAN2", SW, 400, 80},
      {"PC1", PC, -480, 200},
      {"PC2", PC, -320, 200},
      {"PC3", PC, 320, 200},
      {"PC4", PC, 480, 200}},
     {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {2, 5}, {4, 6}, {4, 7}, {5, 8}, {5, 9}}},
    {"security-range",
     false,
     true,
     {{"attacker", DOCK, -300, 0},
      {"fw", QEMU, 0, 0},
      {"dmz", SW, 160, -120},
      {"inside", SW, 160, 120},
      {"www", DOCK, 320, -160},
      {"mail", DOCK, 320, -60},
      {"pc-1", PC, 320, 80},
      {"pc-2", PC, 320, 180}},
     {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {2, 5}, {3, 6}, {3, 7}}},
    {"training-ospf",
     false,
     true,
     {{"R1", DYN, -200, -100},
      {"R2", DYN, 200, -100},
      {"R3", DYN, 0, 120},
      {"PC1", PC, -320, 60},
      {"PC2", PC, 320, 60}},
     {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 4}}},
};

static const char *symbol_of(const char *type)
{
    static const char *const symbols[][2] = {{"vpcs", ":/symbols/vpcs_guest.svg"},
                                             {"ethernet_switch", ":/symbols/ethernet_switch.svg"},
                                             {"qemu", ":/symbols/multilayer_switch.svg"},
                                             {"dynamips", ":/symbols/router.svg"},
                                             {"docker", ":/symbols/docker_guest.svg"},
                                             {"nat", ":/symbols/nat.svg"}};
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
        if (strcmp(symbols[i][0], type) == 0)
            return symbols[i][1];
    return ":/symbols/computer.svg";
}

/* The first port of n nobody uses; false when all are taken. */
static bool free_port(const struct project *p, const struct node *n, int *adapter, int *port)
{
    size_t i;
    const json_t *doc;
    json_array_foreach(json_object_get(n->doc, "ports"), i, doc)
    {
        *adapter = (int)json_integer_value(json_object_get(doc, "adapter_number"));
        *port = (int)json_integer_value(json_object_get(doc, "port_number"));
        if (!link_at(p, n, *adapter, *port))
            return true;
    }
    return false;
}

static json_t *fields_of(const struct lab_node *n)
{
    json_t *f = json_pack("{s:i,s:i,s:s}", "x", n->x, "y", n->y, "symbol", symbol_of(n->type));
    if (strcmp(n->type, DOCK) == 0)
        json_object_set_new(f, "properties", json_pack("{s:s}", "image", "alpine:3.19"));
    return f;
}

static void make_lab(struct server *s, const struct lab *lab)
{
    struct project *p = project_new(s, lab->name, NULL);
    json_object_set_new(p->doc, "auto_close", json_boolean(lab->auto_close));
    for (int i = 0; i < LAB_NODES_MAX && lab->nodes[i].name; i++) {
        json_t *fields = fields_of(&lab->nodes[i]);
        node_new(p, lab->nodes[i].type, lab->nodes[i].name, fields);
        json_decref(fields);
    }
    for (int i = 0; i < LAB_LINKS_MAX && lab->links[i].a != lab->links[i].b; i++) {
        struct node *a = p->nodes[lab->links[i].a], *b = p->nodes[lab->links[i].b];
        int aa, ap, ba, bp;
        if (free_port(p, a, &aa, &ap) && free_port(p, b, &ba, &bp))
            link_new(p, a, aa, ap, b, ba, bp);
    }
    snapshot_new(p, "before-changes");
    for (size_t i = 0; i < p->n_nodes; i++)
        node_start(p->nodes[i]);
    if (!lab->opened)
        project_close(p, true);
}

void demo_fill(struct server *s)
{
    size_t n = sizeof(all_labs) / sizeof(all_labs[0]);
    for (size_t i = 0; i < n; i++) /* two servers share the labs; more have all of them */
        if (s->sim->n_servers != 2 || (int)(i % 2) == s->index)
            make_lab(s, &all_labs[i]);
}

/* Any opened project, or NULL. */
static struct project *some_project(struct server *s)
{
    for (int tries = 0; tries < 8 && s->n_projects; tries++) {
        struct project *p = s->projects[rng_next(&s->rng) % s->n_projects];
        if (p->opened && p->n_nodes)
            return p;
    }
    return NULL;
}

/* Labs rest now and then, so that one can see which has traffic. */
static void pause_or_go_on(struct server *s)
{
    struct project *p = some_project(s);
    if (p)
        p->quiet = !p->quiet && rng_unit(&s->rng) < 0.5;
}

/* What is down comes up again more often than something falls. */
static void accident(struct server *s)
{
    struct project *p = some_project(s);
    if (!p)
        return;
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!p->nodes[i]->always_on && node_is(p->nodes[i], "stopped") && rng_unit(&s->rng) < 0.7) {
            node_start(p->nodes[i]);
            return;
        }
    struct node *n = p->nodes[rng_next(&s->rng) % p->n_nodes];
    if (rng_unit(&s->rng) < 0.4)
        node_crash(n);
    else
        node_stop(n, 2);
}

static void on_event(uv_timer_t *t)
{
    struct sim *sim = t->data;
    double wait = EVENT_EVERY_MS * (0.5 + rng_unit(&sim->rng));
    accident(&sim->servers[rng_next(&sim->rng) % (uint64_t)sim->n_servers]);
    pause_or_go_on(&sim->servers[rng_next(&sim->rng) % (uint64_t)sim->n_servers]);
    uv_timer_start(&sim->demo, on_event, sim_wait_ms(sim, (uint64_t)wait), 0);
}

void demo_start(struct sim *sim)
{
    sim->demo.data = sim;
    uv_timer_start(&sim->demo, on_event, sim_wait_ms(sim, EVENT_EVERY_MS), 0);
}

/* A small lab for the tests: two nodes, a link, as GNS3 tells of them. */
#ifndef GNS3_STORY_H
#define GNS3_STORY_H

#include "gns3_lab.h"

#define P  "11111111-2222-4333-8444-000000000001"
#define N1 "11111111-2222-4333-8444-00000000000a"
#define N2 "11111111-2222-4333-8444-00000000000b"
#define L1 "11111111-2222-4333-8444-0000000000ff"

/* A project element; `more` goes before the closing brace. */
#define PROJECT(status, auto_close)                                                \
    "[{\"name\":\"demo\",\"project_id\":\"" P "\",\"status\":\"" status            \
    "\",\"auto_close\":" auto_close ",\"path\":\"/p\",\"filename\":\"demo.gns3\"," \
    "\"scene_width\":2000,\"scene_height\":1000}]"

#define NODE(id, name, status)                                                                  \
    "{\"node_id\":\"" id "\",\"name\":\"" name "\",\"node_type\":\"vpcs\",\"status\":\"" status \
    "\",\"compute_id\":\"local\",\"console\":5000,\"console_type\":\"telnet\","                 \
    "\"console_host\":\"0.0.0.0\",\"x\":-10,\"y\":20,\"z\":1,\"width\":65,\"height\":59,"       \
    "\"symbol\":\":/symbols/computer.svg\",\"properties\":{},\"template_id\":null,"             \
    "\"command_line\":\"\",\"node_directory\":null,\"ports\":[{\"name\":\"Ethernet0\","         \
    "\"short_name\":\"e0\",\"adapter_number\":0,\"port_number\":0,\"link_type\":\"ethernet\"}]}"

#define CLOSED_NODE(id, name)                                               \
    "{\"node_id\":\"" id "\",\"name\":\"" name "\",\"node_type\":\"vpcs\"," \
    "\"compute_id\":\"local\",\"console\":5000,\"console_type\":\"telnet\",\"x\":-10,\"y\":20}"

#define LINK_OF(id, a, b, more)                                                                  \
    "{\"link_id\":\"" id "\",\"link_type\":\"ethernet\",\"filters\":{},\"nodes\":["              \
    "{\"node_id\":\"" a "\",\"adapter_number\":0,\"port_number\":0,\"label\":{\"text\":\"0\"}}," \
    "{\"node_id\":\"" b "\",\"adapter_number\":0,\"port_number\":0}]" more "}"
#define LINK(id, a, b) LINK_OF(id, a, b, ",\"capturing\":false,\"suspend\":false")

#define SNAPSHOT(id, name) \
    "{\"snapshot_id\":\"" id "\",\"name\":\"" name "\",\"created_at\":1795391014}"

static inline void story_lists(struct lab *lab, const char *server, const char *nodes,
                               const char *links)
{
    if (nodes)
        lab_answer(lab, server, "GET", "/projects/" P "/nodes", 200, nodes);
    if (links)
        lab_answer(lab, server, "GET", "/projects/" P "/links", 200, links);
}

/* All but the nodes and links. */
static inline void story_around(struct lab *lab, const char *server)
{
    lab_answer(lab, server, "GET", "/projects", 200, PROJECT("opened", "false"));
    lab_answer(lab, server, "GET", "/computes", 200,
               "[{\"compute_id\":\"local\",\"name\":\"here\",\"host\":\"127.0.0.1\","
               "\"connected\":true,\"cpu_usage_percent\":11.8,\"memory_usage_percent\":4}]");
    lab_answer(lab, server, "GET", "/statistics", 200,
               "[{\"compute_id\":\"local\",\"compute_name\":\"here\",\"statistics\":"
               "{\"cpu_usage_percent\":11,\"load_average_percent\":[1,2,3]}}]");
    lab_answer(lab, server, "GET", "/templates", 200,
               "[{\"template_id\":\"11111111-2222-4333-8444-0000000000aa\",\"name\":\"VPCS\","
               "\"template_type\":\"vpcs\",\"builtin\":true,\"compute_id\":null}]");
    lab_answer(lab, server, "GET", "/projects/" P "/snapshots", 200, "[]");
    lab_answer(lab, server, "GET", "/projects/" P "/stats", 200,
               "{\"drawings\":1,\"links\":1,\"nodes\":2,\"snapshots\":0}");
}

/* The lab as it is at first: opened, PC1 started, PC2 stopped. */
static inline void story_begin(struct lab *lab, const char *server)
{
    story_around(lab, server);
    story_lists(lab, server, "[" NODE(N1, "PC1", "started") "," NODE(N2, "PC2", "stopped") "]",
                "[" LINK(L1, N1, N2) "]");
    lab_run(lab, 3000);
}

#endif

/* api_link - the link requests and packet capture. */
#include "api.h"

#include "capture.h"
#include "http.h"

#include <errno.h>
#include <string.h>

void api_links(struct call *c)
{
    static const char *const runtime[] = {"capturing",          "project_id",
                                          "capture_file_name",  "capture_file_path",
                                          "capture_compute_id", "link_type"};
    struct project *p = c->project;
    if (!p->links_text) {
        json_t *list = json_array();
        for (size_t i = 0; i < p->n_links; i++) {
            json_t *doc =
                p->opened ? json_incref(p->links[i]->doc) : json_deep_copy(p->links[i]->doc);
            for (size_t k = 0; !p->opened && k < sizeof(runtime) / sizeof(runtime[0]); k++)
                json_object_del(doc, runtime[k]);
            json_array_append_new(list, doc);
        }
        p->links_text = style_json(c->server, list);
        json_decref(list);
    }
    answer_blob(c, 200, p->links_text);
}

struct end {
    struct node *node;
    int adapter, port;
};

/* False when it has been answered. */
static bool read_end(struct call *c, const json_t *doc, struct end *e)
{
    const char *id = json_string_value(json_object_get(doc, "node_id"));
    e->node = id ? node_find(c->project, id) : NULL;
    e->adapter = (int)json_integer_value(json_object_get(doc, "adapter_number"));
    e->port = (int)json_integer_value(json_object_get(doc, "port_number"));
    if (!e->node) {
        answer_error(c, 404, "Node ID %s doesn't exist", id ? id : "None");
        return false;
    }
    size_t i;
    const json_t *port;
    json_array_foreach(json_object_get(e->node->doc, "ports"), i, port)
    {
        if (json_integer_value(json_object_get(port, "adapter_number")) == e->adapter &&
            json_integer_value(json_object_get(port, "port_number")) == e->port)
            return true;
    }
    answer_error(c, 404, "Port %d/%d for %s not found", e->adapter, e->port,
                 json_string_value(json_object_get(e->node->doc, "name")));
    return false;
}

/* 3.0 answers a new link with more keys than it lists. */
static json_t *fresh_doc(const struct link *l)
{
    json_t *doc = json_deep_copy(l->doc);
    json_t *end;
    size_t i;
    if (!server_is(l->project->server, 3))
        return doc;
    json_array_foreach(json_object_get(doc, "nodes"), i, end)
    {
        json_object_update_new(json_object_get(end, "label"),
                               json_pack("{s:n,s:n,s:n}", "x", "y", "rotation"));
    }
    json_object_set_new(doc, "link_style", json_pack("{s:n,s:n,s:n}", "color", "width", "type"));
    return doc;
}

void api_link_create(struct call *c)
{
    static const struct rule rules[] = {{"nodes", 'a', true},       {"link_id", 's', false},
                                        {"suspend", 'b', false},    {"filters", 'o', false},
                                        {"link_style", 'o', false}, {"project_id", 's', false},
                                        {"capturing", 'b', false},  {"link_type", 's', false}};
    struct end a, b;
    if (!check_body(c, rules, sizeof(rules) / sizeof(rules[0])))
        return;
    const json_t *nodes = json_object_get(c->body, "nodes");
    if (json_array_size(nodes) != 2) {
        answer_error(c, 409, "The simulator makes links of two nodes");
        return;
    }
    if (!read_end(c, json_array_get(nodes, 0), &a) || !read_end(c, json_array_get(nodes, 1), &b))
        return;
    if (link_at(c->project, a.node, a.adapter, a.port) ||
        link_at(c->project, b.node, b.adapter, b.port)) {
        answer_error(c, 409, "Port is already used");
    } else if (a.node == b.node) {
        answer_error(c, 409, "Cannot connect to itself");
    } else if (c->project->n_links >= LINKS_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d links in a project", LINKS_MAX);
    } else {
        struct link *l = link_new(c->project, a.node, a.adapter, a.port, b.node, b.adapter, b.port);
        link_emit(l, "link.created");
        answer_json(c, 201, fresh_doc(l));
    }
}

void api_link(struct call *c)
{
    answer_json(c, 200, json_incref(c->link->doc));
}

void api_link_update(struct call *c)
{
    static const char *const fields[] = {"suspend", "filters", "link_style"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        json_t *v = json_object_get(c->body, fields[i]);
        if (v)
            json_object_set_new(c->link->doc, fields[i], json_deep_copy(v));
    }
    project_touch(c->project);
    link_emit(c->link, "link.updated");
    answer_json(c, server_is(c->server, 3) ? 200 : 201, json_incref(c->link->doc));
}

void api_link_delete(struct call *c)
{
    capture_stop(c->link, false);
    link_emit(c->link, "link.deleted");
    link_remove(c->link);
    c->link = NULL;
    answer_empty(c, 204);
}

void api_link_reset(struct call *c)
{
    link_emit(c->link, "link.updated");
    answer_json(c, 200, fresh_doc(c->link));
}

static json_t *number(const char *name, int low, int high, const char *unit)
{
    return json_pack("{s:s,s:i,s:i,s:s,s:s}", "name", name, "minimum", low, "maximum", high, "type",
                     "int", "unit", unit);
}

static void add_filter(json_t *list, const char *type, const char *name, json_t *parameters)
{
    json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:o}", "type", type, "name", name,
                                          "description", name, "parameters", parameters));
}

void api_link_filters(struct call *c)
{
    json_t *list = json_array();
    add_filter(list, "frequency_drop", "Frequency drop",
               json_pack("[o]", number("Frequency", -1, 32767, "th packet")));
    add_filter(list, "packet_loss", "Packet loss", json_pack("[o]", number("Chance", 0, 100, "%")));
    add_filter(list, "delay", "Delay",
               json_pack("[o,o]", number("Latency", 0, 32767, "ms"),
                         number("Jitter (-/+)", 0, 32767, "ms")));
    add_filter(list, "corrupt", "Corrupt", json_pack("[o]", number("Chance", 0, 100, "%")));
    add_filter(list, "bpf", "Berkeley Packet Filter (BPF)",
               json_pack("[{s:s,s:s}]", "name", "Filters", "type", "text"));
    answer_json(c, 200, list);
}

void api_capture_start(struct call *c)
{
    static const char *const types[] = {"DLT_ATM_RFC1483", "DLT_EN10MB", "DLT_FRELAY", "DLT_C_HDLC",
                                        "DLT_PPP_SERIAL"};
    struct link *l = c->link;
    if (json_object_get(c->body, "data_link_type") &&
        !check_choice(c, "data_link_type", types, 5)) {
        if (server_is(c->server, 3)) /* refused by the compute, after the controller noted it */
            json_object_set_new(l->doc, "capture_compute_id", json_string("local"));
        return;
    }
    bool on_switch = l->capture.side && l->capture.side->always_on;
    switch (capture_start(l)) {
    case 0:
        answer_json(c, 201, fresh_doc(l));
        break;
    case -EBUSY:
        answer_error(c, 409,
                     on_switch ? "Port %d has already a filter applied"
                               : "Packet capture is already active on port %d",
                     l->capture.side == l->end[0] ? l->port[0] : l->port[1]);
        break;
    default:
        answer_error(c, 409, "Cannot capture because there is no running device on this link");
    }
}

void api_capture_stop(struct call *c)
{
    capture_stop(c->link, true);
    if (server_is(c->server, 3))
        answer_empty(c, 204);
    else
        answer_json(c, 201, json_incref(c->link->doc));
}

void api_capture_stream(struct call *c)
{
    if (!c->link->capture.active) {
        answer_error(c, 409, "This link has no active packet capture");
        return;
    }
    c->server->stats.by_class[2]++;
    capture_stream(c->conn, c->link);
}

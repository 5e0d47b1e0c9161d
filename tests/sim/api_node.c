/* api_node - the node requests, with the stale status 2.2 answers to a start. */
#include "api.h"

#include "feed.h"

#include <stdio.h>
#include <string.h>

enum { START_MS = 215, STOP_MS = 330, RELOAD_MS = 700, BULK_MS = 300 };

void api_nodes(struct call *c)
{
    /* a closed project's list comes from its file: without what only a running one knows */
    static const char *const runtime[] = {"status",       "project_id",   "ports",
                                          "console_host", "command_line", "node_directory"};
    struct project *p = c->project;
    if (!p->nodes_text) {
        json_t *list = json_array();
        for (size_t i = 0; i < p->n_nodes; i++) {
            json_t *doc =
                p->opened ? json_incref(p->nodes[i]->doc) : json_deep_copy(p->nodes[i]->doc);
            for (size_t k = 0; !p->opened && k < sizeof(runtime) / sizeof(runtime[0]); k++)
                json_object_del(doc, runtime[k]);
            json_array_append_new(list, doc);
        }
        p->nodes_text = style_json(c->server, list);
        json_decref(list);
    }
    answer_blob(c, 200, p->nodes_text);
}

/* 3.0 answers a single node with more keys than it lists. */
static void answer_node(struct call *c, int status, const struct node *n)
{
    json_t *doc = json_deep_copy(n->doc);
    json_t *port;
    size_t i;
    if (server_is(c->server, 3)) {
        json_array_foreach(json_object_get(doc, "ports"), i, port)
        {
            json_object_set_new(port, "adapter_type", json_null());
            json_object_set_new(port, "mac_address", json_null());
        }
    }
    answer_json(c, status, doc);
}

static bool compute_known(const struct server *s, const char *id)
{
    for (int i = 0; i < s->n_computes; i++)
        if (strcmp(s->computes[i].id, id) == 0)
            return true;
    return false;
}

static bool room_for_node(struct call *c)
{
    if (c->project->n_nodes < NODES_MAX)
        return true;
    answer_error(c, 409, "The simulator keeps at most %d nodes in a project", NODES_MAX);
    return false;
}

static const struct rule node_rules[] = {{"node_type", 's', true},
                                         {"compute_id", 's', true},
                                         {"name", 's', true},
                                         {"node_id", 's', false},
                                         {"x", 'i', false},
                                         {"y", 'i', false},
                                         {"z", 'i', false},
                                         {"symbol", 's', false},
                                         {"label", 'o', false},
                                         {"locked", 'b', false},
                                         {"properties", 'o', false},
                                         {"console", 'i', false},
                                         {"console_type", 's', false},
                                         {"width", 'i', false},
                                         {"height", 'i', false},
                                         {"console_auto_start", 'b', false},
                                         {"port_name_format", 's', false},
                                         {"port_segment_size", 'i', false},
                                         {"first_port_name", 's', false},
                                         {"custom_adapters", 'a', false},
                                         {"template_id", 's', false},
                                         {"project_id", 's', false},
                                         {"status", 's', false},
                                         {"aux", 'i', false},
                                         {"aux_type", 's', false}};

void api_node_create(struct call *c)
{
    static const char *const v2[] = {
        "cloud",  "nat",      "ethernet_hub", "ethernet_switch", "frame_relay_switch", "atm_switch",
        "docker", "dynamips", "vpcs",         "traceng",         "virtualbox",         "vmware",
        "iou",    "qemu"};
    static const char *const v3[] = {"cloud",
                                     "nat",
                                     "ethernet_hub",
                                     "ethernet_switch",
                                     "frame_relay_switch",
                                     "atm_switch",
                                     "docker",
                                     "dynamips",
                                     "vpcs",
                                     "virtualbox",
                                     "vmware",
                                     "iou",
                                     "qemu"};
    bool three = server_is(c->server, 3);
    if (!check_body(c, node_rules, sizeof(node_rules) / sizeof(node_rules[0])) ||
        !check_choice(c, "node_type", three ? v3 : v2,
                      three ? sizeof(v3) / sizeof(v3[0]) : sizeof(v2) / sizeof(v2[0])) ||
        !room_for_node(c))
        return;
    const char *compute = json_string_value(json_object_get(c->body, "compute_id"));
    if (!compute || !compute_known(c->server, compute)) {
        answer_error(c, 404, "Compute ID %s doesn't exist", compute ? compute : "None");
        return;
    }
    char name[256];
    const char *wanted = json_string_value(json_object_get(c->body, "name"));
    node_free_name(c->project, wanted ? wanted : "node{0}", name, sizeof(name));
    struct node *n = node_new(c->project, json_string_value(json_object_get(c->body, "node_type")),
                              name, c->body);
    node_emit(n, "node.created");
    answer_node(c, 201, n);
}

static json_t *template_of(struct call *c)
{
    size_t i;
    json_t *t;
    json_array_foreach(c->server->templates, i, t)
    {
        if (strcmp(json_string_value(json_object_get(t, "template_id")), c->other_id) == 0)
            return t;
    }
    return NULL;
}

static json_t *template_fields(struct call *c, json_t *t)
{
    json_t *fields = c->body ? json_deep_copy(c->body) : json_object();
    json_object_set(fields, "symbol", json_object_get(t, "symbol"));
    json_object_set(fields, "template_id", json_object_get(t, "template_id"));
    if (server_is(c->server, 3))
        json_object_set_new(fields, "properties",
                            json_pack("{s:O}", "builtin", json_object_get(t, "builtin")));
    return fields;
}

void api_node_from_template(struct call *c)
{
    json_t *t = template_of(c);
    if (!t) {
        answer_error(c, 404, "Template ID %s doesn't exist", c->other_id);
        return;
    }
    const char *compute = json_string_value(json_object_get(c->body, "compute_id"));
    if (!compute)
        compute = json_string_value(json_object_get(t, "compute_id"));
    if (!compute && server_is(c->server, 3))
        compute = "local";
    if (!compute || !compute_known(c->server, compute)) {
        answer_error(c, 404, "Compute ID %s doesn't exist", compute ? compute : "None");
        return;
    }
    if (!room_for_node(c))
        return;
    char name[256];
    const char *wanted = json_string_value(json_object_get(c->body, "name"));
    if (!wanted)
        wanted = json_string_value(json_object_get(t, "default_name_format"));
    node_free_name(c->project, wanted ? wanted : "node{0}", name, sizeof(name));
    json_t *fields = template_fields(c, t);
    struct node *n =
        node_new(c->project, json_string_value(json_object_get(t, "template_type")), name, fields);
    json_decref(fields);
    if (server_is(c->server, 3))
        json_object_del(json_object_get(n->doc, "properties"), "compute_id");
    if (!server_is(c->server, 3))
        json_object_set_new(n->doc, "template_id", json_null());
    node_emit(n, "node.created");
    answer_node(c, 201, n);
}

void api_node(struct call *c)
{
    answer_node(c, 200, c->node);
}

void api_node_update(struct call *c)
{
    static const char *const fields[] = {"x",
                                         "y",
                                         "z",
                                         "symbol",
                                         "locked",
                                         "width",
                                         "height",
                                         "console_type",
                                         "console",
                                         "console_auto_start",
                                         "custom_adapters"};
    struct node *n = c->node;
    const char *name = json_string_value(json_object_get(c->body, "name"));
    bool other_name = name && strcmp(name, json_string_value(json_object_get(n->doc, "name"))) != 0;
    if (other_name && server_is(c->server, 3) && node_is(n, "started") && !n->always_on) {
        answer_error(c, 409,
                     "Sorry, it is not possible to rename a node that is already "
                     "powered on");
        return;
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        json_t *v = json_object_get(c->body, fields[i]);
        if (v)
            json_object_set_new(n->doc, fields[i], json_deep_copy(v));
    }
    json_t *label = json_object_get(c->body, "label");
    if (json_is_object(label))
        json_object_update(json_object_get(n->doc, "label"), label);
    json_t *props = json_object_get(c->body, "properties");
    if (json_is_object(props))
        json_object_update(json_object_get(n->doc, "properties"), props);
    if (other_name && !node_by_name(c->project, name)) { /* a taken name is ignored */
        json_object_set_new(n->doc, "name", json_string(name));
        json_object_set_new(json_object_get(n->doc, "label"), "text", json_string(name));
    }
    project_touch(c->project);
    node_emit(n, "node.updated");
    answer_json(c, 200, json_incref(n->doc));
}

void api_node_delete(struct call *c)
{
    struct node *n = c->node;
    for (size_t i = c->project->n_links; i-- > 0;) {
        struct link *l = c->project->links[i];
        if (l->end[0] == n || l->end[1] == n)
            link_emit(l, "link.deleted");
    }
    /* it comes twice: from the compute with few keys, then from the controller with all */
    json_t *brief =
        json_pack("{s:O,s:n,s:O,s:O,s:O,s:s,s:s,s:O}", "command_line",
                  json_object_get(n->doc, "command_line"), "console", "console_type",
                  json_object_get(n->doc, "console_type"), "name", json_object_get(n->doc, "name"),
                  "node_directory", json_object_get(n->doc, "node_directory"), "node_id", n->id,
                  "project_id", c->project->id, "status", json_object_get(n->doc, "status"));
    feed_emit(c->server, c->project, "node.deleted", brief);
    json_decref(brief);
    node_emit(n, "node.deleted");
    node_remove(n);
    c->node = NULL;
    answer_empty(c, 204);
}

void api_node_links(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->project->n_links; i++) {
        struct link *l = c->project->links[i];
        if (l->end[0] == c->node || l->end[1] == c->node)
            json_array_append(list, l->doc);
    }
    answer_json(c, 200, list);
}

/* 2.2 answers with the node as it was before, 3.x with nothing. */
static void answer_action(struct call *c)
{
    if (server_is(c->server, 3))
        answer_empty(c, 204);
    else
        answer_json(c, 200, json_incref(c->kept));
}

static bool compute_dead(const struct node *n)
{
    const struct server *s = n->project->server;
    const char *id = json_string_value(json_object_get(n->doc, "compute_id"));
    for (int i = 0; id && i < s->n_computes; i++)
        if (strcmp(s->computes[i].id, id) == 0)
            return !s->computes[i].connected;
    return false;
}

static void keep_before(struct call *c)
{
    json_decref(c->kept);
    c->kept = json_deep_copy(c->node->doc);
}

static void start_step(struct call *c)
{
    keep_before(c);
    if (!compute_dead(c->node))
        node_start(c->node);
    answer_action(c);
}

void api_node_start(struct call *c)
{
    call_later(c, node_is(c->node, "started") ? 8 : START_MS, start_step);
}

static void stop_step(struct call *c)
{
    keep_before(c);
    if (!compute_dead(c->node))
        node_stop(c->node, 2);
    answer_action(c);
}

void api_node_stop(struct call *c)
{
    call_later(c, node_is(c->node, "stopped") ? 8 : STOP_MS, stop_step);
}

static void suspend(struct node *n)
{
    const char *type = json_string_value(json_object_get(n->doc, "node_type"));
    if (n->always_on || !node_is(n, "started") || strcmp(type, "vpcs") == 0)
        return; /* a VPCS cannot be suspended: nothing happens, nothing is said */
    node_set_status(n, "suspended");
    node_emit(n, "node.updated");
}

void api_node_suspend(struct call *c)
{
    keep_before(c);
    suspend(c->node);
    answer_action(c);
}

static void reload(struct node *n)
{
    node_stop(n, 3);
    node_start(n);
}

static void reload_step(struct call *c)
{
    reload(c->node);
    keep_before(c);
    if (!c->node->always_on)
        json_object_set_new(c->kept, "status", json_string("stopped"));
    answer_action(c);
}

void api_node_reload(struct call *c)
{
    call_later(c, RELOAD_MS, reload_step);
}

void api_node_nothing(struct call *c)
{
    answer_empty(c, 204);
}

static void start_all_step(struct call *c)
{
    for (size_t i = 0; i < c->project->n_nodes; i++)
        if (!compute_dead(c->project->nodes[i]))
            node_start(c->project->nodes[i]);
    answer_empty(c, 204);
}

void api_nodes_start(struct call *c)
{
    call_later(c, BULK_MS, start_all_step);
}

static void stop_all_step(struct call *c)
{
    for (size_t i = 0; i < c->project->n_nodes; i++)
        if (!compute_dead(c->project->nodes[i]))
            node_stop(c->project->nodes[i], 3);
    answer_empty(c, 204);
}

void api_nodes_stop(struct call *c)
{
    call_later(c, BULK_MS, stop_all_step);
}

void api_nodes_suspend(struct call *c)
{
    for (size_t i = 0; i < c->project->n_nodes; i++)
        suspend(c->project->nodes[i]);
    answer_empty(c, 204);
}

static void reload_all_step(struct call *c)
{
    for (size_t i = 0; i < c->project->n_nodes; i++)
        reload(c->project->nodes[i]);
    answer_empty(c, 204);
}

void api_nodes_reload(struct call *c)
{
    call_later(c, RELOAD_MS, reload_all_step);
}

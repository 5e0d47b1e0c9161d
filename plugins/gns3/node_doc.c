/* node_doc.c - the document of a node. Knows what is shown of a node, not how nodes come and go. */
#include "inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {
    [NODE_STARTED] = "started",
    [NODE_STOPPED] = "stopped",
    [NODE_SUSPENDED] = "suspended",
    [NODE_CLOSED] = "closed",
};

const char *node_status_name(enum node_status status)
{
    return status_names[status];
}

bool node_ports(struct node *node, const json_t *element)
{
    json_t *list = json_object_get(element, "ports");
    size_t count = json_array_size(list);
    if (!json_is_array(list))
        return false;
    if (count > GNS3_PORTS_MAX)
        count = GNS3_PORTS_MAX;
    struct port *ports = calloc(count ? count : 1, sizeof *ports);
    if (!ports)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *port = json_array_get(list, i);
        const char *name = member_text(port, "short_name");
        ports[i].adapter = (int)(member_whole(port, "adapter_number", -1) & 0xffffff);
        ports[i].number = (int)(member_whole(port, "port_number", -1) & 0xffffff);
        snprintf(ports[i].name, sizeof ports[i].name, "%s", name ? name : "");
    }
    bool changed = count != node->port_count ||
                   (count > 0 && memcmp(ports, node->ports, count * sizeof *ports) != 0);
    free(node->ports);
    node->ports = ports;
    node->port_count = count;
    return changed;
}

/* Of an element, or of what was known before: GNS3 tells less of a node of a closed project. */
static const json_t *member(const json_t *element, const json_t *before, const char *name)
{
    const json_t *value = json_object_get(element, name);
    return value ? value : json_object_get(before, name);
}

static void put_string(struct text *text, const char *name, const json_t *value)
{
    text_string_member(text, name, json_string_value(value));
}

static void put_number(struct text *text, const char *name, const json_t *element)
{
    text_number_member(text, name, member_real(element, name));
}

static void put_ports(struct text *text, const json_t *ports)
{
    text_open(text, "ports", '[');
    size_t i;
    json_t *port;
    json_array_foreach(ports, i, port)
    {
        if (i == GNS3_PORTS_MAX)
            break;
        text_open(text, NULL, '{');
        text_string_member(text, "name", member_text(port, "name"));
        text_string_member(text, "short_name", member_text(port, "short_name"));
        text_int_member(text, "adapter_number", member_whole(port, "adapter_number", 0));
        text_int_member(text, "port_number", member_whole(port, "port_number", 0));
        text_string_member(text, "link_type", member_text(port, "link_type"));
        text_close(text, '}');
    }
    text_close(text, ']');
}

static void put_head(struct text *text, const struct node *node)
{
    const struct project *project = node->project;
    text_open(text, NULL, '{');
    text_string_member(text, "server", project->server->name);
    text_string_member(text, "project", project->id);
    text_string_member(text, "project_name", project->name);
    text_string_member(text, "node_id", node->node_id);
    text_string_member(text, "name", node->name);
    text_string_member(text, "node_type", node->type);
}

static void put_rest(struct text *text, const json_t *element, const json_t *before)
{
    double console = member_real(element, "console");
    text_number_member(text, "console", console);
    put_string(text, "console_type", json_object_get(element, "console_type"));
    put_string(text, "console_host", member(element, before, "console_host"));
    put_number(text, "x", element);
    put_number(text, "y", element);
    put_number(text, "z", element);
    put_number(text, "width", element);
    put_number(text, "height", element);
    put_string(text, "symbol", json_object_get(element, "symbol"));
    put_ports(text, member(element, before, "ports"));
    put_string(text, "command_line", member(element, before, "command_line"));
    put_string(text, "node_directory", member(element, before, "node_directory"));
    const json_t *properties = json_object_get(element, "properties");
    const json_t *container = json_object_get(properties, "container_id");
    put_string(text, "container_id",
               container ? container : json_object_get(before, "container_id"));
    text_close(text, '}');
}

static json_t *node_before(const struct node *node)
{
    char *text = gw_object_get(node->project->server->gns3->self, "gns3.node", node->id);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return json;
}

void node_put(struct node *node, const json_t *element)
{
    json_t *before = json_object_get(element, "ports") ? NULL : node_before(node);
    struct server *server = node->project->server;
    struct text *text = &server->text;
    text_clear(text);
    put_head(text, node);
    put_string(text, "compute_id", json_object_get(element, "compute_id"));
    put_string(text, "template_id", json_object_get(element, "template_id"));
    text_string_member(text, "status", node_status_name(node->status));
    text_int_member(text, "since", node->since_ms);
    put_rest(text, element, before);
    gw_object_put(server->gns3->self, "gns3.node", node->id, text_string(text));
    json_decref(before);
}

void node_patch(struct node *node)
{
    json_t *json = node_before(node);
    if (!json)
        return;
    json_object_del(json, "id"); /* the host adds it */
    json_object_set_new(json, "project_name", json_string(node->project->name));
    json_object_set_new(json, "status", json_string(node_status_name(node->status)));
    json_object_set_new(json, "since", json_integer(node->since_ms));
    char *text = json_dumps(json, JSON_COMPACT);
    if (text)
        gw_object_put(node->project->server->gns3->self, "gns3.node", node->id, text);
    free(text);
    json_decref(json);
}

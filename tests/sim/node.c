/* node - simulated nodes: their documents by type, their ports, their life. */
#include "capture.h"
#include "console.h"
#include "feed.h"
#include "hypervisor.h"
#include "model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node_kind {
    const char *type;
    const char *symbol;
    const char *port_format;
    const char *console_type;
    int adapters; /* ports on adapter 0..n-1 */
    int ports;    /* ports on adapter 0 */
    bool always_on;
};

static const struct node_kind kinds[] = {
    {"vpcs", ":/symbols/computer.svg", "Ethernet{0}", "telnet", 1, 1, false},
    {"ethernet_switch", ":/symbols/computer.svg", "Ethernet{0}", "none", 1, 8, true},
    {"ethernet_hub", ":/symbols/computer.svg", "Ethernet{0}", "none", 1, 8, true},
    {"cloud", ":/symbols/computer.svg", "Ethernet{0}", "none", 1, 2, true},
    {"nat", ":/symbols/computer.svg", "Ethernet{0}", "none", 1, 1, true},
    {"frame_relay_switch", ":/symbols/computer.svg", "{0}", "none", 1, 4, true},
    {"atm_switch", ":/symbols/computer.svg", "{0}", "none", 1, 4, true},
    {"qemu", ":/symbols/qemu_guest.svg", "Ethernet{0}", "telnet", 8, 1, false},
    {"docker", ":/symbols/docker_guest.svg", "Ethernet{0}", "telnet", 4, 1, false},
    {"dynamips", ":/symbols/router.svg", "Ethernet{0}", "telnet", 4, 1, false},
    {"iou", ":/symbols/multilayer_switch.svg", "Ethernet{segment0}/{port0}", "telnet", 4, 4, false},
    {"virtualbox", ":/symbols/vbox_guest.svg", "Ethernet{0}", "none", 4, 1, false},
    {"vmware", ":/symbols/vmware_guest.svg", "Ethernet{0}", "none", 4, 1, false},
    {"traceng", ":/symbols/computer.svg", "Ethernet{0}", "none", 1, 1, false},
};

static const struct node_kind *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return NULL;
}

bool node_type_known(const char *type)
{
    return kind_of(type) != NULL;
}

static json_t *port_doc(int adapter, int port, int number)
{
    char name[32], short_name[32];
    snprintf(name, sizeof(name), "Ethernet%d", number);
    snprintf(short_name, sizeof(short_name), "e%d", number);
    json_t *doc = json_pack("{s:s,s:s,s:i}", "name", name, "short_name", short_name,
                            "adapter_number", adapter);
    json_object_set_new(doc, "port_number", json_integer(port));
    json_object_set_new(doc, "link_type", json_string("ethernet"));
    json_object_set_new(doc, "data_link_types", json_pack("{s:s}", "Ethernet", "DLT_EN10MB"));
    return doc;
}

static json_t *ports_doc(const struct node_kind *k, int ports)
{
    json_t *list = json_array();
    int number = 0;
    for (int a = 0; a < k->adapters; a++)
        for (int p = 0; p < ports; p++)
            json_array_append_new(list, port_doc(a, p, number++));
    return list;
}

static json_t *default_mapping(bool v3, int ports)
{
    json_t *list = json_array();
    for (int i = 0; i < ports; i++) {
        char name[32];
        snprintf(name, sizeof(name), "Ethernet%d", i);
        json_t *one = json_pack("{s:s,s:i,s:s,s:i}", "name", name, "port_number", i, "type",
                                "access", "vlan", 1);
        if (v3)
            json_object_set_new(one, "ethertype", json_string("0x8100"));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *typed_properties(const struct node_kind *k, bool v3, const char *id, int *ports)
{
    json_t *props = json_object();
    if (v3) {
        json_object_set_new(props, "compute_id", json_string("local"));
        json_object_set_new(props, "usage", k->always_on ? json_string("") : json_null());
    }
    if (strcmp(k->type, "ethernet_switch") == 0) {
        json_object_set_new(props, "ports_mapping", default_mapping(v3, *ports));
    } else if (strcmp(k->type, "qemu") == 0) {
        json_object_update_new(props, json_pack("{s:s,s:i,s:i,s:i,s:s,s:s,s:s}", "adapter_type",
                                                "e1000", "adapters", k->adapters, "cpus", 1, "ram",
                                                512, "hda_disk_image", "router.qcow2", "platform",
                                                "x86_64", "usage", ""));
    } else if (strcmp(k->type, "docker") == 0) {
        json_object_update_new(props,
                               json_pack("{s:i,s:s,s:s,s:s}", "adapters", k->adapters, "image",
                                         "alpine:latest", "container_id", id, "usage", ""));
    }
    return props;
}

/* Given ports_mapping wins over the default number of ports. */
static int wanted_ports(const struct node_kind *k, const json_t *fields)
{
    const json_t *map = json_object_get(json_object_get(fields, "properties"), "ports_mapping");
    size_t n = json_array_size(map);
    if (n < 1 || n > 256)
        return k->ports;
    return (int)n;
}

static void apply_fields(struct node *n, const json_t *fields)
{
    static const char *const plain[] = {"x",
                                        "y",
                                        "z",
                                        "symbol",
                                        "locked",
                                        "width",
                                        "height",
                                        "console_type",
                                        "console_auto_start",
                                        "compute_id",
                                        "port_name_format",
                                        "template_id"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        json_t *v = json_object_get(fields, plain[i]);
        if (v)
            json_object_set(n->doc, plain[i], v);
    }
    json_t *label = json_object_get(fields, "label");
    if (json_is_object(label))
        json_object_update(json_object_get(n->doc, "label"), label);
    json_t *props = json_object_get(fields, "properties");
    if (json_is_object(props)) {
        json_t *copy = json_deep_copy(props);
        json_object_update(json_object_get(n->doc, "properties"), copy);
        json_decref(copy);
    }
}

static json_t *node_doc(struct node *n, const struct node_kind *k, const char *name,
                        const json_t *fields)
{
    struct server *s = n->project->server;
    bool v3 = server_is(s, 3);
    int ports = wanted_ports(k, fields);
    char dir[256];
    snprintf(dir, sizeof(dir), "/opt/gns3/projects/%s/project-files/%s/%s", n->project->id, k->type,
             n->id);
    json_t *doc = json_pack("{s:s,s:s,s:s,s:s,s:i,s:s,s:b}", "compute_id", "local", "name", name,
                            "node_type", k->type, "node_id", n->id, "console", s->next_console,
                            "console_type", k->console_type, "console_auto_start", 0);
    s->next_console = s->next_console > 60000 ? 5000 : s->next_console + 2;
    if (v3) {
        json_object_set_new(doc, "aux", json_null());
        json_object_set_new(doc, "aux_type", json_null());
    }
    json_object_set_new(doc, "properties", typed_properties(k, v3, n->id, &ports));
    json_object_update_new(
        doc, json_pack("{s:{s:s,s:n,s:n,s:i,s:i},s:s,s:i,s:i,s:i,s:b,s:s,s:i,s:n,s:[],s:n,s:s}",
                       "label", "text", name, "style", "x", "y", -40, "rotation", 0, "symbol",
                       k->symbol, "x", 0, "y", 0, "z", 1, "locked", 0, "port_name_format",
                       k->port_format, "port_segment_size", 0, "first_port_name", "custom_adapters",
                       "template_id", "project_id", n->project->id));
    json_object_set_new(doc, "node_directory", k->always_on ? json_null() : json_string(dir));
    json_object_set_new(doc, "status", json_string("stopped"));
    json_object_set_new(doc, "command_line", k->always_on ? json_null() : json_string(""));
    json_object_set_new(doc, "width", json_integer(65));
    json_object_set_new(doc, "height", json_integer(59));
    json_object_set_new(doc, "ports", ports_doc(k, ports));
    json_object_set_new(doc, "console_host", json_string("127.0.0.1"));
    return doc;
}

struct node *node_new(struct project *p, const char *type, const char *name, const json_t *fields)
{
    const struct node_kind *k = kind_of(type);
    struct node *n = sim_alloc(sizeof(*n));
    n->project = p;
    n->always_on = k->always_on;
    rng_uuid(&p->server->rng, n->id);
    n->doc = node_doc(n, k, name, fields);
    apply_fields(n, fields);
    p->nodes = realloc(p->nodes, (p->n_nodes + 1) * sizeof(*p->nodes));
    if (!p->nodes)
        abort();
    p->nodes[p->n_nodes++] = n;
    node_set_status(n, k->always_on && p->opened ? "started" : "stopped");
    if (strcmp(type, "vpcs") == 0)
        console_attach(n);
    return n;
}

struct node *node_find(const struct project *p, const char *id)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        if (strcmp(p->nodes[i]->id, id) == 0)
            return p->nodes[i];
    return NULL;
}

struct node *node_by_name(const struct project *p, const char *name)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        if (strcmp(json_string_value(json_object_get(p->nodes[i]->doc, "name")), name) == 0)
            return p->nodes[i];
    return NULL;
}

void node_remove(struct node *n)
{
    struct project *p = n->project;
    for (size_t i = p->n_links; i-- > 0;)
        if (p->links[i]->end[0] == n || p->links[i]->end[1] == n)
            link_remove(p->links[i]);
    for (size_t i = 0; i < p->n_nodes; i++)
        if (p->nodes[i] == n) {
            memmove(&p->nodes[i], &p->nodes[i + 1], (p->n_nodes - i - 1) * sizeof(*p->nodes));
            p->n_nodes--;
            break;
        }
    console_detach(n);
    json_decref(n->doc);
    free(n);
    project_touch(p);
}

void node_set_status(struct node *n, const char *status)
{
    n->status = status;
    json_object_set_new(n->doc, "status", json_string(status));
    project_touch(n->project);
}

bool node_is(const struct node *n, const char *status)
{
    return strcmp(n->status, status) == 0;
}

void node_emit(struct node *n, const char *action)
{
    feed_emit(n->project->server, n->project, action, n->doc);
}

static void set_command_line(struct node *n)
{
    char line[512];
    int console = (int)json_integer_value(json_object_get(n->doc, "console"));
    const char *type = json_string_value(json_object_get(n->doc, "node_type"));
    const char *dir = json_string_value(json_object_get(n->doc, "node_directory"));
    if (strcmp(type, "vpcs") == 0)
        snprintf(line, sizeof(line), "/usr/bin/vpcs -p %d -m 0 -i 1 -F -R -s %d -c %d -t 127.0.0.1",
                 console + 1, 20000 + console, 20001 + console);
    else if (strcmp(type, "qemu") == 0)
        snprintf(line, sizeof(line),
                 "/usr/bin/qemu-system-x86_64 -name %s -m 512M -smp cpus=1 -uuid %s -serial "
                 "telnet:127.0.0.1:%d,server,nowait -drive file=%s/hda_disk.qcow2",
                 json_string_value(json_object_get(n->doc, "name")), n->id, console + 1,
                 dir ? dir : "");
    else
        line[0] = '\0';
    json_object_set_new(n->doc, "command_line", json_string(line));
}

void node_start(struct node *n)
{
    if (n->always_on || node_is(n, "started"))
        return;
    set_command_line(n);
    node_set_status(n, "started");
    hypervisor_node_started(n);
    for (size_t i = 0; i < n->project->n_links; i++) { /* a new ubridge: dead links live again */
        struct link *l = n->project->links[i];
        if (l->end[0] == n || l->end[1] == n)
            l->dead = false;
    }
    node_emit(n, "node.updated");
}

static void end_captures(struct node *n)
{
    for (size_t i = 0; i < n->project->n_links; i++)
        if (n->project->links[i]->capture.side == n)
            capture_stop(n->project->links[i], true);
}

void node_stop(struct node *n, int events)
{
    if (n->always_on || node_is(n, "stopped"))
        return;
    end_captures(n);
    node_set_status(n, "stopped");
    for (int i = 0; i < events; i++)
        node_emit(n, "node.updated");
}

void node_crash(struct node *n)
{
    if (n->always_on || node_is(n, "stopped"))
        return;
    char text[256];
    const char *type = json_string_value(json_object_get(n->doc, "node_type"));
    char upper[32];
    sim_copy(upper, sizeof(upper), type);
    for (char *c = upper; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    n->project->server->stats.nodes_crashed++;
    if (strcmp(type, "docker") == 0)
        return; /* nobody watches containers: it stays "started" */
    node_stop(n, 2);
    snprintf(text, sizeof(text), "%s process has stopped, return code: -9\n", upper);
    json_t *event = json_pack("{s:s}", "message", text);
    feed_emit(n->project->server, n->project, "log.error", event);
    json_decref(event);
}

void node_free_name(const struct project *p, const char *wanted, char *out, size_t size)
{
    char base[200];
    if (!strstr(wanted, "{0}") && !node_by_name(p, wanted)) {
        sim_copy(out, size, wanted);
        return;
    }
    sim_copy(base, sizeof(base), wanted);
    char *brace = strstr(base, "{0}");
    if (brace)
        *brace = '\0';
    else
        for (size_t len = strlen(base); len > 1 && isdigit((unsigned char)base[len - 1]); len--)
            base[len - 1] = '\0';
    for (int i = 1;; i++) {
        snprintf(out, size, "%s%d", base, i);
        if (!node_by_name(p, out))
            return;
    }
}

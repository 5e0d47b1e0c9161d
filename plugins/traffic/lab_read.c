/* lab_read.c - objects of the gns3 plugin into what lab.h keeps of them. */
#include "lab_internal.h"

#include <jansson.h>
#include <proc/here.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"gns3.server", "gns3.compute", "gns3.project", "gns3.node",
                                    "gns3.link"};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

/* true: it is another text now. */
static bool keep(char **place, const char *text)
{
    if (*place && text && strcmp(*place, text) == 0)
        return false;
    if (!*place && !text)
        return false;
    free(*place);
    *place = text ? strdup(text) : NULL;
    return true;
}

static bool is(const json_t *json, const char *name, const char *value)
{
    const char *text = text_of(json, name);
    return text && strcmp(text, value) == 0;
}

static void take_server(struct lab *lab, const char *id, const json_t *json)
{
    struct server *server = lab_add_server(lab, id);
    if (!server)
        return;
    server->up = is(json, "status", "up");
    if (keep(&server->url, text_of(json, "url"))) {
        server->here = server->url && url_is_here(server->url);
        lab->unsettled = true;
    }
}

static void take_compute(struct lab *lab, const char *id, const json_t *json)
{
    struct compute *compute = lab_add_compute(lab, id);
    if (!compute)
        return;
    keep(&compute->server, text_of(json, "server"));
    keep(&compute->compute_id, text_of(json, "compute_id"));
    if (keep(&compute->host, text_of(json, "host"))) {
        compute->here = compute->host && host_is_here(compute->host);
        lab->unsettled = true;
    }
}

static void take_project(struct lab *lab, const char *id, const json_t *json)
{
    struct project *project = lab_add_project(lab, id);
    if (!project)
        return;
    keep(&project->project_id, text_of(json, "project_id"));
    keep(&project->path, text_of(json, "path"));
    if (keep(&project->server, text_of(json, "server")))
        lab->unsettled = true;
    const char *name = text_of(json, "name");
    project->renamed |= keep(&project->name, name ? name : "");
    project->changed = true;
    project->opened = is(json, "status", "opened");
    project->node_count = (size_t)json_integer_value(json_object_get(json, "node_count"));
    project->started = (size_t)json_integer_value(json_object_get(json, "started_count"));
    if (!project->server)
        project->server = strdup("");
}

/* GNS3 gives the n-th VPCS of a compute "-m n", and that makes its address. */
static void take_mac(struct node *node, const char *command_line)
{
    const char *at = command_line && node->type && strcmp(node->type, "vpcs") == 0
                         ? strstr(command_line, " -m ")
                         : NULL;
    char mac[24] = "";
    if (at) {
        long number = strtol(at + 4, NULL, 10);
        if (number >= 0 && number < 256)
            snprintf(mac, sizeof mac, "00:50:79:66:68:%02lx", (unsigned long)number & 0xff);
    }
    keep(&node->mac, *mac ? mac : NULL);
}

static enum node_state state_of(const json_t *json)
{
    if (is(json, "status", "started"))
        return NODE_STARTED;
    if (is(json, "status", "suspended"))
        return NODE_SUSPENDED;
    return is(json, "status", "stopped") ? NODE_STOPPED : NODE_CLOSED;
}

static void take_node(struct lab *lab, const char *id, const json_t *json)
{
    struct node *node = lab_add_node(lab, id);
    if (!node)
        return;
    bool moved = keep(&node->node_id, text_of(json, "node_id"));
    moved |= keep(&node->project_id, text_of(json, "project"));
    moved |= keep(&node->compute_id, text_of(json, "compute_id"));
    moved |= keep(&node->server, text_of(json, "server"));
    lab->unsettled |= moved;
    node->renamed |= keep(&node->name, text_of(json, "name"));
    keep(&node->type, text_of(json, "node_type"));
    keep(&node->directory, text_of(json, "node_directory"));
    keep(&node->console_type, text_of(json, "console_type"));
    node->console = (int)json_integer_value(json_object_get(json, "console"));
    take_mac(node, text_of(json, "command_line"));
    enum node_state state = state_of(json);
    if (state != node->state) {
        node->had_ubridge = false;
        node->ubridge_gone_ms = 0;
    }
    node->state = state;
}

static void take_end(struct lab *lab, struct end *end, const json_t *json)
{
    int adapter = (int)json_integer_value(json_object_get(json, "adapter_number"));
    int port = (int)json_integer_value(json_object_get(json, "port_number"));
    if (keep(&end->node_id, text_of(json, "node")) || adapter != end->adapter ||
        port != end->port) {
        end->adapter = adapter;
        end->port = port;
        end->meter = (struct meter){0};
        end->sent_taken = end->got_taken = (struct counts){0};
        end->dropped_taken = 0;
        end->taken_ms = 0;
        lab->unsettled = true;
    }
}

static void take_link(struct lab *lab, const char *id, const json_t *json)
{
    struct link *link = lab_add_link(lab, id);
    if (!link)
        return;
    keep(&link->link_id, text_of(json, "link_id"));
    if (keep(&link->project_id, text_of(json, "project")))
        lab->unsettled = true;
    const char *name = text_of(json, "name");
    link->renamed |= keep(&link->name, name ? name : id);
    link->changed = true;
    link->closed = is(json, "status", "closed");
    link->suspended = is(json, "status", "suspended");
    link->capturing = json_is_true(json_object_get(json, "capturing"));
    const json_t *ends = json_object_get(json, "nodes");
    for (size_t i = 0; i < 2; i++)
        take_end(lab, &link->ends[i], json_array_get(ends, i));
}

static void take(struct lab *lab, const char *kind, const char *id, const json_t *json)
{
    static void (*const takes[])(struct lab *, const char *, const json_t *) = {
        take_server, take_compute, take_project, take_node, take_link};
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kind, kinds[i]) == 0)
            takes[i](lab, id, json);
}

void lab_take(struct lab *lab, const char *kind, const char *id, const char *text)
{
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    if (json)
        take(lab, kind, id, json);
    else if (!text)
        lab_forget(lab, kind, id);
    json_decref(json);
}

/* Things the list does not name have gone while nobody looked. */
static void sweep(struct lab *lab, const char *kind, const json_t *list)
{
    json_t *here = json_object();
    size_t i;
    const json_t *element;
    json_array_foreach(list, i, element)
    {
        const char *id = text_of(element, "id");
        if (id)
            json_object_set_new(here, id, json_true());
    }
    struct link *link, *link_next;
    struct node *node, *node_next;
    struct project *project, *project_next;
    if (strcmp(kind, "gns3.link") == 0)
        for (link = TAILQ_FIRST(&lab->links); link; link = link_next) {
            link_next = TAILQ_NEXT(link, entry);
            if (!json_object_get(here, link->id))
                lab_forget(lab, kind, link->id);
        }
    if (strcmp(kind, "gns3.node") == 0)
        for (node = TAILQ_FIRST(&lab->nodes); node; node = node_next) {
            node_next = TAILQ_NEXT(node, entry);
            if (!json_object_get(here, node->id))
                lab_forget(lab, kind, node->id);
        }
    if (strcmp(kind, "gns3.project") == 0)
        for (project = TAILQ_FIRST(&lab->projects); project; project = project_next) {
            project_next = TAILQ_NEXT(project, entry);
            if (!json_object_get(here, project->id))
                lab_forget(lab, kind, project->id);
        }
    json_decref(here);
}

void lab_read(struct lab *lab)
{
    for (size_t k = 0; k < KINDS; k++) {
        char *text = gw_object_list(lab->self, kinds[k]);
        json_t *list = text ? json_loads(text, 0, NULL) : NULL;
        gw_free(text);
        size_t i;
        const json_t *element;
        json_array_foreach(list, i, element)
        {
            const char *id = text_of(element, "id");
            if (id)
                take(lab, kinds[k], id, element);
        }
        if (list)
            sweep(lab, kinds[k], list);
        json_decref(list);
    }
    lab_settle(lab);
}

const char *status_name(enum status status)
{
    static const char *const names[] = {
        [STATUS_ACTIVE] = "active", [STATUS_IDLE] = "idle", [STATUS_NO_DATA] = "no_data"};
    return names[status];
}

const char *source_name(enum source_kind source)
{
    static const char *const names[] = {[SOURCE_NONE] = "none",
                                        [SOURCE_UBRIDGE] = "ubridge",
                                        [SOURCE_DYNAMIPS] = "dynamips",
                                        [SOURCE_CAPTURE] = "capture"};
    return names[source];
}

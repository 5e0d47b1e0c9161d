/* lab_read.c - objects of the gns3 plugin into what lab.h keeps of them. */
#include "lab_internal.h"

#include <jansson.h>
#include <math.h>
#include <proc/here.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[TREES] = {[SERVERS] = "gns3.server",
                                         [COMPUTES] = "gns3.compute",
                                         [PROJECTS] = "gns3.project",
                                         [NODES] = "gns3.node",
                                         [LINKS] = "gns3.link"};

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static bool is(const json_t *json, const char *name, const char *value)
{
    const char *text = text_of(json, name);
    return text && strcmp(text, value) == 0;
}

/* true: it is another text now. Members GNS3 does not tell are "". */
static bool keep(char **place, const json_t *json, const char *name)
{
    const char *text = text_of(json, name);
    if (*place && strcmp(*place, text ? text : "") == 0)
        return false;
    free(*place);
    *place = strdup(text ? text : "");
    return true;
}

static void take_server(struct lab *lab, const char *id, const json_t *json)
{
    struct server *server = lab_add_server(lab, id);
    if (!server)
        return;
    server->up = is(json, "status", "up");
    if (keep(&server->url, json, "url") && server->url) {
        server->here = url_is_here(server->url);
        lab->unsettled = true;
    }
}

static void take_compute(struct lab *lab, const char *id, const json_t *json)
{
    struct compute *compute = lab_add_compute(lab, id);
    if (!compute)
        return;
    lab->unsettled |= keep(&compute->server, json, "server");
    lab->unsettled |= keep(&compute->compute_id, json, "compute_id");
    if (keep(&compute->host, json, "host") && compute->host) {
        compute->here = *compute->host && host_is_here(compute->host);
        lab->unsettled = true;
    }
}

static void take_project(struct lab *lab, const char *id, const json_t *json)
{
    struct project *project = lab_add_project(lab, id);
    if (!project)
        return;
    if (!project->name)
        project->directory_bytes = (double)NAN;
    lab->unsettled |= keep(&project->project_id, json, "project_id");
    lab->unsettled |= keep(&project->server, json, "server");
    keep(&project->path, json, "path");
    project->renamed |= keep(&project->name, json, "name");
    project->opened = is(json, "status", "opened");
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
    if (!node->name)
        node->directory_bytes = (double)NAN;
    bool moved = keep(&node->node_id, json, "node_id");
    moved |= keep(&node->project_id, json, "project");
    moved |= keep(&node->compute_id, json, "compute_id");
    moved |= keep(&node->server, json, "server");
    moved |= keep(&node->type, json, "node_type");
    moved |= keep(&node->directory, json, "node_directory");
    moved |= keep(&node->command, json, "command_line");
    moved |= keep(&node->container, json, "container_id");
    node->renamed |= keep(&node->name, json, "name");
    node->need = node_need(node->type);
    enum node_state state = state_of(json);
    if (state != node->state) { /* what was before counts no more */
        node->started_ms = node->gone_ms = node->ubridge_gone_ms = 0;
        node->seen = node->had_ubridge = false;
        moved = true;
    }
    node->state = state;
    lab->unsettled |= moved;
}

static void take_link(struct lab *lab, const char *id, const json_t *json)
{
    struct link *link = lab_add_link(lab, id);
    const json_t *ends = json_object_get(json, "nodes");
    for (size_t i = 0; link && i < 2; i++)
        lab->unsettled |= keep(&link->ends[i], json_array_get(ends, i), "node");
}

static void take(struct lab *lab, enum kind tree, const char *id, const json_t *json)
{
    static void (*const takes[TREES])(struct lab *, const char *,
                                      const json_t *) = {[SERVERS] = take_server,
                                                         [COMPUTES] = take_compute,
                                                         [PROJECTS] = take_project,
                                                         [NODES] = take_node,
                                                         [LINKS] = take_link};
    takes[tree](lab, id, json);
}

void lab_take(struct lab *lab, const char *kind, const char *id, const char *text)
{
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    for (enum kind tree = SERVERS; tree < TREES; tree++)
        if (strcmp(kind, kinds[tree]) == 0) {
            if (json)
                take(lab, tree, id, json);
            else if (!text)
                lab_forget(lab, tree, id);
        }
    json_decref(json);
}

/* Things the list does not name have gone while nobody looked. Each begins with its id, and its
 * list with where the next one is. */
static void sweep(struct lab *lab, enum kind tree, const json_t *ids)
{
    struct node *node, *next_node;
    struct project *project, *next_project;
    struct link *link, *next_link;
    for (node = TAILQ_FIRST(&lab->nodes); tree == NODES && node; node = next_node) {
        next_node = TAILQ_NEXT(node, entry);
        if (!json_object_get(ids, node->id))
            lab_forget(lab, tree, node->id);
    }
    for (project = TAILQ_FIRST(&lab->projects); tree == PROJECTS && project;
         project = next_project) {
        next_project = TAILQ_NEXT(project, entry);
        if (!json_object_get(ids, project->id))
            lab_forget(lab, tree, project->id);
    }
    for (link = TAILQ_FIRST(&lab->links); tree == LINKS && link; link = next_link) {
        next_link = TAILQ_NEXT(link, entry);
        if (!json_object_get(ids, link->id))
            lab_forget(lab, tree, link->id);
    }
}

void lab_read(struct lab *lab)
{
    for (enum kind tree = SERVERS; tree < TREES; tree++) {
        char *text = gw_object_list(lab->self, kinds[tree]);
        json_t *list = text ? json_loads(text, 0, NULL) : NULL, *ids = json_object();
        const json_t *one;
        size_t i;
        gw_free(text);
        json_array_foreach(list, i, one)
        {
            const char *id = text_of(one, "id");
            if (!id)
                continue;
            take(lab, tree, id, one);
            json_object_set_new(ids, id, json_true());
        }
        if (list)
            sweep(lab, tree, ids);
        json_decref(list);
        json_decref(ids);
    }
}

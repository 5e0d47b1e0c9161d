/* lab.c - see lab.h. What a thing's object says is in lab_read.c; this file knows what there is and
 * how it hangs together. */
#include "lab_internal.h"
#include "protocols.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum tree { PROJECTS, NODES, LINKS, NODE_IDS };

static int compare_project(const void *a, const void *b)
{
    return strcmp(((const struct project *)a)->id, ((const struct project *)b)->id);
}

static int compare_node(const void *a, const void *b)
{
    return strcmp(((const struct node *)a)->id, ((const struct node *)b)->id);
}

static int compare_link(const void *a, const void *b)
{
    return strcmp(((const struct link *)a)->id, ((const struct link *)b)->id);
}

static int compare_node_id(const void *a, const void *b)
{
    return strcmp(((const struct node *)a)->node_id, ((const struct node *)b)->node_id);
}

static void *found(void *const *tree, const void *key, int (*compare)(const void *, const void *))
{
    void *at = tfind(key, tree, compare);
    return at ? *(void **)at : NULL;
}

struct project *lab_project(const struct lab *lab, const char *id)
{
    struct project key = {.id = (char *)(uintptr_t)id};
    return id ? found(&lab->by_id[PROJECTS], &key, compare_project) : NULL;
}

struct link *lab_link(const struct lab *lab, const char *id)
{
    struct link key = {.id = (char *)(uintptr_t)id};
    return id ? found(&lab->by_id[LINKS], &key, compare_link) : NULL;
}

struct node *lab_node(struct lab *lab, const char *node_id)
{
    lab_settle(lab);
    struct node key = {.node_id = (char *)(uintptr_t)node_id};
    return node_id ? found(&lab->by_id[NODE_IDS], &key, compare_node_id) : NULL;
}

struct node *lab_node_object(const struct lab *lab, const char *id)
{
    struct node key = {.id = (char *)(uintptr_t)id};
    return id ? found(&lab->by_id[NODES], &key, compare_node) : NULL;
}

struct project *lab_project_named(const struct lab *lab, const char *id_or_name, size_t *count)
{
    struct project *project = lab_project(lab, id_or_name), *at;
    *count = project ? 1 : 0;
    if (project)
        return project;
    const char *slash = strchr(id_or_name, '/');
    TAILQ_FOREACH(at, &lab->projects, entry)
    {
        bool same = strcmp(at->name, id_or_name) == 0;
        size_t bytes = slash ? (size_t)(slash - id_or_name) : 0;
        if (!same && slash)
            same = strlen(at->server) == bytes && strncmp(at->server, id_or_name, bytes) == 0 &&
                   strcmp(at->name, slash + 1) == 0;
        if (same) {
            project = at;
            ++*count;
        }
    }
    return *count == 1 ? project : NULL;
}

struct end *node_end(const struct node *node, int adapter, int port, struct link **link)
{
    for (size_t i = 0; i < node->end_count; i++)
        if (node->ends[i]->adapter == adapter && node->ends[i]->port == port) {
            *link = node->links[i];
            return node->ends[i];
        }
    return NULL;
}

/* ---- Coming and going ------------------------------------------------------------------------ */

static bool enter(void **tree, void *thing, int (*compare)(const void *, const void *))
{
    return tsearch(thing, tree, compare) != NULL;
}

struct server *lab_add_server(struct lab *lab, const char *name)
{
    struct server *server;
    TAILQ_FOREACH(server, &lab->servers, entry)
    if (strcmp(server->name, name) == 0)
        return server;
    server = calloc(1, sizeof *server);
    if (!server || !(server->name = strdup(name))) {
        free(server);
        return NULL;
    }
    server->capture_offset_ms = INT64_MIN;
    TAILQ_INSERT_TAIL(&lab->servers, server, entry);
    lab->unsettled = true;
    return server;
}

struct compute *lab_add_compute(struct lab *lab, const char *id)
{
    struct compute *compute;
    TAILQ_FOREACH(compute, &lab->computes, entry)
    if (strcmp(compute->id, id) == 0)
        return compute;
    compute = calloc(1, sizeof *compute);
    if (!compute || !(compute->id = strdup(id))) {
        free(compute);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&lab->computes, compute, entry);
    return compute;
}

struct project *lab_add_project(struct lab *lab, const char *id)
{
    struct project *project = lab_project(lab, id);
    if (project)
        return project;
    project = calloc(1, sizeof *project);
    if (!project)
        return NULL;
    TAILQ_INIT(&project->links);
    project->status = STATUS_NO_DATA;
    project->changed = true;
    project->flow.packets_s = project->flow.bytes_s = NAN;
    project->id = strdup(id);
    if (!project->id || !enter(&lab->by_id[PROJECTS], project, compare_project)) {
        free(project->id);
        free(project);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&lab->projects, project, entry);
    lab->unsettled = true;
    return project;
}

struct node *lab_add_node(struct lab *lab, const char *id)
{
    struct node *node = lab_node_object(lab, id);
    if (node)
        return node;
    node = calloc(1, sizeof *node);
    if (!node)
        return NULL;
    node->id = strdup(id);
    if (!node->id || !enter(&lab->by_id[NODES], node, compare_node)) {
        free(node->id);
        free(node);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&lab->nodes, node, entry);
    lab->unsettled = true;
    return node;
}

struct link *lab_add_link(struct lab *lab, const char *id)
{
    struct link *link = lab_link(lab, id);
    if (link)
        return link;
    link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->status = STATUS_NO_DATA;
    link->changed = true;
    link->flows[0].packets_s = link->flows[1].packets_s = NAN;
    link->flows[0].bytes_s = link->flows[1].bytes_s = NAN;
    link->source = SOURCE_NONE;
    link->id = strdup(id);
    if (!link->id || !enter(&lab->by_id[LINKS], link, compare_link)) {
        free(link->id);
        free(link);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&lab->links, link, entry);
    lab->unsettled = true;
    return link;
}

static void link_remove(struct lab *lab, struct link *link)
{
    if (lab->on_link_gone)
        lab->on_link_gone(link, lab->data);
    if (link->project)
        TAILQ_REMOVE(&link->project->links, link, in_project);
    tdelete(link, &lab->by_id[LINKS], compare_link);
    TAILQ_REMOVE(&lab->links, link, entry);
    gw_series_end(link->series);
    for (int i = 0; i < 2; i++)
        free(link->ends[i].node_id);
    free(link->id);
    free(link->link_id);
    free(link->name);
    free(link->project_id);
    free(link);
}

static void node_remove(struct lab *lab, struct node *node)
{
    tdelete(node, &lab->by_id[NODES], compare_node);
    TAILQ_REMOVE(&lab->nodes, node, entry);
    gw_series_end(node->series);
    free(node->id);
    free(node->node_id);
    free(node->name);
    free(node->type);
    free(node->compute_id);
    free(node->directory);
    free(node->project_id);
    free(node->server);
    free(node->console_type);
    free(node->mac);
    free(node->ends);
    free(node->links);
    free(node);
}

static void project_remove(struct lab *lab, struct project *project)
{
    struct link *link;
    if (lab->on_project_gone)
        lab->on_project_gone(project, lab->data);
    while ((link = TAILQ_FIRST(&project->links))) {
        TAILQ_REMOVE(&project->links, link, in_project);
        link->project = NULL;
    }
    tdelete(project, &lab->by_id[PROJECTS], compare_project);
    TAILQ_REMOVE(&lab->projects, project, entry);
    gw_series_end(project->series);
    protocols_free(project->protocols);
    free(project->id);
    free(project->project_id);
    free(project->server);
    free(project->name);
    free(project->path);
    free(project);
}

static void server_remove(struct lab *lab, struct server *server)
{
    TAILQ_REMOVE(&lab->servers, server, entry);
    free(server->name);
    free(server->url);
    free(server);
}

static void compute_remove(struct lab *lab, struct compute *compute)
{
    TAILQ_REMOVE(&lab->computes, compute, entry);
    free(compute->id);
    free(compute->server);
    free(compute->compute_id);
    free(compute->host);
    free(compute);
}

void lab_forget(struct lab *lab, const char *kind, const char *id)
{
    struct node *node;
    struct link *link;
    struct project *project;
    struct server *server;
    if (strcmp(kind, "gns3.node") == 0 && (node = lab_node_object(lab, id)))
        node_remove(lab, node);
    else if (strcmp(kind, "gns3.link") == 0 && (link = lab_link(lab, id)))
        link_remove(lab, link);
    else if (strcmp(kind, "gns3.project") == 0 && (project = lab_project(lab, id)))
        project_remove(lab, project);
    else if (strcmp(kind, "gns3.server") == 0) {
        TAILQ_FOREACH(server, &lab->servers, entry)
        if (strcmp(server->name, id) == 0)
            break;
        if (server)
            server_remove(lab, server);
    }
    lab->unsettled = true;
}

void lab_init(struct lab *lab, struct gw_plugin *self)
{
    *lab = (struct lab){.self = self};
    TAILQ_INIT(&lab->servers);
    TAILQ_INIT(&lab->computes);
    TAILQ_INIT(&lab->projects);
    TAILQ_INIT(&lab->nodes);
    TAILQ_INIT(&lab->links);
}

static void keep_thing(void *thing)
{
    (void)thing; /* trees own nothing */
}

void lab_fini(struct lab *lab)
{
    tdestroy(lab->by_id[NODE_IDS], keep_thing);
    lab->by_id[NODE_IDS] = NULL;
    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): each leaves its list before it is freed */
    while (!TAILQ_EMPTY(&lab->links))
        link_remove(lab, TAILQ_FIRST(&lab->links));
    while (!TAILQ_EMPTY(&lab->nodes))
        node_remove(lab, TAILQ_FIRST(&lab->nodes));
    while (!TAILQ_EMPTY(&lab->projects))
        project_remove(lab, TAILQ_FIRST(&lab->projects));
    while (!TAILQ_EMPTY(&lab->servers))
        server_remove(lab, TAILQ_FIRST(&lab->servers));
    while (!TAILQ_EMPTY(&lab->computes))
        compute_remove(lab, TAILQ_FIRST(&lab->computes));
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

/* ---- How it hangs together ------------------------------------------------------------------- */

static void settle_end(struct lab *lab, struct link *link, struct end *end)
{
    struct node *node = end->node = lab_node_object(lab, end->node_id);
    if (!node)
        return;
    struct end **ends = realloc(node->ends, (node->end_count + 1) * sizeof(struct end *));
    if (ends)
        node->ends = ends;
    struct link **links = realloc(node->links, (node->end_count + 1) * sizeof(struct link *));
    if (links)
        node->links = links;
    if (!ends || !links)
        return;
    ends[node->end_count] = end;
    links[node->end_count++] = link;
}

static bool node_is_here(const struct lab *lab, const struct node *node)
{
    const struct project *project = node->project;
    bool owner_here = project && project->owner && project->owner->here;
    const struct compute *compute;
    TAILQ_FOREACH(compute, &lab->computes, entry)
    if (compute->compute_id && node->compute_id && compute->server && node->server &&
        strcmp(compute->compute_id, node->compute_id) == 0 &&
        strcmp(compute->server, node->server) == 0)
        return strcmp(compute->compute_id, "local") == 0 ? owner_here : compute->here;
    return owner_here && (!node->compute_id || strcmp(node->compute_id, "local") == 0);
}

static void settle_node(struct lab *lab, struct node *node)
{
    node->end_count = 0;
    node->twin = NULL;
    node->project = lab_project(lab, node->project_id);
    node->here = node_is_here(lab, node);
    if (!node->node_id)
        return;
    struct node **at = tsearch(node, &lab->by_id[NODE_IDS], compare_node_id);
    if (at && *at != node) {
        node->twin = (*at)->twin;
        (*at)->twin = node;
    }
}

void lab_settle(struct lab *lab)
{
    struct project *project;
    struct node *node;
    struct link *link;
    struct server *server;
    if (!lab->unsettled)
        return;
    lab->unsettled = false;
    TAILQ_FOREACH(project, &lab->projects, entry)
    {
        project->owner = NULL;
        TAILQ_FOREACH(server, &lab->servers, entry)
        if (project->server && strcmp(server->name, project->server) == 0)
            project->owner = server;
    }
    tdestroy(lab->by_id[NODE_IDS], keep_thing);
    lab->by_id[NODE_IDS] = NULL;
    TAILQ_FOREACH(node, &lab->nodes, entry)
    settle_node(lab, node);
    TAILQ_FOREACH(link, &lab->links, entry)
    {
        struct project *mine = lab_project(lab, link->project_id);
        if (mine != link->project) {
            if (link->project)
                TAILQ_REMOVE(&link->project->links, link, in_project);
            link->project = mine;
            if (mine)
                TAILQ_INSERT_TAIL(&mine->links, link, in_project);
        }
        for (int i = 0; i < 2; i++)
            settle_end(lab, link, &link->ends[i]);
    }
}

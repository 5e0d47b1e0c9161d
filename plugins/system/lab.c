/* lab.c - see lab.h. Things by id, how they hang together, their coming and going; what an object
 * says is in lab_read.c. */
#include "lab_internal.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Each thing begins with its id. */
static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_node_ids(const void *a, const void *b)
{
    const char *x = ((const struct node *)a)->node_id, *y = ((const struct node *)b)->node_id;
    return strcmp(x ? x : "", y ? y : "");
}

void *lab_find(const struct lab *lab, enum kind tree, const char *id)
{
    const char *key = id;
    void *at = id ? tfind(&key, &lab->by_id[tree], compare_ids) : NULL;
    return at ? *(void **)at : NULL;
}

struct node *lab_node(const struct lab *lab, const char *node_id)
{
    struct node key = {.node_id = (char *)(uintptr_t)node_id};
    void *at = tfind(&key, &lab->by_node_id, compare_node_ids);
    return at ? *(struct node **)at : NULL;
}

struct project *lab_project_of(const struct lab *lab, const char *project_id)
{
    struct project *project;
    TAILQ_FOREACH(project, &lab->projects, entry)
    if (project->project_id && strcmp(project->project_id, project_id) == 0)
        return project;
    return NULL;
}

enum node_need node_need(const char *type)
{
    static const struct {
        const char *type;
        enum node_need need;
    } needs[] = {{"vpcs", NEED_OWN},           {"qemu", NEED_OWN},
                 {"docker", NEED_OWN},         {"iou", NEED_OWN},
                 {"traceng", NEED_OWN},        {"dynamips", NEED_SHARED},
                 {"virtualbox", NEED_FOREIGN}, {"vmware", NEED_FOREIGN}};
    for (size_t i = 0; type && i < sizeof needs / sizeof needs[0]; i++)
        if (strcmp(needs[i].type, type) == 0)
            return needs[i].need;
    return NEED_NOTHING;
}

bool node_needs_ubridge(const struct node *node)
{
    static const char *const types[] = {"vpcs", "qemu",       "docker", "iou",
                                        "nat",  "virtualbox", "vmware", "cloud"};
    for (size_t i = 0; node->type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i], node->type) == 0)
            return node->links > 0;
    return false;
}

/* ---- Coming ---------------------------------------------------------------------------------- */

/* A thing of `bytes`, zeroed, that has its id and is in its tree; NULL: no memory. */
static void *make(struct lab *lab, enum kind tree, const char *id, size_t bytes)
{
    char **thing = calloc(1, bytes);
    if (!thing)
        return NULL;
    *thing = strdup(id);
    if (*thing && tsearch(thing, &lab->by_id[tree], compare_ids)) {
        lab->unsettled = true;
        return thing;
    }
    free(*thing);
    free(thing);
    return NULL;
}

#define ADD(type, tree, list)                                    \
    struct type *lab_add_##type(struct lab *lab, const char *id) \
    {                                                            \
        struct type *thing = lab_find(lab, tree, id);            \
        if (!thing) {                                            \
            thing = make(lab, tree, id, sizeof *thing);          \
            if (thing)                                           \
                TAILQ_INSERT_TAIL(&lab->list, thing, entry);     \
        }                                                        \
        return thing;                                            \
    }

ADD(server, SERVERS, servers)
ADD(compute, COMPUTES, computes)
ADD(project, PROJECTS, projects)
ADD(node, NODES, nodes)
ADD(link, LINKS, links)

/* ---- Going ----------------------------------------------------------------------------------- */

static void free_texts(char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
}

#define FREE_TEXTS(...) \
    free_texts((char *const[]){__VA_ARGS__}, sizeof((char *const[]){__VA_ARGS__}) / sizeof(char *))

static void remove_node(struct lab *lab, struct node *node)
{
    if (lab->on_node_gone)
        lab->on_node_gone(node, lab->data);
    TAILQ_REMOVE(&lab->nodes, node, entry);
    gw_series_end(node->series);
    FREE_TEXTS(node->id, node->node_id, node->project_id, node->server, node->compute_id,
               node->name, node->type, node->directory, node->command, node->container);
    free(node);
}

static void remove_project(struct lab *lab, struct project *project)
{
    struct node *node;
    if (lab->on_project_gone)
        lab->on_project_gone(project, lab->data);
    TAILQ_FOREACH(node, &lab->nodes, entry)
    if (node->project == project)
        node->project = NULL;
    TAILQ_REMOVE(&lab->projects, project, entry);
    gw_series_end(project->series);
    FREE_TEXTS(project->id, project->project_id, project->server, project->name, project->path);
    free(project);
}

static void remove_server(struct lab *lab, struct server *server)
{
    struct project *project;
    TAILQ_FOREACH(project, &lab->projects, entry)
    if (project->owner == server)
        project->owner = NULL;
    TAILQ_REMOVE(&lab->servers, server, entry);
    FREE_TEXTS(server->id, server->url);
    free(server);
}

static void remove_compute(struct lab *lab, struct compute *compute)
{
    TAILQ_REMOVE(&lab->computes, compute, entry);
    FREE_TEXTS(compute->id, compute->server, compute->compute_id, compute->host);
    free(compute);
}

static void remove_link(struct lab *lab, struct link *link)
{
    TAILQ_REMOVE(&lab->links, link, entry);
    FREE_TEXTS(link->id, link->ends[0], link->ends[1]);
    free(link);
}

/* The index by GNS3's id is made anew by lab_settle; until then it must not show what has gone. */
static void forget_node_ids(struct lab *lab)
{
    tdestroy(lab->by_node_id, lab_keep);
    lab->by_node_id = NULL;
}

void lab_forget(struct lab *lab, enum kind tree, const char *id)
{
    void *thing = lab_find(lab, tree, id);
    if (!thing)
        return;
    tdelete(thing, &lab->by_id[tree], compare_ids);
    lab->unsettled = true;
    if (tree == NODES) {
        forget_node_ids(lab);
        remove_node(lab, thing);
    } else if (tree == PROJECTS) {
        remove_project(lab, thing);
    } else if (tree == SERVERS) {
        remove_server(lab, thing);
    } else if (tree == COMPUTES) {
        remove_compute(lab, thing);
    } else {
        remove_link(lab, thing);
    }
}

/* ---- How it hangs together ------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool node_is_here(const struct lab *lab, const struct node *node)
{
    const struct project *project = node->project;
    bool owner_here = project && project->owner && project->owner->here;
    const struct compute *compute;
    TAILQ_FOREACH(compute, &lab->computes, entry)
    if (same(compute->compute_id, node->compute_id) && same(compute->server, node->server))
        return same(compute->compute_id, "local") ? owner_here : compute->here;
    return owner_here && (!node->compute_id || same(node->compute_id, "local"));
}

static void settle_node(struct lab *lab, struct node *node, int64_t now_ms)
{
    node->links = 0;
    node->twin = NULL;
    node->project = lab_find(lab, PROJECTS, node->project_id);
    node->here = node_is_here(lab, node);
    if (node->state == NODE_STARTED && node->started_ms == 0)
        node->started_ms = now_ms;
    if (!node->node_id)
        return;
    struct node **at = tsearch(node, &lab->by_node_id, compare_node_ids);
    if (at && *at != node) {
        node->twin = (*at)->twin;
        (*at)->twin = node;
    }
}

void lab_settle(struct lab *lab, int64_t now_ms)
{
    struct project *project;
    struct node *node;
    const struct link *link;
    if (!lab->unsettled)
        return;
    lab->unsettled = false;
    lab->generation++;
    forget_node_ids(lab);
    TAILQ_FOREACH(project, &lab->projects, entry)
    project->owner = lab_find(lab, SERVERS, project->server);
    TAILQ_FOREACH(node, &lab->nodes, entry)
    settle_node(lab, node, now_ms);
    TAILQ_FOREACH(link, &lab->links, entry)
    for (int i = 0; i < 2; i++) {
        node = lab_find(lab, NODES, link->ends[i]);
        if (node)
            node->links++;
    }
}

void lab_keep(void *thing)
{
    (void)thing; /* trees own nothing */
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

void lab_fini(struct lab *lab)
{
    lab->on_node_gone = NULL;
    lab->on_project_gone = NULL;
    forget_node_ids(lab);
    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): each leaves its list before it is freed */
    while (!TAILQ_EMPTY(&lab->links))
        lab_forget(lab, LINKS, TAILQ_FIRST(&lab->links)->id);
    while (!TAILQ_EMPTY(&lab->nodes))
        lab_forget(lab, NODES, TAILQ_FIRST(&lab->nodes)->id);
    while (!TAILQ_EMPTY(&lab->projects))
        lab_forget(lab, PROJECTS, TAILQ_FIRST(&lab->projects)->id);
    while (!TAILQ_EMPTY(&lab->computes))
        lab_forget(lab, COMPUTES, TAILQ_FIRST(&lab->computes)->id);
    while (!TAILQ_EMPTY(&lab->servers))
        lab_forget(lab, SERVERS, TAILQ_FIRST(&lab->servers)->id);
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

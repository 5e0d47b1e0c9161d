/* node.c - nodes: how they come, change, go, and come back under another id. What is said of a
 * stop is the business of stops.c, what is shown that of node_doc.c. */
#include "events.h"
#include "identity.h"
#include "inventory.h"
#include "poll.h"
#include "series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 1500, MISSING_MAX = 2 };

struct fresh {
    json_t *element; /* owned */
    uint64_t hash;
    size_t place;
};

struct reading {
    struct project *project;
    struct fresh *fresh; /* elements with ids not known yet; owned */
    size_t fresh_count;
    size_t kept;    /* nodes found under the id they had */
    bool unordered; /* the list's order is not ours */
};

struct node *node_of(const struct project *project, const char *node_id)
{
    for (size_t i = 0; i < project->node_count; i++)
        if (strcmp(project->nodes[i]->node_id, node_id) == 0)
            return project->nodes[i];
    return NULL;
}

struct node *node_by_id(const struct project *project, const char *id)
{
    for (size_t i = 0; i < project->node_count; i++)
        if (strcmp(project->nodes[i]->id, id) == 0)
            return project->nodes[i];
    return NULL;
}

struct node *node_add(struct project *project, const char *id, const json_t *element)
{
    const char *node_id = member_id(element, "node_id"), *name = member_name(element, "name"),
               *type = member_name(element, "node_type");
    struct node *node = node_id && name && type ? calloc(1, sizeof *node) : NULL;
    if (!node)
        return NULL;
    *node = (struct node){.project = project, .status = NODE_CLOSED};
    node->place = project->node_count;
    keep(&node->id, id);
    keep(&node->node_id, node_id);
    keep(&node->name, name);
    keep(&node->type, type);
    void *list = node->id && node->node_id && node->name && node->type
                     ? list_add(project->nodes, &project->node_count, node)
                     : NULL;
    if (!list) {
        node_free(node);
        return NULL;
    }
    project->nodes = list;
    project->dirty = true;
    return node;
}

void node_free(struct node *node)
{
    if (!node)
        return;
    free(node->id);
    free(node->node_id);
    free(node->name);
    free(node->type);
    free(node->ports);
    free(node);
}

static void node_key(const char *name, const char *type, char *key, size_t size)
{
    snprintf(key, size, "%s\n%s", name, type);
}

void node_remove(struct node *node, bool told)
{
    struct project *project = node->project;
    char key[2 * GNS3_NAME_MAX + 2];
    node_key(node->name, node->type, key, sizeof key);
    identity_bury(project, 'n', key, node->id);
    if (told)
        say_node(node, GW_INFO, "gns3.node.deleted", "was deleted", NULL);
    series_end_node(node);
    gw_object_delete(project->server->gns3->self, "gns3.node", node->id);
    for (size_t i = 0; i < project->node_count; i++)
        if (project->nodes[i] == node) {
            list_remove(project->nodes, &project->node_count, i);
            break;
        }
    project->dirty = true;
    node_free(node);
}

void nodes_closed(struct project *project)
{
    int64_t now = gw_now_ms(project->server->gns3->self);
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (node->status == NODE_CLOSED)
            continue;
        node->status = NODE_CLOSED;
        node->since_ms = now;
        node->hash = 0;
        node_patch(node);
    }
    project->dirty = true;
}

/* 0: not a status GNS3 has. Without one the list is that of a closed project. */
static enum node_status status_of(const json_t *element)
{
    const json_t *value = json_object_get(element, "status");
    if (!value)
        return NODE_CLOSED;
    const char *name = json_string_value(value);
    for (enum node_status s = NODE_STARTED; name && s <= NODE_SUSPENDED; s++)
        if (strcmp(name, node_status_name(s)) == 0)
            return s;
    return 0;
}

static int node_update(struct node *node, const json_t *element, uint64_t hash)
{
    struct project *project = node->project;
    const char *name = member_name(element, "name"), *type = member_name(element, "node_type");
    enum node_status before = node->status, after = status_of(element);
    if (!name || !type || !after)
        return -EPROTO;
    if ((after == NODE_CLOSED) == project->opened) /* the list of projects is behind */
        job_soon(server_job(project->server, JOB_PROJECTS), 0);
    if (after != before || !node->since_ms) {
        node->status = after;
        node->since_ms = gw_now_ms(project->server->gns3->self);
        project->dirty = true;
    }
    bool renamed = keep(&node->name, name);
    keep(&node->type, type);
    if (node_ports(node, element) || renamed)
        links_again(project);
    if (renamed)
        series_rename_node(node);
    node->hash = hash;
    node->missing = 0;
    node_put(node, element);
    node_changed(node, before);
    return 0;
}

/* An element GNS3 knows by an id we do not: a node that is new, or one that a restore gave a new
 * id. `told`: say so. */
static struct node *node_find_or_add(struct project *project, const json_t *element, bool *rebound)
{
    const char *node_id = member_id(element, "node_id"), *name = member_name(element, "name"),
               *type = member_name(element, "node_type");
    if (!node_id || !name || !type || !status_of(element))
        return NULL;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (!node->seen && strcmp(node->name, name) == 0 && strcmp(node->type, type) == 0) {
            keep(&node->node_id, node_id);
            *rebound = true;
            return node;
        }
    }
    char key[2 * GNS3_NAME_MAX + 2];
    node_key(name, type, key, sizeof key);
    char *id = identity_rise(project, 'n', key);
    if (!id)
        id = identity_claim(project->server, "gns3.node", node_id);
    struct node *node = id ? node_add(project, id, element) : NULL;
    free(id);
    return node;
}

static int node_create(struct project *project, const struct fresh *fresh, bool *rebound)
{
    bool told = project_job(project, JOB_NODES)->ok_ms != 0;
    *rebound = false;
    struct node *node = node_find_or_add(project, fresh->element, rebound);
    if (!node)
        return -EPROTO;
    node->seen = true;
    node->place = fresh->place;
    enum node_status status = status_of(fresh->element);
    if (!*rebound) {
        node->status = status; /* no change to tell of */
        links_again(project);
    }
    int error = node_update(node, fresh->element, fresh->hash);
    if (!*rebound && told)
        say_node(node, GW_INFO, "gns3.node.created", "was created", NULL);
    return error;
}

int node_apply(struct project *project, const json_t *element, uint64_t hash, size_t place)
{
    const char *node_id = member_id(element, "node_id");
    struct node *node = node_id ? node_of(project, node_id) : NULL;
    if (node)
        return node_update(node, element, hash);
    /* From a feed: names are unique within a project, so one we know has a new id. */
    struct fresh fresh = {
        .element = json_incref((json_t *)(uintptr_t)element), .hash = hash, .place = place};
    for (size_t i = 0; i < project->node_count; i++)
        project->nodes[i]->seen = false;
    bool rebound;
    int error = node_create(project, &fresh, &rebound);
    if (rebound)
        links_again(project);
    json_decref(fresh.element);
    return error;
}

static bool nodes_same(void *data, uint64_t hash, size_t place)
{
    struct reading *reading = data;
    const struct project *project = reading->project;
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[(place + i) % project->node_count];
        if (node->hash != hash)
            continue;
        reading->unordered |= node->place != place;
        reading->kept++;
        node->place = place;
        node->missing = 0;
        return node->seen = true;
    }
    return false;
}

static int nodes_apply(void *data, const json_t *element, uint64_t hash, size_t place)
{
    struct reading *reading = data;
    struct project *project = reading->project;
    const char *node_id = member_id(element, "node_id");
    if (!node_id)
        return -EPROTO;
    struct node *node =
        place < project->node_count && strcmp(project->nodes[place]->node_id, node_id) == 0
            ? project->nodes[place]
            : node_of(project, node_id);
    if (!node) {
        void *list = realloc(reading->fresh, (reading->fresh_count + 1) * sizeof *reading->fresh);
        if (!list)
            return -ENOMEM;
        reading->fresh = list;
        reading->fresh[reading->fresh_count++] =
            (struct fresh){json_incref((json_t *)(uintptr_t)element), hash, place};
        return 0;
    }
    reading->unordered |= node->place != place;
    reading->kept++;
    node->seen = true;
    node->place = place;
    return node_update(node, element, hash);
}

static int by_place(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Nodes that were missing twice are gone; one list may be read in the middle of a restore. */
static void nodes_sweep(struct project *project)
{
    bool again = false;
    for (size_t i = project->node_count; i-- > 0;) {
        struct node *node = project->nodes[i];
        if (node->seen)
            continue;
        node->place = SIZE_MAX;
        if (++node->missing >= MISSING_MAX)
            node_remove(node, true);
        else
            again = true;
    }
    if (again) {
        job_forget(project_job(project, JOB_NODES));
        job_soon(project_job(project, JOB_NODES), LOOK_AGAIN_MS);
    }
}

static size_t nodes_adopt(struct reading *reading, char *why, size_t why_bytes, bool *left_out)
{
    size_t rebound_count = 0;
    for (size_t i = 0; i < reading->fresh_count; i++) {
        bool rebound;
        if (node_create(reading->project, &reading->fresh[i], &rebound) < 0) {
            snprintf(why, why_bytes,
                     "element %zu of the list is left out: members are missing or "
                     "of the wrong type",
                     reading->fresh[i].place + 1);
            *left_out = true;
        }
        rebound_count += rebound;
        json_decref(reading->fresh[i].element);
    }
    free(reading->fresh);
    return rebound_count;
}

int nodes_read(struct project *project, const char *body, size_t bytes, char *why, size_t why_bytes)
{
    for (size_t i = 0; i < project->node_count; i++)
        project->nodes[i]->seen = false;
    struct reading reading = {.project = project};
    struct list_reader reader = {.same = nodes_same, .apply = nodes_apply, .data = &reading};
    int error = list_read(&reader, body, bytes, why, why_bytes);
    bool left_out = reader.left_out > 0;
    size_t known = project->node_count;
    size_t rebound = nodes_adopt(&reading, why, why_bytes, &left_out);
    if (rebound > 0) {
        links_again(project);
        if (reading.kept == 0 && rebound == known) {
            stops_forget(project);
            if (!project->busy)
                say_restored(project, NULL, "ids");
        }
    }
    if (error == 0 && !left_out)
        nodes_sweep(project);
    if (reading.unordered || reading.fresh_count > 0)
        qsort(project->nodes, project->node_count, sizeof *project->nodes, by_place);
    project->dirty = true;
    project_put(project);
    stops_read(project);
    return error;
}

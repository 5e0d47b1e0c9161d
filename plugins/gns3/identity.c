/* identity.c - see identity.h. Knows nothing of requests. */
#include "identity.h"

#include "inventory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another server's object has this id (or another kind of thing of ours: then the text is ours to
 * replace, as after a restart). */
static bool identity_taken(struct server *server, const char *kind, const char *id)
{
    char *text = gw_object_get(server->gns3->self, kind, id);
    if (!text)
        return false;
    json_t *json = json_loads(text, 0, NULL);
    const char *owner = member_text(json, "server");
    bool taken = owner && strcmp(owner, server->name) != 0;
    json_decref(json);
    gw_free(text);
    return taken;
}

char *identity_claim(struct server *server, const char *kind, const char *gns3_id)
{
    if (!identity_taken(server, kind, gns3_id))
        return strdup(gns3_id);
    char *id = NULL;
    return asprintf(&id, "%s~%s", gns3_id, server->name) < 0 ? NULL : id;
}

void identity_bury(struct project *project, char kind, const char *key, const char *id)
{
    if (project->grave_count == GNS3_GRAVES_MAX) {
        struct grave oldest = project->graves[0];
        memmove(project->graves, project->graves + 1, (project->grave_count - 1) * sizeof oldest);
        project->grave_count--;
        free(oldest.key);
        free(oldest.id);
    }
    struct grave *graves =
        realloc(project->graves, (project->grave_count + 1) * sizeof *project->graves);
    if (!graves)
        return;
    project->graves = graves;
    struct grave grave = {.kind = kind, .key = strdup(key), .id = strdup(id)};
    if (!grave.key || !grave.id) {
        free(grave.key);
        free(grave.id);
        return;
    }
    graves[project->grave_count++] = grave;
}

char *identity_rise(struct project *project, char kind, const char *key)
{
    for (size_t i = project->grave_count; i-- > 0;) {
        struct grave grave = project->graves[i];
        if (grave.kind != kind || strcmp(grave.key, key) != 0)
            continue;
        memmove(project->graves + i, project->graves + i + 1,
                (project->grave_count - i - 1) * sizeof grave);
        project->grave_count--;
        free(grave.key);
        return grave.id;
    }
    return NULL;
}

/* ---- Seeds: objects of earlier runs ---------------------------------------------------------- */

typedef void seed_fn(struct server *server, const char *id, const json_t *json);

static struct project *seed_project_of(struct server *server, const json_t *json)
{
    const char *id = member_text(json, "project");
    for (size_t i = 0; id && i < server->project_count; i++)
        if (strcmp(server->projects[i]->id, id) == 0)
            return server->projects[i];
    return NULL;
}

static void seed_project(struct server *server, const char *id, const json_t *json)
{
    const char *project_id = member_id(json, "project_id"), *name = member_name(json, "name");
    if (!project_id || !name || project_of(server, project_id))
        return;
    struct project *project = project_add(server, id, project_id, name);
    if (!project)
        return;
    const char *status = member_text(json, "status");
    project->opened = status && strcmp(status, "opened") == 0;
    project->opened_ms = member_whole(json, "opened_at", 0);
    project->drawings = member_whole(json, "drawing_count", -1);
    project->auto_close = member_true(json, "auto_close");
    project->auto_open = member_true(json, "auto_open");
    project->auto_start = member_true(json, "auto_start");
    project->scene_width = member_whole(json, "scene_width", 0);
    project->scene_height = member_whole(json, "scene_height", 0);
    keep(&project->path, member_text(json, "path"));
    keep(&project->filename, member_text(json, "filename"));
}

static void seed_node(struct server *server, const char *id, const json_t *json)
{
    struct project *project = seed_project_of(server, json);
    struct node *node = project ? node_add(project, id, json) : NULL;
    if (!node)
        return;
    const char *status = member_text(json, "status");
    for (enum node_status s = NODE_STARTED; status && s <= NODE_CLOSED; s++)
        if (strcmp(node_status_name(s), status) == 0)
            node->status = s;
    node->since_ms = member_whole(json, "since", 0);
    node_ports(node, json);
}

/* "id:adapter/port|…": see link.c, which writes it the same way. */
static void seed_link(struct server *server, const char *id, const json_t *json)
{
    struct project *project = seed_project_of(server, json);
    const char *link_id = member_id(json, "link_id");
    if (!project || !link_id)
        return;
    struct link *link = link_add(project, id, link_id);
    if (!link)
        return;
    keep(&link->name, member_text(json, "name"));
    const char *status = member_text(json, "status");
    link->status = status && strcmp(status, "closed") == 0 ? LINK_CLOSED : LINK_UP;
    link_seed(link, json);
}

static void seed_snapshot(struct server *server, const char *id, const json_t *json)
{
    (void)id;
    struct project *project = seed_project_of(server, json);
    const char *name = member_name(json, "name"), *snapshot_id = member_id(json, "snapshot_id");
    if (project && name && snapshot_id)
        snapshot_add(project, snapshot_id, name, member_whole(json, "created_at", 0));
}

static void seed_template(struct server *server, const char *id, const json_t *json)
{
    const char *template_id = member_id(json, "template_id");
    struct template *template = template_id ? template_add(server, id, template_id) : NULL;
    if (!template)
        return;
    keep(&template->name, member_text(json, "name"));
    keep(&template->type, member_text(json, "template_type"));
    keep(&template->compute_id, member_text(json, "compute_id"));
}

static void seed_compute(struct server *server, const char *id, const json_t *json)
{
    (void)id;
    const char *compute_id = member_id(json, "compute_id");
    struct compute *compute = compute_id ? compute_add(server, compute_id) : NULL;
    if (!compute)
        return;
    keep(&compute->name, member_text(json, "name"));
    keep(&compute->host, member_text(json, "host"));
    compute->connected = member_true(json, "connected");
    compute->known = true;
}

static json_t *seed_list(struct gns3 *gns3, const char *kind)
{
    char *text = gw_object_list(gns3->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return list;
}

/* A server belongs to this instance when its object says so, or to nobody when it has no object.
 * `servers` are the objects of all. */
static bool seed_abandoned(struct gns3 *gns3, const json_t *servers, const char *name)
{
    if (!name || server_find(gns3, name))
        return false;
    size_t i;
    json_t *server;
    json_array_foreach(servers, i, server)
    {
        const char *id = member_text(server, "id"), *instance = member_text(server, "instance");
        if (id && strcmp(id, name) == 0)
            return instance && strcmp(instance, gw_name(gns3->self)) == 0;
    }
    return true;
}

static void seed_kind(struct gns3 *gns3, const json_t *servers, const char *kind, seed_fn *seed)
{
    json_t *list = seed_list(gns3, kind);
    size_t i;
    json_t *json;
    json_array_foreach(list, i, json)
    {
        const char *id = member_text(json, "id"), *name = member_text(json, "server");
        struct server *server = name ? server_find(gns3, name) : NULL;
        if (id && server)
            seed(server, id, json);
        else if (id && seed_abandoned(gns3, servers, name))
            gw_object_delete(gns3->self, kind, id);
    }
    json_decref(list);
}

int identity_seed(struct gns3 *gns3)
{
    json_t *servers = seed_list(gns3, "gns3.server");
    seed_kind(gns3, servers, "gns3.project", seed_project);
    seed_kind(gns3, servers, "gns3.node", seed_node);
    seed_kind(gns3, servers, "gns3.link", seed_link);
    seed_kind(gns3, servers, "gns3.snapshot", seed_snapshot);
    seed_kind(gns3, servers, "gns3.template", seed_template);
    seed_kind(gns3, servers, "gns3.compute", seed_compute);
    size_t i;
    json_t *server;
    json_array_foreach(servers, i, server)
    {
        const char *id = member_text(server, "id");
        if (id && seed_abandoned(gns3, servers, id))
            gw_object_delete(gns3->self, "gns3.server", id);
    }
    json_decref(servers);
    return 0;
}

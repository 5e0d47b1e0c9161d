/* find.c - what a command's parameters mean: things by id or by a name that is unique. */
#include "act.h"

#include "inventory.h"

#include <errno.h>
#include <string.h>

struct server *find_server(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    const char *name = gw_string(gw_call_params(call), parameter);
    struct server *server = name ? server_find(gns3, name) : NULL;
    if (!server)
        gw_refuse(call, -ENOENT, "no GNS3 server '%s' is watched by instance '%s'",
                  name ? name : "", gw_name(gns3->self));
    return server;
}

struct project *find_project(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    const char *text = gw_string(gw_call_params(call), parameter);
    struct project *named = NULL;
    size_t names = 0;
    for (size_t s = 0; text && s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            struct project *project = gns3->servers[s]->projects[p];
            if (strcmp(project->id, text) == 0)
                return project;
            if (strcmp(project->name, text) == 0 && ++names)
                named = project;
        }
    if (names == 1)
        return named;
    if (names > 1)
        gw_refuse(call, -EINVAL, "%zu projects are called '%s': give the id", names, text);
    else
        gw_refuse(call, -ENOENT, "no project '%s' on the servers of instance '%s'",
                  text ? text : "", gw_name(gns3->self));
    return NULL;
}

struct node *find_node_in(const struct project *project, const char *id_or_name)
{
    struct node *named = NULL;
    for (size_t i = 0; id_or_name && i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (strcmp(node->id, id_or_name) == 0)
            return node;
        if (strcmp(node->name, id_or_name) == 0)
            named = node;
    }
    return named;
}

struct node *find_node(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    const char *id = gw_string(gw_call_params(call), parameter);
    for (size_t s = 0; id && s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            struct node *node = node_by_id(gns3->servers[s]->projects[p], id);
            if (node)
                return node;
        }
    gw_refuse(call, -ENOENT, "no node with the id '%s'", id ? id : "");
    return NULL;
}

struct link *find_link(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    const char *id = gw_string(gw_call_params(call), parameter);
    for (size_t s = 0; id && s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            struct link *link = link_by_id(gns3->servers[s]->projects[p], id);
            if (link)
                return link;
        }
    gw_refuse(call, -ENOENT, "no link with the id '%s'", id ? id : "");
    return NULL;
}

struct snapshot *find_snapshot(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    const char *id = gw_string(gw_call_params(call), parameter);
    for (size_t s = 0; id && s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            struct snapshot *snapshot = snapshot_by_id(gns3->servers[s]->projects[p], id);
            if (snapshot)
                return snapshot;
        }
    gw_refuse(call, -ENOENT, "no snapshot with the id '%s'", id ? id : "");
    return NULL;
}

/* ---- While a command is under way
 * ------------------------------------------------------------------ */

struct project *act_project(struct act *act)
{
    for (size_t p = 0; act->project && p < act->server->project_count; p++)
        if (strcmp(act->server->projects[p]->id, act->project) == 0)
            return act->server->projects[p];
    act_refuse(act, -ENOENT, "the project is gone");
    return NULL;
}

struct node *act_node(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return NULL;
    struct node *node = act->id ? node_by_id(project, act->id) : NULL;
    if (!node)
        act_refuse(act, -ENOENT, "the node is gone");
    return node;
}

struct link *act_link(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return NULL;
    struct link *link = act->id ? link_by_id(project, act->id) : NULL;
    if (!link)
        act_refuse(act, -ENOENT, "the link is gone");
    return link;
}

/* find.c - what a command's parameters mean: things by id or by a name that is unique. */
#include "act.h"

#include "inventory.h"

#include <errno.h>
#include <stdio.h>
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

/* ---- By id, by name, or by "project/name" ---- */

enum { NAMED_MAX = 6 };

struct search {
    const char *text;
    void *named; /* the last thing of that name */
    size_t names;
    char candidates[512];
    size_t length;
};

static bool is_called(const char *text, const char *within, const char *name)
{
    if (strcmp(text, name) == 0)
        return true;
    size_t bytes = strlen(within);
    return strncmp(text, within, bytes) == 0 && text[bytes] == '/' &&
           strcmp(text + bytes + 1, name) == 0;
}

/* True: this is the one, an id cannot be anything else. */
static bool search_see(struct search *search, const char *within, const char *id, const char *name,
                       void *thing)
{
    if (strcmp(id, search->text) == 0)
        return true;
    if (!is_called(search->text, within, name))
        return false;
    search->named = thing;
    size_t room = sizeof search->candidates - search->length;
    int more = ++search->names <= NAMED_MAX
                   ? snprintf(search->candidates + search->length, room, "%s%s/%s (%s)",
                              search->names > 1 ? ", " : "", within, name, id)
                   : 0;
    if (more > 0 && (size_t)more < room)
        search->length += (size_t)more;
    else
        search->candidates[search->length] = '\0'; /* whole candidates only */
    return false;
}

/* What came of it where no id was right: the one thing of that name, or NULL and a refusal. */
static void *search_end(const struct search *search, struct gns3 *gns3, struct gw_call *call,
                        const char *what, const char *within)
{
    if (search->names == 1)
        return search->named;
    if (search->names > 1)
        gw_refuse(call, -EINVAL, "%zu %ss are called '%s': give %s/name or the id, one of %s%s",
                  search->names, what, search->text, within, search->candidates,
                  search->names > NAMED_MAX ? " …" : "");
    else
        gw_refuse(call, -ENOENT,
                  "no %s has the id or the name '%s' on the servers of instance '%s'", what,
                  search->text, gw_name(gns3->self));
    return NULL;
}

static struct search search_begin(struct gw_call *call, const char *parameter)
{
    const char *text = gw_string(gw_call_params(call), parameter);
    return (struct search){.text = text ? text : ""};
}

struct project *find_project(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    struct search search = search_begin(call, parameter);
    for (size_t s = 0; s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            struct project *project = gns3->servers[s]->projects[p];
            if (search_see(&search, gns3->servers[s]->name, project->id, project->name, project))
                return project;
        }
    return search_end(&search, gns3, call, "project", "server");
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

/* A thing in a project; `self` NULL: there are no more. */
struct thing {
    const char *id, *name;
    void *self;
};
typedef struct thing thing_at_fn(const struct project *project, size_t place);

static struct thing node_at(const struct project *project, size_t place)
{
    struct node *node = place < project->node_count ? project->nodes[place] : NULL;
    return node ? (struct thing){node->id, node->name, node} : (struct thing){0};
}

static struct thing link_at(const struct project *project, size_t place)
{
    struct link *link = place < project->link_count ? project->links[place] : NULL;
    return link ? (struct thing){link->id, link->name, link} : (struct thing){0};
}

static struct thing snapshot_at(const struct project *project, size_t place)
{
    struct snapshot *snapshot = place < project->snapshot_count ? project->snapshots[place] : NULL;
    return snapshot ? (struct thing){snapshot->id, snapshot->name, snapshot} : (struct thing){0};
}

static void *find_thing(struct gns3 *gns3, struct gw_call *call, const char *parameter,
                        thing_at_fn *at, const char *what)
{
    struct search search = search_begin(call, parameter);
    for (size_t s = 0; s < gns3->server_count; s++)
        for (size_t p = 0; p < gns3->servers[s]->project_count; p++) {
            const struct project *project = gns3->servers[s]->projects[p];
            struct thing thing;
            for (size_t i = 0; (thing = at(project, i)).self; i++)
                if (search_see(&search, project->name, thing.id, thing.name ? thing.name : "",
                               thing.self))
                    return thing.self;
        }
    return search_end(&search, gns3, call, what, "project");
}

struct node *find_node(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    return find_thing(gns3, call, parameter, node_at, "node");
}

struct link *find_link(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    return find_thing(gns3, call, parameter, link_at, "link");
}

struct snapshot *find_snapshot(struct gns3 *gns3, struct gw_call *call, const char *parameter)
{
    return find_thing(gns3, call, parameter, snapshot_at, "snapshot");
}

/* ---- While a command is under way ------------------------------------------------------------ */

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

/* project - life of a simulated project: made, opened, closed, saved and loaded again, and closed
 * by the server itself when its last listener has left. Must not know of HTTP. */
#include "capture.h"
#include "feed.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct project *project_new(struct server *s, const char *name, const char *id)
{
    struct project *p = sim_alloc(sizeof(*p));
    p->server = s;
    if (id)
        sim_copy(p->id, sizeof(p->id), id);
    else
        rng_uuid(&s->rng, p->id);
    char path[128], file[256];
    snprintf(path, sizeof(path), "/opt/gns3/projects/%s", p->id);
    snprintf(file, sizeof(file), "%.200s.gns3", name);
    p->doc = json_pack(
        "{s:s,s:s,s:s,s:b,s:b,s:b,s:i,s:i,s:i,s:b,s:b,s:b,s:i,s:i,s:b,s:n,s:n,s:s,s:s}", "name",
        name, "project_id", p->id, "path", path, "auto_close", 1, "auto_open", 0, "auto_start", 0,
        "scene_height", 1000, "scene_width", 2000, "zoom", 100, "show_layers", 0, "snap_to_grid", 0,
        "show_grid", 0, "grid_size", 75, "drawing_grid_size", 25, "show_interface_labels", 0,
        "supplier", "variables", "status", "opened", "filename", file);
    p->drawings = json_array();
    p->opened = true;
    s->projects = realloc(s->projects, (s->n_projects + 1) * sizeof(*s->projects));
    if (!s->projects)
        abort();
    s->projects[s->n_projects++] = p;
    project_touch(p);
    return p;
}

static void project_clear(struct project *p)
{
    while (p->n_links)
        link_remove(p->links[p->n_links - 1]);
    while (p->n_nodes)
        node_remove(p->nodes[p->n_nodes - 1]);
    json_array_clear(p->drawings);
    project_touch(p);
}

static void free_handle(uv_handle_t *h)
{
    free(h);
}

static void stop_closer(struct project *p)
{
    if (!p->closer)
        return;
    uv_close((uv_handle_t *)p->closer, free_handle);
    p->closer = NULL;
}

void project_free(struct project *p)
{
    if (!p)
        return;
    stop_closer(p);
    feed_project_gone(p);
    project_clear(p);
    while (p->n_snapshots)
        snapshot_remove(p, p->snapshots[p->n_snapshots - 1]);
    project_touch(p);
    json_decref(p->drawings);
    json_decref(p->doc);
    free(p->nodes);
    free(p->links);
    free(p->snapshots);
    free(p);
}

struct project *project_find(struct server *s, const char *id)
{
    for (size_t i = 0; i < s->n_projects; i++)
        if (strcmp(s->projects[i]->id, id) == 0)
            return s->projects[i];
    return NULL;
}

struct project *project_by_name(struct server *s, const char *name)
{
    for (size_t i = 0; i < s->n_projects; i++)
        if (strcmp(json_string_value(json_object_get(s->projects[i]->doc, "name")), name) == 0)
            return s->projects[i];
    return NULL;
}

void project_remove(struct project *p)
{
    struct server *s = p->server;
    project_touch(p);
    for (size_t i = 0; i < s->n_projects; i++)
        if (s->projects[i] == p) {
            memmove(&s->projects[i], &s->projects[i + 1],
                    (s->n_projects - i - 1) * sizeof(*s->projects));
            s->n_projects--;
            break;
        }
    project_free(p);
}

void project_touch(struct project *p)
{
    blob_unref(p->nodes_text);
    blob_unref(p->links_text);
    blob_unref(p->server->projects_text);
    p->nodes_text = p->links_text = p->server->projects_text = NULL;
    p->server->running_known = false;
}

static void project_set_status(struct project *p, bool opened)
{
    p->opened = opened;
    json_object_set_new(p->doc, "status", json_string(opened ? "opened" : "closed"));
    project_touch(p);
}

void project_open(struct project *p, bool quiet)
{
    if (p->opened)
        return;
    project_set_status(p, true);
    bool start = json_is_true(json_object_get(p->doc, "auto_start"));
    for (size_t i = 0; i < p->n_nodes; i++) {
        struct node *n = p->nodes[i];
        node_set_status(n, n->always_on || start ? "started" : "stopped");
        node_emit(n, "node.created");
    }
    for (size_t i = 0; i < p->n_links; i++)
        link_emit(p->links[i], "link.created");
    if (!server_ids_stable(p->server))
        snapshots_renumber(p);
    if (!quiet)
        feed_project_event(p, "project.opened");
}

void project_close(struct project *p, bool quiet)
{
    stop_closer(p);
    if (!p->opened)
        return;
    for (size_t i = 0; i < p->n_links; i++)
        capture_stop(p->links[i], true);
    for (size_t i = 0; i < p->n_nodes; i++) {
        struct node *n = p->nodes[i];
        node_set_status(n, "stopped");
        if (!n->always_on) /* also of nodes that were stopped already */
            node_emit(n, "node.updated");
    }
    project_set_status(p, false);
    if (!quiet)
        feed_project_event(p, "project.closed");
}

bool project_running(const struct project *p)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!p->nodes[i]->always_on && !node_is(p->nodes[i], "stopped"))
            return true;
    return false;
}

bool project_is_auto_close(const struct project *p)
{
    return json_is_true(json_object_get(p->doc, "auto_close"));
}

void project_listener_added(struct project *p)
{
    p->listeners++;
    stop_closer(p);
}

static void on_closer(uv_timer_t *t)
{
    struct project *p = t->data;
    stop_closer(p);
    if (p->listeners || !p->opened || !project_is_auto_close(p))
        return;
    p->server->stats.auto_closed++;
    project_close(p, false);
}

void project_listener_gone(struct project *p, uint64_t ms)
{
    if (p->listeners)
        p->listeners--;
    if (p->listeners || !ms)
        return;
    stop_closer(p);
    p->closer = sim_alloc(sizeof(*p->closer));
    uv_timer_init(p->server->sim->loop, p->closer);
    p->closer->data = p;
    uv_timer_start(p->closer, on_closer, sim_wait_ms(p->server->sim, ms), 0);
}

json_t *project_saved(const struct project *p)
{
    json_t *nodes = json_array();
    json_t *links = json_array();
    for (size_t i = 0; i < p->n_nodes; i++)
        json_array_append_new(nodes, json_deep_copy(p->nodes[i]->doc));
    for (size_t i = 0; i < p->n_links; i++)
        json_array_append_new(links, json_deep_copy(p->links[i]->doc));
    return json_pack("{s:o,s:o,s:o}", "nodes", nodes, "links", links, "drawings",
                     json_deep_copy(p->drawings));
}

static struct node *load_node(struct project *p, const json_t *doc, bool new_ids)
{
    const char *type = json_string_value(json_object_get(doc, "node_type"));
    const char *name = json_string_value(json_object_get(doc, "name"));
    if (!type || !name || !node_type_known(type))
        return NULL;
    struct node *n = node_new(p, type, name, doc);
    const char *id = json_string_value(json_object_get(doc, "node_id"));
    if (!new_ids && id) {
        sim_copy(n->id, sizeof(n->id), id);
        json_object_set_new(n->doc, "node_id", json_string(id));
        json_object_set(n->doc, "node_directory", json_object_get(doc, "node_directory"));
    }
    json_t *properties = json_object_get(doc, "properties");
    if (json_is_object(properties))
        json_object_set_new(n->doc, "properties", json_deep_copy(properties));
    json_t *console = json_object_get(doc, "console");
    if (console && !n->console)
        json_object_set(n->doc, "console", console);
    return n;
}

/* The node of p that was known as id when it was saved. */
static struct node *loaded_end(struct project *p, const json_t *nodes, const char *id)
{
    size_t i;
    const json_t *doc;
    json_array_foreach(nodes, i, doc)
    {
        const char *was = json_string_value(json_object_get(doc, "node_id"));
        if (was && id && strcmp(was, id) == 0 && i < p->n_nodes)
            return p->nodes[i];
    }
    return NULL;
}

static int json_int(const json_t *obj, const char *key)
{
    return (int)json_integer_value(json_object_get(obj, key));
}

static void load_link(struct project *p, const json_t *doc, const json_t *nodes, bool new_ids)
{
    const json_t *ends = json_object_get(doc, "nodes");
    const json_t *a = json_array_get(ends, 0);
    const json_t *b = json_array_get(ends, 1);
    struct node *na = loaded_end(p, nodes, json_string_value(json_object_get(a, "node_id")));
    struct node *nb = loaded_end(p, nodes, json_string_value(json_object_get(b, "node_id")));
    if (!na || !nb)
        return;
    struct link *l = link_new(p, na, json_int(a, "adapter_number"), json_int(a, "port_number"), nb,
                              json_int(b, "adapter_number"), json_int(b, "port_number"));
    const char *id = json_string_value(json_object_get(doc, "link_id"));
    if (!new_ids && id) {
        sim_copy(l->id, sizeof(l->id), id);
        json_object_set_new(l->doc, "link_id", json_string(id));
    }
    json_t *filters = json_object_get(doc, "filters");
    if (filters)
        json_object_set_new(l->doc, "filters", json_deep_copy(filters));
    json_t *suspend = json_object_get(doc, "suspend");
    if (suspend)
        json_object_set(l->doc, "suspend", suspend);
}

void project_load(struct project *p, const json_t *saved, bool new_ids)
{
    const json_t *nodes = json_object_get(saved, "nodes");
    size_t i;
    json_t *doc;
    project_clear(p);
    json_array_foreach(nodes, i, doc)
    {
        if (!load_node(p, doc, new_ids))
            break;
    }
    json_array_foreach(json_object_get(saved, "links"), i, doc)
    {
        load_link(p, doc, nodes, new_ids);
    }
    json_array_foreach(json_object_get(saved, "drawings"), i, doc)
    {
        json_t *copy = json_deep_copy(doc);
        json_object_set_new(copy, "project_id", json_string(p->id));
        json_array_append_new(p->drawings, copy);
    }
    project_touch(p);
}

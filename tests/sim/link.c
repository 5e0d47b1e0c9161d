/* link - simulated links and the snapshots of a project. */
#include "capture.h"
#include "feed.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char label_style[] =
    "font-family: TypeWriter;font-size: 10.0;font-weight: bold;fill: #000000;fill-opacity: 1.0;";

static json_t *end_doc(const struct node *n, int adapter, int port)
{
    char text[32];
    snprintf(text, sizeof(text), "%d/%d", adapter, port);
    return json_pack("{s:s,s:i,s:i,s:{s:s,s:s}}", "node_id", n->id, "adapter_number", adapter,
                     "port_number", port, "label", "text", text, "style", label_style);
}

struct link *link_new(struct project *p, struct node *a, int a_adapter, int a_port, struct node *b,
                      int b_adapter, int b_port)
{
    struct link *l = sim_alloc(sizeof(*l));
    l->project = p;
    l->end[0] = a;
    l->end[1] = b;
    l->adapter[0] = a_adapter;
    l->adapter[1] = b_adapter;
    l->port[0] = a_port;
    l->port[1] = b_port;
    l->busy = 0.1 + 0.9 * rng_unit(&p->server->rng);
    rng_uuid(&p->server->rng, l->id);
    l->doc = json_pack("{s:[o,o],s:b,s:{},s:{},s:s,s:s,s:s,s:b,s:n,s:n,s:n}", "nodes",
                       end_doc(a, a_adapter, a_port), end_doc(b, b_adapter, b_port), "suspend", 0,
                       "link_style", "filters", "link_id", l->id, "project_id", p->id, "link_type",
                       "ethernet", "capturing", 0, "capture_file_name", "capture_file_path",
                       "capture_compute_id");
    p->links = realloc(p->links, (p->n_links + 1) * sizeof(*p->links));
    if (!p->links)
        abort();
    p->links[p->n_links++] = l;
    project_touch(p);
    return l;
}

struct link *link_find(const struct project *p, const char *id)
{
    for (size_t i = 0; i < p->n_links; i++)
        if (strcmp(p->links[i]->id, id) == 0)
            return p->links[i];
    return NULL;
}

struct link *link_at(const struct project *p, const struct node *n, int adapter, int port)
{
    for (size_t i = 0; i < p->n_links; i++) {
        struct link *l = p->links[i];
        for (int e = 0; e < 2; e++)
            if (l->end[e] == n && l->adapter[e] == adapter && l->port[e] == port)
                return l;
    }
    return NULL;
}

void link_remove(struct link *l)
{
    struct project *p = l->project;
    capture_stop(l, false);
    capture_link_gone(l);
    for (size_t i = 0; i < p->n_links; i++)
        if (p->links[i] == l) {
            memmove(&p->links[i], &p->links[i + 1], (p->n_links - i - 1) * sizeof(*p->links));
            p->n_links--;
            break;
        }
    json_decref(l->doc);
    free(l);
    project_touch(p);
}

void link_emit(struct link *l, const char *action)
{
    feed_emit(l->project->server, l->project, action, l->doc);
}

bool link_passes(const struct link *l)
{
    if (l->dead || !l->project->opened || json_is_true(json_object_get(l->doc, "suspend")))
        return false;
    return node_is(l->end[0], "started") && node_is(l->end[1], "started");
}

static json_t *snapshot_doc(const struct project *p, const char *id, const char *name)
{
    time_t now = time(NULL);
    json_t *doc = json_pack("{s:s,s:s,s:s,s:I}", "name", name, "snapshot_id", id, "project_id",
                            p->id, "created_at", (json_int_t)now);
    if (server_ids_stable(p->server)) {
        char when[32], text[512], file[320];
        struct tm tm;
        gmtime_r(&now, &tm);
        strftime(when, sizeof(when), "%Y-%m-%d at %H:%M:%S", &tm);
        snprintf(text, sizeof(text), "Snapshot '%.255s' taken on %s", name, when);
        snprintf(file, sizeof(file), "%.255s.gns3snapshot", name);
        json_object_set_new(doc, "description", json_string(text));
        json_object_set_new(doc, "filename", json_string(file));
    }
    return doc;
}

struct snapshot *snapshot_new(struct project *p, const char *name)
{
    struct snapshot *s = sim_alloc(sizeof(*s));
    rng_uuid(&p->server->rng, s->id);
    s->doc = snapshot_doc(p, s->id, name);
    s->saved = project_saved(p);
    sim_copy(s->without, sizeof(s->without), p->unreadable);
    p->snapshots = realloc(p->snapshots, (p->n_snapshots + 1) * sizeof(*p->snapshots));
    if (!p->snapshots)
        abort();
    p->snapshots[p->n_snapshots++] = s;
    return s;
}

struct snapshot *snapshot_find(const struct project *p, const char *id)
{
    for (size_t i = 0; i < p->n_snapshots; i++)
        if (strcmp(p->snapshots[i]->id, id) == 0)
            return p->snapshots[i];
    return NULL;
}

struct snapshot *snapshot_by_name(const struct project *p, const char *name)
{
    for (size_t i = 0; i < p->n_snapshots; i++)
        if (strcmp(json_string_value(json_object_get(p->snapshots[i]->doc, "name")), name) == 0)
            return p->snapshots[i];
    return NULL;
}

void snapshot_filename(const struct snapshot *s, char *out, size_t size)
{
    const char *name = json_string_value(json_object_get(s->doc, "name"));
    const char *said = json_string_value(json_object_get(s->doc, "filename"));
    time_t created = (time_t)json_integer_value(json_object_get(s->doc, "created_at"));
    char when[32];
    struct tm tm;
    gmtime_r(&created, &tm);
    strftime(when, sizeof(when), "%d%m%y_%H%M%S", &tm);
    if (said)
        snprintf(out, size, "%.300s", said);
    else
        snprintf(out, size, "%.255s_%s.gns3project", name, when);
}

void snapshot_remove(struct project *p, struct snapshot *s)
{
    for (size_t i = 0; i < p->n_snapshots; i++)
        if (p->snapshots[i] == s) {
            memmove(&p->snapshots[i], &p->snapshots[i + 1],
                    (p->n_snapshots - i - 1) * sizeof(*p->snapshots));
            p->n_snapshots--;
            break;
        }
    json_decref(s->doc);
    json_decref(s->saved);
    free(s);
}

void snapshots_renumber(struct project *p)
{
    for (size_t i = 0; i < p->n_snapshots; i++) {
        struct snapshot *s = p->snapshots[i];
        rng_uuid(&p->server->rng, s->id);
        json_object_set_new(s->doc, "snapshot_id", json_string(s->id));
    }
}

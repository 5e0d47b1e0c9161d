/* api_snapshot - snapshots and drawings of a project. */
#include "api.h"

#include "feed.h"

#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_MS = 30, RESTORE_MS = 600, DRAWINGS_MAX = 1000 };

void api_snapshots(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->project->n_snapshots; i++)
        json_array_append(list, c->project->snapshots[i]->doc);
    answer_json(c, 200, list);
}

static bool name_taken(const struct project *p, const char *name)
{
    for (size_t i = 0; i < p->n_snapshots; i++)
        if (strcmp(json_string_value(json_object_get(p->snapshots[i]->doc, "name")), name) == 0)
            return true;
    return false;
}

/* Names are used as file names unchecked: what the file system would say. */
static const char *name_trouble(const char *name)
{
    if (strlen(name) > 200)
        return "[Errno 36] File name too long";
    if (strchr(name, '/') && strncmp(name, "../", 3) != 0)
        return "[Errno 2] No such file or directory";
    return NULL;
}

/* GNS3 says it on the project's feed alone, and answers 201. */
static void tell_left_out(struct project *p)
{
    char text[400];
    const struct node *n = node_by_name(p, p->unreadable);
    snprintf(text, sizeof(text),
             "Could not export file /opt/gns3/projects/%s/project-files/%.40s/%s/startup.vpc: "
             "[Errno 13] Permission denied",
             p->id, n ? json_string_value(json_object_get(n->doc, "node_type")) : "",
             n ? n->id : "");
    json_t *event = json_pack("{s:s}", "message", text);
    feed_emit(p->server, p, "log.warning", event);
    json_decref(event);
}

static void snapshot_step(struct call *c)
{
    const char *name = json_string_value(json_object_get(c->body, "name"));
    /* Whether something runs was looked at once, before: as in GNS3, no more. */
    if (name_taken(c->project, name)) {
        answer_error(c, 409, "The snapshot name %s already exists", name);
        return;
    }
    struct snapshot *s = snapshot_new(c->project, name);
    if (s->without[0])
        tell_left_out(c->project);
    answer_json(c, 201, json_incref(s->doc));
}

void api_snapshot_create(struct call *c)
{
    static const struct rule rules[] = {{"name", 's', true}};
    if (!check_body(c, rules, 1))
        return;
    const char *name = json_string_value(json_object_get(c->body, "name"));
    if (!name || (!name[0] && server_is(c->server, 3))) {
        answer_error(c, 500, "Internal Server Error");
        return;
    }
    const char *trouble = name_trouble(name);
    if (name_taken(c->project, name)) {
        answer_error(c, 409, "The snapshot name %s already exists", name);
    } else if (project_running(c->project)) {
        answer_error(c, 409, "Project must be stopped in order to export it");
    } else if (trouble) {
        char path[1024];
        snprintf(path, sizeof(path), "/opt/gns3/projects/%s/snapshots/%.600s.gns3snapshot",
                 c->project->id, name);
        answer_error(c, 409, "Could not create snapshot file '%s': %s: '%s'", path, trouble, path);
    } else if (c->project->n_snapshots >= SNAPSHOTS_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d snapshots", SNAPSHOTS_MAX);
    } else {
        call_later(c, c->project->snapshot_ms ? c->project->snapshot_ms : SNAPSHOT_MS,
                   snapshot_step);
    }
}

static struct snapshot *find_snapshot(struct call *c)
{
    struct snapshot *s = snapshot_find(c->project, c->other_id);
    if (!s)
        answer_error(c, 404, "Snapshot ID %s doesn't exist", c->other_id);
    return s;
}

void api_snapshot_delete(struct call *c)
{
    struct snapshot *s = find_snapshot(c);
    if (!s)
        return;
    snapshot_remove(c->project, s);
    answer_empty(c, 204);
}

/* Stops everything, loads what was saved; old servers give new ids to all. */
static void restore_step(struct call *c)
{
    struct project *p = c->project;
    struct snapshot *s = find_snapshot(c);
    if (!s)
        return;
    json_t *doc = json_deep_copy(s->doc); /* says the id it had before */
    bool stable = server_ids_stable(c->server);
    project_close(p, true);
    project_load(p, s->saved, !stable);
    project_open(p, true);
    feed_emit(c->server, p, "snapshot.restored", doc);
    feed_project_event(p, "project.opened");
    json_decref(doc);
    answer_json(c, 201, json_incref(p->doc));
}

void api_snapshot_restore(struct call *c)
{
    if (find_snapshot(c))
        call_later(c, RESTORE_MS, restore_step);
}

void api_drawings(struct call *c)
{
    if (c->project->opened) {
        answer_json(c, 200, json_incref(c->project->drawings));
        return;
    }
    json_t *list = json_deep_copy(c->project->drawings);
    size_t i;
    json_t *d;
    json_array_foreach(list, i, d)
    {
        json_object_del(d, "project_id");
    }
    answer_json(c, 200, list);
}

void api_drawing_create(struct call *c)
{
    char id[37];
    static const struct rule rules[] = {{"svg", 's', true},        {"x", 'i', false},
                                        {"y", 'i', false},         {"z", 'i', false},
                                        {"locked", 'b', false},    {"rotation", 'i', false},
                                        {"drawing_id", 's', false}};
    if (!check_body(c, rules, sizeof(rules) / sizeof(rules[0])))
        return;
    if (json_array_size(c->project->drawings) >= DRAWINGS_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d drawings", DRAWINGS_MAX);
        return;
    }
    rng_uuid(&c->server->rng, id);
    json_t *d = json_pack("{s:s,s:s,s:i,s:i,s:i,s:b,s:i,s:s}", "drawing_id", id, "project_id",
                          c->project->id, "x", 0, "y", 0, "z", 2, "locked", 0, "rotation", 0, "svg",
                          "<svg/>");
    json_object_update_existing(d, c->body);
    json_array_append(c->project->drawings, d);
    feed_emit(c->server, c->project, "drawing.created", d);
    answer_json(c, 201, d);
}

static json_t *find_drawing(struct call *c, size_t *at)
{
    size_t i;
    json_t *d;
    json_array_foreach(c->project->drawings, i, d)
    {
        if (strcmp(json_string_value(json_object_get(d, "drawing_id")), c->other_id) == 0) {
            *at = i;
            return d;
        }
    }
    answer_error(c, 404, "Drawing ID %s doesn't exist", c->other_id);
    return NULL;
}

void api_drawing(struct call *c)
{
    size_t at;
    json_t *d = find_drawing(c, &at);
    if (d)
        answer_json(c, 200, json_incref(d));
}

void api_drawing_update(struct call *c)
{
    size_t at;
    json_t *d = find_drawing(c, &at);
    if (!d)
        return;
    if (json_is_object(c->body))
        json_object_update_existing(d, c->body);
    json_t *event = json_deep_copy(d);
    if (!json_object_get(c->body, "svg"))
        json_object_del(event, "svg"); /* an unchanged picture is not sent again */
    feed_emit(c->server, c->project, "drawing.updated", event);
    json_decref(event);
    answer_json(c, server_is(c->server, 3) ? 200 : 201, json_incref(d));
}

void api_drawing_delete(struct call *c)
{
    size_t at;
    json_t *d = find_drawing(c, &at);
    if (!d)
        return;
    feed_emit(c->server, c->project, "drawing.deleted", d);
    json_array_remove(c->project->drawings, at);
    answer_empty(c, 204);
}

/* api_project - the project requests: list, make, change, open, close, copy, export, import. */
#include "api.h"

#include "feed.h"
#include "http.h"
#include "zip.h"

#include <stdio.h>
#include <string.h>

enum { OPEN_MS = 450, CLOSE_MS = 300, DELETE_MS = 300, DUPLICATE_MS = 90 };

static const struct rule project_rules[] = {
    {"name", 's', true},
    {"project_id", 's', false},
    {"path", 's', false},
    {"auto_close", 'b', false},
    {"auto_open", 'b', false},
    {"auto_start", 'b', false},
    {"scene_height", 'i', false},
    {"scene_width", 'i', false},
    {"zoom", 'i', false},
    {"show_layers", 'b', false},
    {"snap_to_grid", 'b', false},
    {"show_grid", 'b', false},
    {"grid_size", 'i', false},
    {"drawing_grid_size", 'i', false},
    {"show_interface_labels", 'b', false},
    {"supplier", 'o', false},
    {"variables", 'a', false},
    {"reset_mac_addresses", 'b', false},
    {"filename", 's', false},
    {"status", 's', false},
};
enum { N_PROJECT_RULES = sizeof(project_rules) / sizeof(project_rules[0]) };

static void answer_project(struct call *c, int status, struct project *p)
{
    answer_json(c, status, json_incref(p->doc));
}

void api_projects(struct call *c)
{
    struct server *s = c->server;
    if (c->user && strcmp(c->user->role, "none") == 0) {
        answer_json(c, 200, json_array());
        return;
    }
    if (!s->projects_text) {
        json_t *list = json_array();
        for (size_t i = 0; i < s->n_projects; i++)
            json_array_append(list, s->projects[i]->doc);
        s->projects_text = style_json(s, list);
        json_decref(list);
    }
    answer_blob(c, 200, s->projects_text);
}

static void apply(struct project *p, const json_t *body)
{
    static const char *const keep[] = {"project_id", "path", "filename", "status",
                                       "reset_mac_addresses"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body, key, value)
    {
        bool skip = json_object_get(p->doc, key) == NULL;
        for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
            skip = skip || strcmp(keep[i], key) == 0;
        if (!skip)
            json_object_set_new(p->doc, key, json_deep_copy(value));
    }
    project_touch(p);
}

void api_project_create(struct call *c)
{
    if (!check_body(c, project_rules, N_PROJECT_RULES))
        return;
    const char *name = json_string_value(json_object_get(c->body, "name"));
    const char *id = json_string_value(json_object_get(c->body, "project_id"));
    if (!name)
        name = "";
    if (project_by_name(c->server, name)) {
        answer_error(c, 409, "Project \"%s\" already exists", name);
        return;
    }
    if (id && project_find(c->server, id)) {
        answer_error(c, 409, "Project ID %s is already in use", id);
        return;
    }
    if (c->server->n_projects >= PROJECTS_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d projects", PROJECTS_MAX);
        return;
    }
    struct project *p = project_new(c->server, name, id && is_uuid(id) ? id : NULL);
    apply(p, c->body);
    feed_project_event(p, "project.created");
    answer_project(c, 201, p);
}

void api_project_load(struct call *c)
{
    const char *path = json_string_value(json_object_get(c->body, "path"));
    if (server_is(c->server, 3))
        answer_error(c, 409, "'%s' does not exist on the controller", path ? path : "");
    else
        answer_empty(c, 403);
}

void api_project(struct call *c)
{
    answer_project(c, 200, c->project);
}

void api_project_update(struct call *c)
{
    struct rule rules[N_PROJECT_RULES];
    memcpy(rules, project_rules, sizeof(rules));
    rules[0].required = false;
    if (!check_body(c, rules, N_PROJECT_RULES))
        return;
    const char *name = json_string_value(json_object_get(c->body, "name"));
    struct project *other = name ? project_by_name(c->server, name) : NULL;
    if (other && other != c->project) {
        answer_error(c, 409, "Project \"%s\" already exists", name);
        return;
    }
    apply(c->project, c->body);
    feed_project_event(c->project, "project.updated");
    answer_project(c, 200, c->project);
}

static void delete_step(struct call *c)
{
    struct project *p = c->project;
    if (!p->opened)
        feed_project_event(p, "project.opened");
    p->opened = true; /* the server opens a project to delete it */
    project_close(p, false);
    feed_project_event(p, "project.deleted");
    project_remove(p);
    c->project = NULL;
    answer_empty(c, 204);
}

void api_project_delete(struct call *c)
{
    call_later(c, c->project->n_nodes ? DELETE_MS : 5, delete_step);
}

void api_project_stats(struct call *c)
{
    const struct project *p = c->project;
    bool o = p->opened; /* a closed project counts only its snapshots */
    answer_json(c, 200,
                json_pack("{s:i,s:i,s:i,s:i}", "nodes", o ? (int)p->n_nodes : 0, "links",
                          o ? (int)p->n_links : 0, "drawings",
                          o ? (int)json_array_size(p->drawings) : 0, "snapshots",
                          (int)p->n_snapshots));
}

static void open_step(struct call *c)
{
    project_open(c->project, false);
    answer_project(c, 201, c->project);
}

void api_project_open(struct call *c)
{
    if (c->project->opened)
        open_step(c);
    else
        call_later(c, OPEN_MS, open_step);
}

static void close_step(struct call *c)
{
    project_close(c->project, false);
    answer_empty(c, 204);
}

void api_project_close(struct call *c)
{
    if (c->project->opened)
        call_later(c, CLOSE_MS, close_step);
    else
        close_step(c);
}

/* name, or name-1, name-2 ... */
static void free_name(struct server *s, const char *wanted, char *out, size_t size)
{
    snprintf(out, size, "%.200s", wanted);
    for (int i = 1; project_by_name(s, out); i++)
        snprintf(out, size, "%.200s-%d", wanted, i);
}

static struct project *copy_project(struct server *s, const char *name, const char *id,
                                    const json_t *saved, const json_t *settings)
{
    char free[256];
    free_name(s, name, free, sizeof(free));
    struct project *p = project_new(s, free, id);
    project_load(p, saved, true);
    json_t *variables = json_object_get(settings, "variables");
    if (variables)
        json_object_set_new(p->doc, "variables", json_deep_copy(variables));
    project_close(p, true);
    feed_project_event(p, "project.created");
    return p;
}

static void duplicate_step(struct call *c)
{
    struct project *from = c->project;
    const char *name = json_string_value(json_object_get(c->body, "name"));
    json_t *saved = project_saved(from);
    struct project *p = copy_project(c->server, name ? name : "", NULL, saved, from->doc);
    json_decref(saved);
    json_object_set_new(p->doc, "auto_close", json_false());
    project_touch(p);
    answer_project(c, 201, p);
}

void api_project_duplicate(struct call *c)
{
    struct rule rules[N_PROJECT_RULES];
    memcpy(rules, project_rules, sizeof(rules));
    if (!check_body(c, rules, N_PROJECT_RULES))
        return;
    if (c->server->n_projects >= PROJECTS_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d projects", PROJECTS_MAX);
        return;
    }
    call_later(c, DUPLICATE_MS, duplicate_step);
}

static void export_head(struct call *c, struct buf *b)
{
    char date[40];
    const char *name = json_string_value(json_object_get(c->project->doc, "name"));
    http_date(date);
    if (server_is(c->server, 3))
        buf_addf(b,
                 "HTTP/1.1 200 OK\r\ndate: %s\r\nserver: uvicorn\r\ncontent-disposition: "
                 "attachment; filename=\"%s.gns3project\"; filename*=UTF-8''%s.gns3project\r\n"
                 "content-type: application/gns3project\r\nTransfer-Encoding: chunked\r\n\r\n",
                 date, name, name);
    else
        buf_addf(b,
                 "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 "X-Route: /v2/projects/{project_id}/export\r\nServer: Python/3.11 GNS3/%s\r\n"
                 "CONTENT-DISPOSITION: attachment; filename=\"%s.gns3project\"\r\n"
                 "Content-Type: application/gns3project\r\nTransfer-Encoding: chunked\r\n"
                 "Date: %s\r\n\r\n",
                 c->server->version, name, date);
}

void api_project_export(struct call *c)
{
    enum { CHUNK = 4096 };
    if (project_running(c->project)) {
        answer_error(c, 409, "Project must be stopped in order to export it");
        return;
    }
    struct buf zip = {0}, out = {0};
    zip_project(&zip, c->project);
    export_head(c, &out);
    for (size_t at = 0; at < zip.len; at += CHUNK) {
        size_t n = zip.len - at < CHUNK ? zip.len - at : CHUNK;
        buf_addf(&out, "%zx\r\n", n);
        buf_add(&out, zip.data + at, n);
        buf_adds(&out, "\r\n");
    }
    buf_adds(&out, "0\r\n\r\n");
    c->server->stats.by_class[2]++;
    conn_write(c->conn, out.data, out.len);
    buf_free(&zip);
    buf_free(&out);
    conn_done(c->conn);
}

void api_project_import(struct call *c)
{
    char name[200];
    if (project_find(c->server, c->project_id)) {
        answer_error(c, 409, "Project ID %s is already in use", c->project_id);
        return;
    }
    if (!query_get(c->conn->req.query, "name", name, sizeof(name)))
        sim_copy(name, sizeof(name), "imported");
    json_t *gns3 = zip_read_project(&c->conn->req.body);
    if (!gns3) {
        answer_error(c, 409, "Cannot import project, not a GNS3 project (invalid zip)");
        return;
    }
    struct project *p =
        copy_project(c->server, name, c->project_id, json_object_get(gns3, "topology"), gns3);
    json_decref(gns3);
    answer_project(c, 201, p);
}

static bool locked(const struct project *p)
{
    for (size_t i = 0; i < p->n_nodes; i++)
        if (!json_is_true(json_object_get(p->nodes[i]->doc, "locked")))
            return false;
    return p->n_nodes > 0;
}

void api_project_locked(struct call *c)
{
    answer_json(c, 200, locked(c->project) ? json_true() : json_false());
}

static void set_locked(struct call *c, bool on)
{
    for (size_t i = 0; i < c->project->n_nodes; i++) {
        json_object_set_new(c->project->nodes[i]->doc, "locked", json_boolean(on));
        node_emit(c->project->nodes[i], "node.updated");
    }
    project_touch(c->project);
    answer_empty(c, 204);
}

void api_project_lock(struct call *c)
{
    set_locked(c, true);
}

void api_project_unlock(struct call *c)
{
    set_locked(c, false);
}

static void file_head(struct call *c, struct buf *b, size_t size)
{
    char date[40];
    http_date(date);
    if (server_is(c->server, 3))
        buf_addf(b,
                 "HTTP/1.1 200 OK\r\ndate: %s\r\nserver: uvicorn\r\n"
                 "content-type: application/octet-stream\r\ncontent-length: %zu\r\n\r\n",
                 date, size);
    else
        buf_addf(b,
                 "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 "X-Route: /v2/projects/{project_id}/files/{path:.+}\r\n"
                 "Server: Python/3.11 GNS3/%s\r\nContent-Type: application/octet-stream\r\n"
                 "Content-Length: %zu\r\nDate: %s\r\n\r\n",
                 c->server->version, size, date);
}

/* Of a project's files only the archives of snapshots are there. */
static struct snapshot *file_of(struct call *c)
{
    char file[600];
    const char *slash = strstr(c->conn->req.path, "/files/snapshots/");
    for (size_t i = 0; slash && i < c->project->n_snapshots; i++) {
        struct snapshot *s = c->project->snapshots[i];
        snapshot_filename(s, file, sizeof(file));
        if (!s->lost && strcmp(slash + strlen("/files/snapshots/"), file) == 0)
            return s;
    }
    return NULL;
}

void api_project_file(struct call *c)
{
    const struct snapshot *s = file_of(c);
    if (s) {
        struct buf zip = {0}, out = {0};
        zip_saved(&zip, c->project, s->saved, s->without);
        size_t size = s->cut ? zip.len / 2 : zip.len;
        file_head(c, &out, size);
        buf_add(&out, zip.data, size);
        c->server->stats.by_class[2]++;
        conn_write(c->conn, out.data, out.len);
        buf_free(&zip);
        buf_free(&out);
        conn_done(c->conn);
        return;
    }
    if (server_is(c->server, 3))
        answer_error(c, 404, "Not Found");
    else
        answer_error(c, 404, "404: Not Found");
}

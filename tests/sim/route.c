/* route - see route.h: the table of all requests and the checks before a handler. */
#include "api.h"
#include "faults.h"
#include "http.h"
#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define P "projects/{project_id}"
#define N P "/nodes/{node_id}"
#define L P "/links/{link_id}"

static const struct route table[] = {
    {"GET", "version", 23, R_PUBLIC, NULL, api_version},
    {"POST", "version", 23, R_PUBLIC, NULL, api_version_check},
    {"GET", "computes", 23, 0, "Compute.Audit", api_computes},
    {"GET", "computes/{compute_id}", 23, 0, "Compute.Audit", api_compute},
    {"GET", "statistics", 23, 0, NULL, api_statistics},
    {"GET", "templates", 23, 0, NULL, api_templates},
    {"POST", "templates", 23, 0, "Template.Allocate", api_template_create},
    {"GET", "templates/{template_id}", 23, 0, "Template.Audit", api_template_get},
    {"DELETE", "templates/{template_id}", 23, 0, "Template.Allocate", api_template_delete},
    {"GET", "gns3vm", 23, 0, NULL, api_gns3vm},
    {"GET", "iou_license", 23, 0, NULL, api_iou_license},
    {"POST", "shutdown", 23, 0, NULL, api_shutdown},
    {"GET", "notifications", 23, 0, NULL, api_notifications},
    {"GET", "notifications/ws", 23, R_FEED, NULL, api_notifications},
    {"GET", "compute/version", 2, 0, NULL, api_version},
    {"GET", "compute/capabilities", 2, 0, NULL, api_compute_capabilities},
    {"GET", "compute/statistics", 2, 0, NULL, api_compute_statistics},
    {"GET", "compute/projects", 2, 0, NULL, api_compute_projects},
    {"GET", "compute/{path:.+}", 3, R_PUBLIC, NULL, api_compute_refused},
    {"POST", "access/users/authenticate", 3, R_PUBLIC, NULL, api_authenticate},
    {"POST", "access/users/login", 3, R_PUBLIC | R_RAW, NULL, api_login},
    {"GET", "access/users/me", 3, 0, NULL, api_me},
    {"GET", "access/users", 3, 0, "User.Audit", api_users},
    {"GET", "access/groups", 3, 0, "Group.Audit", api_groups},
    {"GET", "access/roles", 3, 0, "Role.Audit", api_roles},
    {"GET", "access/privileges", 3, 0, "Role.Audit", api_privileges},
    {"GET", "access/acl", 3, 0, "ACE.Audit", api_empty_list},
    {"GET", "projects", 23, 0, NULL, api_projects},
    {"POST", "projects", 23, 0, "Project.Allocate", api_project_create},
    {"POST", "projects/load", 23, 0, "Project.Allocate", api_project_load},
    {"GET", P, 23, 0, "Project.Audit", api_project},
    {"PUT", P, 23, 0, "Project.Modify", api_project_update},
    {"DELETE", P, 23, 0, "Project.Allocate", api_project_delete},
    {"GET", P "/stats", 23, 0, "Project.Audit", api_project_stats},
    {"POST", P "/open", 23, 0, "Project.Allocate", api_project_open},
    {"POST", P "/close", 23, 0, "Project.Allocate", api_project_close},
    {"POST", P "/duplicate", 23, 0, "Project.Allocate", api_project_duplicate},
    {"GET", P "/export", 23, 0, "Project.Audit", api_project_export},
    {"POST", P "/import", 23, R_RAW, "Project.Allocate", api_project_import},
    {"GET", P "/locked", 3, 0, "Project.Audit", api_project_locked},
    {"POST", P "/lock", 3, 0, "Project.Audit", api_project_lock},
    {"POST", P "/unlock", 3, 0, "Project.Modify", api_project_unlock},
    {"GET", P "/files/{path:.+}", 23, 0, "Project.Audit", api_project_file},
    {"GET", P "/notifications", 23, 0, "Project.Audit", api_project_notifications},
    {"GET", P "/notifications/ws", 23, R_FEED, "Project.Audit", api_project_notifications},
    {"GET", P "/drawings", 23, 0, "Drawing.Audit", api_drawings},
    {"POST", P "/drawings", 23, R_OPENED, "Drawing.Allocate", api_drawing_create},
    {"GET", P "/drawings/{drawing_id}", 23, R_OPENED, "Drawing.Audit", api_drawing},
    {"PUT", P "/drawings/{drawing_id}", 23, R_OPENED, "Drawing.Modify", api_drawing_update},
    {"DELETE", P "/drawings/{drawing_id}", 23, R_OPENED, "Drawing.Allocate", api_drawing_delete},
    {"GET", P "/snapshots", 23, 0, "Snapshot.Audit", api_snapshots},
    {"POST", P "/snapshots", 23, R_OPENED, "Snapshot.Allocate", api_snapshot_create},
    {"DELETE", P "/snapshots/{snapshot_id}", 23, 0, "Snapshot.Allocate", api_snapshot_delete},
    {"POST", P "/snapshots/{snapshot_id}/restore", 23, 0, "Snapshot.Restore", api_snapshot_restore},
    {"POST", P "/templates/{template_id}", 23, R_OPENED, "Node.Allocate", api_node_from_template},
    {"GET", P "/nodes", 23, 0, "Node.Audit", api_nodes},
    {"POST", P "/nodes", 23, R_OPENED, "Node.Allocate", api_node_create},
    {"POST", P "/nodes/start", 23, R_OPENED, "Node.PowerMgmt", api_nodes_start},
    {"POST", P "/nodes/stop", 23, R_OPENED, "Node.PowerMgmt", api_nodes_stop},
    {"POST", P "/nodes/suspend", 23, R_OPENED, "Node.PowerMgmt", api_nodes_suspend},
    {"POST", P "/nodes/reload", 23, R_OPENED, "Node.PowerMgmt", api_nodes_reload},
    {"GET", N, 23, R_OPENED, "Node.Audit", api_node},
    {"PUT", N, 23, R_OPENED, "Node.Modify", api_node_update},
    {"DELETE", N, 23, R_OPENED, "Node.Allocate", api_node_delete},
    {"POST", N "/start", 23, R_OPENED, "Node.PowerMgmt", api_node_start},
    {"POST", N "/stop", 23, R_OPENED, "Node.PowerMgmt", api_node_stop},
    {"POST", N "/suspend", 23, R_OPENED, "Node.PowerMgmt", api_node_suspend},
    {"POST", N "/reload", 23, R_OPENED, "Node.PowerMgmt", api_node_reload},
    {"GET", N "/links", 23, R_OPENED, "Link.Audit", api_node_links},
    {"POST", N "/console/reset", 23, R_OPENED, "Node.Console", api_node_nothing},
    {"POST", N "/isolate", 3, R_OPENED, "Link.Modify", api_node_nothing},
    {"POST", N "/unisolate", 3, R_OPENED, "Link.Modify", api_node_nothing},
    {"GET", P "/links", 23, 0, "Link.Audit", api_links},
    {"POST", P "/links", 23, R_OPENED, "Link.Allocate", api_link_create},
    {"GET", L, 23, R_OPENED, "Link.Audit", api_link},
    {"PUT", L, 23, R_OPENED, "Link.Modify", api_link_update},
    {"DELETE", L, 23, R_OPENED, "Link.Allocate", api_link_delete},
    {"GET", L "/available_filters", 23, R_OPENED, "Link.Audit", api_link_filters},
    {"POST", L "/reset", 3, R_OPENED, "Link.Modify", api_link_reset},
    {"POST", L "/start_capture", 2, R_OPENED, NULL, api_capture_start},
    {"POST", L "/stop_capture", 2, R_OPENED, NULL, api_capture_stop},
    {"GET", L "/pcap", 2, R_OPENED, NULL, api_capture_stream},
    {"POST", L "/capture/start", 3, R_OPENED, "Link.Capture", api_capture_start},
    {"POST", L "/capture/stop", 3, R_OPENED, "Link.Capture", api_capture_stop},
    {"GET", L "/capture/stream", 3, R_OPENED, "Link.Capture", api_capture_stream},
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= SIM_ROUTES_MAX, "raise SIM_ROUTES_MAX");

size_t route_count(void)
{
    return sizeof(table) / sizeof(table[0]);
}

const struct route *route_get(size_t i)
{
    return &table[i];
}

static void keep_arg(struct call *c, const char *name, const char *value, size_t len)
{
    char text[256];
    sim_copy(text, sizeof(text), "");
    if (len >= sizeof(text))
        len = sizeof(text) - 1;
    memcpy(text, value, len);
    text[len] = '\0';
    if (strncmp(name, "{project_id", 11) == 0)
        sim_copy(c->project_id, sizeof(c->project_id), text);
    else if (strncmp(name, "{node_id", 8) == 0)
        sim_copy(c->node_id, sizeof(c->node_id), text);
    else if (strncmp(name, "{link_id", 8) == 0)
        sim_copy(c->link_id, sizeof(c->link_id), text);
    else
        sim_copy(c->other_id, sizeof(c->other_id), text);
}

/* path is behind /vN/. Fills the call's ids when it matches. */
static bool matches(struct call *c, const char *pattern, const char *path)
{
    while (*pattern && *path) {
        size_t plen = strcspn(pattern, "/");
        size_t len = strcspn(path, "/");
        if (!len)
            return false;
        if (pattern[0] == '{') {
            if (pattern[plen - 3] == '.' && pattern[plen - 2] == '+') {
                keep_arg(c, pattern, path, strlen(path));
                return true;
            }
            keep_arg(c, pattern, path, len);
        } else if (plen != len || memcmp(pattern, path, len) != 0) {
            return false;
        }
        pattern += plen;
        path += len;
        if (*pattern != *path)
            return false;
        if (*pattern) {
            pattern++;
            path++;
        }
    }
    return *pattern == *path;
}

static bool of_version(const struct route *r, int major)
{
    return r->majors == 23 || r->majors == major;
}

/* In the order aiohttp lists them; 3.x names only the first one. */
static void add_allowed(char *allow, size_t size, const char *method, int major)
{
    if (!allow[0])
        sim_copy(allow, size, method);
    else if (major == 2)
        snprintf(allow + strlen(allow), size - strlen(allow), ",%s", method);
}

static void allowed_methods(struct call *c, const char *path, char *allow, size_t size)
{
    static const char *const sorted[] = {"DELETE", "GET", "POST", "PUT"};
    allow[0] = '\0';
    for (size_t m = 0; m < 4 && c->server->major == 2; m++) {
        if (m == 2 && allow[0])
            add_allowed(allow, size, "OPTIONS", 2);
        for (size_t i = 0; i < route_count(); i++)
            if (strcmp(table[i].method, sorted[m]) == 0 && of_version(&table[i], 2) &&
                matches(c, table[i].pattern, path))
                add_allowed(allow, size, sorted[m], 2);
    }
    for (size_t i = 0; i < route_count() && c->server->major == 3; i++)
        if (of_version(&table[i], 3) && matches(c, table[i].pattern, path))
            add_allowed(allow, size, table[i].method, 3);
}

/* NULL when nothing matches. */
static const struct route *find(struct call *c, const char *method, const char *path)
{
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *r = &table[i];
        if (of_version(r, c->server->major) && strcmp(r->method, method) == 0 &&
            matches(c, r->pattern, path)) {
            c->server->stats.by_route[i]++;
            return r;
        }
    }
    return NULL;
}

static void call_free(struct call *c)
{
    json_decref(c->body);
    json_decref(c->kept);
    conn_unref(c->conn);
    free(c);
}

static void on_call_closed(uv_handle_t *h)
{
    call_free(h->data);
}

static void call_end(struct call *c)
{
    uv_close((uv_handle_t *)&c->timer, on_call_closed);
}

/* Project, node and link of the path; false when that has been answered. */
static bool resolve(struct call *c)
{
    if (!c->project_id[0] || strstr(c->route->pattern, "/import"))
        return true;
    if (server_is(c->server, 3) && !is_uuid(c->project_id)) {
        answer_bad_uuid(c, "project_id", c->project_id);
        return false;
    }
    c->project = project_find(c->server, c->project_id);
    if (!c->project) {
        if (c->route->flags & R_FEED && server_is(c->server, 3)) { /* 101, then gone */
            ws_accept(c->conn);
            conn_finish(c->conn);
            return false;
        }
        answer_error(c, 404, "Project ID %s doesn't exist", c->project_id);
        return false;
    }
    if (c->route->flags & R_OPENED && !c->project->opened) {
        answer_error(c, 403, "The project is not opened");
        return false;
    }
    if (c->node_id[0] && !(c->node = node_find(c->project, c->node_id))) {
        answer_error(c, 404, "Node ID %s doesn't exist", c->node_id);
        return false;
    }
    if (c->link_id[0] && !(c->link = link_find(c->project, c->link_id))) {
        answer_error(c, 404, "Link ID %s doesn't exist", c->link_id);
        return false;
    }
    return true;
}

static bool parse_body(struct call *c)
{
    const struct buf *b = &c->conn->req.body;
    if (!b->len || c->route->flags & R_RAW)
        return true;
    c->body = json_loadb(b->data, b->len, JSON_DECODE_ANY, NULL);
    if (c->body)
        return true;
    answer_bad_json(c);
    return false;
}

static void on_step(uv_timer_t *t)
{
    struct call *c = t->data;
    c->held = false;
    if (c->generation != c->server->generation || c->conn->closing) {
        conn_close(c->conn);
    } else {
        c->project = NULL;
        c->node = NULL;
        c->link = NULL;
        if (!c->route || resolve(c))
            c->step(c);
    }
    if (!c->held)
        call_end(c);
}

void call_later(struct call *c, uint64_t ms, void (*step)(struct call *c))
{
    c->held = true;
    c->step = step;
    uv_timer_start(&c->timer, on_step, sim_wait_ms(c->server->sim, ms), 0);
}

static void run(struct call *c)
{
    if (!auth_check(c) || !parse_body(c))
        return;
    if (resolve(c))
        c->route->handler(c);
}

static void answer_redirect(struct call *c, const char *path, size_t len)
{
    char date[40];
    struct buf b = {0};
    http_date(date);
    buf_addf(&b,
             "HTTP/1.1 307 Temporary Redirect\r\ndate: %s\r\nserver: uvicorn\r\n"
             "content-length: 0\r\nlocation: ",
             date);
    for (size_t i = 0; i < len; i++) /* decoded bytes must not break the header */
        if (path[i] > ' ' && path[i] < 127)
            buf_add(&b, path + i, 1);
    buf_adds(&b, "\r\n\r\n");
    conn_write(c->conn, b.data, b.len);
    buf_free(&b);
    conn_done(c->conn);
}

/* The requests outside /vN/. */
static bool special(struct call *c, const char *path)
{
    bool v3 = server_is(c->server, 3);
    if (strcmp(path, "/") == 0) {
        char date[40];
        http_date(date);
        struct buf b = {0};
        if (v3)
            buf_addf(&b,
                     "HTTP/1.1 308 Permanent Redirect\r\ndate: %s\r\nserver: uvicorn\r\n"
                     "content-length: 0\r\nlocation: /static/web-ui/bundled\r\n\r\n",
                     date);
        else
            buf_addf(&b,
                     "HTTP/1.1 302 Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Location: /static/web-ui/bundled\r\nContent-Length: 10\r\nDate: %s\r\n"
                     "Server: Python/3.11 aiohttp/3.8.4\r\n\r\n302: Found",
                     date);
        conn_write(c->conn, b.data, b.len);
        buf_free(&b);
        conn_done(c->conn);
        return true;
    }
    size_t len = strlen(path);
    if (v3 && len > 4 && path[len - 1] == '/') { /* FastAPI's redirect_slashes */
        answer_redirect(c, path, len - 1);
        return true;
    }
    if (!v3 && strcmp(path, "/v1/version") == 0) {
        static const struct route v1 = {"GET", "../v1/version", 2, R_PUBLIC, NULL, NULL};
        c->route = &v1;
        answer_json(c, 200, json_pack("{s:s}", "version", c->server->version));
        return true;
    }
    return false;
}

static void dispatch_step(struct call *c)
{
    struct conn *conn = c->conn;
    const char *path = conn->req.path;
    const char *prefix = server_is(c->server, 3) ? "/v3/" : "/v2/";
    char allow[128] = "";
    const char *method = conn->req.method;
    if (special(c, path))
        return;
    if (strncmp(path, prefix, 4) == 0)
        c->route = find(c, method, path + 4);
    if (c->route) {
        run(c);
        return;
    }
    c->server->stats.unmatched++;
    if (strncmp(path, prefix, 4) == 0)
        allowed_methods(c, path + 4, allow, sizeof(allow));
    answer_framework(c, allow[0] ? 405 : 404, allow[0] ? allow : NULL);
}

void route_dispatch(struct conn *conn)
{
    struct server *s = conn->server;
    struct call *c = sim_alloc(sizeof(*c));
    c->conn = conn_ref(conn);
    c->server = s;
    c->generation = s->generation;
    c->timer.data = c;
    uv_timer_init(s->sim->loop, &c->timer);
    s->stats.requests++;
    switch (fault_apply(conn)) {
    case FAULT_SLOW:
        c->held = true;
        c->step = dispatch_step;
        uv_timer_start(&c->timer, on_step, s->fault.ms, 0);
        break;
    case FAULT_NONE:
        dispatch_step(c);
        break;
    default: /* the fault has answered, or never will */
        break;
    }
    if (!c->held)
        call_end(c);
}

/* api_server - what a simulated server says of itself: version, computes, statistics, templates,
 * settings, and the two kinds of feeds. */
#include "api.h"

#include "feed.h"
#include "http.h"
#include "load.h"
#include "ws.h"

#include <stdio.h>
#include <string.h>

enum { TEMPLATES_MAX = 500 };

void api_version(struct call *c)
{
    struct server *s = c->server;
    if (server_is(s, 3))
        answer_json(c, 200,
                    json_pack("{s:s,s:s,s:b}", "controller_host", "127.0.0.1", "version",
                              s->version, "local", 0));
    else
        answer_json(c, 200, json_pack("{s:b,s:s}", "local", 0, "version", s->version));
}

void api_version_check(struct call *c)
{
    static const struct rule rules[] = {{"version", 's', true}, {"local", 'b', false}};
    if (!check_body(c, rules, 2))
        return;
    const char *version = json_string_value(json_object_get(c->body, "version"));
    if (!version || strcmp(version, c->server->version) != 0)
        answer_error(c, 409, "Client version %s is not the same as server version %s",
                     version ? version : "None", c->server->version);
    else
        answer_json(c, 200, json_pack("{s:s}", "version", version));
}

void api_computes(struct call *c)
{
    json_t *list = json_array();
    /* 3.0 lists only computes of its database: none for the usual local-only server */
    int first = server_is(c->server, 3) ? 1 : 0;
    for (int i = first; i < c->server->n_computes; i++)
        json_array_append_new(list, compute_doc(c->server, i));
    answer_json(c, 200, list);
}

void api_compute(struct call *c)
{
    bool v3 = server_is(c->server, 3);
    for (int i = 0; i < c->server->n_computes; i++) {
        if (strcmp(c->server->computes[i].id, c->other_id) != 0)
            continue;
        if (v3 && i == 0) {
            answer_error(c, 500, "Database error detected, please check logs to find details");
            return;
        }
        answer_json(c, 200, compute_doc(c->server, i));
        return;
    }
    if (v3)
        answer_error(c, 404, "Compute '%s' not found", c->other_id);
    else
        answer_error(c, 404, "Compute ID %s doesn't exist", c->other_id);
}

void api_statistics(struct call *c)
{
    struct server *s = c->server;
    json_t *list = json_array();
    for (int i = 0; i < s->n_computes; i++) {
        if (s->computes[i].connected) {
            json_array_append_new(list, json_pack("{s:s,s:s,s:o}", "compute_id", s->computes[i].id,
                                                  "compute_name", s->computes[i].name, "statistics",
                                                  load_statistics(s, i)));
        } else if (!server_is(s, 3)) { /* one dead compute spoils the whole list */
            json_decref(list);
            answer_error(c, 409, "Cannot connect to compute '%s' with request GET /statistics",
                         s->computes[i].name);
            return;
        }
    }
    answer_json(c, 200, list);
}

void api_templates(struct call *c)
{
    answer_json(c, 200, json_incref(c->server->templates));
}

static json_t *find_template(struct call *c, size_t *at)
{
    size_t i;
    json_t *t;
    json_array_foreach(c->server->templates, i, t)
    {
        const char *id = json_string_value(json_object_get(t, "template_id"));
        if (id && strcmp(id, c->other_id) == 0) {
            if (at)
                *at = i;
            return t;
        }
    }
    answer_error(c, 404,
                 server_is(c->server, 3) ? "Template '%s' not found"
                                         : "Template ID %s doesn't exist",
                 c->other_id);
    return NULL;
}

void api_template_get(struct call *c)
{
    json_t *t = find_template(c, NULL);
    if (t)
        answer_json(c, 200, json_incref(t));
}

void api_template_create(struct call *c)
{
    const char *name = json_string_value(json_object_get(c->body, "name"));
    const char *type = json_string_value(json_object_get(c->body, "template_type"));
    if (!name || !type || !node_type_known(type)) {
        static const struct rule rules[] = {{"name", 's', true}, {"template_type", 's', true}};
        if (check_body(c, rules, 2))
            answer_error(c, 400, "template_type is not known");
        return;
    }
    if (json_array_size(c->server->templates) >= TEMPLATES_MAX) {
        answer_error(c, 409, "The simulator keeps at most %d templates", TEMPLATES_MAX);
        return;
    }
    char id[37], format[256];
    rng_uuid(&c->server->rng, id);
    snprintf(format, sizeof(format), "%.200s{0}", name);
    json_t *t =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "template_id", id, "name", name, "category",
                  "guest", "default_name_format", format, "symbol", ":/symbols/computer.svg",
                  "template_type", type, "compute_id", "local", "builtin", 0);
    json_object_update(t, c->body);
    json_array_append(c->server->templates, t);
    feed_emit(c->server, NULL, "template.created", t);
    answer_json(c, 201, t);
}

void api_template_delete(struct call *c)
{
    size_t at = 0;
    json_t *t = find_template(c, &at);
    if (!t)
        return;
    if (json_is_true(json_object_get(t, "builtin"))) {
        answer_error(c, 403, "Template ID %s cannot be deleted because it is a builtin",
                     c->other_id);
        return;
    }
    feed_emit(c->server, NULL, "template.deleted", t);
    json_array_remove(c->server->templates, at);
    answer_empty(c, 204);
}

void api_gns3vm(struct call *c)
{
    answer_json(c, 200,
                json_pack("{s:b,s:n,s:s,s:b,s:s,s:b,s:i,s:i,s:i}", "enable", 0, "vmname",
                          "when_exit", "stop", "headless", 0, "engine", "vmware",
                          "allocate_vcpus_ram", 1, "vcpus", 1, "ram", 2048, "port", 80));
}

void api_iou_license(struct call *c)
{
    answer_json(
        c, 200,
        json_pack("{s:s,s:b}", "iourc_content", "", "license_check", !server_is(c->server, 3)));
}

void api_shutdown(struct call *c)
{
    answer_error(c, 403, "You can only stop a local server");
}

void api_compute_capabilities(struct call *c)
{
    json_t *doc = compute_doc(c->server, 0);
    json_t *caps = json_incref(json_object_get(doc, "capabilities"));
    json_decref(doc);
    answer_json(c, 200, caps);
}

void api_compute_statistics(struct call *c)
{
    answer_json(c, 200, load_statistics(c->server, 0));
}

void api_compute_projects(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->server->n_projects; i++) {
        struct project *p = c->server->projects[i];
        if (p->opened)
            json_array_append_new(list,
                                  json_pack("{s:O,s:s,s:O}", "name",
                                            json_object_get(p->doc, "name"), "project_id", p->id,
                                            "variables", json_object_get(p->doc, "variables")));
    }
    answer_json(c, 200, list);
}

/* 3.x: the compute's own API wants the compute's own credentials. */
void api_compute_refused(struct call *c)
{
    c->server->stats.unauthorized++;
    answer_error(c, 401, "Not authenticated");
}

static void open_feed(struct call *c, struct project *p)
{
    struct conn *conn = c->conn;
    if (c->route->flags & R_FEED) {
        if (!conn->req.ws_key[0]) {
            answer_error(c, 400, "No WebSocket UPGRADE hdr: None");
            return;
        }
        ws_accept(conn);
    } else if (conn->req.http10 && !server_is(c->server, 3)) {
        answer_error(c, 500,
                     "Traceback (most recent call last):\nRuntimeError: Using chunked "
                     "encoding is forbidden for HTTP/1.0\n");
        return;
    }
    c->server->stats.by_class[2]++;
    feed_open(conn, p);
}

void api_notifications(struct call *c)
{
    open_feed(c, NULL);
}

void api_project_notifications(struct call *c)
{
    open_feed(c, c->project);
}

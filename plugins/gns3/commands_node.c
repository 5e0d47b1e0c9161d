/* commands_node.c - the commands on single nodes. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_TIMEOUT_MS = 240000, LOOK_AGAIN_MS = 300, LOOKS_MAX = 8 };

static void node_path(const struct node *node, const char *verb, char *path, size_t size)
{
    snprintf(path, size, "/projects/%s/nodes/%s%s", node->project->project_id, node->node_id, verb);
}

/* ---- start, stop, suspend, reload ------------------------------------------------------------ */
/* GNS3's answer has the old status: the list is read until it shows the new one. */

static void power_read(struct act *act);

static void power_again(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), power_read);
}

static void power_read(struct act *act)
{
    struct node *node = act_node(act);
    if (!node)
        return;
    if (node->status != (enum node_status)act->want && ++act->tries < LOOKS_MAX) {
        act_wait(act, LOOK_AGAIN_MS, power_again);
        return;
    }
    if (node->status != (enum node_status)act->want)
        act_warn(act,
                 "GNS3 took the command, but the node is %s, not %s; some types of nodes "
                 "cannot be %s.",
                 node_status_name(node->status), node_status_name((enum node_status)act->want),
                 node_status_name((enum node_status)act->want));
    act_reply_object(act, "gns3.node", node->id);
}

static void power_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    power_again(act);
}

static int node_power(struct gw_plugin *self, struct gw_call *call, const char *verb,
                      enum node_status want)
{
    struct node *node = find_node(gw_data(self), call, "id");
    if (!node)
        return 0;
    struct act *act = act_new(call, node->project->server, node->project->id, node->id);
    if (!act)
        return 0;
    act->want = (int)want;
    if (want != NODE_STARTED || strcmp(verb, "/reload") == 0)
        node->asked_ms = gw_monotonic_ms(self);
    char path[512];
    node_path(node, verb, path, sizeof path);
    act_send(act,
             &(struct act_request){
                 .method = "POST", .path = path, .body = "{}", .timeout_ms = NODE_TIMEOUT_MS},
             power_done);
    return 0;
}

int command_node_start(struct gw_plugin *self, struct gw_call *call)
{
    return node_power(self, call, "/start", NODE_STARTED);
}

int command_node_stop(struct gw_plugin *self, struct gw_call *call)
{
    return node_power(self, call, "/stop", NODE_STOPPED);
}

int command_node_suspend(struct gw_plugin *self, struct gw_call *call)
{
    return node_power(self, call, "/suspend", NODE_SUSPENDED);
}

int command_node_reload(struct gw_plugin *self, struct gw_call *call)
{
    return node_power(self, call, "/reload", NODE_STARTED);
}

/* ---- update ---------------------------------------------------------------------------------- */

static void update_read(struct act *act)
{
    struct node *node = act_node(act);
    if (!node)
        return;
    const char *name = gw_string(gw_call_params(act->call), "name");
    if (name && strcmp(name, node->name) != 0)
        act_refuse(act, -EEXIST,
                   "GNS3 kept the name '%s': '%s' is taken in this project, or not "
                   "allowed for this type of node",
                   node->name, name);
    else
        act_reply_object(act, "gns3.node", node->id);
}

static void update_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), update_read);
}

int command_node_update(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    struct node *node = find_node(gw_data(self), call, "id");
    if (!node)
        return 0;
    static const char *const places[] = {"x", "y", "z"};
    struct text body = {0};
    text_open(&body, NULL, '{');
    if (gw_has(params, "name"))
        text_string_member(&body, "name", gw_string(params, "name"));
    for (size_t i = 0; i < 3; i++)
        if (gw_has(params, places[i]))
            text_int_member(&body, places[i], gw_int(params, places[i]));
    text_close(&body, '}');
    struct act *act = act_new(call, node->project->server, node->project->id, node->id);
    char path[512];
    node_path(node, "", path, sizeof path);
    if (act)
        act_send(act,
                 &(struct act_request){.method = "PUT", .path = path, .body = text_string(&body)},
                 update_done);
    text_fini(&body);
    return 0;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static void delete_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (!project)
        return;
    /* One list without it is enough: we asked for this. Its links went with it. */
    struct node *node = act->id ? node_by_id(project, act->id) : NULL;
    if (node)
        node->missing = 1;
    for (size_t i = 0; i < project->link_count; i++)
        if (project->links[i]->ends && act->id && strstr(project->links[i]->ends, act->id))
            project->links[i]->missing = 1;
    job_forget(project_job(project, JOB_LINKS));
    act_read(act, project_job(project, JOB_NODES), act_reply_deleted);
    act_read(act, project_job(project, JOB_LINKS), act_reply_deleted);
}

int command_node_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct node *node = find_node(gw_data(self), call, "id");
    struct act *act =
        node ? act_new(call, node->project->server, node->project->id, node->id) : NULL;
    if (!act)
        return 0;
    char path[512];
    node_path(node, "", path, sizeof path);
    act_send(act,
             &(struct act_request){.method = "DELETE", .path = path, .timeout_ms = NODE_TIMEOUT_MS},
             delete_done);
    return 0;
}

/* ---- console --------------------------------------------------------------------------------- */

/* GNS3 names 0.0.0.0 when a console listens everywhere: then it is where the server is. */
static void console_host(const struct server *server, const char *host, char *out, size_t size)
{
    const char *url = client_url(server->client), *at = url ? strstr(url, "://") : NULL;
    bool any = !host || !*host || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    if (!any || !at) {
        snprintf(out, size, "%s", host ? host : "");
        return;
    }
    at += 3;
    size_t length = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
    snprintf(out, size, "%.*s", (int)length, at);
}

int command_node_console(struct gw_plugin *self, struct gw_call *call)
{
    struct node *node = find_node(gw_data(self), call, "id");
    if (!node)
        return 0;
    char *document = gw_object_get(self, "gns3.node", node->id);
    json_t *json = document ? json_loads(document, 0, NULL) : NULL;
    gw_free(document);
    const char *type = member_text(json, "console_type");
    int64_t port = member_whole(json, "console", 0);
    if (!type || strcmp(type, "none") == 0 || port <= 0) {
        gw_refuse(call, -EINVAL, "node %s has no console", node->name);
        json_decref(json);
        return 0;
    }
    char host[256];
    console_host(node->project->server, member_text(json, "console_host"), host, sizeof host);
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "type", type);
    text_string_member(&reply, "host", host);
    text_int_member(&reply, "port", port);
    struct text url = {0};
    text_format(&url, "%s://%s:%lld", type, host, (long long)port);
    text_string_member(&reply, "url", text_string(&url));
    text_bool_member(&reply, "ready", node->status == NODE_STARTED);
    text_close(&reply, '}');
    gw_reply(call, text_string(&reply));
    text_fini(&url);
    text_fini(&reply);
    json_decref(json);
    return 0;
}

/* ---- create ---------------------------------------------------------------------------------- */

/* The new node: GNS3's answer names it, except in old versions, where it is the one not there
 * before. */
struct creation {
    char *node_id; /* owned; NULL: not told */
    char **before; /* object ids; owned */
    size_t before_count;
};

static void creation_free(void *data)
{
    struct creation *creation = data;
    for (size_t i = 0; i < creation->before_count; i++)
        free(creation->before[i]);
    free(creation->before);
    free(creation->node_id);
    free(creation);
}

static struct creation *creation_new(const struct project *project)
{
    struct creation *creation = calloc(1, sizeof *creation);
    if (!creation)
        return NULL;
    for (size_t i = 0; i < project->node_count; i++) {
        char *id = strdup(project->nodes[i]->id);
        void *list = id ? list_add(creation->before, &creation->before_count, id) : NULL;
        if (!list) {
            free(id);
            creation_free(creation);
            return NULL;
        }
        creation->before = list;
    }
    return creation;
}

static struct node *creation_find(const struct project *project, const struct creation *creation)
{
    if (creation->node_id)
        return node_of(project, creation->node_id);
    for (size_t n = 0; n < project->node_count; n++) {
        size_t i = 0;
        while (i < creation->before_count &&
               strcmp(creation->before[i], project->nodes[n]->id) != 0)
            i++;
        if (i == creation->before_count)
            return project->nodes[n];
    }
    return NULL;
}

static void create_renamed(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_NODES), update_read);
}

/* Not every version takes the name with the template. */
static void create_read(struct act *act)
{
    struct project *project = act_project(act);
    struct node *node = project ? creation_find(project, act->data) : NULL;
    if (!project)
        return;
    if (!node) {
        act_refuse(act, -EIO, "GNS3 took the command, but no new node has appeared");
        return;
    }
    keep(&act->id, node->id);
    const char *name = gw_string(gw_call_params(act->call), "name");
    if (!name || strcmp(name, node->name) == 0) {
        act_reply_object(act, "gns3.node", node->id);
        return;
    }
    struct text body = {0};
    text_open(&body, NULL, '{');
    text_string_member(&body, "name", name);
    text_close(&body, '}');
    char path[512];
    node_path(node, "", path, sizeof path);
    act_send(act, &(struct act_request){.method = "PUT", .path = path, .body = text_string(&body)},
             create_renamed);
    text_fini(&body);
}

static void create_done(struct act *act, const struct client_answer *answer)
{
    struct creation *creation = act->data;
    struct project *project = act_project(act);
    if (!project)
        return;
    json_t *json = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    keep(&creation->node_id, member_id(json, "node_id"));
    json_decref(json);
    act_read(act, project_job(project, JOB_NODES), create_read);
}

static const struct template *find_template(const struct server *server, const char *text)
{
    const struct template *named = NULL;
    for (size_t i = 0; text && i < server->template_count; i++) {
        const struct template *template = server->templates[i];
        if (strcmp(template->id, text) == 0 || strcmp(template->template_id, text) == 0)
            return template;
        if (template->name && strcmp(template->name, text) == 0)
            named = template;
    }
    return named;
}

static void create_body(const struct gw_values *params, const struct template *template,
                        struct text *body)
{
    const char *compute = gw_string(params, "compute");
    text_open(body, NULL, '{');
    text_int_member(body, "x", gw_int(params, "x"));
    text_int_member(body, "y", gw_int(params, "y"));
    if (compute || !template->compute_id)
        text_string_member(body, "compute_id", compute ? compute : "local");
    text_close(body, '}');
}

int command_node_create(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    struct project *project = find_project(gw_data(self), call, "project");
    if (!project)
        return 0;
    const char *text = gw_string(params, "template");
    const struct template *template = find_template(project->server, text);
    if (!template) {
        gw_refuse(call, -ENOENT, "server %s has no template '%s': see gns3.template.list",
                  project->server->name, text ? text : "");
        return 0;
    }
    struct act *act = act_new(call, project->server, project->id, NULL);
    if (!act)
        return 0;
    act->data = creation_new(project);
    if (!act->data) {
        act_refuse(act, -ENOMEM, "out of memory");
        return 0;
    }
    act->free_data = creation_free;
    struct text body = {0};
    create_body(params, template, &body);
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/templates/%s", project->project_id,
             template->template_id);
    act_send(act,
             &(struct act_request){.method = "POST",
                                   .path = path,
                                   .body = text_string(&body),
                                   .timeout_ms = NODE_TIMEOUT_MS},
             create_done);
    text_fini(&body);
    return 0;
}

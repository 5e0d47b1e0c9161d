/* commands_link.c - the commands on links.
 *
 * GNS3 3.0.0 to 3.0.6 never clears a link's filters: what was suspended stays dead, and a filter
 * that was removed stays. There these commands ask for `force`. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILTERS_FIXED_IN = 7 }; /* 3.0.7 */

static bool filters_stay(const struct server *server)
{
    const char *version = client_version(server->client);
    if (strncmp(version, "3.0.", 4) != 0)
        return false;
    char *end;
    long patch = strtol(version + 4, &end, 10);
    return end != version + 4 && patch < FILTERS_FIXED_IN;
}

static bool link_may(const struct link *link, struct gw_call *call)
{
    const struct server *server = link->project->server;
    if (!filters_stay(server) || gw_bool(gw_call_params(call), "force"))
        return true;
    gw_refuse(call, -EBUSY,
              "GNS3 %s on server %s never clears a link's filters: the link would stay as it then "
              "is, even after a resume, until one of its nodes is stopped and started. To do it "
              "all the same, give force=yes.",
              client_version(server->client), server->name);
    return false;
}

static void link_read(struct act *act)
{
    struct link *link = act_link(act);
    if (link)
        act_reply_object(act, "gns3.link", link->id);
}

static void link_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    if (project)
        act_read(act, project_job(project, JOB_LINKS), link_read);
}

static void link_put_request(struct link *link, struct gw_call *call, const char *body)
{
    struct project *project = link->project;
    struct act *act = act_new(call, project->server, project->id, link->id);
    if (!act)
        return;
    if (filters_stay(project->server))
        act_warn(act,
                 "GNS3 %s never clears a link's filters: what was set stays in force until "
                 "one of the link's nodes is stopped and started.",
                 client_version(project->server->client));
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/links/%s", project->project_id, link->link_id);
    act_send(act, &(struct act_request){.method = "PUT", .path = path, .body = body}, link_done);
}

int command_link_update(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    struct link *link = find_link(gw_data(self), call, "id");
    if (!link || !link_may(link, call))
        return 0;
    struct text body = {0};
    text_open(&body, NULL, '{');
    if (gw_has(params, "filters"))
        text_json_member(&body, "filters", gw_string(params, "filters"));
    if (gw_has(params, "suspend"))
        text_bool_member(&body, "suspend", gw_bool(params, "suspend"));
    text_close(&body, '}');
    link_put_request(link, call, text_string(&body));
    text_fini(&body);
    return 0;
}

int command_link_suspend(struct gw_plugin *self, struct gw_call *call)
{
    struct link *link = find_link(gw_data(self), call, "id");
    if (link && link_may(link, call))
        link_put_request(link, call, "{\"suspend\":true}");
    return 0;
}

int command_link_resume(struct gw_plugin *self, struct gw_call *call)
{
    struct link *link = find_link(gw_data(self), call, "id");
    if (link)
        link_put_request(link, call, "{\"suspend\":false}");
    return 0;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static void delete_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    struct project *project = act_project(act);
    struct link *link = project && act->id ? link_by_id(project, act->id) : NULL;
    if (link)
        link->missing = 1; /* one list without it is enough: we asked for this */
    if (project)
        act_read(act, project_job(project, JOB_LINKS), act_reply_deleted);
}

int command_link_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct link *link = find_link(gw_data(self), call, "id");
    struct act *act =
        link ? act_new(call, link->project->server, link->project->id, link->id) : NULL;
    if (!act)
        return 0;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/links/%s", link->project->project_id, link->link_id);
    act_send(act, &(struct act_request){.method = "DELETE", .path = path}, delete_done);
    return 0;
}

/* ---- create ---------------------------------------------------------------------------------- */

static void create_read(struct act *act)
{
    struct project *project = act_project(act);
    const struct link *link = project && act->data ? link_of(project, act->data) : NULL;
    if (link)
        act_reply_object(act, "gns3.link", link->id);
    else if (project)
        act_refuse(act, -EIO, "GNS3 took the command, but the new link has not appeared");
}

static void create_done(struct act *act, const struct client_answer *answer)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    json_t *json = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    const char *link_id = member_id(json, "link_id");
    act->data = link_id ? strdup(link_id) : NULL;
    act->free_data = free;
    json_decref(json);
    act_read(act, project_job(project, JOB_LINKS), create_read);
}

/* false: the call has been refused. */
static bool create_ends(struct gw_call *call, const struct project *project, struct text *body)
{
    const struct gw_values *params = gw_call_params(call);
    text_open(body, "nodes", '[');
    for (size_t i = 0; i < 2; i++) {
        const struct gw_values *end = gw_table_at(params, "nodes", i);
        const char *id = gw_string(end, "node");
        const struct node *node = find_node_in(project, id);
        if (!node) {
            gw_refuse(call, -ENOENT, "project %s has no node '%s'", project->name, id ? id : "");
            return false;
        }
        text_open(body, NULL, '{');
        text_string_member(body, "node_id", node->node_id);
        text_int_member(body, "adapter_number", gw_int(end, "adapter_number"));
        text_int_member(body, "port_number", gw_int(end, "port_number"));
        text_close(body, '}');
    }
    text_close(body, ']');
    return true;
}

int command_link_create(struct gw_plugin *self, struct gw_call *call)
{
    struct project *project = find_project(gw_data(self), call, "project");
    if (!project)
        return 0;
    struct text body = {0};
    text_open(&body, NULL, '{');
    bool known = create_ends(call, project, &body);
    text_close(&body, '}');
    struct act *act = known ? act_new(call, project->server, project->id, NULL) : NULL;
    char path[512];
    snprintf(path, sizeof path, "/projects/%s/links", project->project_id);
    if (act)
        act_send(act,
                 &(struct act_request){.method = "POST", .path = path, .body = text_string(&body)},
                 create_done);
    text_fini(&body);
    return 0;
}

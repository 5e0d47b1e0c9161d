/* commands_project.c - the commands on single projects. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROJECT_TIMEOUT_MS = 290000 };

static void project_path(const struct project *project, const char *verb, char *path, size_t size)
{
    snprintf(path, size, "/projects/%s%s", project->project_id, verb);
}

static struct act *project_act(struct gw_plugin *self, struct gw_call *call, const char *verb,
                               char *path, size_t size)
{
    struct project *project = find_project(gw_data(self), call, "id");
    if (!project)
        return NULL;
    project_path(project, verb, path, size);
    return act_new(call, project->server, project->id, NULL);
}

/* ---- After the change: the list of projects, then what is in this one ------------------------ */

static void project_reply(struct act *act)
{
    struct project *project = act_project(act);
    if (project)
        act_reply_object(act, "gns3.project", project->id);
}

static void project_listed(struct act *act)
{
    struct project *project = act_project(act);
    if (!project)
        return;
    act_read(act, project_job(project, JOB_NODES), project_reply);
    act_read(act, project_job(project, JOB_LINKS), project_reply);
}

static void project_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    job_forget(server_job(act->server, JOB_PROJECTS));
    act_read(act, server_job(act->server, JOB_PROJECTS), project_listed);
}

/* ---- open, close, update --------------------------------------------------------------------- */

int command_project_open(struct gw_plugin *self, struct gw_call *call)
{
    char path[512];
    struct act *act = project_act(self, call, "/open", path, sizeof path);
    if (act)
        act_send(
            act,
            &(struct act_request){
                .method = "POST", .path = path, .body = "{}", .timeout_ms = PROJECT_TIMEOUT_MS},
            project_done);
    return 0;
}

int command_project_close(struct gw_plugin *self, struct gw_call *call)
{
    char path[512];
    struct act *act = project_act(self, call, "/close", path, sizeof path);
    if (act)
        act_send(
            act,
            &(struct act_request){
                .method = "POST", .path = path, .body = "{}", .timeout_ms = PROJECT_TIMEOUT_MS},
            project_done);
    return 0;
}

static void flags_body(const struct gw_values *params, struct text *body)
{
    static const char *const flags[] = {"auto_close", "auto_open", "auto_start"};
    text_open(body, NULL, '{');
    if (gw_has(params, "name"))
        text_string_member(body, "name", gw_string(params, "name"));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (gw_has(params, flags[i]))
            text_bool_member(body, flags[i], gw_bool(params, flags[i]));
    text_close(body, '}');
}

int command_project_update(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    char path[512];
    struct act *act = project_act(self, call, "", path, sizeof path);
    if (!act)
        return 0;
    struct project *project = act_project(act);
    if (project && project->followed && gw_bool(params, "auto_close"))
        act_warn(act, "gnswatch follows this project's feed: when it stops and no one else "
                      "listens, GNS3 will close the project.");
    struct text body = {0};
    flags_body(params, &body);
    if (project)
        act_send(act,
                 &(struct act_request){.method = "PUT", .path = path, .body = text_string(&body)},
                 project_done);
    text_fini(&body);
    return 0;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static void delete_done(struct act *act, const struct client_answer *answer)
{
    (void)answer;
    for (size_t p = 0; act->project && p < act->server->project_count; p++)
        if (strcmp(act->server->projects[p]->id, act->project) == 0)
            act->server->projects[p]->missing = 1; /* one list without it is enough */
    job_forget(server_job(act->server, JOB_PROJECTS));
    act_read(act, server_job(act->server, JOB_PROJECTS), act_reply_deleted);
}

int command_project_delete(struct gw_plugin *self, struct gw_call *call)
{
    char path[512];
    struct act *act = project_act(self, call, "", path, sizeof path);
    if (act)
        act_send(act,
                 &(struct act_request){
                     .method = "DELETE", .path = path, .timeout_ms = PROJECT_TIMEOUT_MS},
                 delete_done);
    return 0;
}

/* ---- create, duplicate: the answer names the new project ------------------------------------- */

static void created_done(struct act *act, const struct client_answer *answer)
{
    json_t *json = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    bool taken = project_apply(act->server, json, 0, true) == 0;
    struct project *project = taken ? project_of(act->server, member_id(json, "project_id")) : NULL;
    json_decref(json);
    if (!project) {
        act_refuse(act, -EIO, "GNS3 took the command, but its answer is no project");
        return;
    }
    keep(&act->project, project->id);
    project_done(act, answer);
}

int command_project_create(struct gw_plugin *self, struct gw_call *call)
{
    struct server *server = find_server(gw_data(self), call, "server");
    struct act *act = server ? act_new(call, server, NULL, NULL) : NULL;
    if (!act)
        return 0;
    struct text body = {0};
    flags_body(gw_call_params(call), &body);
    act_send(
        act,
        &(struct act_request){.method = "POST", .path = "/projects", .body = text_string(&body)},
        created_done);
    text_fini(&body);
    return 0;
}

int command_project_duplicate(struct gw_plugin *self, struct gw_call *call)
{
    char path[512];
    struct act *act = project_act(self, call, "/duplicate", path, sizeof path);
    if (!act)
        return 0;
    struct text body = {0};
    text_open(&body, NULL, '{');
    text_string_member(&body, "name", gw_string(gw_call_params(call), "name"));
    text_close(&body, '}');
    act_send(act,
             &(struct act_request){.method = "POST",
                                   .path = path,
                                   .body = text_string(&body),
                                   .timeout_ms = PROJECT_TIMEOUT_MS},
             created_done);
    text_fini(&body);
    return 0;
}

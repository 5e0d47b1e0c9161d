/* commands_server.c - commands on whole servers, and the list of templates. */
#include "act.h"
#include "commands.h"
#include "inventory.h"
#include "poll.h"

#include <stdlib.h>
#include <string.h>

/* ---- test: one question, as any other command, so credentials and all are tried -------------- */

static void test_done(struct act *act, const struct client_answer *answer)
{
    struct server *server = act->server;
    struct text reply = {0};
    text_open(&reply, NULL, '{');
    text_string_member(&reply, "server", server->name);
    text_string_member(&reply, "version", client_version(server->client));
    text_string_member(&reply, "api", client_api(server->client) == 2 ? "v2" : "v3");
    text_number_member(&reply, "answer_ms", (double)(int64_t)(answer->total_ms * 10) / 10);
    text_close(&reply, '}');
    act_reply(act, text_string(&reply));
    text_fini(&reply);
}

int command_server_test(struct gw_plugin *self, struct gw_call *call)
{
    struct server *server = find_server(gw_data(self), call, "id");
    struct act *act = server ? act_new(call, server, NULL, NULL) : NULL;
    if (act) /* needs credentials, which /version does not */
        act_send(act, &(struct act_request){.path = "/projects"}, test_done);
    return 0;
}

/* ---- sync: everything is read again ---------------------------------------------------------- */

static void sync_read(struct act *act)
{
    struct server *server = act->server;
    server_put(server);
    act_reply_object(act, "gns3.server", server->name);
}

static void sync_projects(struct act *act)
{
    struct server *server = act->server;
    for (size_t p = 0; p < server->project_count; p++)
        for (size_t i = 0; i < PROJECT_JOBS; i++) {
            job_forget(&server->projects[p]->jobs[i]);
            act_read(act, &server->projects[p]->jobs[i], sync_read);
        }
    job_forget(server_job(server, JOB_TEMPLATES));
    act_read(act, server_job(server, JOB_TEMPLATES), sync_read);
}

int command_server_sync(struct gw_plugin *self, struct gw_call *call)
{
    struct server *server = find_server(gw_data(self), call, "id");
    struct act *act = server ? act_new(call, server, NULL, NULL) : NULL;
    if (!act)
        return 0;
    job_forget(server_job(server, JOB_PROJECTS));
    job_ask(server_job(server, JOB_COMPUTES), NULL, NULL);
    job_ask(server_job(server, JOB_STATISTICS), NULL, NULL);
    act_read(act, server_job(server, JOB_PROJECTS), sync_projects);
    return 0;
}

/* ---- templates ------------------------------------------------------------------------------- */

static void templates_list(struct act *act)
{
    char *text = gw_object_list(act->gns3->self, "gns3.template");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    json_t *mine = json_array();
    gw_free(text);
    size_t i;
    json_t *json;
    json_array_foreach(list, i, json)
    {
        const char *server = member_text(json, "server");
        if (server && strcmp(server, act->server->name) == 0)
            json_array_append(mine, json);
    }
    json_t *reply = json_object();
    json_object_set_new(reply, "templates", mine);
    char *answer = json_dumps(reply, JSON_COMPACT);
    act_reply(act, answer);
    free(answer);
    json_decref(reply);
    json_decref(list);
}

int command_template_list(struct gw_plugin *self, struct gw_call *call)
{
    struct server *server = find_server(gw_data(self), call, "server");
    struct act *act = server ? act_new(call, server, NULL, NULL) : NULL;
    if (act)
        act_read(act, server_job(server, JOB_TEMPLATES), templates_list);
    return 0;
}

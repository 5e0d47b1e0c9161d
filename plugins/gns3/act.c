/* act.c - see act.h. Knows how a command goes on and ends, not what it does. */
#include "act.h"

#include "inventory.h"
#include "operation.h"
#include "poll.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sent {
    struct act *act;
    act_answer_fn *then;
    bool keep_refusals;
};

struct act *act_new(struct gw_call *call, struct server *server, const char *project,
                    const char *id)
{
    struct act *act = calloc(1, sizeof *act);
    if (!act) {
        gw_refuse(call, -ENOMEM, "out of memory");
        return NULL;
    }
    *act = (struct act){
        .next = server->gns3->acts, .gns3 = server->gns3, .server = server, .call = call};
    act->begun_ms = gw_monotonic_ms(server->gns3->self);
    keep(&act->project, project);
    keep(&act->id, id);
    server->gns3->acts = act;
    return act;
}

static void act_free(struct act *act)
{
    if (act->free_data)
        act->free_data(act->data);
    free(act->project);
    free(act->id);
    free(act->warning);
    free(act);
}

/* The call is answered. The memory stays until the last callback has come. */
void act_end(struct act *act)
{
    for (struct act **at = &act->gns3->acts; *at; at = &(*at)->next)
        if (*at == act) {
            *at = act->next;
            break;
        }
    gw_timer_stop(act->timer);
    act->timer = NULL;
    act->call = NULL;
    if (act->pending == 0)
        act_free(act);
}

void act_stop_all(struct gns3 *gns3)
{
    while (gns3->acts)
        act_refuse(gns3->acts, -ECANCELED, "gnswatch stops watching this server");
}

bool act_arrived(struct act *act)
{
    act->pending--;
    if (act->call)
        return true;
    if (act->pending == 0)
        act_free(act);
    return false;
}

static bool act_cancelled(struct act *act)
{
    if (!gw_call_cancelled(act->call) && !act->gns3->stopping)
        return false;
    act_refuse(act, -ECANCELED, "cancelled");
    return true;
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void act_on_answer(struct client *client, const struct client_answer *answer, void *data)
{
    (void)client;
    struct sent sent = *(struct sent *)data;
    free(data);
    if (!act_arrived(sent.act))
        return;
    bool refused = answer->error || answer->status >= 400;
    if (refused && !sent.keep_refusals)
        act_refuse_answer(sent.act, answer);
    else if (sent.act->gns3->stopping)
        act_refuse(sent.act, -ECANCELED, "gnswatch stops watching this server");
    else
        sent.then(sent.act, answer);
}

void act_send(struct act *act, const struct act_request *request, act_answer_fn *then)
{
    struct sent *sent = malloc(sizeof *sent);
    if (!sent) {
        act_refuse(act, -ENOMEM, "out of memory");
        return;
    }
    *sent = (struct sent){act, then, request->keep_refusals};
    bool get = !request->method || strcmp(request->method, "GET") == 0;
    struct client_ask ask = {.method = request->method,
                             .path = request->path,
                             .body = request->body,
                             .body_file = request->body_file,
                             .save_file = request->save_file,
                             .idempotent = get || strcmp(request->method, "POST") != 0,
                             .timeout_ms = request->timeout_ms,
                             .on_done = act_on_answer,
                             .data = sent};
    int error = client_send(act->server->client, &ask);
    if (error < 0) {
        free(sent);
        act_refuse(act, -EIO, "GNS3 server %s cannot be asked now: too many requests wait",
                   act->server->name);
        return;
    }
    act->pending++;
}

/* ---- Reads ----------------------------------------------------------------------------------- */

static void act_on_read(void *data, int error, const char *text)
{
    struct act *act = data;
    act->reads--;
    if (error < 0 && act->error == 0) {
        act->error = error;
        snprintf(act->text, sizeof act->text, "%s", text ? text : "");
    }
    if (!act_arrived(act) || act->reads > 0)
        return;
    if (act->gns3->stopping) /* act_stop_all says it */
        return;
    if (act->error < 0)
        act_refuse(act, act->error == -ENOENT ? -ENOENT : -EIO,
                   "done, but what came of it could not be read: %s", act->text);
    else if (!act_cancelled(act))
        act->then(act);
}

void act_read(struct act *act, struct job *job, act_step_fn *then)
{
    act->then = then;
    act->reads++;
    act->pending++;
    job_ask(job, act_on_read, act);
}

static void act_on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct act *act = data;
    act->timer = NULL;
    if (!act_cancelled(act))
        act->then(act);
}

void act_wait(struct act *act, int64_t delay_ms, act_step_fn *then)
{
    act->then = then;
    act->timer = gw_timer_start(act->gns3->self, delay_ms, 0, act_on_time, act);
}

/* ---- Answers --------------------------------------------------------------------------------- */

void act_warn(struct act *act, const char *format, ...)
{
    char text[800];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    keep(&act->warning, text);
}

static void act_measure(struct act *act, bool done)
{
    int64_t took_ms = gw_monotonic_ms(act->gns3->self) - act->begun_ms;
    operation_note(act->server, gw_call_command(act->call), took_ms, done);
}

void act_reply(struct act *act, const char *json)
{
    act_measure(act, true);
    gw_reply(act->call, json);
    act_end(act);
}

void act_reply_deleted(struct act *act)
{
    act_reply(act, "{\"deleted\":true}");
}

void act_reply_object(struct act *act, const char *kind, const char *id)
{
    char *text = gw_object_get(act->gns3->self, kind, id);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    if (json && act->warning)
        json_object_set_new(json, "warning", json_string(act->warning));
    char *reply = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    act_measure(act, reply != NULL);
    if (reply)
        gw_reply(act->call, reply);
    else
        gw_refuse(act->call, -ENOENT, "done, but it is gone meanwhile");
    free(reply);
    act_end(act);
}

void act_refuse(struct act *act, int error, const char *format, ...)
{
    char text[900];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    act_measure(act, false);
    gw_refuse(act->call, error, "%s", text);
    act_end(act);
}

static bool says(const struct client_answer *answer, const char *part)
{
    return answer->text && strstr(answer->text, part);
}

int answer_error(const struct client_answer *answer)
{
    if (answer->error)
        return answer->error == -ETIMEDOUT || answer->error == -ECANCELED ? answer->error : -EIO;
    switch (answer->status) {
    case 400:
    case 405:
    case 422:
        return -EINVAL;
    case 401:
        return -EPERM;
    case 403:
        return says(answer, "not opened") ? -EBUSY : -EPERM;
    case 404:
        return -ENOENT;
    case 409:
        return says(answer, "already exists") ? -EEXIST : -EBUSY;
    default:
        return -EIO;
    }
}

const char *answer_advice(const struct client_answer *answer)
{
    if (answer->error)
        return "";
    if (answer->status == 401)
        return " Check `user` and `password` of this server in conf.d.";
    if (answer->status == 403 && says(answer, "not opened"))
        return " Open the project first (gns3.project.open).";
    if (answer->status == 403)
        return " The user gnswatch logs in as needs more rights on this server.";
    if (answer->status == 409 && says(answer, "must be stopped"))
        return " Stop its nodes first (gns3.project.stop_all); switches and clouds may run on.";
    return "";
}

void act_refuse_answer(struct act *act, const struct client_answer *answer)
{
    const char *text = answer->text ? answer->text : "it gave no reason";
    size_t length = strlen(text);
    act_refuse(act, answer_error(answer), "GNS3 server %s: %s%s%s", act->server->name, text,
               length && strchr(".!?", text[length - 1]) ? "" : ".", answer_advice(answer));
}

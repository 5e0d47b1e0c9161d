/* Commands: calls that are waited for a while and then become jobs. */
#include "api/live.h"
#include "api/object_routes.h"
#include "api/route.h"
#include "api/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_DEFAULT_MS = 1000, WAIT_MAX_S = 60, TICK_MS = 100 };

/* A call under way: told of its end on any thread, at most once. */
struct command_wait {
    struct inbox_item item;
    struct command_wait *previous, *next; /* in api->waiting while `request` waits */
    struct inbox *inbox;
    struct request *request; /* NULL once answered 202; the service thread's */
    struct gw_call *call;
    int64_t until_ms;
    bool listed;
};

static void wait_free(struct command_wait *wait)
{
    if (wait->call)
        call_unref(wait->call);
    inbox_unref(wait->inbox);
    free(wait);
}

static void drop(void *data)
{
    struct command_wait *wait = data;
    request_free(wait->request);
    wait_free(wait);
}

static void unlist(struct api *api, struct command_wait *wait)
{
    if (!wait->listed)
        return;
    if (wait->previous)
        wait->previous->next = wait->next;
    else
        api->waiting = wait->next;
    if (wait->next)
        wait->next->previous = wait->previous;
    wait->listed = false;
    if (!api->waiting)
        uv_timer_stop(&api->tick);
}

/* {"detail":"…"} of a call that failed. */
static void answer_failed(struct request *request, int error, const struct buf *result)
{
    json_t *json = json_loadb(result->data ? result->data : "", result->len, 0, NULL);
    const char *detail = json_string_value(json_object_get(json, "detail"));
    request_errno(request, error, detail ? detail : "The command failed");
    json_decref(json);
}

static void answer_done(struct request *request, struct gw_call *call, int error)
{
    if (error == 0) {
        call_result(call, &request->out);
        request_json(request, 200);
        return;
    }
    struct buf result;
    buf_init(&result, ANSWER_MAX_BYTES);
    call_result(call, &result);
    answer_failed(request, error, &result);
    buf_fini(&result);
}

static void answer_job(struct request *request, struct gw_call *call)
{
    call_json(call, &request->out);
    request_json(request, 202);
    snprintf(request->location, sizeof(request->location), "/api/v1/jobs/%s", call_id(call));
}

static void say_job(struct api *api, struct gw_call *call)
{
    struct buf job;
    buf_init(&job, LIVE_QUEUE_BYTES);
    call_json(call, &job);
    if (!buf_error(&job))
        live_say_job(api->live, job.data);
    buf_fini(&job);
}

static void ended(struct api *api, void *data)
{
    struct command_wait *wait = data;
    int error = 0;
    if (wait->call && call_done(wait->call, &error)) {
        say_job(api, wait->call);
        if (wait->request) {
            answer_done(wait->request, wait->call, error);
            request_done(wait->request);
        }
    } else if (wait->request) {
        request_problem(wait->request, 500, "The command ended without an answer");
        request_done(wait->request);
    }
    unlist(api, wait);
    wait_free(wait);
}

static void on_done(void *data, struct gw_call *call)
{
    (void)call;
    struct command_wait *wait = data;
    inbox_post(wait->inbox, &wait->item, ended, drop, wait);
}

static void on_tick(uv_timer_t *timer)
{
    command_waits_tick(timer->data);
}

void command_waits_tick(struct api *api)
{
    int64_t now_ms = clock_monotonic_ms(api->clock);
    for (struct command_wait *wait = api->waiting; wait;) {
        struct command_wait *next = wait->next;
        bool gone = wait->request->gone;
        if (gone || now_ms >= wait->until_ms) {
            struct request *request = wait->request;
            wait->request = NULL;
            unlist(api, wait);
            if (!gone)
                answer_job(request, wait->call);
            request_done(request);
        }
        wait = next;
    }
}

/* The connections are closed: nobody waits any more; the calls go on. */
void command_waits_end(struct api *api)
{
    while (api->waiting) {
        struct command_wait *wait = api->waiting;
        unlist(api, wait);
        request_free(wait->request);
        wait->request = NULL;
    }
}

static void list(struct api *api, struct command_wait *wait)
{
    wait->next = api->waiting;
    if (wait->next)
        wait->next->previous = wait;
    api->waiting = wait;
    wait->listed = true;
    if (!uv_is_active((uv_handle_t *)&api->tick)) {
        api->tick.data = api;
        uv_timer_start(&api->tick, on_tick, TICK_MS, TICK_MS);
    }
}

static bool answer_refused(struct request *request, int error, const char *name,
                           const struct problems *problems)
{
    if (error == -EINVAL && problems->count > 0)
        return request_problems(request, problems);
    if (error == -ENOENT)
        return request_problem(request, 404, "There is %s",
                               problems->count ? problems->list[0].what : "no such command");
    if (error == -EPERM)
        return request_problem(request, request->role ? 403 : 401,
                               "The command %s needs a higher role than yours", name);
    if (error == -EAGAIN)
        return request_errno(request, error, "Too many calls are waiting; try again");
    return request_errno(request, error, "The command could not be started");
}

/* Takes `params`. */
static bool call(struct request *request, const char *name, json_t *params, int64_t wait_ms)
{
    struct api *api = request->api;
    struct command_wait *wait = calloc(1, sizeof(*wait));
    struct problems problems;
    problems_init(&problems);
    struct caller caller = {
        .name = request->caller, .via = request->on_socket ? "cli" : "rest", .role = request->role};
    int error = -ENOMEM;
    if (wait) {
        wait->request = request;
        wait->inbox = inbox_ref(api->inbox);
        wait->until_ms = clock_monotonic_ms(api->clock) + wait_ms;
        error = commands_call(api->parts.commands, name, params, &caller, on_done, wait, &problems,
                              &wait->call);
    }
    json_decref(params);
    if (!error) {
        list(api, wait);
    } else {
        answer_refused(request, error, name, &problems);
        if (wait)
            wait_free(wait);
    }
    problems_fini(&problems);
    return error != 0;
}

/* The body as an object; NULL: answered. */
static json_t *read_params(struct request *request)
{
    json_error_t error;
    if (request->body.len == 0)
        return json_object();
    json_t *params =
        json_loadb(request->body.data, request->body.len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(params))
        return params;
    if (params)
        request_problem(request, 400, "The body must be a JSON object");
    else
        request_problem(request, 400, "The body is not JSON: line %d, column %d: %s", error.line,
                        error.column, error.text);
    json_decref(params);
    return NULL;
}

static bool check_wait(struct request *request, int64_t *wait_ms)
{
    int64_t wait_s;
    if (!request_int(request, "wait", 0, WAIT_MAX_S, -1, &wait_s))
        return false;
    *wait_ms = wait_s < 0 ? WAIT_DEFAULT_MS : wait_s * 1000;
    return true;
}

bool command_answer(struct request *request, const char *name, const char *id)
{
    int64_t wait_ms;
    if (request->role == 0)
        return request_unknown_caller(request);
    if (!check_wait(request, &wait_ms))
        return true;
    json_t *params = read_params(request);
    if (!params)
        return true;
    if (id)
        json_object_set_new(params, "id", json_string(id));
    return call(request, name, params, wait_ms);
}

static bool post_command(struct request *request)
{
    return command_answer(request, request->captures[0], NULL);
}

static void add_command(void *data, const struct gw_command *command)
{
    static const char *const roles[] = {
        [GW_VIEWER] = "viewer", [GW_OPERATOR] = "operator", [GW_ADMIN] = "admin"};
    struct buf *out = data;
    buf_adds(out, out->data[out->len - 1] == '[' ? "{\"name\":" : ",{\"name\":");
    buf_json_string(out, command->name);
    buf_adds(out, ",\"help\":");
    buf_json_string(out, command->help);
    buf_printf(out,
               ",\"role\":\"%s\",\"params\":", roles[command->role ? command->role : GW_ADMIN]);
    table_schema(command->params, true, out);
    buf_adds(out, ",\"result\":");
    table_schema(command->result, false, out);
    buf_addc(out, '}');
}

static bool get_commands(struct request *request)
{
    buf_adds(&request->out, "{\"items\":[");
    commands_each(request->api->parts.commands, add_command, &request->out);
    buf_adds(&request->out, "]}");
    return request_json_tagged(request);
}

static bool get_history(struct request *request)
{
    int64_t limit;
    if (!request_int(request, "limit", 1, 1000, 50, &limit))
        return true;
    return answer_from_store(request, STORE_ASK_COMMANDS, NULL, (size_t)limit, NULL);
}

const struct gw_row wait_query[] = {
    {.name = "wait",
     .type = GW_INT,
     .min = 0,
     .max = WAIT_MAX_S,
     .unit = "s",
     .help = "How long to wait for the result before the answer is 202 and a job; 1 if absent"},
    {0},
};
static const struct gw_row history_query[] = {
    {.name = "limit",
     .type = GW_INT,
     .def = "50",
     .min = 1,
     .max = 1000,
     .help = "How many at most, the latest first"},
    {0},
};
static const struct gw_row command_item[] = {
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "help", .type = GW_STRING, .help = "What it does"},
    {.name = "role", .type = GW_ENUM, .choices = "viewer|operator|admin", .help = "Role needed"},
    {.name = "params", .type = GW_JSON, .help = "JSON Schema of the parameters"},
    {.name = "result", .type = GW_JSON, .help = "JSON Schema of the result"},
    {0},
};
static const struct gw_row commands_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = command_item, .help = "Commands"},
    {0},
};
static const struct gw_row items_answer[] = {
    {.name = "items", .type = GW_JSON, .help = "A list"},
    {0},
};

const struct route command_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/commands",
     .handle = get_commands,
     .role = GW_VIEWER,
     .id = "listCommands",
     .tag = "commands",
     .help = "Commands there are",
     .answer = commands_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/commands/history",
     .handle = get_history,
     .role = GW_VIEWER,
     .id = "listCommandHistory",
     .tag = "commands",
     .help = "Who asked for what, and what came of it",
     .query = history_query,
     .answer = items_answer},
    {.method = METHOD_POST,
     .path = "/api/v1/commands/{name}",
     .handle = post_command,
     .role = GW_VIEWER,
     .id = "callCommand",
     .tag = "commands",
     .help = "Calls any command by name; the body is its parameters",
     .captures = {"Name of a command, for example gns3.node.start"},
     .query = wait_query},
    {0},
};

/* Jobs: calls that took over a second. */
#include "api/route.h"
#include "api/server.h"

#include <string.h>

static bool get_jobs(struct request *request)
{
    buf_adds(&request->out, "{\"items\":");
    commands_jobs(request->api->parts.commands, &request->out);
    buf_addc(&request->out, '}');
    return request_json(request, 200);
}

static struct gw_call *find(struct request *request)
{
    struct gw_call *call = commands_job(request->api->parts.commands, request->captures[0]);
    if (!call)
        request_problem(request, 404,
                        "There is no job '%.40s'; finished ones are kept for an hour, the history "
                        "of commands has the rest",
                        request->captures[0]);
    return call;
}

static bool get_job(struct request *request)
{
    struct gw_call *call = find(request);
    if (!call)
        return true;
    call_json(call, &request->out);
    call_unref(call);
    return request_json(request, 200);
}

static bool cancel_job(struct request *request)
{
    struct gw_call *call = find(request);
    if (!call)
        return true;
    call_cancel(call);
    call_json(call, &request->out);
    call_unref(call);
    return request_json(request, 200);
}

static const struct gw_row log_line[] = {
    {.name = "time", .type = GW_INT, .help = "Milliseconds since 1970"},
    {.name = "text", .type = GW_STRING, .help = "A sentence"},
    {0},
};
static const struct gw_row job[] = {
    {.name = "id", .type = GW_STRING, .help = "Id"},
    {.name = "command", .type = GW_STRING, .help = "Name of the command"},
    {.name = "caller", .type = GW_STRING, .help = "Who asked"},
    {.name = "via", .type = GW_STRING, .help = "rest, cli or plugin"},
    {.name = "params", .type = GW_JSON, .help = "Parameters, secrets masked"},
    {.name = "state",
     .type = GW_ENUM,
     .choices = "waiting|running|done|failed|cancelled",
     .help = "How far it is"},
    {.name = "progress", .type = GW_NUMBER, .help = "0 to 1"},
    {.name = "log", .type = GW_TABLES, .rows = log_line, .help = "What it said"},
    {.name = "started", .type = GW_INT, .help = "Milliseconds since 1970"},
    {.name = "ended", .type = GW_JSON, .help = "Milliseconds since 1970, or null"},
    {.name = "status", .type = GW_JSON, .help = "The status a waiting caller would have got"},
    {.name = "result", .type = GW_JSON, .help = "The result, or null"},
    {.name = "error", .type = GW_JSON, .help = "A sentence, or null"},
    {0},
};
static const struct gw_row jobs_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = job, .help = "Jobs, the latest first"},
    {0},
};

const struct route job_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/jobs",
     .handle = get_jobs,
     .role = GW_VIEWER,
     .id = "listJobs",
     .tag = "jobs",
     .help = "Calls of the last hour",
     .answer = jobs_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/jobs/{id}",
     .handle = get_job,
     .role = GW_VIEWER,
     .id = "getJob",
     .tag = "jobs",
     .help = "One job",
     .captures = {"Id of the job"},
     .answer = job},
    {.method = METHOD_POST,
     .path = "/api/v1/jobs/{id}/cancel",
     .handle = cancel_job,
     .role = GW_OPERATOR,
     .id = "cancelJob",
     .tag = "jobs",
     .help = "Cancels a job",
     .captures = {"Id of the job"},
     .answer = job},
    {0},
};

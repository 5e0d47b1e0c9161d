/* commands.c - what one can ask for. */
#include "traffic.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* NULL: the call has been refused. */
static struct project *find(struct traffic *traffic, struct gw_call *call, const char *parameter)
{
    const char *name = gw_string(gw_call_params(call), parameter);
    size_t count;
    struct project *project = lab_project_named(&traffic->lab, name, &count);
    if (!project && count == 0)
        gw_refuse(call, -ENOENT, "there is no project '%s'", name);
    else if (!project)
        gw_refuse(call, -EINVAL, "%zu projects are called '%s': name it server/name", count, name);
    return project;
}

static int reply_object(struct gw_plugin *self, struct gw_call *call, const char *kind,
                        const char *id)
{
    char *text = gw_object_get(self, kind, id);
    int error = text ? gw_reply(call, text) : gw_refuse(call, -ENOENT, "%s %s has gone", kind, id);
    gw_free(text);
    return error;
}

static int reply_project(struct traffic *traffic, struct gw_call *call, struct project *project)
{
    object_project(traffic, project);
    return reply_object(traffic->self, call, "traffic.project", project->id);
}

static int reply_switch(struct traffic *traffic, struct gw_call *call)
{
    switch_turn(traffic);
    object_switch(traffic);
    return reply_object(traffic->self, call, "traffic.switch", "active");
}

/* ---- The commands ---------------------------------------------------------------------------- */

static json_t *rate_or_null(double rate)
{
    json_t *json = json_real(rate); /* none for NaN */
    return json ? json : json_null();
}

static void tell_project(struct traffic *traffic, const struct project *project, json_t *list)
{
    char *text = gw_object_get(traffic->self, "traffic.project", project->id);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    if (!json)
        return;
    json_object_set_new(json, "packets_s", rate_or_null(project->flow.packets_s));
    json_object_set_new(json, "bytes_s", rate_or_null(project->flow.bytes_s));
    json_array_append_new(list, json);
}

static int run_status(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    const struct project *project = NULL;
    bool one = gw_has(gw_call_params(call), "project");
    if (one && !(project = find(traffic, call, "project")))
        return 0;
    json_t *list = json_array();
    if (one)
        tell_project(traffic, project, list);
    else
        TAILQ_FOREACH(project, &traffic->lab.projects, entry)
    tell_project(traffic, project, list);
    char *text = gw_object_get(self, "traffic.switch", "active");
    json_t *all = json_pack("{s:o,s:o?}", "projects", list, "switch",
                            text ? json_loads(text, 0, NULL) : NULL);
    gw_free(text);
    char *reply = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    int error = reply ? gw_reply(call, reply) : -ENOMEM;
    free(reply);
    return error;
}

static int run_select(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    const struct project *project = find(traffic, call, "id");
    if (!project)
        return 0;
    if (traffic->selection.mode == SELECT_OFF)
        return gw_refuse(call, -EBUSY,
                         "the traffic switch is off: `mode: off` in traffic.yaml, or "
                         "traffic.auto_switch was told no");
    int64_t for_ms = gw_int(gw_call_params(call), "for");
    switch_pin(traffic, project->id, for_ms > 0 ? gw_now_ms(self) + for_ms : INT64_MAX);
    return reply_switch(traffic, call);
}

static int run_watch(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    struct project *project = find(traffic, call, "id");
    if (!project)
        return 0;
    int error = switch_watch(traffic, project->id, (int)gw_int(gw_call_params(call), "priority"));
    return error < 0 ? error : reply_project(traffic, call, project);
}

static int run_unwatch(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    struct project *project = find(traffic, call, "id");
    if (!project)
        return 0;
    int error = switch_watch(traffic, project->id, 0);
    return error < 0 ? error : reply_project(traffic, call, project);
}

static int run_keep(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    struct project *project = find(traffic, call, "id");
    if (!project)
        return 0;
    project->idling.kept_until_ms = gw_now_ms(self) + gw_int(gw_call_params(call), "for");
    project->idling.act_ms = 0; /* warned again before anything is done */
    switch_save(traffic);
    return reply_project(traffic, call, project);
}

static int run_auto_switch(struct gw_plugin *self, struct gw_call *call)
{
    struct traffic *traffic = gw_data(self);
    bool enabled = gw_bool(gw_call_params(call), "enabled");
    if (enabled)
        switch_pin(traffic, NULL, 0);
    switch_mode(traffic, enabled ? SELECT_AUTO : SELECT_MANUAL);
    return reply_switch(traffic, call);
}

/* ---- The table ------------------------------------------------------------------------------- */

/* NOLINTBEGIN(bugprone-macro-parentheses): what they make are initialisers */
#define PROJECT_ID                                                                   \
    {                                                                                \
        .name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .min = 1, .max = 511, \
        .help = "The project, by id, unique name or server/name"                     \
    }
#define SPAN(flag, least, text)                                                        \
    {                                                                                  \
        .name = "for", .type = GW_DURATION, .unit = "ms", .min = least, .max = 3.2e10, \
        .flags = flag, .help = text                                                    \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct gw_row status_params[] = {
    {.name = "project",
     .type = GW_STRING,
     .min = 1,
     .max = 511,
     .help = "Only this one, by id, unique name or server/name"},
    {0},
};
static const struct gw_row status_result[] = {
    {.name = "projects",
     .type = GW_JSON,
     .help = "traffic.project objects with packets_s and bytes_s; null: no data"},
    {.name = "switch", .type = GW_JSON, .help = "The traffic.switch object"},
    {0},
};
static const struct gw_row select_params[] = {
    PROJECT_ID,
    SPAN(0, 1000, "For how long; without, until told otherwise"),
    {0},
};
static const struct gw_row watch_params[] = {
    PROJECT_ID,
    {.name = "priority",
     .type = GW_INT,
     .def = "5",
     .min = 1,
     .max = 10,
     .help = "1 to 10; the highest is looked at first"},
    {0},
};
static const struct gw_row id_params[] = {PROJECT_ID, {0}};
static const struct gw_row keep_params[] = {
    PROJECT_ID,
    SPAN(GW_REQUIRED, 1000, "For how long nothing is done to it"),
    {0},
};
static const struct gw_row auto_params[] = {
    {.name = "enabled",
     .type = GW_BOOL,
     .flags = GW_REQUIRED,
     .help = "Yes: follow traffic, also away from what was chosen by hand; no: stay"},
    {0},
};

const struct gw_command traffic_commands[] = {
    {"traffic.status", "Which projects have traffic, and which is looked at", GW_VIEWER,
     status_params, status_result, run_status, 0},
    {"traffic.project.select", "Look at this project, whatever traffic there is", GW_OPERATOR,
     select_params, traffic_switch_rows, run_select, 0},
    {"traffic.project.watch", "Let the traffic switch consider this project", GW_OPERATOR,
     watch_params, traffic_project_rows, run_watch, 0},
    {"traffic.project.unwatch", "Leave this project out of the traffic switch", GW_OPERATOR,
     id_params, traffic_project_rows, run_unwatch, 0},
    {"traffic.project.keep", "Do nothing to this project for being idle", GW_OPERATOR, keep_params,
     traffic_project_rows, run_keep, 0},
    {"traffic.auto_switch", "Follow traffic, or stay where it is", GW_OPERATOR, auto_params,
     traffic_switch_rows, run_auto_switch, 0},
    {0},
};

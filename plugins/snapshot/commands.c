/* commands.c - what one can ask the plugin for. What takes long is a run, and the call is answered
 * when the run ends. */
#include "commands.h"

#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_MS = 7200 * 1000 };

static void reply_json(struct gw_call *call, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text)
        gw_reply(call, text);
    else
        gw_refuse(call, -ENOMEM, "out of memory");
    free(text);
}

static void refuse_full(struct gw_call *call)
{
    gw_refuse(call, -EBUSY, "%d runs wait already: look at snapshot.run", RUNS_WAITING);
}

/* The copy `id` names: by id, or a unique name. NULL: the call is refused. */
static json_t *copy_of_call(struct snap *snap, struct gw_call *call)
{
    const char *text = gw_string(gw_call_params(call), "id");
    json_t *copy = copy_get(snap, text), *each;
    const char *id;
    size_t count = copy != NULL;
    if (!copy) {
        json_object_foreach(snap->copies, id, each)
        {
            if (strcmp(member_text(each, "name"), text) == 0) {
                copy = each;
                count++;
            }
        }
    }
    if (count == 1)
        return copy;
    gw_refuse(call, count ? -EINVAL : -ENOENT, "%s '%s'",
              count ? "several snapshots are called" : "there is no snapshot", text);
    return NULL;
}

/* ---- Taking ---------------------------------------------------------------------------------- */

static int command_take(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    const char *name = gw_string(params, "name"), *mode = gw_string(params, "mode");
    json_t *project = project_find(snap, gw_string(params, "project"), call);
    char made[80];
    if (!project)
        return 0;
    if (!name) {
        struct gw_local now = {0};
        gw_local_time(NULL, gw_now_ms(self), &now);
        snprintf(made, sizeof made, "manual-%04d%02d%02d-%02d%02d%02d", now.year, now.month,
                 now.day, now.hour, now.minute, now.second);
        name = made;
    }
    if (run_of_project(snap, member_text(project, "id"), RUN_SNAPSHOT)) {
        gw_refuse(call, -EBUSY, "a snapshot of project %s is being taken",
                  member_text(project, "name"));
    } else {
        struct run_ask ask = {.kind = RUN_SNAPSHOT,
                              .project = member_text(project, "id"),
                              .project_name = member_text(project, "name"),
                              .server = member_text(project, "server"),
                              .name = name,
                              .quiesce = strcmp(mode, "quiesce") == 0,
                              .open_closed = gw_bool(params, "open"),
                              .verify = true,
                              .call = call};
        if (!run_new(snap, &ask))
            refuse_full(call);
    }
    json_decref(project);
    return 0;
}

static int command_schedule_run(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    struct schedule *schedule = schedule_find(snap, gw_string(gw_call_params(call), "id"));
    if (!schedule)
        return gw_refuse(call, -ENOENT, "there is no schedule '%s' in the file",
                         gw_string(gw_call_params(call), "id"));
    json_t *numbers = json_array();
    schedule_go(snap, schedule, numbers);
    reply_json(call, json_pack("{s:o}", "runs", numbers));
    return 0;
}

static int command_prune(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    const char *name = gw_string(params, "schedule");
    const struct schedule *schedule = schedule_find(snap, name);
    bool dry = gw_bool(params, "dry_run"), safety = strcmp(name, SAFETY_NAME) == 0;
    if (!schedule && !safety)
        return gw_refuse(call, -ENOENT, "there is no schedule '%s' in the file", name);
    reply_json(call,
               json_pack("{s:b,s:o}", "dry_run", dry, "decisions",
                         safety ? prune_safety(snap, dry) : prune_schedule(snap, schedule, dry)));
    return 0;
}

/* ---- One snapshot ---------------------------------------------------------------------------- */

static int run_on_copy(struct gw_plugin *self, struct gw_call *call, struct run_ask *ask)
{
    struct snap *snap = gw_data(self);
    const json_t *copy = copy_of_call(snap, call);
    if (!copy)
        return 0;
    ask->project = member_text(copy, "project");
    ask->project_name = member_text(copy, "project_name");
    if (!ask->server)
        ask->server = member_text(copy, "server");
    ask->of = member_text(copy, "id");
    ask->call = call;
    if (!run_new(snap, ask))
        refuse_full(call);
    return 0;
}

static int command_verify(struct gw_plugin *self, struct gw_call *call)
{
    struct run_ask ask = {.kind = RUN_VERIFY, .accept = gw_bool(gw_call_params(call), "accept")};
    return run_on_copy(self, call, &ask);
}

static int command_restore(struct gw_plugin *self, struct gw_call *call)
{
    struct run_ask ask = {.kind = RUN_RESTORE, .quiesce = gw_bool(gw_call_params(call), "quiesce")};
    return run_on_copy(self, call, &ask);
}

static int command_drill(struct gw_plugin *self, struct gw_call *call)
{
    struct run_ask ask = {.kind = RUN_DRILL, .start = gw_bool(gw_call_params(call), "start")};
    return run_on_copy(self, call, &ask);
}

static int command_import(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    const char *server = gw_string(params, "server"), *from = gw_string(params, "from");
    struct run_ask ask = {.kind = RUN_IMPORT, .name = gw_string(params, "name"), .from = from};
    json_t *about = server ? object_of(snap, "gns3.server", server) : NULL;
    json_decref(about);
    if (server && !about)
        return gw_refuse(call, -ENOENT, "there is no server '%s'", server);
    if (from && !target_find(snap, from))
        return gw_refuse(call, -ENOENT, "there is no target '%s' in the file", from);
    ask.server = server;
    return run_on_copy(self, call, &ask);
}

static int command_pin(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    json_t *copy = copy_of_call(snap, call);
    if (!copy)
        return 0;
    json_object_set_new(copy, "pinned", json_boolean(gw_bool(gw_call_params(call), "pinned")));
    copy_put(snap, member_text(copy, "id"));
    int error = state_save(snap); /* it protects something: not only in a moment */
    if (error < 0)
        return error;
    reply_json(call, json_deep_copy(copy));
    return 0;
}

struct deleting {
    struct gw_call *call;
    char id[300];
};

static void delete_all(struct snap *snap, struct gw_call *call, const char *id)
{
    json_t *copy = copy_get(snap, id);
    if (copy) {
        offsite_remove(snap, copy, true);
        catalogue_deleted(snap, id);
    }
    gw_reply(call, "{\"deleted\":true}");
}

static void on_deleted(struct snap *snap, int error, const json_t *answer, void *data)
{
    const struct deleting *deleting = data;
    if (error < 0 && error != -ENOENT)
        gw_refuse(deleting->call, error, "%s", answer_text(answer, error));
    else
        delete_all(snap, deleting->call, deleting->id);
}

static int command_delete(struct gw_plugin *self, struct gw_call *call)
{
    struct snap *snap = gw_data(self);
    const json_t *copy = copy_of_call(snap, call);
    if (!copy)
        return 0;
    if (json_is_true(json_object_get(copy, "pinned")))
        return gw_refuse(call, -EBUSY, "%s is pinned: snapshot.copy.pin with pinned: no first",
                         member_text(copy, "name"));
    if (!json_is_true(json_object_get(copy, "on_server"))) {
        char id[300];
        snprintf(id, sizeof id, "%s", member_text(copy, "id"));
        delete_all(snap, call, id);
        return 0;
    }
    struct deleting *deleting = calloc(1, sizeof *deleting);
    if (!deleting)
        return -ENOMEM;
    deleting->call = call;
    snprintf(deleting->id, sizeof deleting->id, "%s", member_text(copy, "id"));
    return ask_for(snap, "gns3.snapshot.delete", json_pack("{s:s}", "id", member_text(copy, "id")),
                   on_deleted, deleting);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

/* clang-format off: one row a line reads better */
/* NOLINTBEGIN(bugprone-macro-parentheses): they make initialisers */
#define ID(text)                                                                                  \
    {                                                                                             \
        .name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .min = 1, .max = 255, .help = text \
    }
#define COPY ID("The snapshot, by id or unique name")
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct gw_row take_params[] = {
    {.name = "project",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .help = "The project, by id, unique name or server/name"},
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 90,
     .help = "Its name; without, one is made of the time"},
    {.name = "mode",
     .type = GW_ENUM,
     .def = "stopped",
     .choices = "stopped|quiesce",
     .help = "stopped: only when nothing runs; quiesce: stop the nodes and start again exactly "
             "what ran"},
    {.name = "open",
     .type = GW_BOOL,
     .def = "no",
     .help = "Open a closed project for it, and close it again"},
    {0},
};
static const struct gw_row schedule_id[] = {ID("The schedule's name"), {0}};
static const struct gw_row prune_params[] = {
    {.name = "schedule",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .help = "The schedule's name, or " SAFETY_NAME ": what restores have kept"},
    {.name = "dry_run", .type = GW_BOOL, .def = "yes", .help = "Only say what would go"},
    {0},
};
static const struct gw_row copy_id[] = {COPY, {0}};
static const struct gw_row verify_params[] = {
    COPY,
    {.name = "accept",
     .type = GW_BOOL,
     .def = "no",
     .help = "What is missing is meant to be: it is good from now on"},
    {0},
};
static const struct gw_row pin_params[] = {
    COPY,
    {.name = "pinned", .type = GW_BOOL, .def = "yes", .help = "Whether retention must keep it"},
    {0},
};
static const struct gw_row restore_params[] = {
    COPY,
    {.name = "quiesce",
     .type = GW_BOOL,
     .def = "no",
     .help = "Stop nodes that run, and start them again afterwards"},
    {0},
};
static const struct gw_row drill_params[] = {
    COPY,
    {.name = "start",
     .type = GW_BOOL,
     .def = "no",
     .help = "Also start the copy's nodes; never where it has a cloud or NAT"},
    {0},
};

static const struct gw_row import_params[] = {
    COPY,
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 200,
     .help = "The new project's name; without, that of the old one; GNS3 adds a number to one that "
             "is taken"},
    {.name = "server", .type = GW_STRING, .help = "Where to; without, the server it was taken on"},
    {.name = "from",
     .type = GW_STRING,
     .help = "The target whose copy is taken; without, the server's own as long as it has it"},
    {0},
};

static const struct gw_row runs_result[] = {
    {.name = "runs", .type = GW_JSON, .help = "Numbers of the runs that wait now"}, {0}};
static const struct gw_row prune_result[] = {
    {.name = "dry_run", .type = GW_BOOL, .help = "Whether nothing was removed"},
    {.name = "decisions",
     .type = GW_JSON,
     .help = "[{snapshot, name, server, project_name, created_at, decision, text}]"},
    {0},
};
static const struct gw_row deleted_result[] = {{.name = "deleted", .type = GW_BOOL, .help = "Yes"},
                                               {0}};

static const struct gw_row schedule_fields[] = {
    {.name = "cron", .type = GW_STRING, .help = "When"},
    {.name = "zone", .type = GW_STRING, .help = "In which time zone; empty: the machine's own"},
    {.name = "server", .type = GW_STRING, .help = "Name or pattern of servers"},
    {.name = "projects", .type = GW_STRINGS, .help = "Names or patterns of projects"},
    {.name = "mode", .type = GW_STRING, .help = "stopped or quiesce"},
    {.name = "keep", .type = GW_JSON, .help = "{last, hourly, daily, weekly, monthly, yearly}"},
    {.name = "enabled", .type = GW_BOOL, .help = "Whether it runs by itself"},
    {.name = "next", .type = GW_TIME, .unit = "ms", .help = "When it is due next"},
    {.name = "last", .type = GW_JSON, .help = "{time, ok, text} of its last run, or null"},
    {.name = "running", .type = GW_BOOL, .help = "Whether a run of it waits or is under way"},
    {0},
};
static const struct gw_row copy_fields[] = {
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "created_at", .type = GW_TIME, .unit = "ms", .help = "When it was taken"},
    {.name = "schedule", .type = GW_STRING, .help = "The schedule that took it, or null"},
    {.name = "on_server", .type = GW_BOOL, .help = "Whether the server has it"},
    {.name = "verified", .type = GW_STRING, .help = "ok, bad or unknown"},
    {.name = "verify",
     .type = GW_JSON,
     .help = "{time, text, nodes, files, bytes, missing, warnings} or null"},
    {.name = "bytes", .type = GW_INT, .unit = "By", .help = "Size of the archive; null: not known"},
    {.name = "pinned", .type = GW_BOOL, .help = "Whether retention must keep it"},
    {.name = "keep", .type = GW_JSON, .help = "{decision, text}: the last decision of retention"},
    {.name = "copies", .type = GW_JSON, .help = "[{target, path, bytes, sha256, time, ok, text}]"},
    {.name = "drill", .type = GW_JSON, .help = "{time, ok, text} of its last drill, or null"},
    {0},
};
static const struct gw_row run_fields[] = {
    {.name = "schedule", .type = GW_STRING, .help = "The schedule that began it, or null"},
    {.name = "project", .type = GW_STRING, .help = "Id of its project's object"},
    {.name = "project_name", .type = GW_STRING, .help = "Name of its project"},
    {.name = "server", .type = GW_STRING, .help = "Its server"},
    {.name = "mode", .type = GW_STRING, .help = "stopped or quiesce"},
    {.name = "kind", .type = GW_STRING, .help = "snapshot, restore, drill, verify or import"},
    {.name = "state", .type = GW_STRING, .help = "waiting, running, done, failed or skipped"},
    {.name = "steps", .type = GW_JSON, .help = "[{time, text, ok}]"},
    {.name = "started", .type = GW_TIME, .unit = "ms", .help = "When it began; 0: not yet"},
    {.name = "ended", .type = GW_TIME, .unit = "ms", .help = "When it ended, or null"},
    {.name = "text", .type = GW_STRING, .help = "What came of it"},
    {.name = "nodes", .type = GW_JSON, .help = "[{name, was, now, text}]: nodes that ran"},
    {.name = "snapshot", .type = GW_STRING, .help = "Id of its snapshot, or null"},
    {.name = "made", .type = GW_STRING, .help = "Id of the project an import made, or null"},
    {0},
};

const struct gw_kind snapshot_kinds[] = {
    {"snapshot.schedule", "schedules", "When snapshots are taken, and how that went",
     schedule_fields},
    {"snapshot.copy", "copies", "A snapshot on a server or elsewhere, and what is known of it",
     copy_fields},
    {"snapshot.run", "runs", "One snapshot, restore, drill, verification or import", run_fields},
    {0},
};

const struct gw_command snapshot_commands[] = {
    {"snapshot.take", "Take a snapshot and verify it", GW_OPERATOR, take_params, run_fields,
     command_take, RUN_MS},
    {"snapshot.schedule.run", "Run a schedule now", GW_OPERATOR, schedule_id, runs_result,
     command_schedule_run, 0},
    {"snapshot.prune", "Say what retention keeps and removes, and why; or do it", GW_OPERATOR,
     prune_params, prune_result, command_prune, 0},
    {"snapshot.copy.verify", "Read a snapshot's archive and compare it with what it should have",
     GW_OPERATOR, verify_params, run_fields, command_verify, RUN_MS},
    {"snapshot.copy.pin", "Let retention keep a snapshot, or no longer", GW_OPERATOR, pin_params,
     copy_fields, command_pin, 0},
    {"snapshot.copy.restore", "Put a project back to a snapshot, with the present state kept first",
     GW_OPERATOR, restore_params, run_fields, command_restore, RUN_MS},
    {"snapshot.copy.import", "Make a new project of a snapshot, also of a copy elsewhere",
     GW_OPERATOR, import_params, run_fields, command_import, RUN_MS},
    {"snapshot.copy.drill", "Try a snapshot by restoring it into a project of another name",
     GW_OPERATOR, drill_params, run_fields, command_drill, RUN_MS},
    {"snapshot.copy.delete", "Delete a snapshot and all its copies", GW_ADMIN, copy_id,
     deleted_result, command_delete, 0},
    {0},
};
/* clang-format on */

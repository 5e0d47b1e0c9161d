/* schedule.c - when runs are due. A time that passed while gnswatch was not running is made up for
 * once, within `catch_up`; beyond it is said and left. */
#include "run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

bool project_matches(const struct gw_values *values, const char *server, const json_t *project)
{
    const char *name = member_text(project, "name"), *of = member_text(project, "server");
    char full[512];
    size_t count = gw_count(values, "projects");
    if (drill_is(name) || fnmatch(server, of, 0) != 0)
        return false;
    snprintf(full, sizeof full, "%.200s/%.300s", of, name);
    for (size_t i = 0; i < count; i++) {
        const char *pattern = gw_string_at(values, "projects", i);
        if (fnmatch(pattern, name, 0) == 0 || fnmatch(pattern, full, 0) == 0)
            return true;
    }
    return count == 0;
}

/* ---- Objects --------------------------------------------------------------------------------- */

static bool is_running(const struct snap *snap, const char *name)
{
    for (const struct run *run = snap->runs; run; run = run->next)
        if (!run->over && run->schedule && strcmp(run->schedule, name) == 0)
            return true;
    return false;
}

static json_t *patterns(const struct gw_values *values)
{
    json_t *list = json_array();
    for (size_t i = 0; i < gw_count(values, "projects"); i++)
        json_array_append_new(list, json_string(gw_string_at(values, "projects", i)));
    return list;
}

static json_t *keep_document(const struct retain_rules *keep)
{
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "last", (json_int_t)keep->last, "hourly",
                     (json_int_t)keep->hourly, "daily", (json_int_t)keep->daily, "weekly",
                     (json_int_t)keep->weekly, "monthly", (json_int_t)keep->monthly, "yearly",
                     (json_int_t)keep->yearly);
}

void schedule_put(struct snap *snap, struct schedule *schedule)
{
    json_t *last = schedule->last_ms
                       ? json_pack("{s:I,s:b,s:s}", "time", (json_int_t)schedule->last_ms, "ok",
                                   schedule->last_ok, "text", schedule->last_text)
                       : json_null();
    json_t *document = json_pack(
        "{s:s,s:s,s:s,s:o,s:s,s:o,s:b,s:o,s:o,s:b}", "cron", schedule->cron_text, "zone",
        schedule->zone, "server", schedule->server, "projects", patterns(schedule->values), "mode",
        schedule->mode, "keep", keep_document(&schedule->keep), "enabled", schedule->enabled,
        "next", schedule->next_ms ? json_integer(schedule->next_ms) : json_null(), "last", last,
        "running", is_running(snap, schedule->name));
    put_object(snap, "snapshot.schedule", schedule->name, document);
}

void schedules_put(struct snap *snap)
{
    json_t *list = objects_of(snap, "snapshot.schedule");
    size_t i;
    const json_t *object;
    json_array_foreach(list, i, object)
    {
        if (!schedule_find(snap, member_text(object, "id")))
            gw_object_delete(snap->self, "snapshot.schedule", member_text(object, "id"));
    }
    json_decref(list);
    for (i = 0; i < snap->schedule_count; i++)
        schedule_put(snap, &snap->schedules[i]);
}

/* ---- Going ----------------------------------------------------------------------------------- */

static bool go_one(struct snap *snap, const struct schedule *schedule, const json_t *project,
                   json_t *numbers)
{
    const char *id = member_text(project, "id");
    if (run_of_project(snap, id, RUN_SNAPSHOT)) {
        emit_project(snap, GW_NOTICE, "snapshot.skipped", member_text(project, "server"), id,
                     member_text(project, "name"),
                     "A snapshot was due while one before was not finished.");
        return false;
    }
    struct run_ask ask = {.kind = RUN_SNAPSHOT,
                          .project = id,
                          .project_name = member_text(project, "name"),
                          .server = member_text(project, "server"),
                          .schedule = schedule->name,
                          .how = &schedule->how,
                          .quiesce = strcmp(schedule->mode, "quiesce") == 0,
                          .open_closed = schedule->open_closed,
                          .verify = schedule->verify};
    struct run *run = run_new(snap, &ask);
    if (run && numbers)
        json_array_append_new(numbers, json_integer(run->number));
    return run != NULL;
}

size_t schedule_go(struct snap *snap, struct schedule *schedule, json_t *numbers)
{
    json_t *list = objects_of(snap, "gns3.project");
    size_t i, count = 0, named = 0;
    const json_t *project;
    json_array_foreach(list, i, project)
    {
        if (!project_matches(schedule->values, schedule->server, project))
            continue;
        named++;
        count += go_one(snap, schedule, project, numbers);
    }
    json_decref(list);
    if (named == 0)
        gw_log(snap->self, GW_WARNING, "schedule %s names no project that is known",
               schedule->name);
    schedule_put(snap, schedule);
    return count;
}

/* The newest good snapshot of a project that is on its server; NULL: none. */
static const json_t *newest_good(struct snap *snap, const char *project)
{
    const json_t *best = NULL;
    const char *id;
    json_t *copy;
    json_object_foreach(snap->copies, id, copy)
    {
        if (strcmp(member_text(copy, "project"), project) == 0 &&
            json_is_true(json_object_get(copy, "on_server")) &&
            strcmp(member_text(copy, "verified"), "bad") != 0 &&
            (!best || member_whole(copy, "created_at") > member_whole(best, "created_at")))
            best = copy;
    }
    return best;
}

static void drill_go(struct snap *snap, const struct drill *drill)
{
    json_t *list = objects_of(snap, "gns3.project");
    size_t i;
    const json_t *project;
    json_array_foreach(list, i, project)
    {
        const char *id = member_text(project, "id");
        const json_t *copy =
            project_matches(drill->values, drill->server, project) ? newest_good(snap, id) : NULL;
        if (!copy || run_of_project(snap, id, RUN_DRILL))
            continue;
        struct run_ask ask = {.kind = RUN_DRILL,
                              .project = id,
                              .project_name = member_text(project, "name"),
                              .server = member_text(project, "server"),
                              .of = member_text(copy, "id"),
                              .start = drill->start};
        run_new(snap, &ask);
    }
    json_decref(list);
}

/* ---- Time ------------------------------------------------------------------------------------ */

/* Whether it is to run now; *handled_ms moves on. */
static bool due(struct snap *snap, const struct gw_cron *cron, const char *name,
                int64_t catch_up_ms, int64_t *handled_ms, int64_t *next_ms)
{
    int64_t now = gw_now_ms(snap->self), last = gw_cron_last(cron, now);
    bool was_due = last > *handled_ms;
    *next_ms = gw_cron_next(cron, now);
    if (!was_due)
        return false;
    *handled_ms = last;
    if (now - last <= catch_up_ms)
        return true;
    char text[300];
    snprintf(text, sizeof text,
             "Schedule %s was due %lld minutes ago, when gnswatch was not running; that is more "
             "than `catch_up`, so it waits for its next time.",
             name, (long long)((now - last) / 60000));
    struct gw_event event = {.topic = "snapshot.skipped",
                             .severity = GW_NOTICE,
                             .kind = "snapshot.schedule",
                             .id = name,
                             .text = text};
    gw_emit(snap->self, &event);
    return false;
}

void schedules_begin(struct snap *snap)
{
    int64_t now = gw_now_ms(snap->self);
    for (size_t i = 0; i < snap->schedule_count; i++)
        if (snap->schedules[i].handled_ms == 0 || snap->schedules[i].handled_ms > now)
            snap->schedules[i].handled_ms = now; /* new, or the clock was put back */
    for (size_t i = 0; i < snap->drill_count; i++)
        if (snap->drills[i].handled_ms == 0 || snap->drills[i].handled_ms > now)
            snap->drills[i].handled_ms = now;
    schedules_put(snap);
}

void schedules_look(struct snap *snap)
{
    for (size_t i = 0; i < snap->schedule_count; i++) {
        struct schedule *schedule = &snap->schedules[i];
        int64_t handled = schedule->handled_ms;
        bool now =
            schedule->enabled && due(snap, schedule->cron, schedule->name, schedule->catch_up_ms,
                                     &schedule->handled_ms, &schedule->next_ms);
        if (now)
            schedule_go(snap, schedule, NULL);
        if (handled != schedule->handled_ms)
            state_save(snap);
        schedule_put(snap, schedule);
    }
    for (size_t i = 0; i < snap->drill_count; i++) {
        struct drill *drill = &snap->drills[i];
        int64_t handled = drill->handled_ms;
        if (drill->cron && due(snap, drill->cron, drill->name, drill->catch_up_ms,
                               &drill->handled_ms, &drill->next_ms))
            drill_go(snap, drill);
        if (handled != drill->handled_ms)
            state_save(snap);
    }
}

/* run.c - see run.h: how a run begins, asks, waits and ends. Knows nothing of what it does. */
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[] = {[RUN_SNAPSHOT] = "snapshot",
                                         [RUN_RESTORE] = "restore",
                                         [RUN_DRILL] = "drill",
                                         [RUN_VERIFY] = "verify",
                                         [RUN_IMPORT] = "import"};
static const char *const state_names[] = {[RUN_WAITING] = "waiting",
                                          [RUN_RUNNING] = "running",
                                          [RUN_DONE] = "done",
                                          [RUN_FAILED] = "failed",
                                          [RUN_SKIPPED] = "skipped"};

json_t *id_param(const char *id)
{
    return json_pack("{s:s}", "id", id);
}

int64_t run_now(const struct run *run)
{
    return gw_now_ms(run->snap->self);
}

/* ---- Its object ------------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *nodes_document(const struct run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->node_count; i++) {
        const struct run_node *node = &run->nodes[i];
        const char *now = node->ready  ? "ready"
                          : node->done ? (run->phase == PHASE_STOPPING ? "stopped" : "started")
                                       : "";
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s}", "name", node->name, "was",
                                              node->was == WAS_SUSPENDED ? "suspended" : "started",
                                              "now", *now ? now : "asked", "text", node->text));
    }
    return list;
}

static json_t *run_document(const struct run *run)
{
    json_t *document =
        json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)run->number, "project",
                  run->project, "project_name", run->project_name, "server", run->server, "mode",
                  run->quiesce ? "quiesce" : "stopped", "kind", kind_names[run->kind], "state",
                  state_names[run->state]);
    json_object_set_new(document, "schedule", text_or_null(run->schedule));
    json_object_set_new(document, "steps", json_deep_copy(run->steps));
    json_object_set_new(document, "started", json_integer(run->started_ms));
    json_object_set_new(document, "ended",
                        run->ended_ms ? json_integer(run->ended_ms) : json_null());
    json_object_set_new(document, "text", json_string(run->text));
    json_object_set_new(document, "nodes", nodes_document(run));
    json_object_set_new(document, "snapshot",
                        text_or_null(run->snapshot ? run->snapshot : run->of));
    json_object_set_new(document, "made",
                        text_or_null(run->kind == RUN_IMPORT ? run->temporary : NULL));
    return document;
}

void run_put(struct run *run)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)run->number);
    put_object(run->snap, "snapshot.run", id, run_document(run));
}

void run_note(struct run *run, bool ok, const char *format, ...)
{
    char text[400];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (json_array_size(run->steps) >= STEPS_MAX)
        json_array_remove(run->steps, STEPS_MAX / 2);
    json_array_append_new(run->steps, json_pack("{s:I,s:s,s:b}", "time", (json_int_t)run_now(run),
                                                "text", text, "ok", ok));
    if (run->call)
        gw_progress(run->call, 0, "%s", text);
    gw_log(run->snap->self, ok ? GW_INFO : GW_WARNING, "run %lld, %s on %s: %s",
           (long long)run->number, run->project_name, run->server, text);
    run_put(run);
}

/* ---- Asking and waiting ---------------------------------------------------------------------- */

struct asked {
    struct run *run;
    run_answer_fn *then;
};

bool run_arrived(struct run *run)
{
    run->pending--;
    return !run->over;
}

const char *answer_text(const json_t *answer, int error)
{
    const char *text = member_text(answer, "detail");
    return *text ? text : strerror(-error);
}

static void on_answer(struct snap *snap, int error, const json_t *answer, void *data)
{
    (void)snap;
    const struct asked *asked = data;
    if (run_arrived(asked->run))
        asked->then(asked->run, error, answer);
}

void run_request(struct run *run, const char *command, json_t *params, run_answer_fn *then)
{
    struct asked *asked = malloc(sizeof *asked);
    if (asked) {
        *asked = (struct asked){run, then};
        run->pending++;
        if (ask_for(run->snap, command, params, on_answer, asked) == 0)
            return;
        run->pending--;
    } else {
        json_decref(params);
    }
    run_end(run, RUN_FAILED, "out of memory");
}

static void on_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct run *run = data;
    run->timer = NULL;
    if (run_arrived(run))
        run->later(run);
}

void run_wait(struct run *run, int64_t delay_ms, run_step_fn *then)
{
    run->later = then;
    run->pending++;
    run->timer = gw_timer_start(run->snap->self, delay_ms, 0, on_time, run);
}

void run_work(struct run *run, struct work *work, const struct work_job *job)
{
    run->pending++;
    if (work_add(work, job) < 0) {
        run->pending--;
        run_end(run, RUN_FAILED, "too much waits to be looked at");
    }
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void on_pump(struct gw_plugin *self, void *data)
{
    (void)self;
    runs_pump(data);
}

static void pump_soon(struct snap *snap)
{
    gw_timer_start(snap->self, 0, 0, on_pump, snap);
}

static size_t waiting(const struct snap *snap)
{
    size_t count = 0;
    for (const struct run *run = snap->runs; run; run = run->next)
        count++;
    return count;
}

static char *copy_of(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void run_free(struct run *run)
{
    for (size_t i = 0; i < run->node_count; i++) {
        free(run->nodes[i].id);
        free(run->nodes[i].name);
        free(run->nodes[i].type);
    }
    free(run->nodes);
    json_decref(run->expect);
    json_decref(run->steps);
    json_decref(run->lost);
    free(run->schedule);
    free(run->project);
    free(run->project_name);
    free(run->server);
    free(run->name);
    free(run->snapshot);
    free(run->of);
    free(run->from);
    free(run->temporary);
    free(run->archive);
    free(run->checked);
    json_decref(run->archived);
    json_decref(run->goal);
    free(run);
}

static void append(struct snap *snap, struct run *run)
{
    struct run **end = &snap->runs;
    while (*end)
        end = &(*end)->next;
    *end = run;
}

struct run *run_new(struct snap *snap, const struct run_ask *ask)
{
    struct run *run = waiting(snap) < RUNS_WAITING ? calloc(1, sizeof *run) : NULL;
    if (!run)
        return NULL;
    *run = (struct run){.snap = snap,
                        .number = snap->next_number++,
                        .kind = ask->kind,
                        .state = RUN_WAITING,
                        .phase = PHASE_NONE,
                        .schedule = copy_of(ask->schedule),
                        .project = copy_of(ask->project),
                        .project_name = copy_of(ask->project_name),
                        .server = copy_of(ask->server),
                        .name = copy_of(ask->name),
                        .of = copy_of(ask->of),
                        .from = copy_of(ask->from),
                        .how = ask->how ? ask->how : &snap->defaults,
                        .quiesce = ask->quiesce,
                        .open_closed = ask->open_closed,
                        .verify = ask->verify,
                        .start = ask->start,
                        .accept = ask->accept,
                        .call = ask->call,
                        .steps = json_array(),
                        .lost = json_array(),
                        .queued_ms = gw_now_ms(snap->self)};
    if (!run->project || !run->project_name || !run->server || !run->steps || !run->lost) {
        run_free(run);
        return NULL;
    }
    append(snap, run);
    state_changed(snap);
    if (run_journal(run, PHASE_NONE) < 0)
        gw_log(snap->self, GW_WARNING, "run %lld would not outlive a crash",
               (long long)run->number);
    run_put(run);
    pump_soon(snap);
    return run;
}

struct run *run_of_project(const struct snap *snap, const char *project, enum run_kind kind)
{
    for (struct run *run = snap->runs; run; run = run->next)
        if (!run->over && run->kind == kind && strcmp(run->project, project) == 0)
            return run;
    return NULL;
}

static bool server_busy(const struct snap *snap, const struct run *self)
{
    for (const struct run *run = snap->runs; run; run = run->next)
        if (run != self && run->state == RUN_RUNNING && !run->over &&
            strcmp(run->server, self->server) == 0)
            return true;
    return false;
}

static void sweep(struct snap *snap)
{
    for (struct run **at = &snap->runs; *at;) {
        struct run *run = *at;
        if (!run->over || run->pending > 0) {
            at = &run->next;
            continue;
        }
        *at = run->next;
        run_free(run);
    }
}

static void begin(struct run *run)
{
    static void (*const begins[])(struct run * run) = {[RUN_SNAPSHOT] = take_begin,
                                                       [RUN_RESTORE] = restore_begin,
                                                       [RUN_DRILL] = drill_begin,
                                                       [RUN_VERIFY] = verify_begin,
                                                       [RUN_IMPORT] = import_begin};
    static void (*const recovers[])(struct run * run) = {[RUN_SNAPSHOT] = take_recover,
                                                         [RUN_RESTORE] = restore_recover,
                                                         [RUN_DRILL] = drill_recover,
                                                         [RUN_VERIFY] = verify_begin,
                                                         [RUN_IMPORT] = import_recover};
    run->state = RUN_RUNNING;
    if (!run->started_ms)
        run->started_ms = run_now(run);
    if (run->recovered && run->phase != PHASE_NONE)
        recovers[run->kind](run);
    else
        begins[run->kind](run);
}

void runs_pump(struct snap *snap)
{
    sweep(snap);
    for (struct run *run = snap->runs; run; run = run->next)
        if (run->state == RUN_WAITING && !run->over && !server_busy(snap, run))
            begin(run);
}

void runs_free(struct snap *snap)
{
    while (snap->runs) {
        struct run *run = snap->runs;
        snap->runs = run->next;
        if (run->archive && run->archive_ours)
            unlink(run->archive);
        run_free(run);
    }
}

/* ---- The end --------------------------------------------------------------------------------- */

static void tell_schedule(struct run *run)
{
    struct schedule *schedule = run->schedule ? schedule_find(run->snap, run->schedule) : NULL;
    if (!schedule || run->kind != RUN_SNAPSHOT)
        return;
    schedule->last_ms = run->ended_ms;
    schedule->last_ok = run->state != RUN_FAILED; /* to skip what runs is as it should be */
    snprintf(schedule->last_text, sizeof schedule->last_text, "%s: %.150s", run->project_name,
             run->text);
    schedule_put(run->snap, schedule);
}

static void tell(struct run *run)
{
    static const char *const topics[][RUN_SKIPPED + 1] = {
        [RUN_SNAPSHOT] = {[RUN_DONE] = "snapshot.taken",
                          [RUN_FAILED] = "snapshot.failed",
                          [RUN_SKIPPED] = "snapshot.skipped"},
        [RUN_RESTORE] = {[RUN_DONE] = "snapshot.restored",
                         [RUN_FAILED] = "snapshot.failed",
                         [RUN_SKIPPED] = "snapshot.skipped"},
        [RUN_DRILL] = {[RUN_DONE] = "snapshot.drill.ok",
                       [RUN_FAILED] = "snapshot.drill.failed",
                       [RUN_SKIPPED] = "snapshot.skipped"},
        [RUN_VERIFY] = {[RUN_SKIPPED] = NULL},
        [RUN_IMPORT] = {[RUN_DONE] = "snapshot.imported", [RUN_FAILED] = "snapshot.failed"},
    };
    static const char *const words[] = {[RUN_SNAPSHOT] = "Snapshot",
                                        [RUN_RESTORE] = "Restore",
                                        [RUN_DRILL] = "Drill",
                                        [RUN_VERIFY] = "Verification",
                                        [RUN_IMPORT] = "Import"};
    const char *topic = topics[run->kind][run->state];
    char text[600];
    snprintf(text, sizeof text, "%s of project %s on %s: %s", words[run->kind], run->project_name,
             run->server, run->text);
    enum gw_severity severity = run->state == RUN_FAILED                           ? GW_ERROR
                                : run->kind == RUN_DRILL && run->state == RUN_DONE ? GW_INFO
                                                                                   : GW_NOTICE;
    if (topic)
        emit_project(run->snap, severity, topic, run->server, run->project, run->project_name,
                     text);
}

/* The host writes objects a moment later; what a crash took is put again at the start. */
static void keep_recent(struct run *run)
{
    json_t *recent = run->snap->recent;
    json_array_append_new(recent, run_document(run));
    while (json_array_size(recent) > RUNS_RECENT)
        json_array_remove(recent, 0);
}

void runs_put_recent(struct snap *snap)
{
    size_t i;
    json_t *document;
    json_array_foreach(snap->recent, i, document)
    {
        char id[24];
        snprintf(id, sizeof id, "%lld", (long long)member_whole(document, "number"));
        put_object(snap, "snapshot.run", id, json_incref(document));
    }
}

static void answer_call(struct run *run)
{
    if (!run->call)
        return;
    json_t *document = run_document(run);
    char *json = run->state == RUN_DONE ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    if (json)
        gw_reply(run->call, json);
    else
        gw_refuse(run->call, run->state == RUN_SKIPPED ? -EBUSY : -EIO, "%s", run->text);
    free(json);
    run->call = NULL;
}

static void forget_old(struct run *run)
{
    struct snap *snap = run->snap;
    json_array_append_new(snap->ended, json_integer(run->number));
    while (json_array_size(snap->ended) > RUNS_KEPT) {
        char id[24];
        snprintf(id, sizeof id, "%lld",
                 (long long)json_integer_value(json_array_get(snap->ended, 0)));
        gw_object_delete(snap->self, "snapshot.run", id);
        json_array_remove(snap->ended, 0);
    }
}

void run_end(struct run *run, enum run_state state, const char *format, ...)
{
    if (run->over)
        return;
    char text[sizeof run->text]; /* its own text may be among the arguments */
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    memcpy(run->text, text, sizeof text);
    run->state = state;
    run->over = true;
    run->watching = false;
    run->ended_ms = run_now(run);
    if (run->timer) {
        gw_timer_stop(run->timer);
        run->timer = NULL;
        run->pending--;
    }
    check_done(run);
    run_note(run, state != RUN_FAILED, "%s", run->text);
    if (run->kind == RUN_SNAPSHOT && state == RUN_DONE)
        json_object_set_new(run->snap->durations, run->project,
                            json_integer(run->ended_ms - run->started_ms));
    tell_schedule(run);
    keep_recent(run);
    if (state_save(run->snap) == 0) /* what came of it, before what it owed goes */
        run_forget_journal(run);
    tell(run);
    answer_call(run);
    forget_old(run);
    pump_soon(run->snap);
}

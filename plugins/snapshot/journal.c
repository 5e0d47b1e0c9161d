/* journal.c - what a run owes, on the disk before it begins to owe it.
 *
 * One small file a run, gone when the run has ended. After kill -9 in the middle of a quiesce the
 * file names the nodes that ran, so that they are started again; see run.h for the phases. */
#include "pack.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void journal_path(const struct run *run, char *path, size_t size)
{
    snprintf(path, size, "%s/runs/%lld.json", gw_state_dir(run->snap->self),
             (long long)run->number);
}

static json_t *nodes_json(const struct run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->node_count; i++) {
        const struct run_node *node = &run->nodes[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:i,s:I}", "id", node->id, "name",
                                              node->name, "type", node->type, "was", node->was,
                                              "group", (json_int_t)node->group));
    }
    return list;
}

static void set_text(json_t *json, const char *name, const char *text)
{
    if (text)
        json_object_set_new(json, name, json_string(text));
}

int run_journal(struct run *run, enum run_phase phase)
{
    char path[PATH_BYTES];
    run->phase = phase;
    json_t *json = json_pack(
        "{s:I,s:i,s:i,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:b,s:b,s:I,s:I,s:o,s:O}", "number",
        (json_int_t)run->number, "kind", run->kind, "phase", phase, "project", run->project,
        "project_name", run->project_name, "server", run->server, "quiesce", run->quiesce,
        "open_closed", run->open_closed, "verify", run->verify, "start", run->start, "again",
        run->again, "opened", run->opened, "started", (json_int_t)run->started_ms, "attempts",
        (json_int_t)run->attempts, "nodes", nodes_json(run), "steps", run->steps);
    set_text(json, "schedule", run->schedule);
    set_text(json, "name", run->name);
    set_text(json, "snapshot", run->snapshot);
    set_text(json, "of", run->of);
    set_text(json, "from", run->from);
    if (run->expect && phase >= PHASE_STARTING)
        json_object_set(json, "expect", run->expect);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    journal_path(run, path, sizeof path);
    int error = text ? write_whole(path, text, strlen(text)) : -ENOMEM;
    free(text);
    return error < 0 ? gw_fail(run->snap->self, error, "write %s: %s", path, strerror(-error)) : 0;
}

void run_forget_journal(struct run *run)
{
    char path[PATH_BYTES];
    journal_path(run, path, sizeof path);
    unlink(path);
}

/* ---- After a crash --------------------------------------------------------------------------- */

static void take_nodes(struct run *run, const json_t *list)
{
    size_t i;
    const json_t *json;
    json_array_foreach(list, i, json)
    {
        struct run_node *node = run_add_node(run, json);
        if (!node)
            return;
        node->was = member_whole(json, "was") == WAS_SUSPENDED ? WAS_SUSPENDED : WAS_STARTED;
        node->group = (size_t)member_whole(json, "group");
    }
}

static const char *text_or_none(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static void recover(struct snap *snap, const json_t *json)
{
    int64_t phase = member_whole(json, "phase"), kind = member_whole(json, "kind");
    const struct schedule *schedule =
        text_or_none(json, "schedule") ? schedule_find(snap, text_or_none(json, "schedule")) : NULL;
    if (phase < PHASE_NONE || phase > PHASE_IMPORTING || kind < RUN_SNAPSHOT || kind > RUN_IMPORT)
        return;
    struct run_ask ask = {.kind = (enum run_kind)kind,
                          .project = member_text(json, "project"),
                          .project_name = member_text(json, "project_name"),
                          .server = member_text(json, "server"),
                          .schedule = text_or_none(json, "schedule"),
                          .of = text_or_none(json, "of"),
                          .name = text_or_none(json, "name"),
                          .from = text_or_none(json, "from"),
                          .how = schedule ? &schedule->how : NULL,
                          .quiesce = json_is_true(json_object_get(json, "quiesce")),
                          .open_closed = json_is_true(json_object_get(json, "open_closed")),
                          .verify = json_is_true(json_object_get(json, "verify")),
                          .start = json_is_true(json_object_get(json, "start"))};
    int64_t number = member_whole(json, "number");
    struct run *run = run_new(snap, &ask);
    if (!run)
        return;
    run_forget_journal(run); /* under the number of before */
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)run->number);
    gw_object_delete(snap->self, "snapshot.run", id);
    run->number = number;
    run->recovered = true;
    run->again = json_is_true(json_object_get(json, "again"));
    run->opened = json_is_true(json_object_get(json, "opened"));
    run->started_ms = member_whole(json, "started");
    run->attempts = member_whole(json, "attempts");
    run->snapshot = text_or_none(json, "snapshot") ? strdup(member_text(json, "snapshot")) : NULL;
    json_array_extend(run->steps, json_object_get(json, "steps"));
    run->expect = json_deep_copy(json_object_get(json, "expect"));
    take_nodes(run, json_object_get(json, "nodes"));
    run_journal(run, (enum run_phase)phase);
    if (phase != PHASE_NONE)
        run_note(run, false, "gnswatch was ended in the middle of this run");
}

static int only_json(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".json") == 0;
}

void runs_recover(struct snap *snap)
{
    char folder[PATH_BYTES];
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/runs", gw_state_dir(snap->self));
    int count = scandir(folder, &entries, only_json, alphasort);
    for (int i = 0; i < count; i++) { /* no new run may take the file of one that waits here */
        int64_t number = strtoll(entries[i]->d_name, NULL, 10);
        if (number >= snap->next_number)
            snap->next_number = number + 1;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES * 2];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        json_t *json = json_load_file(path, 0, NULL);
        free(entries[i]);
        if (!json) {
            char aside[PATH_BYTES * 2 + 8];
            snprintf(aside, sizeof aside, "%s.bad", path);
            gw_log(snap->self, GW_WARNING, "%s cannot be read and is put aside", path);
            rename(path, aside);
            continue;
        }
        recover(snap, json);
        json_decref(json);
    }
    if (count >= 0)
        free(entries);
}

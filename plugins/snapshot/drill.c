/* drill.c - can it be restored? The archive is imported as a project of another name, opened,
 * compared, started when that is asked for, and deleted. The original is never touched: nothing
 * here asks for run->project but to read. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRILL_PREFIX "gnswatch-drill-"
enum { AGAIN_MS = 2000, TIMES_MAX = 1800 };

bool drill_is(const char *project_name)
{
    return strncmp(project_name, DRILL_PREFIX, strlen(DRILL_PREFIX)) == 0;
}

/* ---- The end --------------------------------------------------------------------------------- */

static void drill_over(struct run *run)
{
    char text[400];
    json_t *copy = run->of ? copy_get(run->snap, run->of) : NULL;
    snprintf(text, sizeof text, "%s", run->text);
    if (copy) {
        json_object_set_new(copy, "drill",
                            json_pack("{s:I,s:b,s:s}", "time", (json_int_t)run_now(run), "ok",
                                      !run->torn, "text", text));
        copy_put(run->snap, run->of);
    }
    run_end(run, run->torn ? RUN_FAILED : RUN_DONE, "%s", text);
}

static void drill_deleted(struct run *run, int error, const json_t *answer)
{
    if (error < 0 && error != -ENOENT) {
        size_t used = strlen(run->text);
        run->torn = true;
        snprintf(run->text + used, sizeof run->text - used,
                 "; project %.80s is left, delete it by hand: %.100s", run->name,
                 answer_text(answer, error));
    }
    drill_over(run);
}

/* What we made goes, whatever came of it. */
static void drill_clear(struct run *run, bool ok, const char *text)
{
    char kept[400];
    snprintf(kept, sizeof kept, "%s", text);
    snprintf(run->text, sizeof run->text, "%s", kept);
    run->torn = !ok;
    run_note(run, ok, "%s", kept);
    bool ours = run->temporary && strcmp(run->temporary, run->project) != 0;
    if (ours)
        run_request(run, "gns3.project.delete", id_param(run->temporary), drill_deleted);
    else
        drill_over(run);
}

/* ---- Looking at it --------------------------------------------------------------------------- */

static size_t count_status(const json_t *nodes, const char *status)
{
    size_t count = 0, i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        count += strcmp(member_text(node, "status"), status) == 0;
    }
    return count;
}

static void drill_started_looked(struct run *run, int error, const json_t *answer)
{
    const json_t *nodes = json_object_get(answer, "nodes");
    char text[400];
    size_t all = json_array_size(nodes), started = count_status(nodes, "started");
    if (error < 0)
        snprintf(text, sizeof text, "the started copy cannot be looked at: %.200s",
                 answer_text(answer, error));
    else
        snprintf(text, sizeof text, "imported and opened; %zu of %zu nodes started", started, all);
    drill_clear(run, error == 0 && started == all, text);
}

static void drill_started(struct run *run, int error, const json_t *answer)
{
    const json_t *failed = json_object_get(answer, "failed");
    char text[400];
    if (error == 0 && json_array_size(failed) == 0) {
        run_request(run, "gns3.project.sync", id_param(run->temporary), drill_started_looked);
        return;
    }
    const json_t *first = json_array_get(failed, 0);
    snprintf(text, sizeof text, "it does not start: %.80s %.200s", member_text(first, "name"),
             error < 0 ? answer_text(answer, error) : member_text(first, "error"));
    drill_clear(run, false, text);
}

/* A second one of a lab that reaches a real network would take its addresses. */
static bool reaches_out(const json_t *nodes)
{
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        const char *type = member_text(node, "node_type");
        if (strcmp(type, "cloud") == 0 || strcmp(type, "nat") == 0)
            return true;
    }
    return false;
}

static const char *first_missing(const json_t *archived, const json_t *nodes)
{
    size_t i;
    const json_t *wanted;
    json_array_foreach(archived, i, wanted)
    {
        if (!node_called(nodes, wanted))
            return member_text(wanted, "name");
    }
    return NULL;
}

static void drill_looked(struct run *run, int error, const json_t *answer)
{
    const json_t *nodes = json_object_get(answer, "nodes");
    const char *missing = first_missing(run->archived, nodes);
    size_t all = json_array_size(nodes);
    char text[400];
    if (error < 0) {
        snprintf(text, sizeof text, "the copy cannot be looked at: %.200s",
                 answer_text(answer, error));
        drill_clear(run, false, text);
    } else if (missing || all != json_array_size(run->archived)) {
        snprintf(text, sizeof text, "the copy has %zu nodes, the archive %zu%s%.100s", all,
                 json_array_size(run->archived), missing ? "; not there: " : "",
                 missing ? missing : "");
        drill_clear(run, false, text);
    } else if (!run->start || reaches_out(nodes)) {
        snprintf(text, sizeof text, "imported and opened; all %zu nodes are there%s", all,
                 run->start ? "; not started, because it has a cloud or NAT" : "");
        drill_clear(run, true, text);
    } else {
        run_request(run, "gns3.project.start_all", id_param(run->temporary), drill_started);
    }
}

static void drill_opened(struct run *run, int error, const json_t *answer)
{
    char text[400];
    if (error == 0) {
        run_request(run, "gns3.project.sync", id_param(run->temporary), drill_looked);
        return;
    }
    snprintf(text, sizeof text, "the copy does not open: %.250s", answer_text(answer, error));
    drill_clear(run, false, text);
}

static void drill_imported(struct run *run, int error, const json_t *answer)
{
    char text[400];
    const char *id = member_text(answer, "id");
    check_done(run);
    if (error < 0 || !*id || strcmp(id, run->project) == 0) {
        snprintf(text, sizeof text, "it cannot be imported: %.250s",
                 error < 0 ? answer_text(answer, error) : "GNS3 answers with the original");
        drill_clear(run, false, text);
        return;
    }
    run->temporary = strdup(id);
    run_note(run, true, "imported as %s", run->name);
    run_request(run, "gns3.project.open", id_param(run->temporary), drill_opened);
}

static void drill_checked(struct run *run)
{
    char prefix[64], name[128];
    if (run->failed_once) {
        char text[400];
        snprintf(text, sizeof text, "%s", run->text);
        drill_clear(run, false, text);
        return;
    }
    snprintf(prefix, sizeof prefix, DRILL_PREFIX "%.40s", run->project_name);
    name_with_time(run, prefix, name, sizeof name);
    free(run->name);
    run->name = strdup(name);
    if (run_journal(run, PHASE_DRILLING) < 0) {
        run_end(run, RUN_FAILED, "its journal cannot be written");
        return;
    }
    run_request(
        run, "gns3.project.import",
        json_pack("{s:s,s:s,s:s}", "server", run->server, "path", run->archive, "name", run->name),
        drill_imported);
}

void drill_begin(struct run *run)
{
    if (run->of)
        check_begin(run, run->of, drill_checked);
    else
        run_end(run, RUN_FAILED, "it names no snapshot");
}

/* ---- After a crash: the copy that may be left ------------------------------------------------ */

static void drill_look(struct run *run);

static void drill_synced(struct run *run, int error, const json_t *answer)
{
    if (error < 0 && run->passes++ < TIMES_MAX) {
        run_wait(run, AGAIN_MS, drill_look);
        return;
    }
    json_t *list = objects_of(run->snap, "gns3.project");
    size_t i;
    const json_t *project;
    json_array_foreach(list, i, project)
    {
        if (strcmp(member_text(project, "server"), run->server) == 0 && run->name &&
            strcmp(member_text(project, "name"), run->name) == 0 && drill_is(run->name)) {
            free(run->temporary);
            run->temporary = strdup(member_text(project, "id"));
        }
    }
    json_decref(list);
    (void)answer;
    drill_clear(run, false,
                run->temporary ? "gnswatch was ended in the middle; the copy is deleted"
                               : "gnswatch was ended in the middle; no copy is left");
}

static void drill_look(struct run *run)
{
    run_request(run, "gns3.server.sync", id_param(run->server), drill_synced);
}

void drill_recover(struct run *run)
{
    drill_look(run);
}

/* restore.c - a project put back to a snapshot, with a way back.
 *
 * GNS3's restore deletes the project's files before it reads the archive, and deals nodes out to
 * computes anew. So: the archive is verified first, the present state is kept as a snapshot, and
 * afterwards nodes and computes are compared with what the archive says. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 5 };

static void restore_failed_end(struct run *run)
{
    char text[400];
    snprintf(text, sizeof text, "%s", run->text);
    run_end(run, RUN_FAILED, "%s", text);
}

/* Nothing was changed: what ran runs again. */
static void give_up(struct run *run, const char *text)
{
    char kept[400];
    snprintf(kept, sizeof kept, "%s", text);
    snprintf(run->text, sizeof run->text, "%s", kept);
    quiesce_start(run, restore_failed_end);
}

/* ---- After it: what is where? ---------------------------------------------------------------- */

const json_t *node_called(const json_t *nodes, const json_t *wanted)
{
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        if (strcmp(member_text(node, "name"), member_text(wanted, "name")) == 0 &&
            strcmp(member_text(node, "node_type"), member_text(wanted, "node_type")) == 0)
            return node;
    }
    return NULL;
}

static void add_text(struct difference *difference, const char *format, const char *name,
                     const char *a, const char *b)
{
    size_t used = strlen(difference->text);
    if (used + 80 > sizeof difference->text)
        return;
    used += (size_t)snprintf(difference->text + used, sizeof difference->text - used, "%s",
                             used ? "; " : "");
    snprintf(difference->text + used, sizeof difference->text - used, "%s %.30s %.20s%s%.20s", name,
             format, a, *b ? " to " : "", b);
}

void nodes_compare(const json_t *archived, const json_t *present, struct difference *difference)
{
    size_t i;
    const json_t *node;
    json_array_foreach(archived, i, node)
    {
        const json_t *now = node_called(present, node);
        const char *was = member_text(node, "compute_id"), *is = member_text(now, "compute_id");
        if (!now) {
            difference->missing++;
            add_text(difference, "is not there", member_text(node, "name"), "", "");
        } else if (*was && *is && strcmp(was, is) != 0) {
            difference->moved++;
            add_text(difference, "moved from compute", member_text(node, "name"), was, is);
        }
    }
    if (json_array_size(present) > json_array_size(archived))
        difference->more = json_array_size(present) - json_array_size(archived);
    if (difference->more > 0)
        add_text(difference, "more nodes than the archive has", "", "", "");
}

static void restore_end(struct run *run)
{
    char text[400];
    snprintf(text, sizeof text, "%s", run->text);
    if (run->failed_once) {
        run_end(run, RUN_FAILED, "%.200s; but %.150s", text, run->torn_by);
    } else {
        if (!run->torn)
            run->snap->safety_ms = 0; /* there is one more: those of before may go */
        run_end(run, run->torn ? RUN_FAILED : RUN_DONE, "%s", text);
    }
}

static void restore_compared(struct run *run, int error, const json_t *answer)
{
    struct difference difference = {0};
    const json_t *nodes = json_object_get(answer, "nodes");
    if (error < 0) {
        run_end(run, RUN_FAILED, "restored, but the project cannot be looked at: %.250s",
                answer_text(answer, error));
        return;
    }
    nodes_compare(run->goal, nodes, &difference);
    run->torn = difference.missing + difference.more > 0;
    snprintf(run->text, sizeof run->text,
             "restored from %.70s; the state before is %.70s; %s%.110s%s",
             member_text(copy_get(run->snap, run->of), "name"), run->name,
             run->accept ? "GNS3 gave new ids; " : "",
             difference.text[0] ? difference.text : "all nodes are where they were",
             difference.moved ? ": move them back, or restore again with fewer computes" : "");
    run_note(run, !run->torn && !difference.moved, "%s", run->text);
    quiesce_start(run, restore_end);
}

static void restore_restored(struct run *run, int error, const json_t *answer)
{
    if (error < 0) {
        char text[400];
        snprintf(text, sizeof text, "GNS3 does not restore it: %.200s. The state before is %.80s.",
                 answer_text(answer, error), run->name);
        give_up(run, text);
        return;
    }
    run->accept = json_is_true(json_object_get(answer, "ids_changed"));
    run_note(run, true, "GNS3 has restored it");
    run_request(run, "gns3.project.sync", id_param(run->project), restore_compared);
}

/* ---- Before it: verify, and keep the present state ------------------------------------------- */

static void restore_kept_checked(struct run *run)
{
    if (run->failed_once) {
        char text[400];
        snprintf(text, sizeof text, "the snapshot of the present state is no way back: %.300s",
                 run->text);
        give_up(run, text);
        return;
    }
    check_done(run);
    run_journal(run, PHASE_RESTORING);
    run_request(run, "gns3.snapshot.restore", id_param(run->of), restore_restored);
}

static void restore_keep(struct run *run);

static void restore_kept(struct run *run, int error, const json_t *answer)
{
    char text[400];
    if (error == -EEXIST && run->attempts < NAMES_MAX) {
        restore_keep(run);
        return;
    }
    if (error < 0) {
        snprintf(text, sizeof text, "the present state cannot be kept: %.300s",
                 answer_text(answer, error));
        give_up(run, text);
        return;
    }
    run->snapshot = strdup(member_text(answer, "id"));
    run_note(run, true, "the present state is kept as %s", run->name);
    check_begin(run, run->snapshot, restore_kept_checked);
}

static void restore_keep(struct run *run)
{
    char prefix[64], name[128];
    run->attempts++;
    snprintf(prefix, sizeof prefix, run->attempts > 1 ? SAFETY_NAME "-%lld" : SAFETY_NAME,
             (long long)run->attempts);
    name_with_time(run, prefix, name, sizeof name);
    free(run->name);
    run->name = strdup(name);
    run_request(run, "gns3.snapshot.create",
                json_pack("{s:s,s:s}", "project", run->project, "name", run->name), restore_kept);
}

static void restore_checked(struct run *run)
{
    if (run->failed_once) {
        char text[400];
        snprintf(text, sizeof text, "it is not restored: %.330s", run->text);
        give_up(run, text);
        return;
    }
    run->goal = json_incref(run->archived);
    run->attempts = 0;
    restore_keep(run);
}

static void restore_check(struct run *run)
{
    if (run->failed_once)
        give_up(run, "not all nodes could be stopped");
    else
        check_begin(run, run->of, restore_checked);
}

/* ---- The beginning --------------------------------------------------------------------------- */

static void restore_looked(struct run *run, int error, const json_t *answer);

static void restore_opened(struct run *run, int error, const json_t *answer)
{
    if (error < 0)
        run_end(run, RUN_FAILED, "cannot open the project: %.300s", answer_text(answer, error));
    else
        run_request(run, "gns3.project.sync", id_param(run->project), restore_looked);
}

static size_t take_running(struct run *run, const json_t *nodes)
{
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        const char *status = member_text(node, "status");
        bool suspended = strcmp(status, "suspended") == 0;
        if (always_runs(member_text(node, "node_type")) ||
            (!suspended && strcmp(status, "started") != 0))
            continue;
        struct run_node *added = run_add_node(run, node);
        if (added && suspended)
            added->was = WAS_SUSPENDED;
    }
    return run->node_count;
}

static void restore_looked(struct run *run, int error, const json_t *answer)
{
    const char *status = member_text(json_object_get(answer, "project"), "status");
    if (error < 0) {
        run_end(run, RUN_FAILED, "the project cannot be looked at: %.300s",
                answer_text(answer, error));
    } else if (strcmp(status, "opened") != 0) {
        if (run->attempts++ == 0)
            run_request(run, "gns3.project.open", id_param(run->project), restore_opened);
        else
            run_end(run, RUN_FAILED, "somebody closes the project again");
    } else if (take_running(run, json_object_get(answer, "nodes")) == 0) {
        restore_check(run);
    } else if (!run->quiesce) {
        run_end(run, RUN_SKIPPED,
                "%zu nodes run, %s among them: a restore would stop them and the present state "
                "could not be kept. Stop them (gns3.project.stop_all), or say quiesce: yes",
                run->node_count, run->nodes[0].name);
    } else {
        quiesce_order(run);
        if (run_journal(run, PHASE_STOPPING) < 0)
            run_end(run, RUN_FAILED, "its journal cannot be written");
        else
            quiesce_stop(run, restore_check);
    }
}

void restore_begin(struct run *run)
{
    const json_t *copy = run->of ? copy_get(run->snap, run->of) : NULL;
    if (!copy || !json_is_true(json_object_get(copy, "on_server"))) {
        run_end(run, RUN_FAILED,
                "the snapshot is not on the server any more: snapshot.copy.import makes a new "
                "project of its copy");
        return;
    }
    run_request(run, "gns3.project.sync", id_param(run->project), restore_looked);
}

/* GNS3 goes on with a restore it has begun; what ran is started again. */
static void recovered(struct run *run)
{
    run_end(run, RUN_FAILED,
            "gnswatch was ended in the middle of the restore; look at the project, the state "
            "before it is %s",
            run->name ? run->name : "as it is");
}

void restore_recover(struct run *run)
{
    quiesce_start(run, recovered);
}

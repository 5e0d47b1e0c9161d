/* take.c - one snapshot: look, stop what runs when that is asked for, take it, start again exactly
 * what ran, look at the archive, copy it away, remove what is too old.
 *
 * GNS3 tests once that nothing runs and then reads the disks: a node that somebody starts meanwhile
 * tears the image. So it is looked at again when it is taken, and a torn one is deleted. */
#include "take.h"

#include "listing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 500, TRIES_MAX = 100 };

static json_t *project_param(const struct run *run)
{
    return json_pack("{s:s}", "id", run->project);
}

static bool runs(const json_t *node)
{
    const char *status = member_text(node, "status");
    return !always_runs(member_text(node, "node_type")) &&
           (strcmp(status, "started") == 0 || strcmp(status, "suspended") == 0);
}

static bool known(const struct run *run, const char *id)
{
    for (size_t i = 0; i < run->node_count; i++)
        if (strcmp(run->nodes[i].id, id) == 0)
            return true;
    return false;
}

/* Names of nodes that run, at most a line; how many. */
static size_t running_names(const json_t *nodes, char *out, size_t size)
{
    size_t count = 0, used = 0, i;
    const json_t *node;
    out[0] = '\0';
    json_array_foreach(nodes, i, node)
    {
        if (!runs(node))
            continue;
        if (used + 1 < size) {
            int wrote = snprintf(out + used, size - used, "%s%.60s", count ? ", " : "",
                                 member_text(node, "name"));
            used += wrote > 0 ? (size_t)wrote : 0;
        }
        count++;
    }
    return count;
}

/* ---- The end, also when it did not work: what ran runs again --------------------------------- */

static void closed_again(struct run *run, int error, const json_t *answer)
{
    if (error < 0)
        run_note(run, false, "cannot close the project again: %s", answer_text(answer, error));
    run->opened = false;
    run->then(run);
}

void take_close(struct run *run, run_step_fn *then)
{
    run->then = then;
    if (run->opened)
        run_request(run, "gns3.project.close", project_param(run), closed_again);
    else
        then(run);
}

static void give_up_end(struct run *run)
{
    char text[400];
    snprintf(text, sizeof text, "%s", run->text);
    run_end(run, RUN_FAILED, "%s", text);
}

static void give_up_closed(struct run *run)
{
    if (run->failed_once) {
        size_t used = strlen(run->text);
        snprintf(run->text + used, sizeof run->text - used, "; %s", run->torn_by);
    }
    take_close(run, give_up_end);
}

/* Fails with `text`, but not before the nodes that ran run again. */
static void give_up(struct run *run, const char *text)
{
    char kept[400];
    snprintf(kept, sizeof kept, "%s", text);
    snprintf(run->text, sizeof run->text, "%s", kept);
    run->watching = false;
    quiesce_start(run, give_up_closed);
}

/* ---- After the snapshot ---------------------------------------------------------------------- */

static void take_over(struct run *run)
{
    struct schedule *schedule = run->schedule ? schedule_find(run->snap, run->schedule) : NULL;
    if (schedule)
        json_decref(prune_schedule(run->snap, schedule, false));
    if (run->failed_once)
        run_end(run, RUN_FAILED, "%s is taken, but %.250s", run->name, run->text);
    else
        run_end(run, RUN_DONE, "%s is taken%s", run->name, run->verify ? " and whole" : "");
}

static void take_checked(struct run *run)
{
    bool bad = run->failed_once;
    if (bad) {
        take_over(run);
        return;
    }
    offsite_begin(run, take_over);
}

void take_check(struct run *run)
{
    if (run->verify)
        check_begin(run, run->snapshot, take_checked);
    else
        take_over(run);
}

static void take_closed(struct run *run)
{
    run_journal(run, PHASE_CHECKING);
    take_check(run);
}

void take_restarted(struct run *run)
{
    bool failed = run->failed_once;
    if (failed) {
        run_end(run, RUN_FAILED, "%s is taken, but %.250s", run->name, run->torn_by);
        return;
    }
    take_close(run, take_closed);
}

static void take_restart(struct run *run)
{
    run_journal(run, PHASE_STARTING);
    quiesce_start(run, take_restarted);
}

/* ---- What is on the server's disk, when that is this machine's ------------------------------- */

struct listing {
    struct run *run;
    char *folder;
    int64_t before_ms;
    json_t *files;
};

static void listing_free(void *data)
{
    struct listing *listing = data;
    json_decref(listing->files);
    free(listing->folder);
    free(listing);
}

static void listing_run(void *data, const atomic_bool *cancel)
{
    struct listing *listing = data;
    (void)cancel;
    listing->files = listing_of(listing->folder, listing->before_ms);
}

static void listing_done(struct gw_plugin *self, void *data)
{
    (void)self;
    struct listing *listing = data;
    if (!run_arrived(listing->run))
        return;
    if (listing->files && json_object_size(listing->files) > 0)
        json_object_set(listing->run->expect, "files", listing->files);
    take_restart(listing->run);
}

static void take_list(struct run *run)
{
    char folder[PATH_BYTES];
    struct listing *listing =
        project_folder(run->snap, run->server, run->project, folder, sizeof folder) == 0
            ? calloc(1, sizeof *listing)
            : NULL;
    if (!listing) {
        take_restart(run);
        return;
    }
    *listing = (struct listing){run, strdup(folder), run->begun_ms, NULL};
    if (listing->folder)
        run_work(run, run->snap->files,
                 &(struct work_job){listing_run, listing_done, listing_free, listing});
    else
        listing_free(listing);
}

/* ---- Taken: was anything started meanwhile? -------------------------------------------------- */

static void take_look(struct run *run);

static void torn_deleted(struct run *run, int error, const json_t *answer)
{
    if (error < 0 && error != -ENOENT)
        run_note(run, false, "the torn snapshot is left: %s", answer_text(answer, error));
    free(run->snapshot);
    run->snapshot = NULL;
    run->torn = false;
    if (run->quiesce && run->attempts <= run->how->retries) {
        run_journal(run, PHASE_STOPPING);
        run_note(run, true, "taking it again");
        take_look(run);
        return;
    }
    char text[400];
    snprintf(text, sizeof text, "it was torn and is deleted: %s", run->torn_by);
    give_up(run, text);
}

static void take_torn(struct run *run)
{
    run_note(run, false, "torn: %s", run->torn_by);
    copy_suspect(run->snap, run->project, run->name, run->torn_by);
    if (run->snapshot)
        run_request(run, "gns3.snapshot.delete", json_pack("{s:s}", "id", run->snapshot),
                    torn_deleted);
    else
        torn_deleted(run, 0, NULL);
}

static void taken_looked(struct run *run, int error, const json_t *answer)
{
    char names[200];
    run->watching = false;
    if (error < 0) { /* what cannot be looked at is not known to be whole */
        run->torn = true;
        snprintf(run->torn_by, sizeof run->torn_by, "the project could not be looked at: %.120s",
                 answer_text(answer, error));
    } else if (strcmp(member_text(json_object_get(answer, "project"), "status"), "opened") != 0) {
        run->torn = true;
        snprintf(run->torn_by, sizeof run->torn_by, "somebody closed the project meanwhile");
    } else if (running_names(json_object_get(answer, "nodes"), names, sizeof names) > 0) {
        run->torn = true;
        snprintf(run->torn_by, sizeof run->torn_by, "somebody started %.150s meanwhile", names);
    }
    if (run->torn)
        take_torn(run);
    else
        take_list(run);
}

static void take_created(struct run *run, int error, const json_t *answer)
{
    if (error < 0) {
        char text[400];
        run->watching = false;
        if (error != -EEXIST) /* then it is somebody else's */
            copy_suspect(run->snap, run->project, run->name, "its creation was not finished");
        snprintf(text, sizeof text, "GNS3 does not take it: %.330s", answer_text(answer, error));
        give_up(run, text);
        return;
    }
    run->snapshot = strdup(member_text(answer, "id"));
    run->created_ms = member_whole(answer, "created_at");
    run_note(run, true, "%s is taken", run->name);
    run_request(run, "gns3.project.sync", project_param(run), taken_looked);
}

static json_t *expected_nodes(const struct run *run, const json_t *nodes)
{
    json_t *list = json_array();
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:b}", "name", member_text(node, "name"), "node_type",
                            member_text(node, "node_type"), "node_id", member_text(node, "node_id"),
                            "compute_id", member_text(node, "compute_id"), "ran",
                            known(run, member_text(node, "id"))));
    }
    return list;
}

/* What somebody else called so must never be taken for ours. */
static bool is_taken(const json_t *snapshots, const char *name)
{
    size_t i;
    const json_t *snapshot;
    json_array_foreach(snapshots, i, snapshot)
    {
        if (strcmp(member_text(snapshot, "name"), name) == 0)
            return true;
    }
    return false;
}

static void take_create(struct run *run, const json_t *project)
{
    const json_t *nodes = json_object_get(project, "nodes");
    run->attempts++;
    name_snapshot(run);
    if (!run->name || is_taken(json_object_get(project, "snapshots"), run->name)) {
        char text[400];
        snprintf(text, sizeof text, "a snapshot called %.100s exists already",
                 run->name ? run->name : "so");
        give_up(run, text);
        return;
    }
    run->torn = false;
    run->watching = true;
    run->begun_ms = run_now(run);
    json_decref(run->expect);
    run->expect = json_pack("{s:o}", "nodes", expected_nodes(run, nodes));
    json_array_clear(run->lost);
    if (run_journal(run, PHASE_CREATING) < 0) {
        give_up(run, "its journal cannot be written: is the disk of gnswatch full?");
        return;
    }
    run_request(run, "gns3.snapshot.create",
                json_pack("{s:s,s:s}", "project", run->project, "name", run->name), take_created);
}

/* ---- Before it: look, and stop what runs ----------------------------------------------------- */

static void take_stop(struct run *run, const json_t *nodes);

static void stopped_looked(struct run *run, int error, const json_t *answer)
{
    char names[200], text[400];
    if (error < 0) {
        snprintf(text, sizeof text, "the project cannot be looked at: %.300s",
                 answer_text(answer, error));
        give_up(run, text);
    } else if (running_names(json_object_get(answer, "nodes"), names, sizeof names) > 0 &&
               run->attempts++ < run->how->retries) {
        run_note(run, false, "somebody started %s meanwhile", names);
        take_stop(run, json_object_get(answer, "nodes"));
    } else if (running_names(json_object_get(answer, "nodes"), names, sizeof names) > 0) {
        snprintf(text, sizeof text, "somebody starts %s while it is being stopped", names);
        give_up(run, text);
    } else {
        take_create(run, answer);
    }
}

static void take_stopped(struct run *run)
{
    if (run->failed_once)
        give_up(run, "not all nodes could be stopped");
    else
        run_request(run, "gns3.project.sync", project_param(run), stopped_looked);
}

static void take_stop(struct run *run, const json_t *nodes)
{
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        struct run_node *added =
            runs(node) && !known(run, member_text(node, "id")) ? run_add_node(run, node) : NULL;
        if (added && strcmp(member_text(node, "status"), "suspended") == 0)
            added->was = WAS_SUSPENDED;
    }
    quiesce_order(run);
    if (run_journal(run, PHASE_STOPPING) < 0) {
        give_up(run, "its journal cannot be written: is the disk of gnswatch full?");
        return;
    }
    quiesce_stop(run, take_stopped);
}

/* False: the run has ended. */
static bool room(struct run *run)
{
    double used = server_disk(run->snap, run->server);
    if (isnan(used) || used <= 100 - run->snap->disk_floor)
        return true;
    run_end(run, RUN_SKIPPED,
            "the disk of %s is %.0f %% full; `disk_floor` wants %.0f %% free before more is put "
            "on it",
            run->server, used, run->snap->disk_floor);
    return false;
}

static void take_opened(struct run *run, int error, const json_t *answer)
{
    if (error < 0) {
        run_end(run, RUN_FAILED, "cannot open the project: %.300s", answer_text(answer, error));
        return;
    }
    run->opened = true;
    take_look(run);
}

static void take_closed_project(struct run *run)
{
    if (run->attempts > 0)
        give_up(run, "somebody closed the project");
    else if (!run->open_closed)
        run_end(run, RUN_SKIPPED, "the project is closed, and `closed` is skip");
    else if (run->opened)
        run_end(run, RUN_FAILED, "somebody closes the project again");
    else
        run_request(run, "gns3.project.open", project_param(run), take_opened);
}

static void take_looked(struct run *run, int error, const json_t *answer)
{
    char names[200];
    const json_t *nodes = json_object_get(answer, "nodes");
    if (error < 0) {
        char text[400];
        snprintf(text, sizeof text, "the project cannot be looked at: %.300s",
                 answer_text(answer, error));
        give_up(run, text);
    } else if (strcmp(member_text(json_object_get(answer, "project"), "status"), "opened") != 0) {
        take_closed_project(run);
    } else if (run->attempts == 0 && !room(run)) {
        return;
    } else if (running_names(nodes, names, sizeof names) == 0) {
        take_create(run, answer);
    } else if (run->quiesce) {
        take_stop(run, nodes);
    } else {
        run_end(run, RUN_SKIPPED, "it runs (%s), and the mode is `stopped`", names);
    }
}

static void take_look(struct run *run)
{
    run_request(run, "gns3.project.sync", project_param(run), take_looked);
}

void take_begin(struct run *run)
{
    take_look(run);
}

/* ---- What others do meanwhile ---------------------------------------------------------------- */

void take_on_started(struct snap *snap, const char *project, const char *text)
{
    for (struct run *run = snap->runs; run; run = run->next) {
        if (!run->watching || run->over || strcmp(run->project, project) != 0)
            continue;
        run->torn = true;
        snprintf(run->torn_by, sizeof run->torn_by, "%.190s", text);
    }
}

void take_on_warning(struct snap *snap, const char *server, const char *project, const char *text)
{
    if (!strstr(text, "export") && !strstr(text, "Export"))
        return;
    for (struct run *run = snap->runs; run; run = run->next) {
        bool ours = *project ? strcmp(run->project, project) == 0
                             : strcmp(run->server, server) == 0 && strstr(text, run->project);
        if (run->over || run->kind != RUN_SNAPSHOT || run->state != RUN_RUNNING || !ours)
            continue;
        json_array_append_new(run->lost, json_string(text));
        run_note(run, false, "GNS3: %s", text);
    }
}

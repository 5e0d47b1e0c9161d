/* check.c - a snapshot's archive at hand, and verified; what came of it goes into the catalogue.
 *
 * Where the GNS3 server is this machine the archive is read where it lies; else the gns3 plugin
 * fetches it into our state directory, or back.c gets it from where it was copied, and it goes
 * again when it has been looked at. */
#include "pack.h"
#include "run.h"
#include "verify.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TYPICAL_OF = 5 };

/* ---- The archive ----------------------------------------------------------------------------- */

void check_done(struct run *run)
{
    if (run->archive && run->archive_ours)
        unlink(run->archive);
    free(run->archive);
    run->archive = NULL;
    run->archive_ours = false;
}

void archive_missing(struct run *run, const char *text)
{
    check_done(run);
    run->failed_once = true;
    snprintf(run->text, sizeof run->text, "%s", text);
    run_note(run, false, "%s", text);
    run->then(run);
}

static void fetched(struct run *run, int error, const json_t *answer)
{
    char text[380];
    if (error == 0) {
        run->then(run);
        return;
    }
    snprintf(text, sizeof text, "its archive cannot be fetched: %.300s",
             answer_text(answer, error));
    json_t *copy = copy_get(run->snap, run->checked);
    if (error == -ENOENT && copy && json_is_true(json_object_get(copy, "on_server"))) {
        json_object_set_new(copy, "verified", json_string("bad"));
        json_object_set_new(copy, "verify",
                            json_pack("{s:I,s:s,s:i,s:i,s:i,s:[s]}", "time",
                                      (json_int_t)run_now(run), "text", text, "nodes", 0, "files",
                                      0, "bytes", 0, "missing", text));
        copy_put(run->snap, run->checked);
        emit(run->snap, GW_ERROR, "snapshot.damaged", copy, "Snapshot %s of project %s: %s",
             member_text(copy, "name"), member_text(copy, "project_name"), text);
    }
    archive_missing(run, text);
}

/* Where the archive lies on this machine. */
static bool lies_here(struct run *run, const char *copy, char *path, size_t size)
{
    char folder[PATH_BYTES];
    json_t *snapshot = object_of(run->snap, "gns3.snapshot", copy);
    const json_t *known = copy_get(run->snap, copy);
    const char *file = member_text(snapshot, "filename");
    bool here = *file && *file != '.' && !strchr(file, '/') &&
                project_folder(run->snap, member_text(known, "server"),
                               member_text(known, "project"), folder, sizeof folder) == 0;
    if (here) {
        int wrote = snprintf(path, size, "%s/snapshots/%s", folder, file);
        here = wrote > 0 && (size_t)wrote < size && access(path, R_OK) == 0;
    }
    json_decref(snapshot);
    return here;
}

/* From the root, as the gns3 plugin takes other paths to be in its own folder. */
static int fetch_path(const struct run *run, char *path, size_t size)
{
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/fetch", gw_state_dir(run->snap->self));
    int error = make_folder(folder);
    char *full = error < 0 ? NULL : realpath(folder, NULL);
    if (!full)
        return -ENOENT;
    snprintf(path, size, "%s/%lld.gns3project", full, (long long)run->number);
    free(full);
    return 0;
}

/* Somebody wants that of a target, or the server has it no more. */
static bool lies_elsewhere(const struct run *run, const char *copy)
{
    const json_t *known = copy_get(run->snap, copy);
    return run->from || (json_array_size(json_object_get(known, "copies")) > 0 &&
                         !json_is_true(json_object_get(known, "on_server")));
}

void archives_clear(struct snap *snap)
{
    char folder[PATH_BYTES], path[PATH_BYTES + 300];
    snprintf(folder, sizeof folder, "%.4000s/fetch", gw_state_dir(snap->self));
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_REG)
            unlink(path);
    }
    if (entries)
        closedir(entries);
}

void archive_get(struct run *run, const char *copy, run_step_fn *then)
{
    char path[PATH_BYTES + 512];
    char *kept = strdup(copy); /* may be run->checked itself */
    check_done(run);
    free(run->checked);
    run->checked = kept;
    run->then = then;
    run->failed_once = false;
    bool elsewhere = lies_elsewhere(run, kept);
    if (!elsewhere && lies_here(run, kept, path, sizeof path)) {
        run->archive = strdup(path);
        then(run);
        return;
    }
    if (fetch_path(run, path, sizeof path) < 0) {
        archive_missing(run, "the folder for fetched archives cannot be made");
        return;
    }
    run->archive = strdup(path);
    run->archive_ours = true;
    if (elsewhere) {
        offsite_get(run);
        return;
    }
    run_request(run, "gns3.snapshot.fetch", json_pack("{s:s,s:s}", "id", kept, "path", path),
                fetched);
}

/* ---- Verifying ------------------------------------------------------------------------------- */

struct check {
    struct run *run;
    run_step_fn *then;
    char *path, *list_path, *copy;
    json_t *expect;
    struct verify_result result;
    int error;
    int64_t time_ms;
};

static void check_free(void *data)
{
    struct check *check = data;
    verify_fini(&check->result);
    json_decref(check->expect);
    free(check->path);
    free(check->list_path);
    free(check->copy);
    free(check);
}

/* What this one has is what the next one should have. */
static void keep_list(const struct check *check)
{
    json_object_set_new(check->result.list, "time", json_integer(check->time_ms));
    json_object_set_new(check->result.list, "copy", json_string(check->copy));
    char *text = json_dumps(check->result.list, JSON_COMPACT);
    if (text)
        write_whole(check->list_path, text, strlen(text));
    free(text);
}

static void check_run(void *data, const atomic_bool *cancel)
{
    struct check *check = data;
    json_t *earlier = json_load_file(check->list_path, 0, NULL);
    int64_t earlier_ms = json_integer_value(json_object_get(earlier, "time"));
    bool other = strcmp(member_text(earlier, "copy"), check->copy) != 0;
    if (earlier && other && earlier_ms <= check->time_ms) /* an older one may have had less */
        json_object_set(check->expect, "earlier", earlier);
    struct verify_ask ask = {check->path, check->expect, cancel};
    check->error = verify_archive(&ask, &check->result);
    if (check->error == 0 && check->result.ok && earlier_ms <= check->time_ms)
        keep_list(check);
    json_decref(earlier);
}

static void note_result(struct check *check, json_t *copy)
{
    struct run *run = check->run;
    const struct verify_result *result = &check->result;
    bool ok = result->ok || run->accept;
    char text[500];
    snprintf(text, sizeof text, "%s%.400s",
             result->ok || !run->accept ? "" : "accepted: ", result->text);
    json_object_set_new(copy, "verified", json_string(ok ? "ok" : "bad"));
    json_object_set_new(copy, "bytes", json_integer(result->archive_bytes));
    json_object_set_new(copy, "verify",
                        json_pack("{s:I,s:s,s:I,s:I,s:I,s:O,s:O}", "time", (json_int_t)run_now(run),
                                  "text", text, "nodes", (json_int_t)result->node_count, "files",
                                  (json_int_t)result->file_count, "bytes",
                                  (json_int_t)result->bytes, "missing", result->missing, "warnings",
                                  result->warnings));
    copy_put(run->snap, check->copy);
    run_note(run, ok, "%s", text);
    if (!ok)
        emit(run->snap, GW_ERROR, "snapshot.damaged", copy,
             "Snapshot %s of project %s on %s is damaged: %s", member_text(copy, "name"),
             member_text(copy, "project_name"), member_text(copy, "server"), result->text);
    run->failed_once = !ok;
    snprintf(run->text, sizeof run->text, "%s%.350s", ok ? "" : "it is damaged: ", text);
}

static void check_done_by_worker(struct gw_plugin *self, void *data)
{
    (void)self;
    struct check *check = data;
    struct run *run = check->run;
    if (!run_arrived(run))
        return;
    json_t *copy = copy_get(run->snap, check->copy);
    run->then = check->then;
    if (check->error < 0 || !copy) {
        archive_missing(run, check->error < 0 ? "its archive cannot be read"
                                              : "it is gone while it was looked at");
        return;
    }
    json_decref(run->archived);
    run->archived = json_incref(check->result.nodes);
    note_result(check, copy);
    check->then(run);
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The middle of some good ones of the project; 0: there is none. */
static int64_t typical_bytes(const struct run *run)
{
    int64_t sizes[TYPICAL_OF];
    size_t count = 0;
    const char *id;
    json_t *copy;
    json_object_foreach(run->snap->copies, id, copy)
    {
        const json_t *verify = json_object_get(copy, "verify");
        if (count < TYPICAL_OF && strcmp(member_text(copy, "project"), run->project) == 0 &&
            strcmp(member_text(copy, "verified"), "ok") == 0 && strcmp(id, run->checked) != 0)
            sizes[count++] = member_whole(verify, "bytes");
    }
    if (count == 0)
        return 0;
    qsort(sizes, count, sizeof *sizes, by_size);
    return sizes[count / 2];
}

static void check_verify(struct run *run, run_step_fn *then)
{
    char path[PATH_BYTES + 256], plain[200];
    const json_t *copy = copy_get(run->snap, run->checked);
    struct check *check = calloc(1, sizeof *check);
    if (!check) {
        run_end(run, RUN_FAILED, "out of memory");
        return;
    }
    plain_name(run->project, plain, sizeof plain);
    snprintf(path, sizeof path, "%s/lists/%s.json", gw_state_dir(run->snap->self), plain);
    bool ours = run->snapshot && strcmp(run->snapshot, run->checked) == 0;
    *check =
        (struct check){.run = run,
                       .then = then,
                       .path = strdup(run->archive),
                       .list_path = strdup(path),
                       .copy = strdup(run->checked),
                       .expect = ours && run->expect ? json_deep_copy(run->expect) : json_object(),
                       .time_ms = member_whole(copy, "created_at")};
    if (!check->path || !check->list_path || !check->copy || !check->expect) {
        check_free(check);
        run_end(run, RUN_FAILED, "out of memory");
        return;
    }
    if (ours)
        json_object_set_new(check->expect, "lost", json_deep_copy(run->lost));
    json_object_set_new(check->expect, "typical_bytes", json_integer(typical_bytes(run)));
    run_work(run, run->snap->files,
             &(struct work_job){check_run, check_done_by_worker, check_free, check});
}

static void check_at_hand(struct run *run)
{
    run_step_fn *then = run->checked_then;
    if (run->failed_once)
        then(run);
    else
        check_verify(run, then);
}

void check_begin(struct run *run, const char *copy, run_step_fn *then)
{
    if (!copy_get(run->snap, copy))
        catalogue_look(run->snap);
    if (!copy_get(run->snap, copy)) {
        run->then = then;
        archive_missing(run, "it is not in the catalogue: it was deleted meanwhile");
        return;
    }
    run->checked_then = then;
    archive_get(run, copy, check_at_hand);
}

/* ---- A run that only verifies ---------------------------------------------------------------- */

static void verified(struct run *run)
{
    char text[400];
    snprintf(text, sizeof text, "%s", run->text);
    run_end(run, run->failed_once ? RUN_FAILED : RUN_DONE, "%s", text);
}

void verify_begin(struct run *run)
{
    if (run->of)
        check_begin(run, run->of, verified);
    else
        run_end(run, RUN_FAILED, "it names no snapshot");
}

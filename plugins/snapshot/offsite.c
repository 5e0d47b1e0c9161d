/* offsite.c - copies of a snapshot elsewhere: packed with zstd, with a checksum, into a directory
 * or to S3-compatible storage. A copy that fails is tried again and then said; the snapshot itself
 * stays good. */
#include "pack.h"
#include "run.h"
#include "s3.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES_MAX = 3, AGAIN_MS = 5000 };

struct packing {
    struct run *run;
    const struct target *target;
    char *from, *to, *key; /* key: of S3, else NULL */
    struct pack_result result;
    int error;
};

static void copy_next(struct run *run);

static void packing_free(void *data)
{
    struct packing *packing = data;
    free(packing->from);
    free(packing->to);
    free(packing->key);
    free(packing);
}

static void packing_run(void *data, const atomic_bool *cancel)
{
    struct packing *packing = data;
    packing->error =
        pack_file(packing->from, packing->to, packing->target->level, cancel, &packing->result);
}

/* ---- What came of it ------------------------------------------------------------------------- */

static json_t *others_of(const json_t *copies, const char *target)
{
    json_t *list = json_array();
    size_t i;
    json_t *each;
    json_array_foreach(copies, i, each)
    {
        if (strcmp(member_text(each, "target"), target) != 0)
            json_array_append(list, each);
    }
    return list;
}

static void note_copy(struct run *run, const struct target *target, const char *path,
                      const struct pack_result *result, const char *failed)
{
    json_t *copy = copy_get(run->snap, run->checked);
    if (!copy)
        return;
    json_t *list = others_of(json_object_get(copy, "copies"), target->name);
    json_array_append_new(
        list, json_pack("{s:s,s:s,s:I,s:s,s:I,s:b,s:s}", "target", target->name, "path", path,
                        "bytes", (json_int_t)result->bytes, "sha256", result->sha256, "time",
                        (json_int_t)run_now(run), "ok", !failed, "text", failed ? failed : ""));
    json_object_set_new(copy, "copies", list);
    copy_put(run->snap, run->checked);
    if (failed) {
        run_note(run, false, "no copy to %s: %s", target->name, failed);
        emit(run->snap, GW_WARNING, "snapshot.copy.failed", copy,
             "Snapshot %s of project %s was not copied to %s: %s", member_text(copy, "name"),
             member_text(copy, "project_name"), target->name, failed);
    } else {
        run_note(run, true, "copied to %s: %lld bytes", target->name, (long long)result->bytes);
        emit(run->snap, GW_INFO, "snapshot.copied", copy,
             "Snapshot %s of project %s was copied to %s, %lld bytes.", member_text(copy, "name"),
             member_text(copy, "project_name"), target->name, (long long)result->bytes);
    }
}

static void copied(struct run *run, const struct target *target, const char *path,
                   const struct pack_result *result, const char *failed)
{
    if (failed && ++run->tries < TRIES_MAX) {
        run_note(run, false, "copy to %s, try %d: %s", target->name, run->tries, failed);
        run_wait(run, AGAIN_MS, copy_next);
        return;
    }
    note_copy(run, target, path, result, failed);
    run->tries = 0;
    run->target_at++;
    copy_next(run);
}

static void sent(struct snap *snap, int error, const char *text, void *data)
{
    struct packing *packing = data;
    struct run *run = packing->run;
    char sum[PATH_BYTES];
    snprintf(sum, sizeof sum, "%.4000s.sha256", packing->to);
    unlink(packing->to);
    unlink(sum);
    if (run_arrived(run) && !snap->stopping)
        copied(run, packing->target, packing->key, &packing->result, error < 0 ? text : NULL);
    packing_free(packing);
}

/* NULL: it is under way. Else why it is not. */
static const char *send_off(struct run *run, struct packing *packing)
{
    if (packing->result.bytes > S3_BYTES_MAX)
        return "it is larger than the 5 GiB one request may have";
    struct packing *kept = malloc(sizeof *kept);
    if (!kept)
        return "out of memory";
    *kept = *packing;
    if (s3_put(run->snap, kept->target, kept->key, kept->to, kept->result.sha256, sent, kept) < 0) {
        free(kept);
        return "it cannot be sent: look at endpoint, bucket and keys of this target";
    }
    packing->from = packing->to = packing->key = NULL; /* handed over */
    run->pending++;
    return NULL;
}

static void send_packed(struct run *run, struct packing *packing)
{
    const char *failed = send_off(run, packing);
    if (!failed)
        return;
    unlink(packing->to);
    copied(run, packing->target, packing->key, &packing->result, failed);
}

static void packed(struct gw_plugin *self, void *data)
{
    (void)self;
    struct packing *packing = data;
    struct run *run = packing->run;
    if (!run_arrived(run))
        return;
    if (packing->error < 0)
        copied(run, packing->target, packing->key ? packing->key : packing->to, &packing->result,
               packing->result.text);
    else if (packing->key)
        send_packed(run, packing);
    else
        copied(run, packing->target, packing->to, &packing->result, NULL);
}

/* ---- Where to -------------------------------------------------------------------------------- */

/* SERVER/PROJECT/NAME@SECONDS.gns3project.zst */
static void place_of(const json_t *copy, char *out, size_t size)
{
    char server[80], project[120], name[160];
    plain_name(member_text(copy, "server"), server, sizeof server);
    plain_name(member_text(copy, "project_name"), project, sizeof project);
    plain_name(member_text(copy, "name"), name, sizeof name);
    snprintf(out, size, "%s/%s/%s@%lld.gns3project.zst", server, project, name,
             (long long)(member_whole(copy, "created_at") / 1000));
}

static void copy_to(struct run *run, const struct target *target)
{
    char place[512], to[PATH_BYTES], key[1024];
    const json_t *copy = copy_get(run->snap, run->checked);
    struct packing *packing = copy ? calloc(1, sizeof *packing) : NULL;
    if (!packing) {
        run_end(run, RUN_FAILED, "it is gone before it was copied");
        return;
    }
    place_of(copy, place, sizeof place);
    if (target->directory) {
        snprintf(to, sizeof to, "%.3500s/%s", target->directory, place);
    } else {
        snprintf(to, sizeof to, "%.3500s/fetch/%lld.zst", gw_state_dir(run->snap->self),
                 (long long)run->number);
        snprintf(key, sizeof key, "%.400s%s%s", target->prefix, *target->prefix ? "/" : "", place);
        packing->key = strdup(key);
    }
    packing->run = run;
    packing->target = target;
    packing->from = strdup(run->archive);
    packing->to = strdup(to);
    run_work(run, run->snap->files, &(struct work_job){packing_run, packed, packing_free, packing});
}

static void copy_next(struct run *run)
{
    const struct schedule *schedule =
        run->schedule ? schedule_find(run->snap, run->schedule) : NULL;
    size_t count = schedule ? gw_count(schedule->values, "targets") : 0;
    while (run->target_at < count) {
        const char *name = gw_string_at(schedule->values, "targets", run->target_at);
        const struct target *target = target_find(run->snap, name);
        if (target && run->archive) {
            copy_to(run, target);
            return;
        }
        run_note(run, false, "there is no target called %s", name);
        run->target_at++;
    }
    run->failed_once = false;
    run->copied_then(run);
}

static void copy_at_hand(struct run *run)
{
    run->target_at = 0;
    run->tries = 0;
    if (run->failed_once)
        run->copied_then(run);
    else
        copy_next(run);
}

void offsite_begin(struct run *run, run_step_fn *then)
{
    run->copied_then = then;
    if (run->archive)
        copy_at_hand(run);
    else
        archive_get(run, run->snapshot, copy_at_hand);
}

/* ---- Away again ------------------------------------------------------------------------------ */

static void deleted(struct snap *snap, int error, const char *text, void *data)
{
    if (error < 0)
        gw_log(snap->self, GW_WARNING, "%s is left in the storage: %s", (char *)data, text);
    free(data);
}

static void remove_one(struct snap *snap, const struct target *target, const char *path)
{
    char sum[PATH_BYTES];
    if (target->directory) {
        size_t length = strlen(target->directory);
        if (strncmp(path, target->directory, length) != 0 || strstr(path, "/../"))
            return;
        snprintf(sum, sizeof sum, "%.4000s.sha256", path);
        if (unlink(path) < 0 && errno != ENOENT)
            gw_log(snap->self, GW_WARNING, "%s is left: %s", path, strerror(errno));
        unlink(sum);
        return;
    }
    char *name = strdup(path);
    if (name && s3_delete(snap, target, path, deleted, name) < 0)
        free(name);
}

void offsite_remove(struct snap *snap, json_t *copy, bool all)
{
    json_t *left = json_array();
    size_t i;
    json_t *each;
    json_array_foreach(json_object_get(copy, "copies"), i, each)
    {
        const struct target *target = target_find(snap, member_text(each, "target"));
        if (target && (all || target->follow))
            remove_one(snap, target, member_text(each, "path"));
        else
            json_array_append(left, each);
    }
    json_object_set_new(copy, "copies", left);
}

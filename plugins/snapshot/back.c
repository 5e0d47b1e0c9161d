/* back.c - an archive back from where it was copied: one place after the other, until one gives a
 * file with the checksum of the catalogue. */
#include "pack.h"
#include "run.h"
#include "s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct back {
    struct run *run;
    const char *target;    /* the options' */
    char *packed, *path;   /* owned */
    char sha256[65];       /* of `packed` */
    int64_t archive_bytes; /* 0: not known */
    bool fetched;          /* `packed` is ours, and goes */
    int error;
    struct pack_result result;
};

static void next_place(struct run *run);

static void back_free(void *data)
{
    struct back *back = data;
    if (back->fetched)
        unlink(back->packed);
    free(back->packed);
    free(back->path);
    free(back);
}

static void failed(struct run *run, const char *target, const char *why)
{
    run_note(run, false, "not from %s: %s", target, why);
    next_place(run);
}

/* ---- Unpacking ------------------------------------------------------------------------------- */

static void unpack_run(void *data, const atomic_bool *cancel)
{
    struct back *back = data;
    const struct unpack how = {.sha256 = back->sha256, .bytes_max = back->archive_bytes};
    back->error = unpack_file(back->packed, back->path, &how, cancel, &back->result);
}

static void unpacked(struct gw_plugin *self, void *data)
{
    (void)self;
    const struct back *back = data;
    struct run *run = back->run;
    if (!run_arrived(run))
        return;
    if (back->error < 0) {
        failed(run, back->target, back->result.text);
        return;
    }
    run_note(run, true, "taken from %s, its checksum is right", back->target);
    run->failed_once = false;
    run->then(run);
}

static void unpack(struct back *back)
{
    run_work(back->run, back->run->snap->files,
             &(struct work_job){unpack_run, unpacked, back_free, back});
}

static void got(struct snap *snap, int error, const char *text, void *data)
{
    struct back *back = data;
    struct run *run = back->run;
    if (!run_arrived(run) || snap->stopping) {
        back_free(back);
    } else if (error < 0) {
        failed(run, back->target, text);
        back_free(back);
    } else {
        unpack(back);
    }
}

/* ---- Which ----------------------------------------------------------------------------------- */

/* NULL: out of memory. */
static struct back *back_new(struct run *run, const struct target *target, const json_t *place)
{
    char packed[PATH_BYTES];
    struct back *back = calloc(1, sizeof *back);
    if (!back)
        return NULL;
    snprintf(packed, sizeof packed, "%.4000s.zst", run->archive);
    *back = (struct back){.run = run,
                          .target = target->name,
                          .packed = strdup(target->directory ? member_text(place, "path") : packed),
                          .path = strdup(run->archive),
                          .archive_bytes = member_whole(copy_get(run->snap, run->checked), "bytes"),
                          .fetched = !target->directory};
    snprintf(back->sha256, sizeof back->sha256, "%s", member_text(place, "sha256"));
    if (back->packed && back->path)
        return back;
    back->fetched = false;
    back_free(back);
    return NULL;
}

static void take_from(struct run *run, const struct target *target, const json_t *place)
{
    struct back *back = back_new(run, target, place);
    if (!back) {
        failed(run, target->name, "out of memory");
    } else if (target->directory) {
        unpack(back);
    } else if (s3_get(run->snap, target, member_text(place, "path"), back->packed, got, back) < 0) {
        back_free(back);
        failed(run, target->name,
               "it cannot be asked: look at endpoint, bucket and keys of this target");
    } else {
        run->pending++;
    }
}

static bool is_wanted(const struct run *run, const json_t *place)
{
    return json_is_true(json_object_get(place, "ok")) &&
           (!run->from || strcmp(run->from, member_text(place, "target")) == 0);
}

static void next_place(struct run *run)
{
    const json_t *places = json_object_get(copy_get(run->snap, run->checked), "copies");
    char text[300];
    while (run->target_at < json_array_size(places)) {
        const json_t *place = json_array_get(places, run->target_at++);
        const struct target *target = target_find(run->snap, member_text(place, "target"));
        if (!is_wanted(run, place))
            continue;
        if (target) {
            take_from(run, target, place);
            return;
        }
        run_note(run, false, "not from %s: there is no target of that name in the file any more",
                 member_text(place, "target"));
    }
    snprintf(text, sizeof text, "no good copy of it %s%.100s can be had",
             run->from ? "on " : "elsewhere", run->from ? run->from : "");
    archive_missing(run, text);
}

void offsite_get(struct run *run)
{
    run->target_at = 0;
    next_place(run);
}

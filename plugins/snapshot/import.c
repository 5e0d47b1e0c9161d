/* import.c - a new project of a snapshot, also of one that its server has no more: the archive is
 * verified, imported under a name of its own, opened and compared. Nothing is started, and nothing
 * that was there before is touched. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void import_compared(struct run *run, int error, const json_t *answer)
{
    struct difference difference = {0};
    if (error < 0) {
        run_end(run, RUN_FAILED, "imported as %.80s, which cannot be looked at: %.200s", run->name,
                answer_text(answer, error));
        return;
    }
    nodes_compare(run->archived, json_object_get(answer, "nodes"), &difference);
    run_end(run, difference.missing + difference.more ? RUN_FAILED : RUN_DONE,
            "imported as %.80s and opened, nothing is started; %.200s%s", run->name,
            difference.text[0] ? difference.text : "all nodes are there, where they were",
            difference.moved ? ": GNS3 deals nodes out to computes anew, move them back" : "");
}

static void import_opened(struct run *run, int error, const json_t *answer)
{
    if (error < 0)
        run_end(run, RUN_FAILED, "imported as %.80s, which does not open: %.250s", run->name,
                answer_text(answer, error));
    else
        run_request(run, "gns3.project.sync", id_param(run->temporary), import_compared);
}

static void import_imported(struct run *run, int error, const json_t *answer)
{
    const char *id = member_text(answer, "id"), *name = member_text(answer, "name");
    check_done(run);
    if (error < 0 || !*id || strcmp(id, run->project) == 0) {
        run_end(run, RUN_FAILED, "it cannot be imported: %.250s",
                error < 0 ? answer_text(answer, error) : "GNS3 answers with the old project");
        return;
    }
    run->temporary = strdup(id);
    if (*name) { /* GNS3 may have chosen another */
        free(run->name);
        run->name = strdup(name);
    }
    if (!run->temporary || !run->name) {
        run_end(run, RUN_FAILED, "out of memory");
        return;
    }
    run_note(run, true, "imported as %s", run->name);
    run_request(run, "gns3.project.open", id_param(run->temporary), import_opened);
}

static void import_checked(struct run *run)
{
    if (run->failed_once) {
        run_end(run, RUN_FAILED, "%s", run->text);
    } else if (run_journal(run, PHASE_IMPORTING) < 0) {
        run_end(run, RUN_FAILED, "its journal cannot be written");
    } else {
        run_request(run, "gns3.project.import",
                    json_pack("{s:s,s:s,s:s}", "server", run->server, "path", run->archive, "name",
                              run->name),
                    import_imported);
    }
}

void import_begin(struct run *run)
{
    if (!run->name)
        run->name = strdup(run->project_name);
    if (run->of && run->name)
        check_begin(run, run->of, import_checked);
    else
        run_end(run, RUN_FAILED, "it names no snapshot");
}

void import_recover(struct run *run)
{
    run_end(
        run, RUN_FAILED,
        "gnswatch was ended in the middle of the import: a project %.80s may be on %.80s and not "
        "be whole; look at it, delete it, and import again",
        run->name ? run->name : run->project_name, run->server);
}

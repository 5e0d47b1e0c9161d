/* take_recover.c - a snapshot that gnswatch was ended in the middle of: what ran runs again, and
 * what was being written meanwhile is not trusted. See journal.c for how this is known. */
#include "take.h"

#include <stdio.h>
#include <string.h>

static void recovered_end(struct run *run)
{
    struct schedule *schedule = run->schedule ? schedule_find(run->snap, run->schedule) : NULL;
    char more[200] = "";
    if (run->failed_once)
        snprintf(more, sizeof more, "; %.190s", run->torn_by);
    if (schedule && !run->again) {
        struct run_ask ask = {.kind = RUN_SNAPSHOT,
                              .project = run->project,
                              .project_name = run->project_name,
                              .server = run->server,
                              .schedule = run->schedule,
                              .how = run->how,
                              .quiesce = run->quiesce,
                              .open_closed = run->open_closed,
                              .verify = run->verify};
        struct run *next = run_new(run->snap, &ask);
        if (next) {
            next->again = true;
            run_journal(next, PHASE_NONE);
        }
    }
    if (run->failed_once)
        run_end(run, RUN_FAILED, "gnswatch was ended in the middle%s", more);
    else
        run_end(run, RUN_FAILED, "gnswatch was ended in the middle; %zu nodes were started again",
                run->node_count);
}

static void recovered_deleted(struct run *run, int error, const json_t *answer)
{
    if (error < 0)
        run_note(run, false, "the unfinished snapshot is left: %s", answer_text(answer, error));
    take_close(run, recovered_end);
}

/* The unfinished snapshot, when GNS3 has it already; later it is found by its name. */
static void recovered_looked(struct run *run, int error, const json_t *answer)
{
    size_t i;
    const json_t *snapshot, *found = NULL;
    json_array_foreach(json_object_get(answer, "snapshots"), i, snapshot)
    {
        if (run->name && strcmp(member_text(snapshot, "name"), run->name) == 0)
            found = snapshot;
    }
    if (error == 0 && found)
        run_request(run, "gns3.snapshot.delete", json_pack("{s:s}", "id", member_text(found, "id")),
                    recovered_deleted);
    else
        take_close(run, recovered_end);
}

static void recovered_started(struct run *run)
{
    run_request(run, "gns3.project.sync", json_pack("{s:s}", "id", run->project), recovered_looked);
}

void take_recover(struct run *run)
{
    if (run->phase == PHASE_CHECKING) {
        take_check(run);
    } else if (run->phase == PHASE_STARTING) {
        quiesce_start(run, take_restarted);
    } else {
        if (run->phase == PHASE_CREATING)
            copy_suspect(run->snap, run->project, run->name,
                         "gnswatch was ended while it was taken: a node may have run");
        quiesce_start(run, recovered_started);
    }
}

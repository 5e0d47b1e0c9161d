/* run.h - one snapshot, restore, drill or import: steps that ask GNS3 through the gns3 plugin, a
 * journal on the disk before each step that owes something, and one end.
 *
 * Steps are functions of struct run; a run is freed when it has ended and nothing it asked for is
 * under way. After run_end… or run_skip a step must return at once. */
#ifndef SNAPSHOT_RUN_H
#define SNAPSHOT_RUN_H

#include "model.h"

enum run_kind { RUN_SNAPSHOT = 1, RUN_RESTORE, RUN_DRILL, RUN_VERIFY, RUN_IMPORT };
enum run_state { RUN_WAITING = 1, RUN_RUNNING, RUN_DONE, RUN_FAILED, RUN_SKIPPED };

/* What is written before it begins; after a crash it says what is owed. */
enum run_phase {
    PHASE_NONE = 1, /* nothing owed */
    PHASE_STOPPING, /* nodes are being stopped: start them again */
    PHASE_CREATING, /* and the snapshot is being taken: it is not to be trusted */
    PHASE_STARTING, /* it is taken: start the nodes, go on */
    PHASE_CHECKING, /* only the looking is left */
    PHASE_RESTORING,
    PHASE_DRILLING,  /* a project is there that is ours to delete */
    PHASE_IMPORTING, /* a project may be there, and not be whole */
};

enum was { WAS_STARTED = 1, WAS_SUSPENDED };

struct run_node {
    char *id, *name, *type; /* owned */
    enum was was;
    size_t group; /* order of the start; the stop goes backwards */
    bool done, ready;
    char text[160]; /* what went wrong last */
};

typedef void run_step_fn(struct run *run);
typedef void run_answer_fn(struct run *run, int error, const json_t *answer);

struct run {
    struct run *next;
    struct snap *snap;
    struct gw_call *call; /* who waits for the end; NULL: nobody */
    int64_t number;
    enum run_kind kind;
    enum run_state state;
    enum run_phase phase;
    char *schedule, *project, *project_name, *server; /* owned; schedule may be NULL */
    char *name;     /* of the snapshot to take, or the temporary project; owned */
    char *snapshot; /* object id; owned; NULL: none yet */
    char *of;       /* the snapshot to restore, to try or to import; owned; NULL */
    char *from;     /* the target to take its archive from; owned; NULL: where it is */
    const struct quiesce_how *how;
    bool quiesce, open_closed, verify, start;
    bool accept;    /* what is missing is meant to be */
    bool recovered; /* it was begun before a crash */
    bool again;     /* it is already the second try after a crash */
    bool opened;    /* we opened the project: close it again */
    bool watching, torn;
    char torn_by[200];
    int64_t attempts;
    struct run_node *nodes; /* owned: those that ran */
    size_t node_count;
    json_t *expect;   /* owned: see verify.h */
    json_t *steps;    /* owned */
    json_t *lost;     /* owned: what GNS3 said it could not export */
    json_t *archived; /* owned: nodes of the archive that was checked last; NULL */
    json_t *goal;     /* owned: of the one to restore; NULL */
    int64_t queued_ms, started_ms, ended_ms, begun_ms, deadline_ms, created_ms;
    char text[400];
    /* going on */
    int pending;
    bool over;
    run_step_fn *then, *later;
    struct gw_timer *timer;
    size_t at_group, flying, next_node, passes, missed;
    bool failed_once;
    char *temporary; /* owned: object id of the project a drill or an import made */
    char *archive;   /* owned: the archive's path; NULL */
    bool archive_ours;
    char *checked; /* owned: the copy being looked at */
    run_step_fn *checked_then, *copied_then;
    size_t target_at;
    int tries;
};

/* run.c: life */
struct run_ask { /* what to do */
    enum run_kind kind;
    const char *project, *project_name, *server, *schedule, *of, *name, *from;
    const struct quiesce_how *how;
    bool quiesce, open_closed, verify, start, accept;
    struct gw_call *call;
};
/* NULL: too many wait, or no memory; `call` is not refused then. */
struct run *run_new(struct snap *snap, const struct run_ask *ask);
struct run *run_of_project(const struct snap *snap, const char *project, enum run_kind kind);
void runs_pump(struct snap *snap); /* starts what may start */
void runs_free(struct snap *snap);
void runs_put_recent(struct snap *snap);
void run_note(struct run *run, bool ok, const char *format, ...) GW_PRINTF(3, 4);
void run_put(struct run *run);
void run_end(struct run *run, enum run_state state, const char *format, ...) GW_PRINTF(3, 4);
json_t *id_param(const char *id); /* of most commands; new */
/* `params` is taken. The answer comes once, unless the run has ended. */
void run_request(struct run *run, const char *command, json_t *params, run_answer_fn *then);
void run_wait(struct run *run, int64_t delay_ms, run_step_fn *then);
void run_work(struct run *run, struct work *work, const struct work_job *job);
/* One of the callbacks counted in `pending` came. False: the run has ended, and may be gone. */
bool run_arrived(struct run *run);
const char *answer_text(const json_t *answer, int error); /* what a refusal says */
int64_t run_now(const struct run *run);
struct run_node *run_add_node(struct run *run, const json_t *node);
bool always_runs(const char *type);

/* journal.c */
int run_journal(struct run *run, enum run_phase phase); /* on the disk when it returns */
void run_forget_journal(struct run *run);
void runs_recover(struct snap *snap); /* at the start */

/* quiesce.c: nodes stopped in order, and started again */
void quiesce_order(struct run *run);
void quiesce_stop(struct run *run, run_step_fn *then);  /* failed_once: not all stopped */
void quiesce_start(struct run *run, run_step_fn *then); /* failed_once: not all are ready */

/* take.c, restore.c, drill.c, import.c: the kinds; recover is called instead of begin after a crash
 */
void take_begin(struct run *run);
void take_recover(struct run *run);
void take_on_started(struct snap *snap, const char *project, const char *text);
void take_on_warning(struct snap *snap, const char *server, const char *project, const char *text);
void restore_begin(struct run *run);
void restore_recover(struct run *run);
void drill_begin(struct run *run);
void drill_recover(struct run *run);
bool drill_is(const char *project_name); /* a project of a drill's */
void import_begin(struct run *run);
void import_recover(struct run *run);

/* restore.c: an archive's nodes against those of a project */
/* The node of `nodes` with the name and type of `wanted`; borrowed; NULL: none. */
const json_t *node_called(const json_t *nodes, const json_t *wanted);
struct difference {
    size_t missing, more, moved; /* moved: on another compute */
    char text[300];              /* some of them by name; empty: none */
};
void nodes_compare(const json_t *archived, const json_t *present, struct difference *difference);

/* check.c: a snapshot's archive at hand as run->archive, and verified. `then` gets
 * run->failed_once when it is not good or cannot be had; run->text says why. */
void archive_get(struct run *run, const char *copy, run_step_fn *then);
void archives_clear(struct snap *snap);                  /* what a crash left of them */
void archive_missing(struct run *run, const char *text); /* that it cannot be had: to then */
void check_begin(struct run *run, const char *copy, run_step_fn *then);
void check_done(struct run *run);   /* the archive is not needed any more */
void verify_begin(struct run *run); /* a run that only verifies */

/* names.c: of snapshots, projects and folders */
void name_snapshot(struct run *run); /* run->name, for this attempt */
void name_with_time(const struct run *run, const char *prefix, char *out, size_t size);
/* The project's folder when its server is this machine. 0 or -ENOENT. */
int project_folder(struct snap *snap, const char *server, const char *project, char *out,
                   size_t size);
/* Of gns3.project objects by id, unique name or server/name: a new reference; NULL: the call is
 * refused. */
json_t *project_find(struct snap *snap, const char *text, struct gw_call *call);

/* offsite.c: to all targets of the run's schedule, then on. */
void offsite_begin(struct run *run, run_step_fn *then);
/* back.c: the archive of run->checked, from where it was copied to, into run->archive; then as
 * archive_get. */
void offsite_get(struct run *run);
void offsite_remove(struct snap *snap, json_t *copy, bool all); /* copies whose target follows */

#endif

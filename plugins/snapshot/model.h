/* model.h - what the plugin knows: schedules, drills, targets, the catalogue, runs under way.
 *
 * Everything hangs on struct snap, which belongs to the instance. Documents of the catalogue are
 * kept as JSON, as they are shown: one place, no second copy to go stale. */
#ifndef SNAPSHOT_MODEL_H
#define SNAPSHOT_MODEL_H

#include "retain.h"
#include "work.h"

#include <gnswatch/cron.h>
#include <gnswatch/http.h>
#include <gnswatch/plugin.h>
#include <jansson.h>

enum {
    RUNS_KEPT = 200,    /* as objects, after their end */
    RUNS_RECENT = 10,   /* as documents of our own */
    RUNS_WAITING = 200, /* and under way */
    STEPS_MAX = 60,     /* of one run; later ones push out the middle */
    PATH_BYTES = 4096,
};

/* What a restore keeps of the state before it: SAFETY_NAME-YYYYMMDD-HHMMSS. */
#define SAFETY_NAME "before-restore"

struct ask;
struct snap;
struct run;

/* How nodes are stopped and started: of a schedule, or the defaults. Text belongs to the options.
 */
struct quiesce_how {
    const struct gw_values *values; /* has the list `order`; may be NULL */
    int64_t parallel, pause_ms;
    int64_t stop_ms, start_ms, ready_ms; /* deadlines */
    int64_t retries;
};

struct schedule {
    const struct gw_values *values;
    const char *name, *zone, *cron_text, *server, *mode; /* mode: "stopped", "quiesce" */
    struct gw_cron *cron;                                /* owned */
    struct quiesce_how how;
    struct retain_rules keep;
    bool enabled, open_closed, verify;
    int64_t catch_up_ms;
    int64_t handled_ms; /* the last time it was due and dealt with */
    int64_t next_ms;    /* 0: never */
    int64_t last_ms;    /* when its last run ended; 0: none */
    bool last_ok;
    char last_text[200];
};

struct drill {
    const struct gw_values *values;
    const char *name, *server;
    struct gw_cron *cron; /* owned */
    bool start;
    int64_t catch_up_ms, handled_ms, next_ms;
};

struct target {
    const struct gw_values *values;
    const char *name, *directory; /* directory NULL: S3 */
    const char *bucket, *region, *prefix;
    char *host;           /* owned; in the Host header and the signature */
    struct gw_http *http; /* owned; NULL: a directory */
    int level;
    bool follow; /* copies go with their snapshot */
};

struct snap {
    struct gw_plugin *self;
    struct schedule *schedules; /* owned */
    struct drill *drills;
    struct target *targets;
    size_t schedule_count, drill_count, target_count;
    struct quiesce_how defaults;
    double disk_floor;                  /* percent that must stay free */
    int64_t safety_last, safety_for_ms; /* of what restores keep */
    int64_t safety_ms;                  /* when that was last looked at; 0: now is the time */
    struct work *files, *consoles;
    json_t *copies;    /* owned: {id: snapshot.copy} */
    json_t *suspects;  /* owned: {"PROJECT/NAME": {why, until}}: will turn out torn */
    json_t *durations; /* owned: {project: ms of its last run} */
    struct run *runs;  /* owned; waiting and running, oldest first */
    int64_t next_number;
    json_t *ended;  /* owned: [number] of runs kept as objects */
    json_t *recent; /* owned: [snapshot.run] of the last that ended */
    struct gw_timer *save_timer, *look_timer;
    struct ask *asks; /* owned; under way */
    bool stopping;
};

/* ---- ask.c ---- */
/* The answer of another plugin's command, or an error and {"detail"}; never from within ask_for. */
typedef void ask_fn(struct snap *snap, int error, const json_t *answer, void *data);
/* Takes `params` and `data` (malloc'd or NULL), which is freed after `then`. 0 or -ENOMEM. */
int ask_for(struct snap *snap, const char *command, json_t *params, ask_fn *then, void *data);
void asks_free(struct snap *snap);

/* ---- options.c: the tables and what the file says ---- */
extern const struct gw_row snapshot_options[];
int options_read(struct snap *snap); /* 0, or gw_fail's error */
void options_free(struct snap *snap);
void targets_close(struct snap *snap); /* ends their requests */
struct schedule *schedule_find(const struct snap *snap, const char *name);
struct target *target_find(const struct snap *snap, const char *name);

/* ---- schedule.c ---- */
void schedules_begin(struct snap *snap);
void schedules_look(struct snap *snap); /* starts what is due */
void schedule_put(struct snap *snap, struct schedule *schedule);
void schedules_put(struct snap *snap); /* and deletes the objects of those that have gone */
/* A run for each project it names; the numbers go to `numbers` (may be NULL). */
size_t schedule_go(struct snap *snap, struct schedule *schedule, json_t *numbers);
bool project_matches(const struct gw_values *values, const char *server, const json_t *project);

/* ---- state.c: what must outlive us ---- */
int state_load(struct snap *snap);
void state_changed(struct snap *snap); /* is written soon */
int state_save(struct snap *snap);

/* ---- catalogue.c ---- */
void catalogue_look(struct snap *snap); /* all snapshots of all servers against what is known */
void catalogue_deleted(struct snap *snap, const char *id); /* the server has deleted it */
json_t *copy_get(struct snap *snap, const char *id);       /* borrowed; NULL: there is none */
void copy_put(struct snap *snap, const char *id);          /* it changed: object and state */
void copy_forget(struct snap *snap, const char *id);       /* when it is nowhere any more */
void copy_suspect(struct snap *snap, const char *project, const char *name, const char *why);
bool copy_is_safety(const json_t *copy); /* kept by a restore, by its name */
bool copy_is_suspect(const struct snap *snap, const char *project, const char *name);
void series_write(struct snap *snap);
/* Percent of the fullest disk of the server's computes; NaN: not known. */
double server_disk(struct snap *snap, const char *server);

/* ---- prune.c ---- */
/* Decides for all snapshots of a schedule and, unless dry, removes. Returns the decisions. */
json_t *prune_schedule(struct snap *snap, const struct schedule *schedule, bool dry);
/* The same for what restores have kept, of all projects. */
json_t *prune_safety(struct snap *snap, bool dry);
void prune_turn(struct snap *snap); /* what restores have kept, each hour and after a restore */

/* ---- small things ---- */
const char *member_text(const json_t *object, const char *name);        /* "" when there is none */
int64_t member_whole(const json_t *object, const char *name);           /* 0 when there is none */
json_t *object_of(struct snap *snap, const char *kind, const char *id); /* new; NULL: none */
json_t *objects_of(struct snap *snap, const char *kind);                /* new; never NULL */
void put_object(struct snap *snap, const char *kind, const char *id, json_t *document); /* takes */
void emit(struct snap *snap, enum gw_severity severity, const char *topic, const json_t *copy,
          const char *format, ...) GW_PRINTF(5, 6);
void emit_project(struct snap *snap, enum gw_severity severity, const char *topic,
                  const char *server, const char *project, const char *project_name,
                  const char *text);

#endif

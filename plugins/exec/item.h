/* item.h - one of the things that are run: when, what came of it, how it is shown.
 *
 * item.c is its life, turn.c one run of it, hear.c what its dialect says, show.c what is shown of
 * it. fetch.c asks by HTTP and reads files where there is no process. */
#ifndef EXEC_ITEM_H
#define EXEC_ITEM_H

#include "check.h"
#include "jsonl.h"
#include "process.h"
#include "recipe.h"
#include "rows.h"
#include "tail.h"

#include <gnswatch/http.h>

enum {
    ITEM_WHY_BYTES = RECIPE_WHY_BYTES,
    ITEM_TEXT_BYTES = 1024,
    ITEM_MORE_BYTES = 4096,
    ITEM_METRICS_SHOWN = 200,
    ITEM_ERRORS_IN_A_ROW = 1000, /* a stream that says nothing else is ended */
    ITEM_EVENTS_A_MINUTE = 60,
    ITEM_THINGS_MAX = 1000,
    ITEM_STRAYS_MAX = 16, /* that it may leave behind */
};

enum item_state {
    ITEM_WAITING = 1, /* has not run yet, or will not for now */
    ITEM_RUNNING,
    ITEM_OK,
    ITEM_WARNING,
    ITEM_CRITICAL,
    ITEM_UNKNOWN,
    ITEM_FAILED,
    ITEM_DISABLED, /* it asked for it; a person can start it again */
};

struct item_error {
    unsigned line, column; /* 0: of no line */
    int64_t time_ms;       /* 0: none yet */
    char why[ITEM_WHY_BYTES];
    char text[200];
};

struct item_counts {
    uint64_t lines, errors, heard, restarts, runs, bytes, dropped, events_dropped;
};

struct exec;
struct ask; /* commands.c: a question to a jsonl child that waits for its answer */

struct item {
    struct item *next;
    struct item *next_queued; /* while it waits for its turn to run */
    struct exec *exec;
    struct gw_plugin *self;
    struct recipe recipe;
    struct rows *rows;              /* owned; NULL: its recipe is wrong */
    struct dialect *dialect;        /* owned; NULL: not opened yet */
    struct jsonl_heard heard;       /* who the dialect tells: us */
    struct dialect_options options; /* the dialect's */
    struct process *process;        /* owned; NULL: none runs */
    struct gw_http *http;           /* of a scrape; the instance's */
    struct gw_timer *timer;         /* the next start; NULL: none */
    char *shown;                    /* owned: the command */
    char *layout;                   /* owned: a path */
    char *file; /* owned: its program, of a directory; NULL: what its row says */
    const struct gw_values *origin; /* the row of conf.d, whose directory it may be of */

    enum item_state state;
    struct check check;
    char text[ITEM_TEXT_BYTES]; /* of the last verdict */
    char *more;                 /* owned: its long output */
    struct tail out, err;
    struct item_error error;
    struct item_error run_error; /* the first of this run's lines that could not be read */
    struct item_counts counts;
    int64_t since_ms, next_ms, last_end_ms;
    struct process_end last; /* of its last run */
    bool ended;              /* there was a last run */

    /* of the run under way */
    unsigned run;
    bool active, queued; /* counts among those that run at once; waits for that */
    bool seen;           /* of a directory: in this scan */
    bool folder;         /* stands for a directory */
    bool disable, restart_now, busy;
    char stop_why[ITEM_WHY_BYTES]; /* why we ended it */
    uint64_t run_lines, run_errors, run_heard, run_verdicts, errors_in_a_row;
    int64_t started_ms, heard_ms, asked_ms; /* monotonic */
    unsigned failures;                      /* in a row */
    bool told_failed;                       /* that it fails has been said */
    bool told_series;                       /* that there are too many: once */
    bool told_late;                         /* that some came twice for one time: once */

    unsigned strays;      /* processes that have left its session, when they were last counted */
    uint32_t notices[16]; /* what the last notifications were, so as not to say them twice */
    size_t notice_next;
    unsigned minute_events;
    int64_t minute_ms;
    size_t things;     /* objects it has put */
    json_t *thing_ids; /* owned: id: true */
    json_t *offers;    /* owned: name: help, of what the child can be asked */
    struct ask *asks;  /* under way; owned */
    struct gw_series *run_series, *check_series; /* the host's */
    int64_t shown_ms;
    enum item_state shown_state;
    bool dirty; /* what is shown is not what is */
};

/* item.c */
struct item *item_new(struct exec *exec, const struct gw_values *values, const char *name,
                      const char *file);
/* What stands for a row's directory itself: it never runs. */
struct item *item_new_folder(struct exec *exec, const struct gw_values *values);
void item_free(struct item *item, bool gone); /* gone: no longer in conf.d; its series end */
void item_second(struct item *item);          /* once a second */
void item_retry(struct item *item);           /* its recipe was wrong: maybe the machine is not */
void item_schedule(struct item *item, int64_t delay_ms);
void item_start(struct item *item);  /* now, if it does not run */
int item_restart(struct item *item); /* a person asks; also one that is disabled */
void item_set_state(struct item *item, enum item_state state);
void item_succeeded(struct item *item);
void item_failed(struct item *item, const char *why); /* the run as a whole */
void item_turn_over(struct item *item);               /* the next is planned */
const char *item_state_name(enum item_state state);
bool item_is_stream(const struct item *item);

/* turn.c */
void turn_begin(struct item *item);
void turn_stop(struct item *item, const char *why);
void turn_count(struct item *item, unsigned processes); /* so many it has now */
void turn_done(struct item *item, const struct process_end *end);

/* fetch.c */
void fetch_scrape(struct item *item);
void fetch_files(struct item *item);

/* hear.c */
int hear_open(struct item *item); /* its dialect; -errno */
void hear_close(struct item *item);
void hear_line(struct item *item, const char *line, int flaw);
void hear_error(struct item *item, unsigned line, unsigned column, const char *why,
                const char *text);
void hear_verdict(struct item *item, int state, const char *text, const char *more);
void hear_forget_things(struct item *item);

/* show.c */
void show_item(struct item *item);
void show_run(struct item *item, double seconds);

/* commands.c */
void commands_answer(struct item *item, int64_t id, const json_t *result, const char *error);
void commands_forget(struct item *item, const char *why); /* what waits for an answer */

#endif

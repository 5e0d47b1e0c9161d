/* world.h - all the plugin knows: rules, alerts, who is told, and what is kept on disk.
 *
 * One `struct world` an instance; everything runs on its thread. Each second a *turn* (turn.c)
 * brings alerts up to date, decides what is told, writes what changed in one transaction, and only
 * then lets anything out: objects, events, notifications. */
#ifndef ALERT_WORLD_H
#define ALERT_WORLD_H

#include "eval.h"
#include "labels.h"
#include "match.h"
#include "rule.h"

#include <gnswatch/cron.h>
#include <gnswatch/plugin.h>
#include <gnswatch/series.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backtest;
struct source;
struct state;
struct topology;

enum {
    ID_MAX = 120,
    TOLD_MAX = 24,     /* receivers of one alert */
    NOTIFIED_MAX = 20, /* notices an alert remembers */
    RESOLVED_MAX = 1000,
    SILENCES_MAX = 1000,
    GROUPS_MAX = 10000,
    GROUP_ALERTS_MAX = 100, /* in one notification; more are counted */
    OUTBOX_MAX = 10000,
    EVENTS_WAIT_MAX = 20000,
};

/* What one receiver knows of an alert. */
struct told {
    size_t receiver;     /* index */
    struct group *group; /* NULL: nothing to say yet */
    size_t route;
    int step;         /* of the escalation; -1: told at once */
    int64_t after_ms; /* since the problem began, of a step */
    enum level least; /* of a step */
    enum level level; /* LEVEL_OK: it knows of no problem */
    bool current;     /* routes name it at the alert's present severity */
    bool news, over;  /* of this turn */
};

/* Where a thing is. Ids of gns3 objects; "" where it does not apply. */
struct place {
    char *server, *compute, *project, *node, *link; /* owned; NULL: none */
};

struct alert {
    char id[ID_MAX];
    struct rule *rule;    /* NULL: the rule has gone, the alert is over */
    char *rule_name;      /* owned */
    struct labels labels; /* with alertname and the rule's own, without severity */
    struct eval eval;
    double value;     /* NaN: none */
    char *event_text; /* owned; of the event that made it; NULL */
    char *why_ended;  /* owned; NULL: the condition no longer holds */
    int64_t since_ms, fired_ms, ended_ms;
    enum level peak; /* the worst of this problem */

    char *subject_kind, *subject_id, *subject_name; /* owned; NULL: none */
    char *series_key, *series_field;                /* owned; NULL: none */
    uint32_t series_id;
    struct place place;

    char *ack_by, *ack_comment; /* owned; ack_by NULL: not acknowledged */
    int64_t ack_ms;

    int64_t held_until_ms;     /* settling: not told before */
    bool parent_pending;       /* what may explain it is not sure yet */
    char inhibited_by[ID_MAX]; /* "" */
    bool explained;            /* another alert explained it, in this problem */
    int64_t silenced_by[8];
    size_t silenced_count;
    const char *window; /* name, of the option; NULL */

    struct told told[TOLD_MAX];
    size_t told_count;
    int steps_done;
    json_t *notified; /* owned; [{receiver,kind,time,ok,text,notice}] */

    /* What its source keeps. */
    bool claimed;      /* a source watches it (it was found again after a restart) */
    int64_t orphan_ms; /* its series or object ended then; 0: no */
    int64_t seen_ms;   /* of the newest row or event */
    int64_t fire_sequence, clear_sequence, clear_at_ms;

    bool dirty;       /* to be written */
    bool shown_stale; /* its object is to be put */
    int64_t shown_ms; /* when it was put */
    double shown_value;
    bool routed_stale; /* told[] is to be worked out again */
};

struct send {
    char *command; /* owned */
    json_t *with;  /* owned; NULL */
};

struct receiver {
    char *name; /* owned */
    struct send *sends;
    size_t send_count;
    uint64_t sent, failed;
    size_t waiting;
    int64_t last_ms;
    bool last_ok;
    char last_text[200];
    bool shown_stale;
    struct gw_series *series;
};

struct step {
    int64_t after_ms;
    size_t receiver;
    enum level least;
};

struct route {
    struct matchers match;
    size_t *receivers; /* owned */
    size_t receiver_count;
    bool go_on;
    json_t *group_by; /* owned */
    int64_t wait_ms, interval_ms, repeat_ms;
    struct step *steps; /* owned */
    size_t step_count;
};

struct group {
    char *key; /* owned: receiver and labels */
    char id[24];
    char thread[48];
    size_t receiver;
    struct labels labels;
    int64_t wait_ms, interval_ms, repeat_ms;
    int64_t first_ms, flushed_ms, notified_ms; /* 0: never */
    bool dirty, used;                          /* used: this turn */
    size_t news, firsts, urgent, steps, overs, reminds;
};

struct silence {
    int64_t id;
    struct matchers match;
    char *author, *comment; /* owned */
    int64_t starts_ms, ends_ms, created_ms;
    int shown_state; /* 0: not shown, else enum silence_state */
    bool ended_said, dirty;
};

struct window {
    const char *name; /* of the options */
    struct matchers match;
    const char *schedule, *zone;
    struct gw_cron *cron; /* NULL: it cannot be read */
    int64_t duration_ms;
    int64_t start_ms, end_ms; /* of the present or next one */
    bool active, shown;
};

struct inhibit_rule {
    struct matchers source, target;
    json_t *equal; /* owned; NULL */
};

/* A notification on its way to one command. */
struct letter {
    int64_t id;                                        /* row in the state */
    char *notice, *receiver, *command, *thread, *kind; /* owned */
    char *params;                                      /* owned: JSON */
    json_t *alerts;                                    /* owned: ids */
    int64_t put_ms, due_ms;
    unsigned tries;
    char *why;      /* owned; NULL */
    int64_t behind; /* the letter before it to the same command in the same thread; 0: none */
    bool asked, saved, failed_said;
};

struct said { /* an event that leaves after the transaction */
    const char *topic;
    enum gw_severity severity;
    char id[ID_MAX];
    char *text, *data; /* owned */
};

struct world {
    struct gw_plugin *self;
    json_t *config;
    int64_t now_ms;  /* of the turn, or of what came since */
    int64_t turn_ms; /* of the turn; 0: there was none */
    int64_t monotonic_ms;
    int64_t settle_ms, history_ms, give_up_ms;
    size_t alerts_max;

    struct rules rules;
    struct alert **alerts; /* sorted by id; owned */
    size_t alert_count, alert_size;
    uint64_t alerts_refused;

    struct source *source;
    struct topology *topology;
    struct state *state;

    struct receiver *receivers;
    size_t receiver_count;
    struct route *routes;
    size_t route_count;
    struct group **groups; /* owned */
    size_t group_count, group_size;
    struct silence **silences; /* owned */
    size_t silence_count, silence_size;
    int64_t silence_last;
    bool silences_stale;
    struct window *windows;
    size_t window_count;
    struct inhibit_rule *inhibits;
    size_t inhibit_count;
    struct letter **letters; /* owned; in order */
    size_t letter_count, letter_size;
    int64_t letter_last;
    uint64_t letters_dropped;

    struct said *said; /* owned */
    size_t said_count, said_size;

    struct backtest *tests; /* owned list */
    struct gw_series *count_series;
    int64_t series_ms;      /* when series were last set */
    unsigned unsaved_turns; /* the state could not be written so often in a row */
    bool stopping;
};

#endif

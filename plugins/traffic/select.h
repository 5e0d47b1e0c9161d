/* select.h - which project is the one to look at. Pure: a function of what is known and of time, so
 * that each decision can be explained and tested. */
#ifndef TRAFFIC_SELECT_H
#define TRAFFIC_SELECT_H

#include "lab.h"

enum { SELECT_TEXT_BYTES = 200 };

enum select_mode { SELECT_AUTO = 1, SELECT_MANUAL, SELECT_OFF };

struct select_rules {
    int64_t dwell_ms; /* a project is kept this long at least, while it has traffic */
    int64_t leave_ms; /* without traffic for this long it may be left */
    int64_t
        cooldown_ms;   /* one that was left does not come back before, unless it is the only one */
    int64_t starve_ms; /* one that has waited this long with traffic comes next; 0: never */
    double margin;     /* a better score takes over only when it is better by this */
};

struct candidate {
    const char *id, *name; /* borrowed */
    bool opened, watched;
    int priority; /* 1 to 10 */
    enum status status;
    double packets_s;             /* NaN: no data */
    int64_t active_since_ms;      /* 0: not active */
    int64_t last_traffic_ms;      /* 0: never seen */
    int64_t selected_ms;          /* when it last was selected; 0: never */
    double score;                 /* out: 0: not to be had */
    char text[SELECT_TEXT_BYTES]; /* out: why */
};

struct selection {
    enum select_mode mode;
    const char *current; /* id, or NULL: none */
    int64_t since_ms;
    const char *pinned;      /* id, or NULL */
    int64_t pinned_until_ms; /* INT64_MAX: until told otherwise */
};

struct decision {
    ptrdiff_t chosen; /* place in the candidates; -1: none */
    char text[SELECT_TEXT_BYTES];
};

/* Times are wall clock. Fills in the candidates' scores and texts. */
void select_decide(const struct select_rules *rules, const struct selection *now,
                   struct candidate *candidates, size_t count, int64_t now_ms,
                   struct decision *decision);

#endif

/* traffic.h - the instance: what its files share. */
#ifndef TRAFFIC_TRAFFIC_H
#define TRAFFIC_TRAFFIC_H

#include "consoles.h"
#include "idle.h"
#include "lab.h"
#include "select.h"
#include "source.h"

#include <gnswatch/plugin.h>

enum { SOURCES = 2, WATCHES_MAX = 1000 };

/* A project that is to be watched, or not, whatever the file says. */
struct watch {
    char *project; /* id; owned */
    int priority;  /* 0: not watched */
};

struct traffic {
    struct gw_plugin *self;
    struct lab lab;
    void *sources[SOURCES]; /* their data */
    int64_t every_ms;       /* between turns, as seen */
    int64_t turned_ms;      /* monotonic time of the last turn */
    int64_t scanned_ms;     /* of the last look at processes */
    int64_t consoles_ms;    /* of the last look at consoles */
    struct consoles consoles;
    bool counters; /* hypervisors of this machine are asked */
    double active_above;
    struct gw_timer *settle; /* from asking to telling */
    int64_t lab_read_ms;     /* all objects were read again */

    struct select_rules rules;
    struct selection selection; /* its strings are current and pinned */
    char *current, *pinned;     /* project ids; owned */
    char *decision;             /* JSON of the last change; owned; NULL: none yet */
    struct watch *watches;      /* set by commands; owned */
    size_t watch_count;
    bool switch_changed;

    struct idle_rules idle;
    int64_t idled_ms;           /* wall clock of the last look for idle labs */
    struct stopping *stoppings; /* idle labs that are being stopped; owned by idling.c */
    uint64_t readings;          /* taken, ever */
};

/* turn.c - sums, status, series, events */
void turn_tell(struct traffic *traffic);
bool link_is_built_in(const struct link *link); /* between two of GNS3's own switches */

/* series.c */
void series_link(struct traffic *traffic, struct link *link);
void series_node(struct traffic *traffic, struct node *node);
void series_project(struct traffic *traffic, struct project *project);

/* objects.c - what is said of each; puts only what changed */
void object_link(struct traffic *traffic, struct link *link);
void object_project(struct traffic *traffic, struct project *project);
void object_switch(struct traffic *traffic);

/* switch.c - the selection's life: state file, decision, event */
void switch_load(struct traffic *traffic);
void switch_turn(struct traffic *traffic);
void switch_save(struct traffic *traffic);
void switch_fini(struct traffic *traffic);
void switch_mode(struct traffic *traffic, enum select_mode mode);
bool switch_watches(const struct traffic *traffic, const struct project *project, int *priority);
int switch_watch(struct traffic *traffic, const char *project, int priority);
void switch_pin(struct traffic *traffic, const char *project, int64_t until_ms);

/* idling.c - idle labs: event, warning, action */
void idling_turn(struct traffic *traffic);
void idling_fini(struct traffic *traffic);

/* host.c - what this machine shows of a lab besides its links: consoles in use, processes' CPU */
void host_processes(struct traffic *traffic); /* a scan has counted the nodes' CPU time */
/* Is a console of the project in use? 1, 0, or -1: nobody can tell. */
int host_consoles(struct traffic *traffic, const struct project *project);

/* kinds.c, commands.c */
extern const struct gw_row traffic_project_rows[], traffic_switch_rows[];
extern const struct gw_kind traffic_kinds[];
extern const struct gw_command traffic_commands[];

#endif

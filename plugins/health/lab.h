/* lab.h - the things that have a score, and what is above and below what: all > server > compute,
 * project > node, link.
 *
 * Everything belongs to struct lab; pointers between things are borrowed. A thing above may be not
 * known yet: then `above` is the whole, and lab_settle puts it right. On the instance's thread. */
#ifndef HEALTH_LAB_H
#define HEALTH_LAB_H

#include "factor.h"
#include "score.h"

#include <gnswatch/plugin.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct alert;
struct meter;

enum thing_kind {
    THING_ALL = 1,
    THING_SERVER,
    THING_COMPUTE,
    THING_PROJECT,
    THING_NODE,
    THING_LINK
};
enum { THING_KINDS = THING_LINK };

enum run { RUN_CLOSED = 1, RUN_STOPPED, RUN_SUSPENDED, RUN_STARTED };

/* How a node that is stopped came to be so: asked for (or never started), stopped and nobody asked
 * gnswatch for it, crashed. README.md says the rule. */
enum stop_mark { STOP_ASKED = 1, STOP_UNASKED, STOP_CRASHED };

/* One cause of lost points, with the leaf it comes from. */
struct reason {
    enum factor factor;
    double points;
    struct thing *thing; /* where the factor is; NULL: the sum of what is not listed */
    size_t more;         /* how many that are */
};

enum { REASONS_MAX = 20, CHANGES_MAX = 24 };

struct thing {
    TAILQ_ENTRY(thing) entry, below_entry, dirty_entry;
    TAILQ_HEAD(things, thing) below;
    enum thing_kind kind;
    char *key;             /* "gns3.node/ID"; "all" */
    const char *id;        /* within key */
    char *name, *server;   /* server: NULL for the whole */
    char *project_id;      /* of nodes and links; NULL */
    char *compute_id;      /* of a node: the compute's object id; NULL */
    struct thing *above;   /* NULL only for the whole */
    struct thing *compute; /* of a node; NULL: not known */

    enum run run;           /* nodes; projects: RUN_STARTED is opened, RUN_CLOSED */
    bool up, up_known;      /* servers answer, computes are connected */
    bool followed;          /* projects: GNS3 tells of crashes here */
    int64_t nodes, started; /* projects: how many gns3 says there are; -1: not said */
    bool virtual_machine;   /* a node GNS3 does not see die */
    bool suspended;         /* a link that was suspended */
    bool connecting;        /* a server that was not asked yet */
    char *why;              /* error of a server or compute, fault of a link; NULL */
    enum stop_mark stop;
    int64_t stop_ms; /* when it stopped; 0 */
    bool watched;    /* a link that traffic has data of */

    int64_t changes[CHANGES_MAX]; /* of state, the newest at change_next - 1; wall clock */
    size_t change_next;
    bool flaps; /* in a list to be looked at again */

    struct factor_state *factors; /* as factors_of(kind) has them; owned */
    double *points;               /* what each takes, of this verdict; owned */
    struct verdict verdict;
    enum level level;
    int64_t level_ms;
    struct reason *reasons; /* owned */
    size_t reason_count;
    bool dirty, unpublished, seen, counts; /* counts: in the roll-up */
    double weight;                         /* in the roll-up */
    uint64_t published;                    /* fingerprint of what was put last */
    int64_t published_ms;
    bool renamed;
    struct gw_series *series;
    uint64_t series_labels;     /* fingerprint */
    struct meter *meter;        /* owned; servers and computes */
    TAILQ_HEAD(, alert) alerts; /* borrowed */
};

struct lab {
    struct gw_plugin *self;
    const struct health_options *options; /* borrowed */
    void *by_key;                         /* tree of tsearch */
    struct things of[THING_KINDS + 1];
    struct things dirty[THING_KINDS + 1];
    size_t counts[THING_KINDS + 1];
    struct thing *whole;
    bool orphans; /* something waits for what is above it */
    bool news;    /* something is dirty or to be published */
    void (*on_new)(struct thing *thing, void *data);
    void (*on_gone)(struct thing *thing, void *data); /* before it goes */
    void *data;
};

int lab_init(struct lab *lab, struct gw_plugin *self, const struct health_options *options);
void lab_fini(struct lab *lab);

void lab_read(struct lab *lab); /* all there is; things that are gone go */
/* Do projects say other numbers of nodes than are known? Then news were lost in a flood. */
bool lab_lacks(const struct lab *lab);
/* The kind of a gns3 object; 0: none that has a score. */
enum thing_kind thing_kind_of(const char *kind);
const char *thing_kind_name(enum thing_kind kind);
void lab_take(struct lab *lab, const char *kind, const char *id, const char *json);
void lab_drop(struct lab *lab, const char *kind, const char *id);
struct thing *lab_find(const struct lab *lab, const char *kind, const char *id);
/* The only one of its kind that is called so; NULL: none, or several. */
struct thing *lab_find_named(const struct lab *lab, const char *kind, const char *name);
struct thing *lab_find_key(const struct lab *lab, const char *key);
/* By the names that series have; NULL: none. */
struct thing *lab_named_project(const struct lab *lab, const char *server, const char *name);
struct thing *lab_named(const struct thing *project, enum thing_kind kind, const char *name);
void lab_settle(struct lab *lab); /* finds what is above of those that wait */

/* NULL: things of its kind have no such factor. */
const struct factor_state *thing_factor(const struct thing *thing, enum factor factor);
void thing_dirty(struct lab *lab, struct thing *thing);
struct thing *thing_project(struct thing *thing); /* the one it is in or is; NULL */
struct thing *thing_server(struct thing *thing);

/* true: it is another text now. */
bool keep_text(char **place, const char *text);

#endif

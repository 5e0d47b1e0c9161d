/* lab.h - what gns3 tells of its servers, projects, nodes and links, as far as traffic needs it,
 * and what traffic knows of each. Follows the objects of the gns3 plugin; asks nothing of GNS3.
 *
 * Everything is owned by struct lab; pointers between things are borrowed and are made right by
 * lab_settle. `id` is the object's id, which stays. On the instance's thread. */
#ifndef TRAFFIC_LAB_H
#define TRAFFIC_LAB_H

#include "meter.h"

#include <gnswatch/plugin.h>
#include <sys/queue.h>

struct capture;
struct protocols;
struct link;
struct node;
struct project;

enum status { STATUS_ACTIVE = 1, STATUS_IDLE, STATUS_NO_DATA };
enum source_kind { SOURCE_NONE = 1, SOURCE_UBRIDGE, SOURCE_DYNAMIPS, SOURCE_CAPTURE };
enum node_state { NODE_CLOSED = 1, NODE_STOPPED, NODE_SUSPENDED, NODE_STARTED };
enum { DIRECTIONS = 2 }; /* 0: from the link's first end to its second; 1: back */

struct server {
    TAILQ_ENTRY(server) entry;
    char *name, *url;
    bool up, here;             /* here: it runs on this machine */
    int64_t capture_offset_ms; /* its clock against ours, as packets tell; INT64_MIN: not known */
};

struct compute {
    TAILQ_ENTRY(compute) entry;
    char *id, *server, *compute_id, *host;
    bool here;
};

/* One end of a link, and the meter on it. */
struct end {
    char *node_id; /* the object's id */
    struct node *node;
    int adapter, port;
    struct meter meter;
    enum source_kind source;             /* of the meter's last reading */
    struct counts sent_taken, got_taken; /* of the meter, by turns */
    uint64_t dropped_taken;
    int64_t taken_ms; /* at_ms of the reading that was taken last */
};

struct flow {
    struct counts total;
    double packets_s, bytes_s; /* of the last turn; NaN: no data */
};

/* What an end has sent and the other has got nothing of. */
struct unheard {
    int64_t since_ms, last_ms; /* monotonic; since 0: it is heard */
    uint64_t sent;
    unsigned turns; /* in which it sent */
};

struct link {
    TAILQ_ENTRY(link) entry, in_project;
    char *id, *link_id, *name, *project_id;
    struct project *project; /* NULL: not there (yet) */
    bool closed, suspended, capturing;
    struct end ends[2];
    struct flow flows[DIRECTIONS];
    uint64_t dropped;
    int64_t row_ms; /* of the newest reading taken; 0: none */
    enum status status;
    int64_t since_ms;
    enum source_kind source;
    char why[200];
    char fault[200]; /* "": none */
    struct unheard unheard[DIRECTIONS];
    struct capture *capture; /* owned by the source capture; NULL: none */
    struct gw_series *series;
    bool changed; /* its object is to be put again */
    bool renamed; /* its series gets new labels */
};

struct node {
    TAILQ_ENTRY(node) entry;
    char *id, *node_id, *name, *type, *compute_id, *directory, *project_id, *server;
    char *console_type, *mac; /* mac: of a VPCS, from its command line; NULL: not known */
    struct project *project;
    struct node *twin; /* the next with the same node_id, of another server */
    enum node_state state;
    int console;             /* 0: none */
    bool here;               /* its processes can be seen */
    bool has_ubridge;        /* its uBridge process is there now */
    bool had_ubridge;        /* it has been, since the node was started */
    int64_t ubridge_gone_ms; /* monotonic; 0: it has not gone */
    struct end **ends;       /* borrowed; owned array */
    size_t end_count;
    struct link **links;          /* of these ends */
    double cpu_percent;           /* of its processes, of a core; NaN: not known */
    uint64_t cpu_now, cpu_before; /* clock ticks, in the last two scans */
    int cpu_processes;
    struct counts in, out; /* what its links carried to and from it */
    uint64_t dropped;      /* at its ends */
    bool has_data, renamed;
    struct gw_series *series;
};

/* Of a lab that is quiet; times are wall clock, 0: not (yet). See idle.h. */
struct idle_state {
    int64_t quiet_ms;      /* nothing has moved since */
    int64_t since_ms;      /* the same, once it counts as idle */
    int64_t act_ms;        /* when something will be done, after the warning */
    int64_t kept_until_ms; /* a person wants it left alone */
    bool acted;
};

struct project {
    TAILQ_ENTRY(project) entry;
    TAILQ_HEAD(, link) links;
    char *id, *project_id, *server, *name, *path;
    struct server *owner;
    bool opened;
    enum status status;
    int64_t since_ms, last_traffic_ms; /* 0: never seen */
    int64_t active_since_ms;           /* 0: not active */
    int64_t last_told_ms;              /* last_traffic_ms as its object says: not each turn */
    size_t active, idle, no_data;
    size_t node_count, started;
    uint64_t dropped;
    struct flow flow; /* both directions of all its links */
    bool watched;
    int priority;
    int64_t selected_ms; /* when it stopped being selected, or is now; 0: never */
    struct idle_state idling;
    struct gw_series *series;
    struct protocols *protocols; /* owned by protocols.c; NULL: none seen */
    bool changed, renamed;
};

struct lab {
    struct gw_plugin *self;
    TAILQ_HEAD(, server) servers;
    TAILQ_HEAD(, compute) computes;
    TAILQ_HEAD(, project) projects;
    TAILQ_HEAD(, node) nodes;
    TAILQ_HEAD(, link) links;
    void *by_id[4]; /* trees of tsearch: projects, nodes, links by id; nodes by GNS3's id */
    bool unsettled;
    /* Told before it goes, so that who keeps pointers lets them go. */
    void (*on_link_gone)(struct link *link, void *data);
    void (*on_project_gone)(struct project *project, void *data);
    void *data;
};

void lab_init(struct lab *lab, struct gw_plugin *self);
void lab_fini(struct lab *lab);

void lab_read(struct lab *lab); /* all there is; things that are gone go */
/* One object of the gns3 plugin was put or has gone (json NULL). */
void lab_take(struct lab *lab, const char *kind, const char *id, const char *json);
/* Pointers between things are right after this, until something is taken or read: each callback
 * that follows them begins with it. Cheap when nothing came or went. */
void lab_settle(struct lab *lab);

struct project *lab_project(const struct lab *lab, const char *id);
struct project *lab_project_named(const struct lab *lab, const char *id_or_name, size_t *found);
struct link *lab_link(const struct lab *lab, const char *id);
/* The first node with GNS3's id; others are its twins. */
struct node *lab_node(struct lab *lab, const char *node_id);
struct end *node_end(const struct node *node, int adapter, int port, struct link **link);

const char *status_name(enum status status);
const char *source_name(enum source_kind source);

#endif

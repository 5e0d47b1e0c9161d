/* model.h - what the plugin knows: servers with their computes, projects and templates, projects
 * with their nodes, links and snapshots, and the lists (jobs) all that is read from.
 *
 * Every struct is owned by the one that lists it; pointers upwards are borrowed. Each thing has two
 * ids: `id`, of the object, which stays; and GNS3's own, which a restore may change. All on the
 * instance's thread. */
#ifndef GNS3_MODEL_H
#define GNS3_MODEL_H

#include "client.h"
#include "text.h"

#include <gnswatch/plugin.h>
#include <jansson.h>
#include <xxhash.h>

struct act;
struct fetch;
struct gns3;
struct project;
struct server;
struct waiter;

enum {
    GNS3_ELEMENTS_MAX = 5000, /* of one list; what is beyond is left out and said */
    GNS3_NAME_MAX = 200,      /* bytes of an id or a name; longer ones are not GNS3's */
    GNS3_GRAVES_MAX = 1000,   /* identities a project keeps of what is gone */
    GNS3_PORTS_MAX = 256,     /* of one node */
};

enum job_kind {
    JOB_PROJECTS = 1,
    JOB_COMPUTES,
    JOB_STATISTICS,
    JOB_TEMPLATES,
    JOB_NODES,
    JOB_LINKS,
    JOB_SNAPSHOTS,
    JOB_STATS,
};

enum { SERVER_JOBS = 4, PROJECT_JOBS = 4 };

/* One list that is read again and again. */
struct job {
    enum job_kind kind;
    struct server *server;
    struct project *project; /* NULL: of the server */
    int64_t due_ms;          /* monotonic; INT64_MAX: only when asked */
    bool urgent;
    struct fetch *fetch;    /* the read under way; NULL: none. Owned by the client's answer. */
    uint64_t started;       /* reads begun */
    struct waiter *waiters; /* owned */
    XXH128_hash_t body;     /* of the last answer that was understood */
    bool body_known;
    size_t bytes;    /* of the last answer */
    int64_t ok_ms;   /* monotonic; 0: never */
    int64_t turn_ms; /* between the last two good answers; 0: not known */
    int failures;    /* in a row */
};

enum node_status { NODE_STARTED = 1, NODE_STOPPED, NODE_SUSPENDED, NODE_CLOSED };

struct port {
    int adapter, number;
    char name[24]; /* "e0" */
};

struct node {
    struct project *project;
    char *id, *node_id, *name, *type;
    enum node_status status;
    int64_t since_ms; /* of the status, as seen by us */
    uint64_t hash;    /* of the list's element; 0: unknown */
    struct gw_series *series;
    struct port *ports; /* owned */
    size_t port_count;
    int64_t asked_ms; /* monotonic time of our last start, stop, …; 0: none */
    int64_t stop_ms;  /* monotonic; a stop was seen and its event is held back; 0: no */
    bool stop_read;   /* the stop was seen in a list read after stop_ms */
    size_t place;     /* in the list */
    bool seen;        /* in the list being read */
    int missing;      /* lists in a row without it */
};

enum link_status { LINK_UP = 1, LINK_SUSPENDED, LINK_CLOSED };

struct link {
    struct project *project;
    char *id, *link_id;
    char *ends; /* its identity: the ends' object ids and ports, in order */
    char *name;
    char *state; /* filters, suspension, capture: what gns3.link.changed is about */
    enum link_status status;
    uint64_t hash;
    bool seen;
    int missing;
};

struct snapshot {
    struct project *project;
    char *id, *snapshot_id, *name;
    char *filename; /* in the project's folder `snapshots`; NULL: not known */
    int64_t created_ms;
    bool seen;
};

/* An identity to come back to: a restore may be seen as all nodes going and coming. */
struct grave {
    char kind; /* 'n', 'l' */
    char *key, *id;
};

struct project {
    struct server *server;
    char *id, *project_id, *name;
    bool opened, auto_close, auto_open, auto_start;
    char *path, *filename;
    int64_t scene_width, scene_height;
    int64_t opened_ms; /* first seen opened; 0: closed */
    int64_t drawings;  /* -1: not known */
    uint64_t hash;     /* of the list's element; 0: unknown */
    bool seen, dirty;
    int missing;
    bool followed;                 /* we hold its feed; only ever with auto_close false */
    bool warned_auto_close;        /* said once that leaving its feed would close it */
    int busy;                      /* our restore is under way: no polls until it is over */
    int64_t restored_ms;           /* monotonic time of the last restore said; 0: none */
    int64_t crash_ms;              /* monotonic time of crash_text; 0: none waits */
    char *crash_text;              /* GNS3's log.error that no stop has been found for yet */
    struct job jobs[PROJECT_JOBS]; /* nodes, links, snapshots, stats */
    struct node **nodes;           /* in the list's order */
    struct link **links;
    struct snapshot **snapshots;
    size_t node_count, link_count, snapshot_count;
    struct grave *graves;
    size_t grave_count;
    struct gw_series *series;
};

struct template
{
    char *id, *template_id, *name, *type, *compute_id;
    uint64_t hash;
    bool seen;
};

struct compute {
    struct server *server;
    char *id, *compute_id, *name, *host, *last_error;
    bool connected, known; /* known: connected has been told once */
    bool listed;           /* GET /computes names it */
    bool seen;
    double cpu, memory, swap, disk, load[3], used_bytes, total_bytes;
    int64_t feed_ms, statistics_ms; /* monotonic times of these; 0: never */
    struct gw_series *series;
};

struct server {
    struct gns3 *gns3;
    struct client *client;
    char *name;
    bool project_feeds;
    enum client_state state;
    int64_t since_ms;
    struct job jobs[SERVER_JOBS]; /* projects, computes, statistics, templates */
    struct project **projects;
    struct compute **computes;
    struct template **templates;
    size_t project_count, compute_count, template_count;
    int flying;       /* reads under way */
    double credit_ms; /* of the server's CPU time that reads may still cost */
    int64_t credit_at_ms;
    int64_t short_ms;       /* monotonic; the last time the credit was not enough; 0: never */
    struct gw_timer *timer; /* the next pump; NULL: none */
    int64_t timer_ms;       /* monotonic time it fires at */
    struct gw_series *series;
    struct operation *operations; /* owned; see operation.h */
    struct text text;             /* for documents, reused */
};

struct gns3 {
    struct gw_plugin *self;
    struct server **servers;
    size_t server_count;
    int64_t every_ms; /* between ticks, as seen */
    int64_t ticked_ms;
    int64_t statistics_every_ms, templates_every_ms, snapshots_every_ms;
    double cost_percent;
    struct act *acts; /* commands under way */
    bool stopping;
};

/* Lists of pointers. */
void *list_add(void *list, size_t *count, void *item); /* the list, or NULL: no memory */
void list_remove(void *list, size_t *count, size_t i);

/* Replaces *place by a copy; true: it was different. */
bool keep(char **place, const char *value);

const char *member_text(const json_t *object, const char *name); /* NULL: not a string */
/* A string that may stand for an id or a name: not empty, not too long. NULL otherwise. */
const char *member_name(const json_t *object, const char *name);
/* One that may stand in a path of GNS3's API: letters, digits, '.', '_', '-'. */
const char *member_id(const json_t *object, const char *name);
int64_t member_whole(const json_t *object, const char *name, int64_t otherwise);
double member_real(const json_t *object, const char *name); /* NaN: not a number */
bool member_true(const json_t *object, const char *name);

#endif

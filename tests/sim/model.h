/* model - what a simulated GNS3 server knows: projects, nodes, links, drawings, snapshots.
 * Documents are kept as JSON in the key order of 3.x; 2.2 sorts keys when it writes. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "sim.h"

enum { PROJECTS_MAX = 1000, NODES_MAX = 2000, LINKS_MAX = 4000, SNAPSHOTS_MAX = 200 };

struct capture {
    bool active;
    struct node *side;      /* borrowed: the end that captures */
    struct buf file;        /* the pcap file as it grew; its start is dropped over CAPTURE_MAX */
    uint64_t base;          /* bytes of the file dropped before file.data[0] */
    uint64_t header_at;     /* where the records start: after the 24-byte header */
    struct reader *readers; /* borrowed list: connections own them */
    double debt;            /* packets due, the broken part of one carried over */
};

struct tally {
    uint64_t packets, bytes;
};

struct node {
    struct project *project; /* borrowed */
    char id[37];
    json_t *doc;             /* owned */
    const char *status;      /* static text, mirrored in doc */
    bool always_on;          /* switch, hub, cloud, nat ...: runs while the project is opened */
    struct console *console; /* owned, NULL without --console */
};

struct link {
    struct project *project; /* borrowed */
    char id[37];
    json_t *doc; /* owned */
    struct node *end[2];
    int adapter[2], port[2];
    struct capture capture;
    bool dead;   /* passes nothing although its nodes run (a ubridge that died) */
    double busy; /* 0..1, how much of --pps it carries on average */
    /* By each end, ever (counted with --counters only); zero_…: when its node was started. */
    struct tally sent[2], got[2], zero_sent[2], zero_got[2];
};

struct snapshot {
    char id[37];
    json_t *doc;      /* owned */
    json_t *saved;    /* owned: {nodes, links, drawings} */
    char without[64]; /* a node whose files could not be read; "": none */
    bool cut, lost;   /* the archive is cut short, or its file is gone */
};

struct project {
    struct server *server; /* borrowed */
    char id[37];
    json_t *doc; /* owned */
    bool opened;
    bool quiet;          /* nothing flows, until told otherwise */
    struct node **nodes; /* owned */
    size_t n_nodes;
    struct link **links; /* owned */
    size_t n_links;
    struct snapshot **snapshots; /* owned */
    size_t n_snapshots;
    json_t *drawings;                     /* owned array */
    struct blob *nodes_text, *links_text; /* caches, owned, NULL: rebuild */
    unsigned listeners;
    uv_timer_t *closer;   /* owned: runs after the last listener left */
    char unreadable[64];  /* a node whose files an export leaves out; "": none */
    uint64_t snapshot_ms; /* a snapshot takes so long; 0: as on a small lab */
};

struct project *project_new(struct server *s, const char *name, const char *id);
void project_free(struct project *p);
struct project *project_find(struct server *s, const char *id);
struct project *project_by_name(struct server *s, const char *name);
/* Takes it off the server's list and frees it. */
void project_remove(struct project *p);
/* State changes, with their events. quiet: no project.* event (a restore). */
void project_open(struct project *p, bool quiet);
void project_close(struct project *p, bool quiet);
bool project_running(const struct project *p);
bool project_is_auto_close(const struct project *p);
/* Forgets the cached texts. */
void project_touch(struct project *p);
void project_listener_added(struct project *p);
/* ms: when the server would notice and close; 0: never (3.0 HTTP). */
void project_listener_gone(struct project *p, uint64_t ms);
json_t *project_saved(const struct project *p);
/* Replaces nodes, links and drawings by what was saved. new_ids: as 2.2.49 and 3.0 do. */
void project_load(struct project *p, const json_t *saved, bool new_ids);

/* fields: name, x, y, symbol ... of a request, borrowed, may be NULL. */
struct node *node_new(struct project *p, const char *type, const char *name, const json_t *fields);
struct node *node_find(const struct project *p, const char *id);
struct node *node_by_name(const struct project *p, const char *name);
void node_remove(struct node *n);
bool node_type_known(const char *type);
void node_set_status(struct node *n, const char *status);
bool node_is(const struct node *n, const char *status);
void node_emit(struct node *n, const char *action);
/* Started, stopped, reloaded or crashed, with the events of a real server. */
void node_start(struct node *n);
void node_stop(struct node *n, int events);
void node_crash(struct node *n);
/* wanted, or the next free name of that kind. */
void node_free_name(const struct project *p, const char *wanted, char *out, size_t size);

struct link *link_new(struct project *p, struct node *a, int a_adapter, int a_port, struct node *b,
                      int b_adapter, int b_port);
struct link *link_find(const struct project *p, const char *id);
struct link *link_at(const struct project *p, const struct node *n, int adapter, int port);
void link_remove(struct link *l);
void link_emit(struct link *l, const char *action);
/* Both ends run, not suspended, not dead. */
bool link_passes(const struct link *l);

struct snapshot *snapshot_new(struct project *p, const char *name);
struct snapshot *snapshot_find(const struct project *p, const char *id);
struct snapshot *snapshot_by_name(const struct project *p, const char *name);
/* The name of its file, as this version makes it. */
void snapshot_filename(const struct snapshot *s, char *out, size_t size);
void snapshot_remove(struct project *p, struct snapshot *s);
/* New ids for all snapshots of p, as old servers give at each load. */
void snapshots_renumber(struct project *p);

#endif

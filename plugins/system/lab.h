/* lab.h - what the gns3 plugin tells of nodes, as far as their processes are concerned, and what is
 * known of those. Follows objects; asks nothing of GNS3.
 *
 * Everything is owned by struct lab; pointers between things are borrowed and made right by
 * lab_settle. `id` is the object's id and each thing's first member: the trees go by it. */
#ifndef SYSTEM_LAB_H
#define SYSTEM_LAB_H

#include <gnswatch/plugin.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

enum { ID_TEXT = 36, PIDS_MAX = 16 };
enum node_state { NODE_CLOSED = 1, NODE_STOPPED, NODE_SUSPENDED, NODE_STARTED };

/* What kind of processes a node has. */
enum node_need {
    NEED_NOTHING = 1, /* a switch, a cloud */
    NEED_OWN,         /* one of its own */
    NEED_SHARED,      /* of a dynamips that may serve others, too */
    NEED_FOREIGN,     /* of another hypervisor, which hides who is who: VirtualBox, VMware */
};

enum ubridge_state { UBRIDGE_NONE = 1, UBRIDGE_RUNNING, UBRIDGE_MISSING, UBRIDGE_HIDDEN };
enum node_status { STATUS_OFF = 1, STATUS_RUNNING, STATUS_DEAD, STATUS_HIDDEN };

/* What processes take, summed. Counters only grow: what a process has done stays when it ends. */
struct usage {
    double cpu_percent; /* of a core, since the scan before */
    double memory_bytes, pss_bytes, threads, processes, files;
    double read_bytes, written_bytes; /* counters */
    bool pss_known, files_known, io_known;
};

enum { FACTS_MAX = 8 + PIDS_MAX };

struct server {
    char *id;
    TAILQ_ENTRY(server) entry;
    bool up, here;
    char *url;
    bool alive; /* a process of one of its nodes is there */
};

struct compute {
    char *id;
    TAILQ_ENTRY(compute) entry;
    char *server, *compute_id, *host;
    bool here;
};

struct project {
    char *id;
    TAILQ_ENTRY(project) entry;
    char *project_id, *server, *name, *path;
    struct server *owner;
    bool opened, renamed;
    struct usage usage;  /* of its nodes */
    struct usage shared; /* of dynamips processes that may be any of its nodes' */
    pid_t shared_pids[PIDS_MAX];
    size_t shared_count, sharers; /* sharers: nodes that are served by them */
    size_t running, here;   /* nodes with processes; nodes of which more is known than GNS3 says */
    double directory_bytes; /* NaN: not known */
    struct gw_series *series;
};

struct node {
    char *id;
    TAILQ_ENTRY(node) entry;
    char *node_id, *project_id, *server, *compute_id, *name, *type, *directory, *command,
        *container;
    struct project *project; /* NULL: not there (yet) */
    struct node *twin;       /* the next with the same node_id, of another server */
    enum node_state state;
    enum node_need need;
    bool here; /* on this machine */
    bool renamed;
    size_t links; /* that hang on it */
    struct usage usage;
    pid_t pids[PIDS_MAX];
    size_t pid_count;
    bool ubridge;                     /* in the last scan */
    const char *how;                  /* its processes are known to be its own */
    pid_t zombie;                     /* its process that has ended; 0: none */
    int64_t started_ms;               /* monotonic: seen as started since; 0: it is not */
    bool seen, had_ubridge;           /* since then */
    int64_t gone_ms, ubridge_gone_ms; /* without since; 0: it has one */
    enum node_status status;
    enum ubridge_state ubridge_state;
    bool dead_told, ubridge_missed, ubridge_told; /* told: by us, not by traffic */
    double directory_bytes;                       /* NaN: not known */
    double walked_bytes;                          /* as far as the walk has come */
    struct gw_series *series;
    bool has_object;
    int64_t facts[FACTS_MAX]; /* what its object says: it is put again when one changes */
};

struct link {
    char *id;
    TAILQ_ENTRY(link) entry;
    char *ends[2]; /* ids of nodes */
};

enum kind { SERVERS, COMPUTES, PROJECTS, NODES, LINKS, TREES };

struct lab {
    struct gw_plugin *self;
    TAILQ_HEAD(, server) servers;
    TAILQ_HEAD(, compute) computes;
    TAILQ_HEAD(, project) projects;
    TAILQ_HEAD(, node) nodes;
    TAILQ_HEAD(, link) links;
    void *by_id[TREES];
    void *by_node_id; /* struct node by GNS3's id, the first of its twins */
    bool unsettled;
    unsigned generation; /* grows when who is who may have changed */
    void (*on_node_gone)(struct node *node, void *data); /* told before */
    void (*on_project_gone)(struct project *project, void *data);
    void *data;
};

void lab_init(struct lab *lab, struct gw_plugin *self);
void lab_fini(struct lab *lab);
void lab_read(struct lab *lab); /* all there is */
/* One object was put or has gone (json NULL). */
void lab_take(struct lab *lab, const char *kind, const char *id, const char *json);
void lab_settle(struct lab *lab, int64_t now_ms);

/* The first node with GNS3's id; others are its twins. NULL: none. */
struct node *lab_node(const struct lab *lab, const char *node_id);
struct project *lab_project_of(const struct lab *lab, const char *project_id); /* GNS3's id */
enum node_need node_need(const char *type);
bool node_needs_ubridge(const struct node *node);

#endif

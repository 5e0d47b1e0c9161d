/* inventory.h - what GNS3's answers mean: lists into things, things into objects, series, events.
 *
 * Each `*_apply` takes one JSON element, from a list or a feed. Each `*_read` takes a whole list.
 * Robust against any text: what cannot be understood changes nothing and is said. */
#ifndef GNS3_INVENTORY_H
#define GNS3_INVENTORY_H

#include "model.h"

/* The answer of `job`: 0, or a negative errno with a sentence in `why`. */
int inventory_read(struct job *job, const char *body, size_t bytes, char *why, size_t why_bytes);
void inventory_same(struct job *job); /* it reads as the last time */
void inventory_refused(struct job *job, const struct client_answer *answer);

/* Walks a list's elements. `same` is told the hash and place of each and says whether such an
 * element is known; `apply` gets the others, parsed. An element `apply` or the parser refuses is
 * left out and said in `why`, the rest is taken. */
struct list_reader {
    bool (*same)(void *data, uint64_t hash, size_t place);
    int (*apply)(void *data, const json_t *element, uint64_t hash, size_t place);
    void *data;
    size_t left_out; /* elements not understood */
};
int list_read(struct list_reader *reader, const char *body, size_t bytes, char *why,
              size_t why_bytes);

/* server.c */
struct server *server_new(struct gns3 *gns3, const struct gw_values *values);
void server_stop(struct server *server); /* ends the client: no more callbacks */
void server_free(struct server *server); /* NULL and half-built are fine */
void server_put(struct server *server);
void server_tick(struct server *server);
struct server *server_find(const struct gns3 *gns3, const char *name);
const char *server_status(const struct server *server);

/* project.c */
int projects_read(struct server *server, const char *body, size_t bytes, char *why,
                  size_t why_bytes);
int project_apply(struct server *server, const json_t *element, uint64_t hash, bool told);
int project_stats(struct project *project, const char *body, size_t bytes, char *why,
                  size_t why_bytes);
struct project *project_add(struct server *server, const char *id, const char *project_id,
                            const char *name);
void project_remove(struct project *project, bool told); /* with its objects */
void project_free(struct project *project);
void project_put(struct project *project); /* when dirty */
struct project *project_of(const struct server *server, const char *project_id);
void project_follow(struct project *project); /* opens its feed if, and only if, it may */

/* node.c, node_doc.c */
int nodes_read(struct project *project, const char *body, size_t bytes, char *why,
               size_t why_bytes);
int node_apply(struct project *project, const json_t *element, uint64_t hash, size_t place);
struct node *node_add(struct project *project, const char *id, const json_t *element);
void node_remove(struct node *node, bool told);
void node_free(struct node *node);
struct node *node_of(const struct project *project, const char *node_id);
struct node *node_by_id(const struct project *project, const char *id);
void nodes_closed(struct project *project); /* the project closed: so are they */
void node_put(struct node *node, const json_t *element);
void node_patch(struct node *node); /* status and since, where no element is at hand */
bool node_ports(struct node *node, const json_t *element); /* true: they changed */
const char *node_status_name(enum node_status status);

/* stops.c: what a stop was */
void node_changed(struct node *node, enum node_status before);
void stops_read(struct project *project); /* after each read of its nodes */
void stops_crash(struct project *project, const char *text);
void stops_forget(struct project *project);

/* link.c */
int links_read(struct project *project, const char *body, size_t bytes, char *why,
               size_t why_bytes);
int link_apply(struct project *project, const json_t *element, uint64_t hash, size_t place);
/* The ends, as the object of an earlier run has them. */
void link_seed(struct link *link, const json_t *json);
struct link *link_add(struct project *project, const char *id, const char *link_id);
void link_remove(struct link *link, bool told);
void link_free(struct link *link);
struct link *link_of(const struct project *project, const char *link_id);
struct link *link_by_id(const struct project *project, const char *id);
void links_closed(struct project *project);
void links_again(struct project *project); /* names of nodes changed: write the links anew */

/* snapshot.c, template.c */
int snapshots_read(struct project *project, const char *body, size_t bytes, char *why,
                   size_t why_bytes);
struct snapshot *snapshot_add(struct project *project, const char *snapshot_id, const char *name,
                              int64_t created_ms);
void snapshot_remove(struct snapshot *snapshot, bool told);
void snapshot_free(struct snapshot *snapshot);
struct snapshot *snapshot_by_id(const struct project *project, const char *id);
int templates_read(struct server *server, const char *body, size_t bytes, char *why,
                   size_t why_bytes);
struct template *template_add(struct server *server, const char *id, const char *template_id);
void template_free(struct template *template);

/* compute.c */
int computes_read(struct server *server, const char *body, size_t bytes, char *why,
                  size_t why_bytes);
int statistics_read(struct server *server, const char *body, size_t bytes, char *why,
                    size_t why_bytes);
int compute_apply(struct server *server, const json_t *element);
struct compute *compute_add(struct server *server, const char *compute_id);
void compute_remove(struct compute *compute);
void compute_free(struct compute *compute);
struct compute *compute_of(const struct server *server, const char *compute_id);

/* notice.c: the feeds */
void notice_feed(struct server *server, const char *project_id, const char *action,
                 const char *event_json);
void notice_feed_open(struct server *server, const char *project_id);

#endif

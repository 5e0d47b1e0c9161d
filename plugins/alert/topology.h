/* topology.h - what is where: server > compute > project > node > link, from gns3.* objects; and
 * the objects that object rules look at. Kept in step by source_object.c. Knows no alerts. */
#ifndef ALERT_TOPOLOGY_H
#define ALERT_TOPOLOGY_H

#include "labels.h"
#include "world.h"

#include <jansson.h>
#include <stdbool.h>

struct topology;

enum { PARENTS_MAX = 12, KEY_MAX = 300 };

struct topology *topology_new(void);
void topology_free(struct topology *topology);

/* Takes `document`; NULL: the object has gone. */
void topology_put(struct topology *topology, const char *kind, const char *id, json_t *document);
/* Borrowed until the next topology_put of it; NULL: there is none. */
json_t *topology_get(const struct topology *topology, const char *kind, const char *id);
json_t *topology_all(const struct topology *topology, const char *kind); /* {id: doc} or NULL */
bool topology_kind(const char *kind);                                    /* one it lives by */
const char *topology_alias(const char *kind); /* "traffic.link" is about a "gns3.link" */

/* A name for a person; "" when the object is not known. */
const char *topology_name(const struct topology *topology, const char *kind, const char *id);
/* Fills in what is known; a thing not known leaves `place` as it was. */
void topology_place(const struct topology *topology, const char *kind, const char *id,
                    struct place *place);
/* The subject of labels as gns3's series have them: server, compute (id), project, node, link
 * (names). *kind NULL: none. Borrowed. */
void topology_subject(const struct topology *topology, const struct labels *labels,
                      const char **kind, const char **id);
/* Labels of an object: server, compute, project, node, link by name. */
void topology_labels(const struct topology *topology, const char *kind, const char *id,
                     struct labels *labels);
/* Member of an object; "project.status" is the member of its project. Borrowed; NULL: none. */
json_t *topology_member(const struct topology *topology, json_t *document, const char *member);

/* "kind/id" of all that is above, nearest first; the number. */
size_t topology_parents(const struct topology *topology, const char *kind,
                        const struct place *place, char keys[PARENTS_MAX][KEY_MAX]);
bool topology_closed(const struct topology *topology, const struct place *place); /* its project */
void place_fini(struct place *place);

#endif

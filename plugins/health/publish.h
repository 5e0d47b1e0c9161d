/* publish.h - scores as objects, series and events. */
#ifndef HEALTH_PUBLISH_H
#define HEALTH_PUBLISH_H

#include "judge.h"

#include <jansson.h>

/* Puts what differs by whole points since it was put last, at most PUBLISH_MOST things a call: a
 * flood of objects would push others' news out of their queues. True: there is more to do. */
enum { PUBLISH_MOST = 200 };
bool publish_some(const struct world *world);
void publish_series(const struct world *world); /* a row each */
void publish_gone(const struct world *world, struct thing *thing);
/* At the start: levels of the last run; scores of things that went meanwhile go. */
void publish_recall(const struct world *world);

json_t *score_document(const struct world *world, const struct thing *thing);
json_t *subject_document(const struct thing *thing);
/* "disk 91 %, full in 3 h"; a text of the caller's. */
void reason_text(const struct reason *reason, char *out, size_t bytes);
/* The same for who reads of `of`: "campus-1: disk 91 %, full in 3 h" where it is of another. */
void reason_sentence(const struct reason *reason, const struct thing *of, char *out, size_t bytes);
/* The series a factor's value is from; NULL: none. */
json_t *series_document(const struct thing *thing, enum factor factor);

extern const struct gw_field score_fields[];

#endif

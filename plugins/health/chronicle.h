/* chronicle.h - what events say: how nodes came to be stopped, how often things change their state,
 * and how many events there were of each topic, for reports.
 *
 * It is kept in the state directory with the number of the last event it holds, and goes on from
 * there after a restart, so that nothing is counted twice or not at all. */
#ifndef HEALTH_CHRONICLE_H
#define HEALTH_CHRONICLE_H

#include "lab.h"

#include <jansson.h>

struct chronicle;

struct chronicle *chronicle_new(struct lab *lab);
void chronicle_free(struct chronicle *chronicle);
/* Reads what was kept and subscribes; things must be there. */
int chronicle_start(struct chronicle *chronicle);
/* Writes what is new, at most once a minute unless `now`. */
int chronicle_save(struct chronicle *chronicle, bool now);

/* {topic: count} from whole hours that overlap [from, to). The caller's. */
json_t *chronicle_count(const struct chronicle *chronicle, int64_t from_ms, int64_t to_ms);
/* When it begins to know; 0: nothing yet. */
int64_t chronicle_since(const struct chronicle *chronicle);
/* What others keep beside it, by name; the caller's reference is taken. */
void chronicle_set(struct chronicle *chronicle, const char *name, json_t *value);
json_t *chronicle_get(const struct chronicle *chronicle, const char *name); /* borrowed */

#endif

/* The nearest known name: "did you mean 'timeout'?". */
#ifndef GW_CONF_NEAR_H
#define GW_CONF_NEAR_H

#include <stddef.h>

enum { NEAR_MAX = 64 }; /* longer names are never near */

/* Damerau-Levenshtein distance (restricted edits: insert, delete, replace, swap neighbours) without
 * regard to case; NEAR_MAX + 1 when either is longer than NEAR_MAX bytes. */
size_t near_distance(const char *a, const char *b);

/* Keeps the nearest of the names offered one by one. `best` is borrowed. */
struct near {
    const char *name, *best;
    size_t distance;
};

void near_init(struct near *near, const char *name);
void near_offer(struct near *near, const char *candidate);
const char *near_best(const struct near *near); /* NULL: none is near enough to be meant */

#endif

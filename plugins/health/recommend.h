/* recommend.h - what a person can do about what takes points. */
#ifndef HEALTH_RECOMMEND_H
#define HEALTH_RECOMMEND_H

#include "judge.h"

#include <jansson.h>

enum { RECOMMEND_MAX = 20 };

/* [{severity, text, why, subject, command {name, params} or null, url}], the most urgent first. */
json_t *recommend(const struct world *world);

/* The dashboard's address of a thing or of a series; a text of the caller's. */
void link_to_thing(const struct world *world, const struct thing *thing, char *out, size_t bytes);
void link_to_series(const struct world *world, const char *key, char *out, size_t bytes);

#endif

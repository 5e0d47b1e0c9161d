/* silence.h - silences of people, and recurring maintenance windows: when nobody is told. */
#ifndef ALERT_SILENCE_H
#define ALERT_SILENCE_H

#include "world.h"

enum silence_state { SILENCE_PENDING = 1, SILENCE_ACTIVE, SILENCE_ENDED };

struct silence *silence_add(struct world *world, int64_t id); /* NULL: too many, no memory */
struct silence *silence_find(const struct world *world, int64_t id);
enum silence_state silence_state(const struct silence *silence, int64_t now_ms);
void silences_free(struct world *world);
/* Beginnings and ends, said and shown; old ones are forgotten. */
void silences_turn(struct world *world);
void silence_put(struct world *world, struct silence *silence); /* its object */

int windows_load(struct world *world, const json_t *list);
void windows_free(struct world *world);
void windows_turn(struct world *world);

/* Which of them apply to an alert now: fills silenced_by and window. */
void silences_apply(const struct world *world, struct alert *alert);

#endif

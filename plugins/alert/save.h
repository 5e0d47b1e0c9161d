/* save.h - what is kept of each thing, as documents for state.c. */
#ifndef ALERT_SAVE_H
#define ALERT_SAVE_H

#include "world.h"

json_t *save_alert(const struct world *world, const struct alert *alert);
json_t *save_group(const struct world *world, const struct group *group);
json_t *save_silence(const struct silence *silence);
json_t *save_letter(const struct letter *letter);

/* Each adds what it made to the world; what does not fit any more is left out. */
void save_alert_load(struct world *world, const char *id, const json_t *document);
void save_group_load(struct world *world, const char *id, const json_t *document);
void save_silence_load(struct world *world, const char *id, const json_t *document);
void save_letter_load(struct world *world, const char *id, const json_t *document);

#endif

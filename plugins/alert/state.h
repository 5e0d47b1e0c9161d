/* state.h - what survives kill -9: alerts, groups, silences, letters and the place in the events,
 * in one SQLite file, changed in one transaction a turn. Nothing leaves the plugin before the
 * transaction that it belongs to is on disk (README: "What a kill finds"). */
#ifndef ALERT_STATE_H
#define ALERT_STATE_H

#include "world.h"

/* A damaged file is put aside and said. 0 or a negative errno, with the sentence in gw_fail. */
int state_open(struct world *world);
void state_close(struct world *world); /* takes a half-opened one */
/* Fills the world: silences, groups, alerts, letters. After the rules, receivers and routes. */
int state_load(struct world *world);
/* Writes what is marked dirty. 0, or an error: then marks stay, and it is tried next turn. */
int state_write(struct world *world);

void state_delete_alert(struct world *world, const char *id); /* with the next transaction */
void state_delete_group(struct world *world, const char *key);
void state_delete_silence(struct world *world, int64_t id);
void state_delete_letter(struct world *world, int64_t id);

/* The sequence of the last event that was dealt with. */
int64_t state_sequence(const struct world *world);
void state_dealt(struct world *world, int64_t sequence);
/* When the state was begun: what was before that is nobody's news. */
int64_t state_begun(const struct world *world);
/* Someone looked at this moment: a file without fsync, each turn. */
void state_alive(struct world *world);
int64_t state_last_alive(const struct world *world); /* as found at the start; 0: never */

#endif

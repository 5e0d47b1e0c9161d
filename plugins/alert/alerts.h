/* alerts.h - the list of alerts and how one changes. Sources call alert_want; nobody else changes
 * a level. */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "world.h"

/* The id of a rule's alert about `identity` ("kind/id"), or, when that is NULL, about these labels
 * (as its source gives them). */
void alert_make_id(const struct rule *rule, const struct labels *labels, const char *identity,
                   char out[ID_MAX]);
struct alert *alerts_find(const struct world *world, const char *id); /* NULL: none */
/* Found or made; NULL: no memory, or there are too many (counted). An alert that was over begins
 * anew. `labels` has what the source knows; the rule's own and alertname are added. */
struct alert *alerts_take(struct world *world, struct rule *rule, const struct labels *labels,
                          const char *identity);
struct alert *alert_new(const char *id, const char *rule_name);
int alerts_insert(struct world *world, struct alert *alert);
void alerts_remove(struct world *world, struct alert *alert); /* frees it */
void alert_free(struct alert *alert);

void alert_subject(struct world *world, struct alert *alert, const char *kind, const char *id);
/* What the condition says now; events and marks follow. The alert may be gone afterwards: pending
 * ones that end are dropped. Returns false then. */
bool alert_want(struct world *world, struct alert *alert, enum level wanted, double value);
/* It ends now whatever its rule says, as what it was about is gone. `why`: a sentence. False: the
 * alert is gone. */
bool alert_end(struct world *world, struct alert *alert, const char *why);
/* Pending, firing, or an end whose delay is not over. */
bool alert_active(const struct alert *alert);
int64_t alert_since(const struct alert *alert); /* when the condition began */
const char *alert_state(const struct alert *alert);
const char *alert_severity(const struct alert *alert); /* the worst of a resolved one */
/* Time-driven changes of all alerts, and forgetting of old ones. */
void alerts_turn(struct world *world);

/* An event for after the transaction; subject: the alert. */
void alert_say(struct world *world, const struct alert *alert, const char *topic,
               enum gw_severity severity, const char *format, ...) GW_PRINTF(5, 6);
void world_say(struct world *world, const char *topic, enum gw_severity severity, const char *id,
               char *text, char *data); /* takes text and data */

void keep(char **place, const char *text); /* replaces an owned text; NULL or "" is none */

#endif

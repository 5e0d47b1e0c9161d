/* document.h - alerts, rules, silences, windows and receivers as JSON: for objects, for
 * notifications, for the state on disk; and the texts of templates. */
#ifndef ALERT_DOCUMENT_H
#define ALERT_DOCUMENT_H

#include "world.h"

void duration_text(int64_t ms, char *out, size_t bytes); /* "3 min 20 s" */
/* The summary as its template says it now; allocated. NULL: no memory. */
char *document_summary(struct world *world, const struct alert *alert);
/* An alert as a notification has it; the caller owns it. */
json_t *document_for_notice(struct world *world, const struct alert *alert);
/* An alert's address on the dashboard; allocated, NULL: none. */
char *document_url(struct world *world, const char *id);

/* Puts what is marked. */
void documents_put(struct world *world);
void document_forget(struct world *world, const struct alert *alert); /* its object goes */

#endif

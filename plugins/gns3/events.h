/* events.h - says what happened, with the object it happened to. */
#ifndef GNS3_EVENTS_H
#define GNS3_EVENTS_H

#include "model.h"

/* `data` (a JSON object) may be NULL. The sentence is the format. */
void say(struct server *server, enum gw_severity severity, const char *topic, const char *kind,
         const char *id, const char *data, const char *format, ...) GW_PRINTF(7, 8);

void say_project(struct project *project, const char *topic, const char *what);
void say_node(struct node *node, enum gw_severity severity, const char *topic, const char *what,
              const char *message);
/* `asked`: one of our commands stopped it. */
void say_stopped(struct node *node, bool asked);
void say_link(struct link *link, const char *topic, const char *what);
void say_snapshot(struct snapshot *snapshot, const char *topic, const char *what);
/* A restore: by a feed, by our command, or seen in the ids. Said once. */
void say_restored(struct project *project, const char *snapshot_name, const char *how);

#endif

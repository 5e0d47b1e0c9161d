/* series.h - the plugin's measurements: one handle a thing, one row a tick. */
#ifndef GNS3_SERIES_H
#define GNS3_SERIES_H

#include "model.h"

/* Rows of everything of the server: only `up` and the breaker while it is down. */
void series_tick(struct server *server);
void series_rename_project(struct project *project); /* and of its nodes */
void series_rename_node(struct node *node);
void series_end_project(struct project *project);
void series_end_node(struct node *node);
void series_end_compute(struct compute *compute);

#endif

/* feed - notification listeners: HTTP chunked streams and WebSockets, of the controller or of one
 * project, with the rhythm and the endings of the real servers. */
#ifndef SIM_FEED_H
#define SIM_FEED_H

#include "model.h"

/* Turns the connection into a listener; p NULL: the controller's feed. */
void feed_open(struct conn *c, struct project *p);
void feed_conn_gone(struct conn *c);
/* The project was deleted: its listeners stay and get pings for ever. */
void feed_project_gone(struct project *p);
void feed_pong(struct conn *c);
/* To the listeners of p, or of the controller when p is NULL. event is borrowed. */
void feed_emit(struct server *s, struct project *p, const char *action, json_t *event);
/* project.* events: controller feed from 2.2.45 on, before that the project's. */
void feed_project_event(struct project *p, const char *action);
/* Starts the server's beat of compute.updated; call once. */
void feed_start(struct server *s);
/* Says good-bye the way a SIGTERM does. */
void feed_farewell(struct server *s);
size_t feed_count(const struct server *s);
json_t *compute_doc(struct server *s, int index);

#endif

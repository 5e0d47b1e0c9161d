/* http - connections of the simulator: reading requests, writing answers byte for byte the way
 * aiohttp (2.2) and uvicorn (3.x) do. Knows nothing of projects or nodes. */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include "sim.h"

/* Accepts into a new connection; server NULL: a control connection. */
void conn_accept(uv_stream_t *listener, struct sim *sim, struct server *server);
/* Closes at once; the struct lives until the last conn_unref. */
void conn_close(struct conn *c);
/* Closes when all that is queued has been written. */
void conn_finish(struct conn *c);
struct conn *conn_ref(struct conn *c);
void conn_unref(struct conn *c);
/* Queues bytes; a listener who has SIM_OUT_MAX unread is cut off. */
void conn_write(struct conn *c, const void *data, size_t len);
void conn_write_blob(struct conn *c, const void *head, size_t head_len, struct blob *blob);
/* The answer to the current request is complete: serve the next one. */
void conn_done(struct conn *c);

const char *http_reason(int status);
void http_date(char out[40]);
/* The value of name in the query, percent-decoded; false when it is not there. */
bool query_get(const char *query, const char *name, char *out, size_t size);

#endif

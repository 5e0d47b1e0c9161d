/* A scripted HTTP server for tests, on the test host's loop: what a peer sends is up to the test,
 * down to the byte, so it can be as wrong as it wants. */
#ifndef GNS3_CLIENT_SERVER_H
#define GNS3_CLIENT_SERVER_H

#include <gnswatch/plugin.h>

struct server;
struct peer; /* one connection */

struct request {
    char method[16], path[256];
    const char *head; /* request line and headers, NUL-terminated */
    const char *body;
    int on_connection; /* the how-manieth of its connection, from 1 */
};

/* Answers by server_send, server_close, or not at all. */
typedef void server_fn(struct server *server, struct peer *peer, const struct request *request,
                       void *data);

struct server *server_new(struct gw_plugin *host, int port, server_fn *on_request, void *data);
void server_free(struct server *server); /* connections are cut, the port refuses */
int server_port(const struct server *server);
const char *server_url(const struct server *server);
void server_send(struct peer *peer, const char *bytes);
void server_answer(struct peer *peer, int status, const char *headers, const char *body);
void server_close(struct peer *peer);
int server_connections(const struct server *server);                /* accepted so far */
int server_requests(const struct server *server, const char *path); /* NULL: all */

#endif

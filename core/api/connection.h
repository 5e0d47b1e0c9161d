/* A client's connection as libwebsockets sees it: what one transaction needs. Only for the files
 * that talk to libwebsockets (http.c, receive.c, send.c, socket.c). */
#ifndef GW_API_CONNECTION_H
#define GW_API_CONNECTION_H

#include "api/live.h"
#include "api/server.h"

/* Zeroed by libwebsockets at the start of each transaction. */
struct connection {
    struct lws *wsi;
    struct request *request;    /* owned; NULL: none under way */
    struct live_client *client; /* owned; of a WebSocket or an event stream */
    struct buf incoming;        /* a WebSocket message that comes in pieces */
    size_t at, end;             /* what of request->out is still to be sent */
    int64_t body_bytes;         /* announced by Content-Length */
    bool sending, close_after, discard_body, paused, began, awaiting, is_stream;
    bool goodbye; /* a WebSocket that is to be closed */
};

enum { PIECE_BYTES = 128 << 10, SLOW_CLIENT_S = 30 };

static inline struct api *api_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* libwebsockets 4.1.6 does not read in the midst of a transaction, yet goes on to look for
 * input: without a pause the loop would spin on a client that sends more, or hangs up. While
 * paused it does not write either, so a connection with something to say is woken. */
static inline void connection_pause(struct connection *connection)
{
    if (!connection->paused)
        lws_rx_flow_control(connection->wsi, 0);
    connection->paused = true;
}

/* Most answers come within this, and a pause costs two system calls. */
enum { PAUSE_AFTER_US = 20000 };

static inline void connection_wake(struct connection *connection)
{
    if (connection->paused)
        lws_rx_flow_control(connection->wsi, 1);
    connection->paused = false;
    lws_callback_on_writable(connection->wsi);
}

/* receive.c: the request from the headers, checked. NULL: no memory. With a status set it is
 * refused already. */
struct request *receive_request(struct connection *connection, struct lws *wsi);
bool receive_body(struct connection *connection, const char *bytes, size_t count);

/* send.c: results are what a callback of libwebsockets returns. */
int send_answer(struct connection *connection);
int send_more(struct connection *connection);
void send_head(struct request *request, bool close, int64_t content_bytes, struct buf *head);

/* socket.c: after the upgrade to WebSocket, and server-sent events. */
int socket_open(struct connection *connection, struct lws *wsi);
int socket_receive(struct connection *connection, const char *bytes, size_t count);
int socket_write(struct connection *connection);
int stream_open(struct connection *connection);
int stream_write(struct connection *connection);
int stream_silence(struct connection *connection); /* a comment, so that the way is tried */

#endif

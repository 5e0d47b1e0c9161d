/* What libwebsockets tells us, handed to who deals with it. */
#include "api/connection.h"
#include "api/route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Not within a callback of libwebsockets, so a connection is closed by its timeout. */
static void answer_came(struct request *request)
{
    struct connection *connection = request->owner;
    struct lws *wsi = connection->wsi;
    connection->awaiting = false; /* the timer may go on: 4.1.6 cannot cancel it */
    if (connection->paused)
        connection_wake(connection);
    else if (send_answer(connection))
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static bool is_api(const char *path)
{
    return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0 ||
           strcmp(path, "/health") == 0 || strcmp(path, "/ready") == 0 ||
           strcmp(path, "/metrics") == 0;
}

/* True: answered. */
static bool dispatch(struct request *request)
{
    if (request->status)
        return true;
    if (is_api(request->path))
        return route_request(request);
    return static_answer(request, request->api->web_dir, request->path);
}

static int run(struct connection *connection)
{
    struct request *request = connection->request;
    connection->began = true;
    request->owner = connection;
    request->done = answer_came;
    if (dispatch(request))
        return connection->request->status == 101 ? stream_open(connection)
                                                  : send_answer(connection);
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    lws_set_timer_usecs(connection->wsi, PAUSE_AFTER_US);
    connection->awaiting = true;
    return 0;
}

static int on_request(struct connection *connection, struct lws *wsi)
{
    connection->wsi = wsi;
    connection->request = receive_request(connection, wsi);
    if (!connection->request)
        return -1;
    if (connection->discard_body)
        return send_answer(connection);
    if (connection->body_bytes > 0 && !connection->close_after)
        return 0; /* LWS_CALLBACK_HTTP_BODY_COMPLETION goes on */
    bool completion_follows = connection->request->method == METHOD_POST &&
                              lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    if (completion_follows && !connection->close_after)
        return 0;
    return run(connection);
}

static int on_body_complete(struct connection *connection)
{
    if (connection->discard_body)
        return -1;
    if (!connection->request || connection->began)
        return 0;
    return run(connection);
}

static int on_writable(struct connection *connection)
{
    if (connection->is_stream)
        return stream_write(connection);
    if (!connection->request)
        return 0;
    if (connection->sending)
        return send_more(connection);
    return connection->request->status ? send_answer(connection) : 0;
}

static int on_timer(struct connection *connection)
{
    if (connection->is_stream)
        return stream_silence(connection);
    if (connection->awaiting)
        connection_pause(connection);
    return 0;
}

static void on_closed(struct connection *connection)
{
    live_client_free(connection->client);
    connection->client = NULL;
    buf_fini(&connection->incoming);
    struct request *request = connection->request;
    connection->request = NULL;
    if (!request)
        return;
    if (request->status)
        request_free(request);
    else
        request->gone = true; /* whoever makes the answer frees it */
}

/* Checks a request for a WebSocket. 0: go on; 1: answered; -1: hang up. */
static int on_upgrade(struct lws *wsi, const char *to)
{
    struct connection connection = {.wsi = wsi};
    struct request *request = receive_request(&connection, wsi);
    if (!request)
        return -1;
    if (request->status == 0 && strcasecmp(to, "websocket") != 0)
        request_problem(request, 400, "Only an upgrade to websocket is offered");
    if (request->status == 0 && strcmp(request->path, "/api/v1/live") != 0)
        request_problem(request, 404, "WebSockets are at /api/v1/live");
    if (request->status == 0 && request->role < GW_VIEWER)
        request_unknown_caller(request);
    if (request->status == 0) {
        request_free(request);
        return 0;
    }
    connection.request = request;
    connection.close_after = true;
    int result = send_answer(&connection);
    if (connection.request) { /* an answer of one piece is always gone by now */
        request_free(connection.request);
        result = -1;
    }
    return result;
}

static int on_accept(struct api *api)
{
    if (api->connections < api->connections_max && !api->stopping)
        return 0;
    api->counts.connections_refused++;
    return -1;
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct connection *connection = user;
    switch ((int)reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return on_accept(api_of(wsi));
    case LWS_CALLBACK_WSI_CREATE:
        api_of(wsi)->connections++;
        api_of(wsi)->counts.connections++;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (api_of(wsi)->connections > 0)
            api_of(wsi)->connections--;
        return 0;
    case LWS_CALLBACK_HTTP:
        return on_request(connection, wsi);
    case LWS_CALLBACK_HTTP_BODY:
        return receive_body(connection, in, len) ? 0 : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_complete(connection);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return connection ? on_writable(connection) : 0;
    case LWS_CALLBACK_TIMER:
        return connection ? on_timer(connection) : 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_upgrade(wsi, in);
    case LWS_CALLBACK_ESTABLISHED:
        return socket_open(connection, wsi);
    case LWS_CALLBACK_RECEIVE:
        return socket_receive(connection, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return socket_write(connection);
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (connection)
            on_closed(connection);
        return 0;
    default:
        return 0;
    }
}

/* What the files of this folder share: the running API. Not for other layers.
 *
 * Everything is touched by the service thread only, unless said otherwise. */
#ifndef GW_API_SERVER_H
#define GW_API_SERVER_H

#include "api/api.h"
#include "api/auth.h"
#include "api/inbox.h"
#include "api/limits.h"
#include "api/request.h"
#include "api/static.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <uv.h>

struct live;
struct command_wait;

struct api_counts {
    uint64_t requests, refused, errors; /* answers with 4xx count as refused, 5xx as errors */
    uint64_t sent_bytes, connections, connections_refused;
};

struct api {
    struct api_parts parts; /* strings below are copies */
    const struct clock *clock;
    char *web_dir, *socket_path, *ports_file;
    char *url; /* of the dashboard, for others; no slash at the end */
    int64_t body_max_bytes;
    int connections_max;
    bool tls, compression;

    struct auth *auth;
    struct limits limits;
    struct live *live;
    struct inbox *inbox; /* any thread */
    struct command_wait *waiting;
    struct buf openapi; /* kept until kinds or commands change */
    uint64_t openapi_hash;
    uint64_t boot; /* makes ETags differ between runs */
    struct api_counts counts;
    int connections;
    char date[40]; /* of the Date header */
    int64_t date_s, started_ms;

    struct lws_context *context;
    struct lws_vhost *tcp, *local;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t tick; /* each 100 ms while calls wait */
    pthread_t thread;
    uv_timer_t goodbye;
    bool stopping;
    _Atomic bool stop_asked;
    int port;
};

/* http.c */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len);

/* Kept apart so that the parts can be tested without a socket. */
bool request_authorise(struct request *request, const char *authorization); /* false: answered */
bool request_unknown_caller(struct request *request); /* 401, and what to do; returns true */

/* command_routes.c: each 100 ms, and at the end. */
void command_waits_tick(struct api *api);
void command_waits_end(struct api *api);

#endif

/* gnswatch/http.h - an HTTP client on the instance's own thread (optional service).
 *
 * Requests never block: they run on the instance's loop (libcurl's multi interface) and answer by
 * callback. Connections are kept and reused, at most `connections_max` a client; requests beyond
 * that wait in a queue of 1,024. No retries, no breaker: who knows what a request means decides
 * that. Only a request that may be sent twice (not POST, PATCH) uses a kept connection, and is sent
 * again when that turns out closed. Redirects are not followed, proxies not used. Clients and
 * requests left at `stop` are released by the host, without a callback. */
#ifndef GNSWATCH_HTTP_H
#define GNSWATCH_HTTP_H

#include <gnswatch/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gw_http;         /* a client: one peer, its connections and its credentials */
struct gw_http_request; /* one under way */

struct gw_http_options {
    size_t size;                 /* sizeof(struct gw_http_options) */
    const char *base;            /* "http://host:port", "https://host:port/prefix" */
    const char *user, *password; /* HTTP basic; NULL: none. Never logged. */
    const char *ca_file;         /* PEM; NULL: the system's */
    bool insecure;               /* do not verify TLS: only when a person asked for it */
    int64_t connect_ms;          /* 0: 5 s */
    int connections_max;         /* 0: 8; streams do not count */
    int64_t idle_max_ms;         /* do not reuse a connection idle for longer; 0: 60 s */
    size_t answer_max_bytes;     /* 0: 16 MiB; a larger answer ends with -EMSGSIZE. Not save_file */
};

struct gw_http_answer {
    int error; /* 0, or -ECONNREFUSED -ETIMEDOUT -EPROTO -EMSGSIZE -ECANCELED -EACCES (TLS) … */
    const char *text; /* of the error, a sentence without secrets; NULL: none */
    int status;       /* HTTP status; 0 without an answer */
    const char *body; /* NUL-terminated; borrowed for the callback */
    size_t body_bytes;
    const char *content_type;                   /* may be NULL */
    double total_ms, connect_ms, first_byte_ms; /* first_byte_ms: server's share of the time */
    bool reused;                                /* ran on a kept connection */
    size_t sent_bytes, received_bytes;
    int64_t retry_after_ms; /* 1.1: what Retry-After asks for, from now; 0: nothing */
};

typedef void gw_http_done_fn(struct gw_plugin *self, const struct gw_http_answer *answer,
                             void *data);
/* A piece of a stream's body. Returning false ends the stream (-ECANCELED). */
typedef bool gw_http_piece_fn(struct gw_plugin *self, const char *piece, size_t bytes, void *data);

struct gw_http_ask {
    const char *method; /* NULL: GET, or POST with a body */
    const char *path;   /* appended to base */
    const char *body;   /* NULL: none */
    size_t body_bytes;
    const char *body_file; /* sends this file instead; NULL: none */
    const char *save_file; /* a good (2xx) answer's body goes here, not to memory; NULL: none */
    const char *const *headers; /* "Name: value", ends with NULL; NULL: none. A body is
                                   application/json unless a header says otherwise */
    int64_t timeout_ms;         /* whole request; 0: 10 s; a stream: until its first byte */
    gw_http_piece_fn *on_piece; /* a stream: a good answer's pieces come here; NULL: none */
    int64_t silence_ms;         /* a stream silent for longer ends with -ETIMEDOUT; 0: never */
    gw_http_done_fn *on_done;   /* exactly once, never from within gw_http_send */
    void *data;
};

GW_API struct gw_http *gw_http_new(struct gw_plugin *self, const struct gw_http_options *options);
/* Ends its requests: their on_done come with -ECANCELED before it returns. */
GW_API void gw_http_free(struct gw_http *http);
/* NULL: the queue is full or the URL is bad (logged). */
GW_API struct gw_http_request *gw_http_send(struct gw_http *http, const struct gw_http_ask *ask);
GW_API void gw_http_cancel(struct gw_http_request *request); /* on_done comes with -ECANCELED */

#ifdef __cplusplus
}
#endif
#endif

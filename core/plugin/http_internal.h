/* What the files of the HTTP client share. Knows curl; nobody else does. */
#ifndef GW_PLUGIN_HTTP_INTERNAL_H
#define GW_PLUGIN_HTTP_INTERNAL_H

#include "base/buf.h"
#include "plugin/keep.h"

#include <curl/curl.h>
#include <gnswatch/http.h>
#include <stdio.h>
#include <sys/queue.h>

enum {
    HTTP_QUEUE_MAX = 1024,              /* requests waiting for a connection */
    HTTP_HEADERS_MAX_BYTES = 256 * 1024 /* of one answer */
};

enum http_request_state {
    HTTP_WAITING = 1, /* for a connection */
    HTTP_RUNNING,     /* curl has it */
    HTTP_ENDED,       /* decided by us; on_done is due in the next turn of the loop */
};

struct gw_http_request {
    TAILQ_ENTRY(gw_http_request) entry; /* in the list of its state */
    struct gw_http *http;
    enum http_request_state state;
    bool stream, started, added; /* added: the easy handle is in the multi handle */
    CURL *easy;
    struct curl_slist *headers;
    char *sent; /* a copy of the ask's body */
    size_t sent_bytes;
    FILE *source; /* body_file */
    int sink_fd;  /* save_file's ".part"; -1: none */
    char *sink_path, *sink_part;
    struct buf body; /* of the answer, when it goes to memory */
    size_t header_bytes;
    int64_t timeout_ms, silence_ms, asked_ms, heard_ms;
    struct gw_timer *timer; /* waiting: the deadline; a stream: first byte, then silence */
    int error;              /* our verdict, which beats curl's; 0: none */
    char error_text[CURL_ERROR_SIZE]; /* curl's */
    char text[CURL_ERROR_SIZE + 256]; /* ours, for the answer */
    gw_http_piece_fn *on_piece;
    gw_http_done_fn *on_done; /* NULL once called */
    void *data;
};

TAILQ_HEAD(http_requests, gw_http_request);

struct gw_http {
    struct keep keep;
    struct gw_plugin *self;
    CURLM *multi;
    struct gw_timer *timer;  /* curl's next turn */
    struct gw_timer *settle; /* ours: requests in `ended` */
    struct http_requests waiting, running, ended, dead;
    int depth;  /* callbacks of ours on the stack: nothing is freed below them */
    bool freed; /* by the plugin; destroyed when depth is 0 */
    int active, waiting_count;
    char *base, *peer, *user, *password, *ca_file; /* peer: host:port, for sentences */
    bool insecure;
    int64_t connect_ms, idle_max_ms;
    int connections_max;
    size_t answer_max_bytes;
};

/* http.c */
void http_enter(struct gw_http *http);
void http_leave(struct gw_http *http);
void http_start_waiting(struct gw_http *http);
void http_end(struct gw_http_request *request, int error); /* on_done follows, not at once */
void http_heard(struct gw_http_request *request);          /* a stream said something */
void http_finish(struct gw_http_request *request, CURLcode code);

/* http_loop.c: curl's multi handle on the instance's loop. */
int http_loop_init(struct gw_http *http);
void http_loop_fini(struct gw_http *http);

/* http_transfer.c: one request as an easy handle, and what came of it. */
int http_transfer_init(struct gw_http_request *request, const struct gw_http_ask *ask);
void http_transfer_fini(struct gw_http_request *request);
void http_transfer_answer(struct gw_http_request *request, CURLcode code,
                          struct gw_http_answer *answer);

#endif

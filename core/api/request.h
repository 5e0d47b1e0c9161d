/* One request and its answer, apart from the connection they travel on.
 *
 * Handlers see only this, so the same handlers serve HTTP, the parts of a batch and the tests.
 * Everything here belongs to the service thread. Knows nothing of libwebsockets. */
#ifndef GW_API_REQUEST_H
#define GW_API_REQUEST_H

#include "base/buf.h"
#include "conf/values.h"

#include <gnswatch/plugin.h>

struct api;
struct route;

enum method {
    METHOD_GET = 1,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
};

enum {
    PARAMETERS_MAX = 96,
    CAPTURES_MAX = 3,
    TARGET_MAX_BYTES = 8000,     /* path and query; 414 beyond */
    ANSWER_MAX_BYTES = 64 << 20, /* of one answer's body */
    HEAD_ROOM_BYTES = 1536,      /* kept free before the body, for the head */
    CALLER_NAME_BYTES = 64,
    PEER_BYTES = 48,
};

struct parameter {
    char *name; /* owned, holds the value too */
    const char *value;
};

struct request {
    struct api *api; /* borrowed */
    enum method method;
    char *path; /* owned; percent-decoded; begins with "/" */
    struct parameter parameters[PARAMETERS_MAX];
    size_t parameter_count;
    char *captures[CAPTURES_MAX]; /* owned; what the route's {…} stand for */
    const struct route *route;    /* NULL before routing */
    struct buf body;

    char caller[CALLER_NAME_BYTES]; /* "" until authorised */
    char peer[PEER_BYTES];          /* address; "" on the unix socket */
    enum gw_role role;              /* 0: nobody */
    bool on_socket;                 /* came by the unix socket */
    bool proxied;                   /* passed a proxy: `peer` says nothing about the caller */
    bool secure;                    /* came by TLS */
    bool accepts_gzip;
    char host[128];         /* checked Host header; "" none */
    char cookie[80];        /* session cookie's value; "" none */
    char if_none_match[96]; /* "" none */
    char content_type[64];  /* "" none */
    char accept[1024];      /* "" none */

    int status; /* 0: not answered yet */
    const char *type;
    struct buf out; /* HEAD_ROOM_BYTES of room, then the body */
    char etag[64];  /* with quotes; "" none */
    char location[160], allow[64], set_cookie[192];
    int retry_after_s;              /* 0: none */
    bool gzipped, cache_long, page; /* page: an HTML document, gets its own policy */
    bool guest;                     /* made by a plugin: gets a narrower one */
    char own_type[160];             /* what `type` points to when it is no literal */

    bool gone;                             /* the client went away: nobody waits for the answer */
    void (*done)(struct request *request); /* called once, when an answer came later */
    void *owner;                           /* for `done` */
};

struct request *request_new(struct api *api, enum method method);
void request_free(struct request *request); /* NULL is fine; any thread once gone */

/* "/path?name=value&…" percent-encoded. 0, -EINVAL (bad encoding, no leading "/", a NUL),
 * -E2BIG (too long or too many parameters). */
int request_parse_target(struct request *request, const char *target, size_t bytes);
int request_add_parameter(struct request *request, const char *text, size_t bytes); /* decoded */
const char *request_parameter(const struct request *request, const char *name); /* NULL: absent */

/* Parameters by type. They answer the request with 400 and return false when the value is bad. */
bool request_int(struct request *request, const char *name, int64_t least, int64_t most,
                 int64_t absent, int64_t *out);
bool request_time(struct request *request, const char *name, int64_t now_ms, int64_t absent_ms,
                  int64_t *out_ms);
/* "now", "-90s", "-15m", "-1h", "-7d", RFC 3339, or milliseconds since 1970. 0 or -EINVAL. */
int time_parse(const char *text, int64_t now_ms, int64_t *out_ms);
int method_parse(const char *name);
const char *method_name(enum method method);

/* Answering. Each returns true, so a handler can end with it. */
bool request_json(struct request *request, int status); /* the body is in `out` */
bool request_problem(struct request *request, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool request_problems(struct request *request, const struct problems *problems); /* 400 */
bool request_errno(struct request *request, int error, const char *detail);
/* Sets an ETag from the body, and makes the answer 304 when the client has it. */
bool request_json_tagged(struct request *request);
void request_tag(struct request *request, uint64_t a, uint64_t b);
bool request_matches_tag(struct request *request); /* then the answer is 304 */
void request_start_over(struct request *request);  /* drops what was answered so far */

/* When the answer came later than the handler's return. */
void request_done(struct request *request);

const char *request_body(const struct request *request, size_t *bytes); /* of the answer */
const char *status_text(int status);
int status_of_errno(int error); /* negative errno → HTTP status, as gnswatch/plugin.h says */

#endif

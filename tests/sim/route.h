/* route - which handler answers which request, and what must hold before it runs: credentials,
 * privileges, a body that parses, a project that exists and is opened. */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "model.h"

enum {
    R_PUBLIC = 1,    /* 3.x: no token needed */
    R_OPENED = 2,    /* 403 when the project is closed */
    R_RAW = 4,       /* the body is not JSON */
    R_FEED = 8,      /* WebSocket: errors look different */
    R_ANY_USER = 16, /* 3.x: any active user */
};

struct call;

struct route {
    const char *method;
    const char *pattern; /* behind /v2/ or /v3/ */
    int majors;          /* 2, 3 or 23 */
    int flags;
    const char *privilege; /* 3.x, NULL: any active user */
    void (*handler)(struct call *c);
};

/* One request on its way to an answer. Lives until its handler returns without call_later. */
struct call {
    struct conn *conn; /* counted */
    struct server *server;
    uint64_t generation;
    const struct route *route;
    char project_id[64], node_id[64], link_id[64], other_id[256];
    struct project *project; /* found again each time the call goes on */
    struct node *node;
    struct link *link;
    json_t *body;            /* owned, NULL: none */
    json_t *kept;            /* owned: what a later step needs */
    const struct user *user; /* 3.x */
    uv_timer_t timer;
    void (*step)(struct call *c);
    bool held;
};

void route_dispatch(struct conn *c);
/* Goes on with step after ms of a real server; the call's objects are looked up anew. */
void call_later(struct call *c, uint64_t ms, void (*step)(struct call *c));
size_t route_count(void);
const struct route *route_get(size_t i);

/* answer.c: each of them ends the request. */
void answer_json(struct call *c, int status, json_t *steal);
/* text is shared, already in the server's style. */
void answer_blob(struct call *c, int status, struct blob *text);
void answer_empty(struct call *c, int status);
/* {"message"} and, in 2.2, "status". */
void answer_error(struct call *c, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What the framework itself answers: no route, wrong method. allow may be NULL. */
void answer_framework(struct call *c, int status, const char *allow);
void answer_unauthorized(struct call *c, const char *message);
void answer_raw(struct conn *c, int status, const char *type, const void *body, size_t len);
/* Dumps in the style of the server. */
struct blob *style_json(const struct server *s, const json_t *doc);

/* validate.c */
struct rule {
    const char *name;
    char type; /* s string, i integer, b boolean, o object, a array, * anything */
    bool required;
};
/* True when the body keeps the rules; otherwise it has been answered (400 or 422). */
bool check_body(struct call *c, const struct rule *rules, size_t n);
bool check_choice(struct call *c, const char *field, const char *const *choices, size_t n);
void answer_bad_json(struct call *c);
void answer_bad_uuid(struct call *c, const char *field, const char *value);
bool is_uuid(const char *text);

/* auth.c */
/* The caller's right to be here; otherwise it has been answered. */
bool auth_check(struct call *c);
void auth_login(struct call *c, const char *name, const char *password);

#endif

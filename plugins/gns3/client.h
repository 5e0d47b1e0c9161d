/* client.h - one GNS3 server, spoken to politely: version found by itself, login, breaker, retries,
 * request budget, statistics, controller feed. Knows nothing of projects or nodes: it carries
 * JSON text. All on the instance's thread. */
#ifndef GNS3_CLIENT_H
#define GNS3_CLIENT_H

#include <gnswatch/http.h>
#include <gnswatch/plugin.h>

struct client;

enum breaker_state { BREAKER_CLOSED = 1, BREAKER_HALF_OPEN, BREAKER_OPEN };

enum client_state {
    CLIENT_CONNECTING = 1, /* not known yet */
    CLIENT_UP,
    CLIENT_UNAUTHORIZED,
    CLIENT_DOWN,
};

struct client_answer {
    int error; /* 0: GNS3 answered, whatever its status; else a negative errno: no answer
                  (-EHOSTDOWN: the breaker is open, nothing was sent) */
    int status;
    const char *body; /* NUL-terminated, borrowed for the callback; may be empty, never NULL */
    size_t body_bytes;
    const char *text; /* a sentence for a person when error or status >= 400 (GNS3's own message,
                         cut to 500 bytes); NULL otherwise */
    double total_ms;
};

typedef void client_done_fn(struct client *client, const struct client_answer *answer, void *data);

struct client_ask {
    const char *method;                /* NULL: GET */
    const char *path;                  /* without "/v2", "/v3": "/projects" */
    const char *body;                  /* JSON or NULL */
    const char *body_file, *save_file; /* import and export */
    bool poll;               /* counts against the budget and waits for its turn; commands do not */
    bool idempotent;         /* may be retried: GET, PUT, DELETE; never POST */
    int64_t timeout_ms;      /* of the whole, with retries; 0: the server's `timeout` */
    client_done_fn *on_done; /* exactly once, never from within client_send */
    void *data;
};

/* What the owner is told. All may be NULL. */
struct client_events {
    /* `why` is a sentence or "". Comes at each change only. */
    void (*on_state)(struct client *client, enum client_state state, const char *why, void *data);
    void (*on_breaker)(struct client *client, enum breaker_state state, void *data);
    /* One message of the controller feed, or of a project's feed (project_id not NULL). */
    void (*on_feed)(struct client *client, const char *project_id, const char *action,
                    const char *event_json, void *data);
    /* The feed (project_id NULL: controller) has (re)connected: what was missed must be polled. */
    void (*on_feed_open)(struct client *client, const char *project_id, void *data);
    void *data;
};

/* `server` is one table of the option `servers` (rows in client.c: gns3_server_rows). */
extern const struct gw_row gns3_server_rows[];
struct client *client_new(struct gw_plugin *self, const struct gw_values *server,
                          const struct client_events *events);
/* Not from within a callback of this client. NULL is fine; requests end with -ECANCELED. */
void client_free(struct client *client);

int client_send(struct client *client, const struct client_ask *ask); /* -EAGAIN: 1,024 wait */

/* The owner could not read a good answer (it is no JSON): a failure of the server. */
void client_unreadable(struct client *client, const char *what);

/* A project's feed. Only ever call it for auto_close false and project_feeds yes. */
int client_follow_project(struct client *client, const char *project_id);
void client_unfollow_project(struct client *client, const char *project_id);

/* Writes the series gns3.api and the fields of gns3.server that are the client's. */
void client_report(struct client *client);

/* Streams GNS3's answer to GET `path` into a pipe that is taken over, also when it fails. It ends
 * when GNS3 ends it or nobody reads the pipe; the pipe is closed then. Reading the same path again
 * ends the reading before. -EHOSTDOWN: not up; -EAGAIN: CLIENT_TAPS_MAX are being read. */
enum { CLIENT_TAPS_MAX = 64 };
int client_tap(struct client *client, const char *path, int fd);

const char *client_name(const struct client *client);
const char *client_url(const struct client *client);     /* without credentials */
const char *client_version(const struct client *client); /* "2.2.59"; "" until known */
int client_api(const struct client *client);             /* 2, 3; 0 until known */
enum client_state client_state(const struct client *client);
const char *client_why(const struct client *client);
enum breaker_state client_breaker(const struct client *client);
double client_latency_ms(const struct client *client); /* moving mean; NaN: none yet */
bool client_feed_open(const struct client *client);

#endif

/* What the files of the client share: client.c (life, state), api.c (who answers there, and are we
 * let in), client_request.c (requests on their way), feed.c, client_stats.c, client_text.c. */
#ifndef GNS3_CLIENT_INTERNAL_H
#define GNS3_CLIENT_INTERNAL_H

#include "auth.h"
#include "breaker.h"
#include "budget.h"
#include "client.h"
#include "feed_lines.h"
#include "retry.h"

#include <sys/queue.h>

enum {
    CLIENT_REQUESTS_MAX = 1024,
    CLIENT_FEEDS_MAX = 256,
    CLIENT_TRIES_MAX = 3,
    CLIENT_MESSAGE_BYTES = 500, /* of what GNS3 says in an error */
    FEED_LINE_MAX_BYTES = 1024 * 1024,
};

struct request;
struct feed;
TAILQ_HEAD(request_list, request);
TAILQ_HEAD(feed_list, feed);
struct tap;
TAILQ_HEAD(tap_list, tap);

/* Finding out who answers, and getting in. One at a time. */
enum session_step {
    SESSION_IDLE = 1,
    SESSION_VERSION2,
    SESSION_VERSION3,
    SESSION_LOGIN,
    SESSION_CHECK
};

struct session {
    enum session_step step;
    bool health_only;       /* the breaker is open: only asks whether anybody answers */
    bool token_is_fresh;    /* came from this run's login */
    bool version_failed;    /* the last time it was asked for */
    int attempts;           /* failed in a row */
    int refusals;           /* unauthorized in a row */
    int64_t answered_ms;    /* the last time anything answered */
    struct gw_timer *timer; /* the next run */
    int api;                /* found by this run */
    char version[64];
};

enum { STATS_BUCKETS = 12 };

struct client_stats {
    double requests, successes, failures, retries, rejected;
    double sent_bytes, received_bytes, server_ms;
    double seconds; /* of answered requests, as in the buckets */
    double opened, reused;
    double buckets[STATS_BUCKETS]; /* cumulative */
    double latency_ms;             /* moving mean; NaN: none */
    struct gw_series *series;
};

struct client {
    struct gw_plugin *self;
    struct client_events events;
    char *name, *url;
    int64_t timeout_ms, health_ms;
    int connections;
    struct gw_http *http;
    struct auth auth;
    struct breaker breaker;
    struct budget budget;
    struct dice dice;
    struct session session;
    struct client_stats stats;
    enum client_state state;
    char why[CLIENT_MESSAGE_BYTES + 128];
    int api;
    char version[64];
    struct request_list held;    /* until somebody lets us in */
    struct request_list queue;   /* polls that wait for the budget */
    struct request_list sent;    /* with curl */
    struct request_list paused;  /* between two tries */
    struct request_list replies; /* answered by us, in the next turn */
    int request_count, polls_sent;
    struct gw_timer *pump_timer, *reply_timer, *doubt_timer;
    struct feed_list feeds; /* the controller's is first */
    int feed_count;
    struct tap_list taps; /* captures that are read */
    int tap_count;
    bool freed;
};

static inline int64_t client_now(const struct client *client)
{
    return gw_monotonic_ms(client->self);
}

/* client.c */
void client_set_state(struct client *client, enum client_state state, const char *why);
/* Somebody answered; nobody did, or with a 5xx. These tell of breaker changes. */
void client_heard(struct client *client);
void client_failed(struct client *client, const char *why);
void client_tell_breaker(struct client *client, enum breaker_state before);

/* api.c */
void session_begin(struct client *client);              /* now, unless one runs */
void session_suspect(struct client *client, int error); /* something got no answer: find out */
void session_relogin(struct client *client);            /* the token is not taken any more */
void session_unauthorized(struct client *client, const char *why);
void session_schedule(struct client *client, int64_t delay_ms);
void session_wait(struct client *client); /* down: schedules the next try */
void session_fini(struct client *client);

/* client_request.c */
void requests_init(struct client *client);
void requests_fini(struct client *client);    /* all end with -ECANCELED */
void requests_release(struct client *client); /* let in: what is held goes out */
void requests_refuse(struct client *client);  /* down or locked out: what waits is answered */

/* feed.c */
int feeds_init(struct client *client);
void feeds_fini(struct client *client); /* after gw_http_free */
void feeds_start(struct client *client);
void feeds_stop(struct client *client);

/* client_tap.c */
void taps_fini(struct client *client); /* after gw_http_free */

/* client_stats.c */
void stats_init(struct client *client);
void stats_count(struct client *client, const struct gw_http_answer *answer);
void stats_count_stream(struct client *client, size_t bytes);

/* client_text.c */
/* What GNS3 says in the body of an error, else the status in words. `text` has `size` bytes. */
void client_message(char *text, size_t size, int status, const char *body, size_t body_bytes);
/* true: nobody answered (as opposed to: we ended it, or a file of ours failed). */
bool client_is_no_answer(int error);

#endif

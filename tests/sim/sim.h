/* sim - the structures every part of the simulator shares: the process, its GNS3 servers,
 * and one TCP connection. Ownership: struct sim owns servers, a server owns its projects,
 * feeds and connections; a connection is counted, because delayed answers outlive its socket. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "buf.h"

#include <http_parser.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum {
    SIM_SERVERS_MAX = 64,
    SIM_ROUTES_MAX = 128,
    SIM_COMPUTES_MAX = 8,
    SIM_USERS_MAX = 8,
    SIM_SEGMENTS_MAX = 12,
    SIM_URL_MAX = 2048,
    SIM_BODY_MAX = 64 * 1024 * 1024,
    SIM_OUT_MAX = 64 * 1024 * 1024,
};

struct conn;
struct feed;
struct project;
struct reader;
struct route;
struct server;
struct console;
struct hypervisor;

struct user {
    char name[64];
    char password[64];
    char role[16]; /* admin, user, auditor, none, inactive */
};

/* What the command line says; borrowed strings live as long as argv. */
struct options {
    char listen_host[64];
    int listen_port;
    char control_host[64];
    int control_port; /* -1: no control port */
    bool inbox;       /* mails and webhooks are taken and shown there */
    const char *ports_file;
    char versions[SIM_SERVERS_MAX][16]; /* "2.2.59", "3.0.6", ...: dealt to the servers in turn */
    int n_versions;
    int servers;
    int computes;
    int projects;
    int nodes;
    int opened; /* how many of the projects are opened; -1: all */
    int started_percent;
    double pps; /* packets a second of a busy link */
    char user[64];
    char password[64];
    struct user extra[SIM_USERS_MAX]; /* 3.x: more users, each with a role */
    int n_extra;
    bool auth; /* 2.2: ask for Basic; 3.x always asks */
    uint64_t seed;
    double speed;
    int login_ms;
    bool demo;
    bool console;
    bool counters;
};

enum fault_kind {
    FAULT_NONE = 1,
    FAULT_DOWN,
    FAULT_REFUSE,
    FAULT_SLOW,
    FAULT_ERROR500,
    FAULT_GARBAGE,
    FAULT_HALF,
    FAULT_HANG,
    FAULT_HANG_FEED,
    FAULT_DEAD_COMPUTE,
};

struct fault {
    enum fault_kind kind;
    uint64_t ms;
    char prefix[256]; /* only paths that start so; empty: all */
};

struct compute {
    char id[40];
    char name[64];
    bool connected;
    size_t running; /* nodes started on it, see load.c */
};

/* What tests ask for; only ever grows, also over a simulated restart. */
struct counters {
    uint64_t requests;
    uint64_t by_route[SIM_ROUTES_MAX];
    uint64_t unmatched;
    uint64_t by_class[6]; /* answers 1xx .. 5xx */
    uint64_t unauthorized;
    uint64_t logins;
    uint64_t connections;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t feeds_opened;
    uint64_t feed_events;
    uint64_t feed_drops; /* listeners cut off because they did not read */
    uint64_t auto_closed;
    uint64_t captures_started;
    uint64_t captures_stopped;
    uint64_t streams_opened;
    uint64_t nodes_crashed;
    uint64_t hypervisor_asks, hypervisor_others; /* others: what would change something */
    uint64_t restarts;
};

struct server {
    struct sim *sim; /* borrowed */
    int index;
    int major;      /* 2 or 3 */
    int patch_code; /* 2.2.59 -> 20259, 3.0.6 -> 30006 */
    char version[16];
    char name[64];
    int port; /* kept over restarts */
    bool listening;
    uint64_t generation; /* changes at a restart: delayed work of the old one is void */
    uv_tcp_t *listener;  /* owned */
    uv_timer_t beat;     /* compute.updated */
    uv_timer_t pump;     /* capture traffic, only while something captures */
    uv_timer_t revive;   /* listens again after a restart */
    uv_timer_t give_up;  /* closes the projects of a compute that stays dead */
    uint64_t next_beat_ms;
    int capturing; /* links capturing now */
    struct compute computes[SIM_COMPUTES_MAX];
    int n_computes;
    bool running_known; /* computes[].running is up to date */
    struct user users[SIM_USERS_MAX];
    int n_users;
    uint64_t secret;           /* signs tokens; another one makes all of them void */
    struct project **projects; /* owned */
    size_t n_projects;
    struct blob *projects_text; /* cache, owned */
    json_t *templates;          /* owned */
    struct feed *feeds;         /* owned list */
    struct conn *conns;         /* owned list */
    struct fault fault;
    struct counters stats;
    int next_console;
    struct hypervisor *hypervisor; /* owned, NULL without --counters */
    uint64_t rng;
};

struct sim {
    uv_loop_t *loop; /* borrowed */
    struct options opt;
    struct server *servers; /* owned array */
    int n_servers;
    uv_tcp_t *control;     /* owned */
    struct conn *controls; /* owned list of control connections */
    int control_port;
    struct inbox *inbox; /* owned; NULL: none */
    uv_signal_t term, interrupt;
    uv_timer_t demo;
    uint64_t started_ms;
    uint64_t rng;
    bool stopping;
    int failed; /* exit status */
};

struct request {
    const char *method; /* static text */
    char url[SIM_URL_MAX];
    char path[SIM_URL_MAX]; /* url without the query */
    char query[SIM_URL_MAX];
    size_t url_len;
    bool url_too_long;
    char authorization[1024];
    char ws_key[128];
    bool upgrade;
    bool expect; /* Expect: 100-continue */
    bool http10;
    bool keep_alive;
    char field[64];
    char value[1024];
    bool in_value;
    struct buf body;
};

struct conn {
    uv_tcp_t tcp;
    uv_timer_t idle;
    struct sim *sim;       /* borrowed */
    struct server *server; /* borrowed; NULL: a control connection */
    struct conn *prev, *next;
    unsigned refs;
    http_parser parser;
    struct request req;
    struct buf in;
    bool busy; /* a request is being answered */
    bool closing;
    bool streaming; /* a feed or a capture: no further requests */
    bool ws;
    bool half;    /* fault: cut the next answer in the middle */
    bool running; /* inside conn_process */
    size_t queued;
    struct feed *feed;     /* owned */
    struct reader *reader; /* owned */
};

/* Simulated milliseconds since start: wall time times speed. */
uint64_t sim_now_ms(const struct sim *sim);
/* Wall milliseconds that stand for ms of a real server. */
uint64_t sim_wait_ms(const struct sim *sim, uint64_t ms);

int server_init(struct server *s, struct sim *sim, int index);
/* Listens on s->port (0: any; the port found is kept). 0 or a negative errno. */
int server_listen(struct server *s);
void server_unlisten(struct server *s);
/* Like a SIGKILL and a new start after ms: connections dropped, projects closed.
 * graceful: as SIGTERM does, listeners are told first. */
void server_restart(struct server *s, uint64_t ms, bool graceful);
void server_fini(struct server *s);
bool server_is(const struct server *s, int major);
/* Snapshot and node ids survive a restore (2.2.58 and later, 3.1 and later). */
bool server_ids_stable(const struct server *s);

#endif

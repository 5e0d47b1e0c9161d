/* A GNS3 server by script, of either version, and a client that talks to it: what the tests of the
 * client share. Time runs 20 times as fast as outside. */
#ifndef GNS3_CLIENT_WORLD_H
#define GNS3_CLIENT_WORLD_H

#include "gns3/client.h"
#include "gns3_client_host.h"
#include "gns3_client_server.h"

struct world {
    struct gw_plugin *host;
    struct server *server;
    struct client *client;
    /* the script */
    int api; /* 2, 3; 0: something else answers */
    const char *version, *basic, *token;
    int projects_status, projects_fails; /* the first so many fail with that status */
    bool silent, cut;                    /* never answers; closes without an answer */
    const char *feed;                    /* what a feed says; NULL: 404 */
    bool feed_ends;
    struct peer *feed_peer;
    struct peer *slow_peer; /* who asked for /slow: the test answers */
    int logins;
    bool logins_refused;
    /* what we were told */
    char states[512], breakers[64], feed_log[8192];
    int feed_opens, done, error, status;
    char body[1024], text[1024];
};

/* For cmocka: a world with a 2.2.59 that lets everybody in; the client is not started yet. */
int world_setup(void **state);
int world_teardown(void **state); /* also checks that nothing is left, and no secret was logged */

/* The server's script, for server_new. */
void script(struct server *server, struct peer *peer, const struct request *request, void *data);

void start(struct world *world);      /* the client */
void connect_to(struct world *world); /* and it is up */
int ask(struct world *world, struct client_ask *ask);
void get(struct world *world, const char *path); /* and its answer has come */
void on_done(struct client *client, const struct client_answer *answer, void *data);

/* For host_run. */
bool is_decided(void *data);
bool is_up(void *data);
bool is_down(void *data);
bool is_locked_out(void *data);
bool is_done(void *data);

#endif

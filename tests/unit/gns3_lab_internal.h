/* What the two files of the lab share. */
#ifndef GNS3_LAB_INTERNAL_H
#define GNS3_LAB_INTERNAL_H

#include "gns3_lab.h"

struct gw_values {
    json_t *json;
    struct lab *of;             /* the options: its servers */
    struct gw_values *children; /* parameters: room for two tables */
};

struct gw_plugin {
    struct lab *lab;
    void *data;
};

struct gw_timer {
    struct gw_plugin *self;
    int64_t at_ms;
    gw_timer_fn *fn;
    void *data;
};

struct gw_series {
    struct gw_plugin *self;
    char key[600];
    size_t rows;
    bool ended;
};

struct gw_call {
    struct lab *lab;
    const char *command;
    struct gw_values params, children[2];
    bool done;
    int error;
    char *text;
};

struct lab_object {
    char *kind, *id, *text;
};

struct lab_route {
    char *server, *request, *body;
    int status;
};

struct lab_asked {
    struct client *client;
    char *request;
    client_done_fn *on_done;
    void *data;
    bool poll;
};

struct client {
    struct lab *lab;
    struct client_events events;
    const char *name;
    char version[32];
    enum client_state state;
    size_t followed;
    bool told;
};

struct lab {
    struct gw_plugin self;
    struct gw_values options, servers[4];
    size_t server_count;
    bool feeds, trusting;
    int64_t now_ms, tick_ms;
    struct gw_timer **timers;
    struct gw_series **series;
    struct lab_object *objects;
    char **topics, **requests;
    struct lab_route *routes;
    struct lab_asked *asked;
    struct client *clients[4];
    size_t timer_count, series_count, object_count, topic_count, request_count, route_count,
        asked_count, client_count;
    size_t puts, errors;
    char *reply;
};

void *lab_grow(void *list, size_t count, size_t size);
bool lab_client_turn(struct lab *lab); /* one answer; false: nothing waits */
void lab_client_fini(struct lab *lab);

#endif

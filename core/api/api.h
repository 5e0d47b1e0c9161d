/* The API: HTTP and WebSocket on one service thread (libwebsockets on a libuv loop).
 *
 * The thread never blocks: reads come from memory or by callback, everything else is a command. */
#ifndef GW_API_API_H
#define GW_API_API_H

#include "plugin/host.h"

struct api;

extern const struct gw_row api_options[]; /* `api:` of gnswatch.yaml */

struct api_parts {
    const struct clock *clock;
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct store *store;
    struct host *host;
    const char *web_dir;     /* static files */
    const char *socket_path; /* unix socket for the CLI (admin by file rights); NULL: none */
    const char *ports_file;  /* written once listening: {"http":PORT}; NULL: none */
    const struct gw_values *options; /* of api_options */
};

/* Listens and starts the thread. 0, or an error with a sentence in *why (the caller frees):
 * "127.0.0.1:8080 is in use by another program; set api.listen", … */
int api_start(const struct api_parts *parts, struct api **out, char **why);
/* Whether it could start with these options, as far as that can be told without listening. */
int api_check(const struct gw_values *options, char **why);
int api_port(const struct api *api);
/* The dashboard's address for others: api.public_url, or made from where it listens. */
const char *api_url(const struct api *api);
void api_stop(
    struct api *api); /* closes politely (WebSocket 1001), joins the thread; NULL is fine */

/* The OpenAPI 3.1 document of what is registered now (also `gnswatch describe --openapi`). */
void api_openapi(struct objects *objects, struct commands *commands, struct buf *out);

#endif

/* Which handler answers a request: fixed routes from tables, the rest from kinds and commands.
 *
 * The tables also make the OpenAPI document, so a route that is not documented cannot be made. */
#ifndef GW_API_ROUTE_H
#define GW_API_ROUTE_H

#include "api/request.h"

/* Answers (true), or has arranged that request_done will be called later (false). */
typedef bool route_fn(struct request *request);

struct route {
    enum method method;
    const char
        *path; /* "/api/v1/objects/{kind}/{id*}/history": {x*} may hold slashes, one a path */
    route_fn *handle;
    enum gw_role role;                  /* 0: everybody, without a token */
    const char *id, *tag, *help;        /* operationId, tag, summary */
    const char *captures[CAPTURES_MAX]; /* what each {x} is, for the document */
    const struct gw_row *query;         /* parameters; NULL: none */
    const struct gw_row *body;          /* of the request; NULL: none */
    const struct gw_row *answer;        /* of 200; NULL: any object */
    const char *answer_type;            /* NULL: application/json */
    bool open_query;                    /* other parameters are taken as well (labels, members) */
};

/* Each ends with {0}. */
extern const struct route object_routes[], command_routes[], job_routes[], series_routes[],
    event_routes[], host_routes[], session_routes[], document_routes[];
extern const struct route *const route_tables[]; /* all of them; ends with NULL */

/* Fills `captures` (the caller frees) when `path` is of the form `pattern`. */
bool route_matches(const char *pattern, const char *path, char *captures[CAPTURES_MAX]);

/* Checks role and parameters, and runs the handler. True: answered now. `path` below /api that is
 * unknown is 404, another method than those there are 405 with Allow. */
bool route_request(struct request *request);

/* May the caller? Else it is answered with 401 or 403. */
bool route_allowed(struct request *request, enum gw_role role);

/* Pages of plugins (page_routes.c). False: there is none here. */
bool route_page(struct request *request, bool *answered);

/* /api/<plugin>/<plural>…: made from the kinds and the command table (thing_routes.c). False: no
 * such kind; otherwise *answered is as route_request returns it. */
bool route_thing(struct request *request, bool *answered);

#endif

/* The router. Must not know what the handlers do. */
#include "api/route.h"

#include "api/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct route *const route_tables[] = {
    object_routes, command_routes, job_routes,      series_routes, event_routes,
    host_routes,   session_routes, document_routes, NULL,
};

static size_t segment_length(const char *at)
{
    return strcspn(at, "/");
}

static size_t count_segments(const char *path)
{
    size_t count = 0;
    for (; *path; path++)
        count += *path == '/';
    return count;
}

/* The end of what "{x*}" takes when `after` more segments must follow it; NULL: too few. */
static const char *wide_end(const char *path, size_t after)
{
    const char *end = path + strlen(path);
    while (after > 0) {
        while (end > path && *--end != '/') {
        }
        if (end == path)
            return NULL;
        after--;
    }
    return end;
}

static bool take_capture(char *captures[CAPTURES_MAX], size_t *count, const char *text,
                         size_t bytes)
{
    if (bytes == 0 || *count == CAPTURES_MAX)
        return false;
    captures[*count] = strndup(text, bytes);
    return captures[(*count)++] != NULL;
}

static bool match_segments(const char *pattern, const char *path, char *captures[CAPTURES_MAX],
                           size_t *count)
{
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t wanted = segment_length(pattern), bytes = segment_length(path);
        if (*pattern == '{' && pattern[wanted - 2] == '*') {
            const char *end = wide_end(path, count_segments(pattern + wanted));
            bytes = end ? (size_t)(end - path) : 0;
        }
        if (*pattern == '{') {
            if (!take_capture(captures, count, path, bytes))
                return false;
        } else if (wanted != bytes || memcmp(pattern, path, bytes) != 0) {
            return false;
        }
        pattern += wanted;
        path += bytes;
    }
    return *pattern == '\0' && *path == '\0';
}

bool route_matches(const char *pattern, const char *path, char *captures[CAPTURES_MAX])
{
    size_t count = 0;
    if (match_segments(pattern, path, captures, &count))
        return true;
    for (size_t i = 0; i < CAPTURES_MAX; i++) {
        free(captures[i]);
        captures[i] = NULL;
    }
    return false;
}

static bool known_parameter(const struct route *route, const char *name)
{
    if (route->open_query)
        return true;
    for (const struct gw_row *row = route->query; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

static bool check_parameters(struct request *request, const struct route *route)
{
    struct problems problems;
    problems_init(&problems);
    for (size_t i = 0; i < request->parameter_count; i++) {
        const char *name = request->parameters[i].name;
        char where[80];
        snprintf(where, sizeof(where), "query parameter '%.50s'", name);
        if (!known_parameter(route, name))
            problems_add(&problems, where, NULL, "%s has no such parameter", route->path);
    }
    bool fine = problems.count == 0;
    if (!fine)
        request_problems(request, &problems);
    problems_fini(&problems);
    return fine;
}

bool route_allowed(struct request *request, enum gw_role role)
{
    static const char *const names[] = {
        [GW_VIEWER] = "viewer", [GW_OPERATOR] = "operator", [GW_ADMIN] = "admin"};
    if (request->role >= role)
        return true;
    if (request->role == 0)
        request_unknown_caller(request);
    else
        request_problem(request, 403, "This needs the role %s; you have %s", names[role],
                        names[request->role]);
    return false;
}

static bool run(struct request *request, const struct route *route)
{
    request->route = route;
    if (!route_allowed(request, route->role) || !check_parameters(request, route))
        return true;
    return route->handle(request);
}

static void allow_method(struct request *request, enum method method)
{
    size_t length = strlen(request->allow);
    if (strstr(request->allow, method_name(method)))
        return;
    snprintf(request->allow + length, sizeof(request->allow) - length, "%s%s%s", length ? ", " : "",
             method_name(method), method == METHOD_GET ? ", HEAD" : "");
}

static bool same_method(enum method asked, enum method offered)
{
    return asked == offered || (asked == METHOD_HEAD && offered == METHOD_GET);
}

/* A fixed route of this path and method; else notes in `allow` what methods the path has. */
static const struct route *find(struct request *request)
{
    for (size_t t = 0; route_tables[t]; t++) {
        for (const struct route *route = route_tables[t]; route->path; route++) {
            char *captures[CAPTURES_MAX] = {0};
            if (!route_matches(route->path, request->path, captures))
                continue;
            if (same_method(request->method, route->method)) {
                memcpy(request->captures, captures, sizeof(captures));
                return route;
            }
            for (size_t i = 0; i < CAPTURES_MAX; i++)
                free(captures[i]);
            allow_method(request, route->method);
        }
    }
    return NULL;
}

bool route_request(struct request *request)
{
    const struct route *route = find(request);
    if (route) {
        request->allow[0] = '\0';
        return run(request, route);
    }
    bool answered = true;
    if (!request->allow[0] && (route_page(request, &answered) || route_thing(request, &answered)))
        return answered;
    if (!route_allowed(request, GW_VIEWER))
        return true;
    if (request->allow[0])
        return request_problem(request, 405, "%s is not offered here; %s",
                               method_name(request->method), request->allow);
    return request_problem(request, 404, "There is nothing at %s; /api/openapi.json lists what is",
                           request->path);
}

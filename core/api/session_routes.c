/* Who I am; logging in and out. */
#include "api/route.h"
#include "api/server.h"

#include "base/log.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *role_name(enum gw_role role)
{
    return role >= GW_ADMIN      ? "admin"
           : role >= GW_OPERATOR ? "operator"
           : role >= GW_VIEWER   ? "viewer"
                                 : "none";
}

static bool answer_who(struct request *request)
{
    struct buf *out = &request->out;
    buf_adds(out, "{\"name\":");
    buf_json_string(out, request->caller[0] ? request->caller : NULL);
    buf_printf(out, ",\"role\":\"%s\",\"login\":%s}", role_name(request->role),
               auth_has_tokens(request->api->auth) ? "true" : "false");
    return request_json(request, 200);
}

static bool too_many(struct request *request)
{
    struct api *api = request->api;
    if (request->on_socket)
        return false;
    int wait_s = limits_login_wait_s(&api->limits, request->peer, clock_monotonic_ms(api->clock));
    if (wait_s == 0)
        return false;
    request->retry_after_s = wait_s;
    return request_problem(request, 429, "Too many wrong tokens; wait %d seconds", wait_s);
}

static void note_failure(struct request *request)
{
    struct api *api = request->api;
    if (!request->on_socket)
        limits_failed_login(&api->limits, request->peer, clock_monotonic_ms(api->clock));
    log_line(GW_WARNING, "api", "a wrong token from %s",
             request->peer[0] ? request->peer : "the socket");
}

static void identify(struct request *request, const struct identity *who)
{
    memcpy(request->caller, who->name, sizeof(request->caller));
    request->role = who->role;
}

bool request_authorise(struct request *request, const char *authorization)
{
    struct auth *auth = request->api->auth;
    struct identity who = {.role = 0};
    if (request->on_socket) {
        who = (struct identity){.name = "local", .role = GW_ADMIN};
    } else if (strncasecmp(authorization, "Bearer ", 7) == 0) {
        if (too_many(request))
            return false;
        if (!auth_token(auth, authorization + 7, &who)) {
            note_failure(request);
            request_problem(request, 401, "This token is not known");
            return false;
        }
    } else if (!auth_cookie(auth, request->cookie, &who)) {
        who = auth_anonymous(auth, !request->proxied && address_is_loopback(request->peer));
    }
    identify(request, &who);
    return true;
}

bool request_unknown_caller(struct request *request)
{
    if (request->proxied && !auth_has_tokens(request->api->auth))
        return request_problem(request, 401,
                               "This came through a proxy, and callers behind one need a token: "
                               "add one to api.tokens");
    return request_problem(request, 401,
                           "Say who you are: send Authorization: Bearer TOKEN, or log in at "
                           "POST /api/v1/session");
}

static void set_cookie(struct request *request, const char *value, int seconds)
{
    snprintf(request->set_cookie, sizeof(request->set_cookie),
             "gnswatch_session=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", value, seconds,
             request->secure ? "; Secure" : "");
}

static bool get_session(struct request *request)
{
    return answer_who(request);
}

static bool post_session(struct request *request)
{
    struct auth *auth = request->api->auth;
    if (too_many(request))
        return true;
    json_t *body = json_loadb(request->body.data ? request->body.data : "", request->body.len,
                              JSON_REJECT_DUPLICATES, NULL);
    const char *token = json_string_value(json_object_get(body, "token"));
    struct identity who;
    bool known = token && auth_token(auth, token, &who);
    bool asked = token != NULL;
    json_decref(body);
    if (!asked)
        return request_problem(request, 400, "Send {\"token\":\"…\"}");
    if (!known) {
        note_failure(request);
        return request_problem(request, 401, "This token is not known");
    }
    char cookie[AUTH_COOKIE_CHARS + 1];
    if (auth_open_session(auth, &who, cookie))
        return request_problem(request, 500, "Out of memory");
    set_cookie(request, cookie, AUTH_SESSION_S);
    identify(request, &who);
    return answer_who(request);
}

static bool delete_session(struct request *request)
{
    auth_close_session(request->api->auth, request->cookie);
    set_cookie(request, "", 0);
    request->status = 204;
    request->type = NULL;
    return true;
}

static const struct gw_row session_body[] = {
    {.name = "token", .type = GW_SECRET, .flags = GW_REQUIRED, .help = "One of api.tokens"},
    {0},
};
static const struct gw_row session_answer[] = {
    {.name = "name", .type = GW_JSON, .help = "Name of the token, or null"},
    {.name = "role", .type = GW_ENUM, .choices = "none|viewer|operator|admin", .help = "Role"},
    {.name = "login", .type = GW_BOOL, .help = "Whether there are tokens to log in with"},
    {0},
};

const struct route session_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/session",
     .handle = get_session,
     .id = "getSession",
     .tag = "host",
     .help = "Who this is",
     .answer = session_answer},
    {.method = METHOD_POST,
     .path = "/api/v1/session",
     .handle = post_session,
     .id = "login",
     .tag = "host",
     .help = "Logs in with a token; the answer sets a cookie",
     .body = session_body,
     .answer = session_answer},
    {.method = METHOD_DELETE,
     .path = "/api/v1/session",
     .handle = delete_session,
     .id = "logout",
     .tag = "host",
     .help = "Logs out"},
    {0},
};

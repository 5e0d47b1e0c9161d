/* auth - who may ask: Basic in 2.2 (compared as a string), bearer tokens and roles in 3.x. */
#include "http.h"
#include "route.h"
#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool basic_ok(const struct call *c)
{
    const struct options *o = &c->server->sim->opt;
    char plain[160], coded[256], want[272];
    int len = snprintf(plain, sizeof(plain), "%s:%s", o->user, o->password);
    base64((const uint8_t *)plain, (size_t)len, coded);
    snprintf(want, sizeof(want), "Basic %s", coded);
    return strcmp(c->conn->req.authorization, want) == 0;
}

/* Base64 as tokens want it (RFC 7515: url alphabet, no padding). */
static void base64url(const void *in, size_t len, char *out)
{
    base64(in, len, out);
    for (char *p = out; *p; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
        else if (*p == '=') {
            *p = '\0';
            break;
        }
    }
}

/* Signature over head.payload with the server's secret and the user's password. */
static void sign(const struct server *s, const struct user *u, const char *text, size_t len,
                 char out[32])
{
    struct buf b = {0};
    uint8_t digest[20];
    buf_addf(&b, "%llx:%s:%s:", (unsigned long long)s->secret, u->name, u->password);
    buf_add(&b, text, len);
    sha1((const uint8_t *)b.data, b.len, digest);
    base64url(digest, sizeof(digest), out);
    buf_free(&b);
}

static void make_token(const struct server *s, const struct user *u, char out[512])
{
    char payload[192], coded[272], signature[32], text[320];
    int len = snprintf(payload, sizeof(payload), "{\"sub\":\"%s\",\"exp\":%lld}", u->name,
                       (long long)time(NULL) + 86400);
    base64url(payload, (size_t)len, coded);
    snprintf(text, sizeof(text), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.%s", coded);
    sign(s, u, text, strlen(text), signature);
    snprintf(out, 512, "%s.%s", text, signature);
}

static const struct user *token_user(const struct server *s, const char *token)
{
    const char *dot = strrchr(token, '.');
    if (!dot)
        return NULL;
    for (int i = 0; i < s->n_users; i++) {
        char want[32];
        sign(s, &s->users[i], token, (size_t)(dot - token), want);
        if (strcmp(want, dot + 1) == 0)
            return &s->users[i];
    }
    return NULL;
}

static bool role_has(const char *role, const char *privilege)
{
    static const char *const admin_only[] = {"User.", "Group.", "Role.", "ACE.", "Pool."};
    if (!privilege || strcmp(role, "admin") == 0)
        return true;
    if (strcmp(role, "none") == 0)
        return false;
    for (size_t i = 0; i < sizeof(admin_only) / sizeof(admin_only[0]); i++)
        if (strncmp(privilege, admin_only[i], strlen(admin_only[i])) == 0)
            return false;
    if (strcmp(role, "auditor") == 0)
        return strstr(privilege, ".Audit") != NULL;
    return strcmp(privilege, "Template.Allocate") != 0;
}

static bool bearer(const struct call *c, char *out, size_t size)
{
    const char *header = c->conn->req.authorization;
    if (strncmp(header, "Bearer ", 7) == 0) {
        sim_copy(out, size, header + 7);
        return true;
    }
    return query_get(c->conn->req.query, "token", out, size);
}

/* A WebSocket with a bad token is accepted, told, and closed. */
static void refuse_socket(struct call *c)
{
    static const char text[] =
        "{\"action\": \"log.error\", \"event\": {\"message\": \"Could not authenticate while "
        "connecting to controller WebSocket: Could not validate credentials\"}}";
    c->server->stats.unauthorized++;
    ws_accept(c->conn);
    ws_send(c->conn, WS_TEXT, text, sizeof(text) - 1);
    ws_send_close(c->conn, 1008, "");
    conn_finish(c->conn);
}

static bool auth_v3(struct call *c)
{
    char token[1024];
    bool feed = c->route->flags & R_FEED;
    if (c->route->flags & R_PUBLIC)
        return true;
    if (!bearer(c, token, sizeof(token))) {
        if (feed)
            answer_error(c, 403, "Forbidden");
        else
            answer_unauthorized(c, "Not authenticated");
        return false;
    }
    c->user = token_user(c->server, token);
    if (!c->user) {
        if (feed)
            refuse_socket(c);
        else
            answer_unauthorized(c, "Could not validate credentials");
        return false;
    }
    if (strcmp(c->user->role, "inactive") == 0) {
        answer_unauthorized(c, "Not an active user");
        return false;
    }
    if (!role_has(c->user->role, c->route->privilege)) {
        answer_error(c, 403, "Permission denied (privilege %s is required)", c->route->privilege);
        return false;
    }
    return true;
}

bool auth_check(struct call *c)
{
    if (server_is(c->server, 3))
        return auth_v3(c);
    if (!c->server->sim->opt.auth || basic_ok(c))
        return true;
    answer_unauthorized(c, NULL);
    return false;
}

static void login_step(struct call *c)
{
    const char *name = json_string_value(json_object_get(c->kept, "name"));
    const char *password = json_string_value(json_object_get(c->kept, "password"));
    for (int i = 0; i < c->server->n_users; i++) {
        const struct user *u = &c->server->users[i];
        if (strcmp(u->name, name) != 0 || strcmp(u->password, password) != 0)
            continue;
        char token[512];
        make_token(c->server, u, token);
        c->server->stats.logins++;
        answer_json(c, 200, json_pack("{s:s,s:s}", "access_token", token, "token_type", "bearer"));
        return;
    }
    answer_unauthorized(c, "Authentication was unsuccessful.");
}

void auth_login(struct call *c, const char *name, const char *password)
{
    int ms = c->server->sim->opt.login_ms;
    c->kept = json_pack("{s:s,s:s}", "name", name, "password", password);
    if (ms > 0)
        call_later(c, (uint64_t)ms, login_step);
    else
        login_step(c);
}

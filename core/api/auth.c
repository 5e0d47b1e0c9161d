/* Tokens, sessions and whose host it is. */
#include "api/auth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token {
    char name[64];
    enum gw_role role;
    unsigned char hash[AUTH_HASH_BYTES];
};

struct session {
    struct identity who;
    unsigned char hash[AUTH_HASH_BYTES];
    int64_t until_ms; /* monotonic; 0: free */
};

struct auth {
    const struct clock *clock;
    struct token *tokens;
    size_t token_count;
    struct session *sessions; /* AUTH_SESSIONS_MAX */
    char **hosts;
    size_t host_count;
    enum gw_role anonymous;
    char address[64];
    bool any_address;
};

static void hash_text(const char *text, unsigned char hash[AUTH_HASH_BYTES])
{
    crypto_generichash(hash, AUTH_HASH_BYTES, (const unsigned char *)text, strlen(text), NULL, 0);
}

static enum gw_role role_parse(const char *name)
{
    return !name                           ? 0
           : strcmp(name, "viewer") == 0   ? GW_VIEWER
           : strcmp(name, "operator") == 0 ? GW_OPERATOR
           : strcmp(name, "admin") == 0    ? GW_ADMIN
                                           : 0;
}

static void say(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(char **why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (vasprintf(why, format, args) < 0)
        *why = NULL;
    va_end(args);
}

static bool read_token(struct token *token, const struct gw_values *values, char **why)
{
    const char *name = gw_string(values, "name"), *secret = gw_string(values, "token"),
               *hash = gw_string(values, "hash");
    snprintf(token->name, sizeof(token->name), "%s", name ? name : "");
    token->role = role_parse(gw_string(values, "role"));
    if (!secret == !hash) {
        say(why, "api.tokens: '%s' needs either token (or token_file, token_env) or hash",
            token->name);
        return false;
    }
    if (secret) {
        if (strlen(secret) < 16) {
            say(why,
                "api.tokens: the token of '%s' is too short; use at least 16 characters, for "
                "example from: openssl rand -hex 32",
                token->name);
            return false;
        }
        hash_text(secret, token->hash);
        return true;
    }
    size_t bytes = 0;
    if (sodium_hex2bin(token->hash, AUTH_HASH_BYTES, hash, strlen(hash), NULL, &bytes, NULL) != 0 ||
        bytes != AUTH_HASH_BYTES || strlen(hash) != 2 * AUTH_HASH_BYTES) {
        say(why,
            "api.tokens: the hash of '%s' is not 64 hexadecimal digits (BLAKE2b-256, as "
            "b2sum -l 256 prints)",
            token->name);
        return false;
    }
    return true;
}

static bool read_tokens(struct auth *auth, const struct gw_values *options, char **why)
{
    size_t count = gw_count(options, "tokens");
    if (count > AUTH_TOKENS_MAX) {
        say(why, "api.tokens: at most %d tokens", AUTH_TOKENS_MAX);
        return false;
    }
    auth->tokens = calloc(count + 1, sizeof(*auth->tokens));
    for (size_t i = 0; auth->tokens && i < count; i++) {
        if (!read_token(&auth->tokens[i], gw_table_at(options, "tokens", i), why))
            return false;
    }
    auth->token_count = count;
    return auth->tokens != NULL;
}

static bool read_hosts(struct auth *auth, const struct gw_values *options)
{
    size_t count = gw_count(options, "hosts");
    auth->hosts = calloc(count + 1, sizeof(*auth->hosts));
    for (size_t i = 0; auth->hosts && i < count; i++) {
        auth->hosts[i] = strdup(gw_string_at(options, "hosts", i));
        if (!auth->hosts[i])
            return false;
        auth->host_count++;
    }
    return auth->hosts != NULL;
}

struct auth *auth_new(const struct clock *clock, const struct gw_values *options,
                      const char *address, char **why)
{
    *why = NULL;
    if (sodium_init() < 0) {
        say(why, "libsodium does not start");
        return NULL;
    }
    struct auth *auth = calloc(1, sizeof(*auth));
    if (!auth)
        return NULL;
    auth->clock = clock;
    auth->anonymous = role_parse(gw_string(options, "anonymous_role"));
    snprintf(auth->address, sizeof(auth->address), "%s", address);
    auth->any_address = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    auth->sessions = calloc(AUTH_SESSIONS_MAX, sizeof(*auth->sessions));
    if (!auth->sessions || !read_tokens(auth, options, why) || !read_hosts(auth, options))
        goto failed;
    if (auth->token_count == 0 && !address_is_loopback(address)) {
        say(why,
            "api.listen is %s, which other machines can reach, and api.tokens is empty; add a "
            "token, or listen on 127.0.0.1",
            address);
        goto failed;
    }
    return auth;
failed:
    auth_free(auth);
    return NULL;
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    for (size_t i = 0; i < auth->host_count; i++)
        free(auth->hosts[i]);
    free(auth->hosts);
    free(auth->tokens);
    free(auth->sessions);
    free(auth);
}

bool auth_has_tokens(const struct auth *auth)
{
    return auth->token_count > 0;
}

struct identity auth_anonymous(const struct auth *auth, bool loopback_peer)
{
    struct identity who = {.role = 0};
    if (auth->token_count == 0 && loopback_peer)
        who = (struct identity){.name = "local", .role = auth->anonymous};
    return who;
}

/* Looks at every token, so the time says nothing about which one was near. */
bool auth_token(const struct auth *auth, const char *token, struct identity *out)
{
    unsigned char hash[AUTH_HASH_BYTES];
    hash_text(token, hash);
    bool found = false;
    for (size_t i = 0; i < auth->token_count; i++) {
        const struct token *known = &auth->tokens[i];
        if (sodium_memcmp(hash, known->hash, AUTH_HASH_BYTES) != 0)
            continue;
        found = true;
        *out = (struct identity){.role = known->role};
        memcpy(out->name, known->name, sizeof(out->name));
    }
    return found;
}

static struct session *find_session(struct auth *auth, const char *cookie)
{
    unsigned char hash[AUTH_HASH_BYTES];
    hash_text(cookie, hash);
    int64_t now_ms = clock_monotonic_ms(auth->clock);
    struct session *found = NULL;
    for (size_t i = 0; i < AUTH_SESSIONS_MAX; i++) {
        struct session *session = &auth->sessions[i];
        if (session->until_ms > now_ms && sodium_memcmp(hash, session->hash, AUTH_HASH_BYTES) == 0)
            found = session;
    }
    return found;
}

bool auth_cookie(struct auth *auth, const char *cookie, struct identity *out)
{
    if (strlen(cookie) != AUTH_COOKIE_CHARS)
        return false;
    struct session *session = find_session(auth, cookie);
    if (!session)
        return false;
    session->until_ms = clock_monotonic_ms(auth->clock) + AUTH_SESSION_S * INT64_C(1000);
    *out = session->who;
    return true;
}

int auth_open_session(struct auth *auth, const struct identity *who,
                      char cookie[AUTH_COOKIE_CHARS + 1])
{
    unsigned char bytes[AUTH_COOKIE_CHARS / 2];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(cookie, AUTH_COOKIE_CHARS + 1, bytes, sizeof(bytes));
    struct session *oldest = &auth->sessions[0];
    for (size_t i = 1; i < AUTH_SESSIONS_MAX; i++) {
        if (auth->sessions[i].until_ms < oldest->until_ms)
            oldest = &auth->sessions[i];
    }
    *oldest = (struct session){
        .who = *who, .until_ms = clock_monotonic_ms(auth->clock) + AUTH_SESSION_S * INT64_C(1000)};
    hash_text(cookie, oldest->hash);
    return 0;
}

void auth_close_session(struct auth *auth, const char *cookie)
{
    struct session *session = find_session(auth, cookie);
    if (session)
        *session = (struct session){0};
}

/* ---- Hosts ---------------------------------------------------------------------------------- */

bool address_is_loopback(const char *address)
{
    if (strncmp(address, "::ffff:", 7) == 0)
        address += 7;
    struct in_addr v4;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return strcmp(address, "::1") == 0 || strcasecmp(address, "localhost") == 0;
}

/* The name of "name:port" or "[v6]:port", without the port. */
static bool host_name(const char *text, char *name, size_t size)
{
    const char *start = text, *end;
    if (*text == '[') {
        start = text + 1;
        end = strchr(start, ']');
        if (!end || (end[1] && end[1] != ':'))
            return false;
    } else {
        end = text + strcspn(text, ":");
    }
    size_t bytes = (size_t)(end - start);
    if (bytes == 0 || bytes >= size)
        return false;
    memcpy(name, start, bytes);
    name[bytes] = '\0';
    const char *port = *text == '[' ? end + 1 : end;
    return *port == '\0' || (port[1] && strspn(port + 1, "0123456789") == strlen(port + 1));
}

static bool is_address(const char *name)
{
    unsigned char address[16];
    return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

bool auth_host_is_ours(const struct auth *auth, const char *host_header)
{
    char name[256];
    if (!host_name(host_header, name, sizeof(name)))
        return false;
    if (address_is_loopback(name) || strcasecmp(name, auth->address) == 0)
        return true;
    /* A page can make a name point here, but not an address. */
    if (auth->any_address && is_address(name))
        return true;
    for (size_t i = 0; i < auth->host_count; i++) {
        if (strcasecmp(auth->hosts[i], name) == 0 || strcasecmp(auth->hosts[i], host_header) == 0)
            return true;
    }
    return false;
}

bool auth_origin_is_ours(const struct auth *auth, const char *origin, const char *host_header)
{
    const char *host = strstr(origin, "://");
    if (!host)
        return false; /* also "null" */
    host += 3;
    if (strcasecmp(host, host_header) == 0)
        return true;
    for (size_t i = 0; i < auth->host_count; i++) {
        if (strcasecmp(auth->hosts[i], host) == 0)
            return true;
    }
    return false;
}

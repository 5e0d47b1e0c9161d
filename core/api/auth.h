/* Who may: tokens, sessions, the anonymous role, and the Host and Origin checks.
 *
 * Tokens and session cookies are kept and compared as BLAKE2b-256 hashes only, in constant time.
 * Belongs to the service thread. Knows nothing of HTTP messages. */
#ifndef GW_API_AUTH_H
#define GW_API_AUTH_H

#include "base/clock.h"

#include <gnswatch/plugin.h>

enum {
    AUTH_HASH_BYTES = 32,
    AUTH_TOKENS_MAX = 256,
    AUTH_SESSIONS_MAX = 1000,
    AUTH_SESSION_S = 12 * 3600,
    AUTH_COOKIE_CHARS = 64, /* hexadecimal */
};

struct auth;

/* Reads tokens, hosts and anonymous_role of api_options. NULL with a sentence in *why (the caller
 * frees) when they are not usable together with listening on `address`. */
struct auth *auth_new(const struct clock *clock, const struct gw_values *options,
                      const char *address, char **why);
void auth_free(struct auth *auth);

struct identity {
    char name[64];
    enum gw_role role; /* 0: nobody */
};

bool auth_has_tokens(const struct auth *auth);
struct identity auth_anonymous(const struct auth *auth, bool loopback_peer);
bool auth_token(const struct auth *auth, const char *token, struct identity *out);
bool auth_cookie(struct auth *auth, const char *cookie, struct identity *out);
/* A new session; `cookie` gets AUTH_COOKIE_CHARS and NUL. -ENOMEM. */
int auth_open_session(struct auth *auth, const struct identity *who,
                      char cookie[AUTH_COOKIE_CHARS + 1]);
void auth_close_session(struct auth *auth, const char *cookie);

/* "host", "host:port", "[::1]:port": ours? */
bool auth_host_is_ours(const struct auth *auth, const char *host_header);
/* A page of `origin` may act on what it knows as `host_header` (RFC 6454). */
bool auth_origin_is_ours(const struct auth *auth, const char *origin, const char *host_header);
bool address_is_loopback(const char *address); /* "127.…", "::1", "localhost", "::ffff:127.…" */

#endif

/* Who we are to one GNS3 server, as a header: HTTP basic for API v2, a token for v3.
 *
 * Holds the secrets; wipes them when done. Nothing here is ever logged. */
#ifndef GNS3_AUTH_H
#define GNS3_AUTH_H

#include <stdbool.h>
#include <stddef.h>

struct auth {
    char *user, *password; /* NULL: none given */
    char *basic;           /* "Authorization: Basic …" (RFC 7617); NULL: no user */
    char *bearer;          /* "Authorization: Bearer …"; NULL: not logged in */
    int generation;        /* grows with each new token: tells an old 401 from a new one */
};

int auth_init(struct auth *auth, const char *user, const char *password); /* 0 or -ENOMEM */
void auth_fini(struct auth *auth);
void auth_forget(struct auth *auth);                       /* the token */
const char *auth_header(const struct auth *auth, int api); /* 2 or 3; NULL: none */

/* The body of POST /v3/access/users/authenticate; the caller frees it with auth_free_text. Without
 * a user: the account GNS3 3 comes with, admin/admin. NULL: no memory. */
char *auth_login_body(const struct auth *auth);
void auth_free_text(char *text); /* wiped first */

/* Takes the token out of the answer {"access_token": …}. -EBADMSG: there is none. */
int auth_take_token(struct auth *auth, const char *json, size_t bytes);

#endif

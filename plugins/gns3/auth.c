/* The credentials of auth.h. */
#include "auth.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void auth_free_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void auth_fini(struct auth *auth)
{
    auth_free_text(auth->user);
    auth_free_text(auth->password);
    auth_free_text(auth->basic);
    auth_free_text(auth->bearer);
    *auth = (struct auth){0};
}

void auth_forget(struct auth *auth)
{
    auth_free_text(auth->bearer);
    auth->bearer = NULL;
}

const char *auth_header(const struct auth *auth, int api)
{
    return api == 3 ? auth->bearer : auth->basic;
}

/* RFC 4648, section 4. `out` has room for 4 * ((bytes + 2) / 3) + 1. */
static void base64(char *out, const unsigned char *in, size_t bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes; i += 3) {
        unsigned triple = (unsigned)in[i] << 16;
        triple |= i + 1 < bytes ? (unsigned)in[i + 1] << 8 : 0;
        triple |= i + 2 < bytes ? (unsigned)in[i + 2] : 0;
        *out++ = digits[triple >> 18];
        *out++ = digits[(triple >> 12) & 63];
        *out++ = i + 1 < bytes ? digits[(triple >> 6) & 63] : '=';
        *out++ = i + 2 < bytes ? digits[triple & 63] : '=';
    }
    *out = '\0';
}

/* GNS3 2.2 compares the header as a string: "Basic", one space, no more. */
static char *basic_header(const char *user, const char *password)
{
    static const char begin[] = "Authorization: Basic ";
    char *pair;
    int length = asprintf(&pair, "%s:%s", user, password);
    if (length < 0)
        return NULL;
    char *header = malloc(sizeof(begin) + 4 * (((size_t)length + 2) / 3));
    if (header) {
        memcpy(header, begin, sizeof(begin) - 1);
        base64(header + sizeof(begin) - 1, (const unsigned char *)pair, (size_t)length);
    }
    auth_free_text(pair);
    return header;
}

int auth_init(struct auth *auth, const char *user, const char *password)
{
    *auth = (struct auth){0};
    if (!user || !*user)
        return 0;
    auth->user = strdup(user);
    auth->password = strdup(password ? password : "");
    if (auth->user && auth->password)
        auth->basic = basic_header(auth->user, auth->password);
    if (auth->basic)
        return 0;
    auth_fini(auth);
    return -ENOMEM;
}

char *auth_login_body(const struct auth *auth)
{
    json_t *body = json_pack("{s:s, s:s}", "username", auth->user ? auth->user : "admin",
                             "password", auth->user ? auth->password : "admin");
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static bool is_token(const char *token)
{
    for (const char *c = token; *c; c++)
        if (*c <= ' ' || *c > '~')
            return false; /* would break the header */
    return *token && strlen(token) < 8192;
}

int auth_take_token(struct auth *auth, const char *json, size_t bytes)
{
    json_t *answer = json_loadb(json, bytes, 0, NULL);
    const char *token = json_string_value(json_object_get(answer, "access_token"));
    int error = token && is_token(token) ? 0 : -EBADMSG;
    char *header = NULL;
    if (!error && asprintf(&header, "Authorization: Bearer %s", token) < 0)
        error = -ENOMEM;
    json_decref(answer);
    if (error)
        return error;
    auth_forget(auth);
    auth->bearer = header;
    auth->generation++;
    return 0;
}

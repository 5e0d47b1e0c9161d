/* sigv4.c - see sigv4.h. */
#include "sigv4.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HASH_BYTES = crypto_hash_sha256_BYTES };

void sigv4_hex(const unsigned char hash[32], char out[SIGV4_HEX_BYTES])
{
    sodium_bin2hex(out, SIGV4_HEX_BYTES, hash, HASH_BYTES);
}

int sigv4_encode(const char *key, char *out, size_t size)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/";
    size_t used = 0;
    for (const char *at = key; *at; at++) {
        if (used + 4 > size)
            return -EMSGSIZE;
        if (strchr(plain, *at))
            out[used++] = *at;
        else
            used += (size_t)snprintf(out + used, size - used, "%%%02X", (unsigned char)*at);
    }
    if (used >= size)
        return -EMSGSIZE;
    out[used] = '\0';
    return 0;
}

/* HMAC with a key of any length (crypto_auth_hmacsha256 takes 32 bytes only). */
static void hmac(const void *key, size_t key_bytes, const char *text, unsigned char out[HASH_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_bytes);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

static void signing_key(const struct sigv4 *ask, const char *day, unsigned char key[HASH_BYTES])
{
    char secret[256];
    int length = snprintf(secret, sizeof secret, "AWS4%s", ask->secret_key);
    hmac(secret, length < (int)sizeof secret ? (size_t)length : sizeof secret - 1, day, key);
    hmac(key, HASH_BYTES, ask->region, key);
    hmac(key, HASH_BYTES, ask->service, key);
    hmac(key, HASH_BYTES, "aws4_request", key);
    sodium_memzero(secret, sizeof secret);
}

int sigv4_sign(const struct sigv4 *ask, struct sigv4_headers *out)
{
    char day[9], scope[160], names[256], text[512], hex[SIGV4_HEX_BYTES];
    unsigned char hash[HASH_BYTES], key[HASH_BYTES];
    char *request = NULL;
    time_t now = (time_t)(ask->time_ms / 1000);
    struct tm utc;
    if (!gmtime_r(&now, &utc) || strlen(ask->secret_key) > 240 ||
        strftime(out->date, sizeof out->date, "%Y%m%dT%H%M%SZ", &utc) == 0)
        return -EMSGSIZE;
    snprintf(day, sizeof day, "%.8s", out->date);
    int fits =
        snprintf(scope, sizeof scope, "%s/%s/%s/aws4_request", day, ask->region, ask->service);
    if (fits < 0 || (size_t)fits >= sizeof scope)
        return -EMSGSIZE;
    snprintf(names, sizeof names, "host;%sx-amz-content-sha256;x-amz-date", ask->extra_names);
    if (asprintf(&request,
                 "%s\n%s\n%s\nhost:%s\n%sx-amz-content-sha256:%s\nx-amz-date:%s\n\n%s\n%s",
                 ask->method, ask->path, ask->query, ask->host, ask->extra, ask->payload, out->date,
                 names, ask->payload) < 0)
        return -ENOMEM;
    crypto_hash_sha256(hash, (const unsigned char *)request, strlen(request));
    free(request);
    sigv4_hex(hash, hex);
    snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", out->date, scope, hex);
    signing_key(ask, day, key);
    hmac(key, HASH_BYTES, text, hash);
    sodium_memzero(key, sizeof key);
    sigv4_hex(hash, hex);
    fits = snprintf(out->authorization, sizeof out->authorization,
                    "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                    ask->access_key, scope, names, hex);
    return fits < 0 || (size_t)fits >= sizeof out->authorization ? -EMSGSIZE : 0;
}

/* sigv4.h - AWS Signature Version 4 for one S3 request, path style. Pure: the time comes in.
 * As AWS documents it in "Authenticating Requests (AWS Signature Version 4)", S3 API Reference. */
#ifndef SNAPSHOT_SIGV4_H
#define SNAPSHOT_SIGV4_H

#include <stddef.h>
#include <stdint.h>

struct sigv4 {
    const char *access_key, *secret_key, *region, *service; /* service: "s3" */
    const char *method, *host; /* host with its port as the Host header has it */
    const char *path;          /* encoded by sigv4_encode, begins with '/' */
    const char *query;         /* canonical; "" for none */
    const char *payload;       /* sha256 of the body, in hex */
    int64_t time_ms;
    const char *extra; /* further headers to be signed, canonical: "name:value\n"…, sorted and
                          between "host" and "x-amz-"; "" for none */
    const char *extra_names; /* "name;"…; "" for none */
};

enum { SIGV4_HEX_BYTES = 65, SIGV4_DATE_BYTES = 17, SIGV4_AUTH_BYTES = 512 };

struct sigv4_headers {
    char date[SIGV4_DATE_BYTES];          /* x-amz-date */
    char authorization[SIGV4_AUTH_BYTES]; /* Authorization */
};

/* 0, or -EMSGSIZE when something does not fit. */
int sigv4_sign(const struct sigv4 *ask, struct sigv4_headers *out);
/* URI-encodes a key; '/' stays. -EMSGSIZE: too long. */
int sigv4_encode(const char *key, char *out, size_t size);
void sigv4_hex(const unsigned char hash[32], char out[SIGV4_HEX_BYTES]);

#endif

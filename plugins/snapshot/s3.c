/* s3.c - see s3.h. */
#include "s3.h"

#include "sigv4.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MS = 3600000, DELETE_MS = 30000, ADDRESS_BYTES = 2048 };

/* sha256 of nothing */
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct sending {
    struct snap *snap;
    s3_done_fn *on_done;
    void *data;
    bool gone_is_fine;
};

void s3_host(const char *endpoint, char *out, size_t size)
{
    const char *host = strstr(endpoint, "://");
    bool tls = strncmp(endpoint, "https:", 6) == 0;
    host = host ? host + 3 : endpoint;
    snprintf(out, size, "%.*s", (int)strcspn(host, "/"), host);
    const char *usual = tls ? ":443" : ":80";
    size_t length = strlen(out), tail = strlen(usual);
    if (length > tail && strcmp(out + length - tail, usual) == 0)
        out[length - tail] = '\0';
}

/* "<Code>NoSuchBucket</Code>": the word, or "". */
static void error_code(const char *body, char *out, size_t size)
{
    const char *at = body ? strstr(body, "<Code>") : NULL;
    snprintf(out, size, "%.*s", at ? (int)strcspn(at + 6, "<\r\n") : 0, at ? at + 6 : "");
}

static void on_answer(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct sending sending = *(struct sending *)data;
    char text[300], code[60];
    free(data);
    bool fine = !answer->error && ((answer->status >= 200 && answer->status < 300) ||
                                   (answer->status == 404 && sending.gone_is_fine));
    if (fine) {
        sending.on_done(sending.snap, 0, "", sending.data);
        return;
    }
    error_code(answer->body, code, sizeof code);
    if (answer->error)
        snprintf(text, sizeof text, "%.250s",
                 answer->text ? answer->text : strerror(-answer->error));
    else
        snprintf(text, sizeof text, "the storage answers %d%s%s%s", answer->status,
                 *code ? " (" : "", code, *code ? ")" : "");
    sending.on_done(sending.snap, answer->error ? answer->error : -EIO, text, sending.data);
}

static int send_signed(struct snap *snap, const struct target *target, struct gw_http_ask *ask,
                       const char *key, const char *payload, struct sending *sending)
{
    char path[ADDRESS_BYTES], full[ADDRESS_BYTES], date[64], sum[128], auth[SIGV4_AUTH_BYTES + 32];
    struct sigv4_headers signature;
    const struct gw_values *s3 = gw_table_at(target->values, "s3", 0);
    int wrote = snprintf(full, sizeof full, "/%s/%s", target->bucket, key);
    if (wrote < 0 || (size_t)wrote >= sizeof full || sigv4_encode(full, path, sizeof path) < 0)
        return -EMSGSIZE;
    struct sigv4 sign = {.access_key = gw_string(s3, "access_key"),
                         .secret_key = gw_string(s3, "secret_key"),
                         .region = target->region,
                         .service = "s3",
                         .method = ask->method,
                         .host = target->host,
                         .path = path,
                         .query = "",
                         .payload = payload,
                         .time_ms = gw_now_ms(snap->self),
                         .extra = "",
                         .extra_names = ""};
    if (!sign.access_key || !sign.secret_key || sigv4_sign(&sign, &signature) < 0)
        return -EINVAL;
    snprintf(date, sizeof date, "x-amz-date: %s", signature.date);
    snprintf(sum, sizeof sum, "x-amz-content-sha256: %s", payload);
    snprintf(auth, sizeof auth, "Authorization: %s", signature.authorization);
    const char *headers[] = {date, sum, auth, "Content-Type: application/zstd", NULL};
    struct sending *kept = malloc(sizeof *kept);
    if (!kept)
        return -ENOMEM;
    *kept = *sending;
    ask->path = path;
    ask->headers = headers;
    ask->on_done = on_answer;
    ask->data = kept;
    if (gw_http_send(target->http, ask))
        return 0;
    free(kept);
    return -EAGAIN;
}

int s3_put(struct snap *snap, const struct target *target, const char *key, const char *file,
           const char *sha256, s3_done_fn *on_done, void *data)
{
    struct gw_http_ask ask = {.method = "PUT", .body_file = file, .timeout_ms = FILE_MS};
    struct sending sending = {snap, on_done, data, false};
    return send_signed(snap, target, &ask, key, sha256, &sending);
}

int s3_get(struct snap *snap, const struct target *target, const char *key, const char *file,
           s3_done_fn *on_done, void *data)
{
    struct gw_http_ask ask = {.method = "GET", .save_file = file, .timeout_ms = FILE_MS};
    struct sending sending = {snap, on_done, data, false};
    return send_signed(snap, target, &ask, key, EMPTY_SHA256, &sending);
}

int s3_delete(struct snap *snap, const struct target *target, const char *key, s3_done_fn *on_done,
              void *data)
{
    struct gw_http_ask ask = {.method = "DELETE", .timeout_ms = DELETE_MS};
    struct sending sending = {snap, on_done, data, true};
    return send_signed(snap, target, &ask, key, EMPTY_SHA256, &sending);
}

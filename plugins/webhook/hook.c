/* hook.c - see hook.h. Knows nothing of queues. No address, header or secret goes into a sentence.
 */
#include "hook.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 64 * 1024, HEADERS_MAX = 40, HEADER_BYTES = 1024 };

void hook_sign(const char *secret, int64_t timestamp_s, const char *body,
               char out[HOOK_SIGNATURE_BYTES])
{
    char stamp[24];
    int length = snprintf(stamp, sizeof stamp, "%lld.", (long long)timestamp_s);
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)stamp, (unsigned long long)length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
    crypto_auth_hmacsha256_final(&state, mac);
    snprintf(out, HOOK_SIGNATURE_BYTES, "sha256=");
    sodium_bin2hex(out + 7, HOOK_SIGNATURE_BYTES - 7, mac, sizeof mac);
    sodium_memzero(&state, sizeof state);
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* "https://host:8443/a?b" into its origin's length; 0: not such an address. */
static size_t origin_bytes(const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t host = scheme ? strcspn(url + scheme, "/?#") : 0;
    bool bad = !host || memchr(url + scheme, '@', host) || strpbrk(url, " \t\r\n#");
    return bad ? 0 : scheme + host;
}

static bool header_is_sound(const char *header)
{
    const char *colon = strchr(header, ':');
    return colon && colon != header && !strpbrk(header, "\r\n") && strlen(header) < HEADER_BYTES;
}

static int check(struct gw_plugin *self, const struct hook *hook, const char *url)
{
    char why[200];
    const char *text = gw_string(hook->values, "template");
    if (!origin_bytes(url))
        return gw_fail(self, -EINVAL,
                       "hook %s: `url` must be http:// or https:// with a host, without blanks, "
                       "user or #; user and password have settings of their own",
                       hook->name);
    if (hook->format == FORMAT_TEMPLATE && !text)
        return gw_fail(self, -EINVAL, "hook %s: format: template needs a `template`", hook->name);
    if (text && gw_template_check(text, why, sizeof why))
        return gw_fail(self, -EINVAL, "hook %s: `template`: %s", hook->name, why);
    for (size_t i = 0; i < gw_count(hook->values, "headers"); i++)
        if (!header_is_sound(gw_string_at(hook->values, "headers", i)))
            return gw_fail(self, -EINVAL, "hook %s: header %zu is not of the form Name: value",
                           hook->name, i + 1);
    return 0;
}

int hook_init(struct hook *hook, struct gw_plugin *self, const struct gw_values *values)
{
    hook->name = gw_string(values, "name");
    hook->values = values;
    hook->format = format_named(gw_string(values, "format"));
    const char *url = gw_string(values, "url");
    if (!url)
        return gw_fail(self, -EINVAL, "hook %s: `url` is missing", hook->name);
    int error = check(self, hook, url);
    if (error)
        return error;
    size_t origin = origin_bytes(url);
    char *base = strndup(url, origin);
    hook->path = strdup(url[origin] ? url + origin : "/");
    struct gw_http_options options = {.size = sizeof options,
                                      .base = base,
                                      .user = gw_string(values, "user"),
                                      .password = gw_string(values, "password"),
                                      .ca_file = gw_string(values, "ca_file"),
                                      .insecure = gw_bool(values, "insecure"),
                                      .connections_max = 2,
                                      .answer_max_bytes = ANSWER_MAX_BYTES};
    hook->http = base && hook->path ? gw_http_new(self, &options) : NULL;
    free(base);
    return hook->http ? 0 : gw_fail(self, -ENOMEM, "hook %s", hook->name);
}

void hook_fini(struct hook *hook)
{
    gw_http_free(hook->http);
    if (hook->path)
        sodium_memzero(hook->path, strlen(hook->path));
    free(hook->path);
    *hook = (struct hook){.name = hook->name};
}

/* ---- A request ------------------------------------------------------------------------------- */

struct headers {
    const char *lines[HEADERS_MAX + 1]; /* owned, ends with NULL */
    size_t count;
};

static void header_add(struct headers *headers, const char *name, const char *before,
                       const char *value)
{
    char *line = NULL;
    if (!value || headers->count == HEADERS_MAX || strpbrk(value, "\r\n") ||
        asprintf(&line, "%s: %s%s", name, before, value) < 0)
        return;
    headers->lines[headers->count++] = line;
}

static void headers_free(struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        char *line = (char *)headers->lines[i];
        sodium_memzero(line, strlen(line));
        free(line);
    }
}

static void headers_make(struct headers *headers, const struct hook *hook, const char *id,
                         const char *body, int64_t now_ms)
{
    const char *secret = gw_string(hook->values, "secret");
    header_add(headers, "Content-Type", "", gw_string(hook->values, "content_type"));
    header_add(headers, "User-Agent", "", "gnswatch");
    header_add(headers, "Idempotency-Key", "", id);
    header_add(headers, "Authorization", "Bearer ", gw_string(hook->values, "token"));
    if (secret) {
        char stamp[24], signature[HOOK_SIGNATURE_BYTES];
        snprintf(stamp, sizeof stamp, "%lld", (long long)(now_ms / 1000));
        hook_sign(secret, now_ms / 1000, body, signature);
        header_add(headers, "X-Gnswatch-Timestamp", "", stamp);
        header_add(headers, "X-Gnswatch-Signature", "", signature);
    }
    for (size_t i = 0; i < gw_count(hook->values, "headers"); i++) {
        const char *line = gw_string_at(hook->values, "headers", i);
        char *own = headers->count < HEADERS_MAX ? strdup(line) : NULL;
        if (own)
            headers->lines[headers->count++] = own;
    }
}

static char *make_body(const struct hook *hook, const json_t *notification, int64_t now_ms,
                       char why[HOOK_WHY_BYTES])
{
    const char *type = gw_string(hook->values, "content_type");
    struct format_options options = {.format = hook->format,
                                     .template_text = gw_string(hook->values, "template"),
                                     .template_json = type && strstr(type, "json"),
                                     .hold_ms = gw_int(hook->values, "hold"),
                                     .now_ms = now_ms};
    return format_body(notification, &options, why, HOOK_WHY_BYTES);
}

int hook_post(struct hook *hook, struct gw_plugin *self, const char *notification,
              gw_http_done_fn *on_done, void *data, char why[HOOK_WHY_BYTES])
{
    int64_t now_ms = gw_now_ms(self);
    json_t *doc = json_loads(notification, 0, NULL);
    snprintf(why, HOOK_WHY_BYTES, "the notification is no JSON");
    char *body = doc ? make_body(hook, doc, now_ms, why) : NULL;
    struct headers headers = {.count = 0};
    int error = -EINVAL;
    if (body) {
        headers_make(&headers, hook, json_string_value(json_object_get(doc, "id")), body, now_ms);
        struct gw_http_ask ask = {.method = gw_string(hook->values, "method"),
                                  .path = hook->path,
                                  .body = body,
                                  .body_bytes = strlen(body),
                                  .headers = headers.lines,
                                  .timeout_ms = gw_int(hook->values, "timeout"),
                                  .on_done = on_done,
                                  .data = data};
        error = gw_http_send(hook->http, &ask) ? 0 : -EAGAIN;
        snprintf(why, HOOK_WHY_BYTES, "too many requests wait");
    }
    headers_free(&headers);
    free(body);
    json_decref(doc);
    return error;
}

/* ---- Its answer ------------------------------------------------------------------------------ */

/* Refused for what it is: sending the same again would change nothing. */
static bool is_final(int status)
{
    return status == 400 || status == 404 || status == 405 || status == 406 || status == 410 ||
           status == 411 || status == 413 || status == 414 || status == 415 || status == 422 ||
           status == 501;
}

enum sink_outcome hook_judge(const struct gw_http_answer *answer, char why[HOOK_WHY_BYTES])
{
    bool good = answer->status >= 200 && answer->status < 300;
    if (good && (!answer->error || answer->error == -EMSGSIZE))
        return SINK_SENT;
    if (answer->error) {
        snprintf(why, HOOK_WHY_BYTES, "%s", answer->text ? answer->text : "no answer");
        return SINK_AWAY;
    }
    const char *body = answer->body ? answer->body : "";
    int words = (int)strcspn(body, "\r\n");
    snprintf(why, HOOK_WHY_BYTES, "HTTP %d%s%.*s", answer->status, words ? ": " : "",
             words < 200 ? words : 200, body);
    return is_final(answer->status) ? SINK_REFUSED : SINK_LATER;
}

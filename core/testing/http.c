/* The HTTP client of a test: no network; requests are written down and answered by rules in the
 * next turn. Keeps the promises of gnswatch/http.h about when and how often a callback comes. */
#include "testing/http_rules.h"

#include "plugin/http_ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { QUEUE_MAX = 1024, TIMEOUT_MS = 10000, ANSWER_BYTES = 16 << 20 };

struct gw_http {
    struct keep keep;
    struct gw_plugin *self;
    char *base, *authorization; /* owned */
    size_t answer_max_bytes;
    LIST_HEAD(, gw_http_request) requests;
    size_t count;
    int depth;  /* callbacks of ours on the stack */
    bool freed; /* by the plugin; destroyed when depth is 0 */
};

struct gw_http_request {
    LIST_ENTRY(gw_http_request) entry;
    struct gw_http *http;
    const struct http_record *record;
    const struct http_rule *rule; /* NULL: refused */
    struct gw_timer *timer;
    int error; /* of ours, before the rule's */
    bool told;
    char *save_file;
    gw_http_piece_fn *on_piece;
    gw_http_done_fn *on_done;
    void *data;
};

/* ---- Clients ---- */

static void request_free(struct gw_http_request *request)
{
    gw_timer_stop(request->timer);
    free(request->save_file);
    free(request);
}

static void http_destroy(struct gw_http *http)
{
    keep_drop(&http->keep);
    for (struct gw_http_request *request = LIST_FIRST(&http->requests), *next; request;
         request = next) {
        next = LIST_NEXT(request, entry);
        request_free(request);
    }
    free(http->base);
    free(http->authorization);
    free(http);
}

static void http_release(struct keep *keep)
{
    struct gw_http *http = (struct gw_http *)keep;
    if (http->self->dead)
        gwt_spare(http); /* its requests lead to what the plugin hung on them */
    else
        http_destroy(http);
}

/* RFC 7617, with base64 of RFC 4648. */
static char *basic(const char *user, const char *password)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf plain, out;
    buf_init(&plain, 65536);
    buf_init(&out, 65536);
    buf_printf(&plain, "%s:%s", user, password ? password : "");
    buf_adds(&out, "Authorization: Basic ");
    const unsigned char *in = (const unsigned char *)plain.data;
    for (size_t i = 0; i < plain.len; i += 3) {
        size_t left = plain.len - i;
        unsigned word = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0u) |
                        (left > 2 ? (unsigned)in[i + 2] : 0u);
        buf_addc(&out, digits[word >> 18]);
        buf_addc(&out, digits[word >> 12 & 63]);
        buf_addc(&out, left > 1 ? digits[word >> 6 & 63] : '=');
        buf_addc(&out, left > 2 ? digits[word & 63] : '=');
    }
    char *text = gwt_need(buf_take(&out));
    buf_fini(&plain);
    buf_fini(&out);
    return text;
}

static bool base_ok(const char *base)
{
    if (!base || (strncmp(base, "http://", 7) != 0 && strncmp(base, "https://", 8) != 0))
        return false;
    const char *host = strstr(base, "://") + 3;
    return *host && *host != '/' && !strpbrk(host, "?# \r\n") &&
           !memchr(host, '@', strcspn(host, "/"));
}

struct gw_http *gw_http_new(struct gw_plugin *self, const struct gw_http_options *options)
{
    gwt_here(self, "gw_http_new");
    if (!self || !options)
        return NULL;
    struct gw_http_options known = {0};
    memcpy(&known, options, options->size < sizeof(known) ? options->size : sizeof(known));
    if (options->size == 0)
        gwt_die("gw_http_new: the options' member size is 0");
    if (!base_ok(known.base)) {
        gw_log(self, GW_ERROR,
               "HTTP client: the address must be http://host or https://host, "
               "without credentials, ? and #");
        return NULL;
    }
    struct gw_http *http = gwt_need(calloc(1, sizeof(*http)));
    http->self = self;
    LIST_INIT(&http->requests);
    size_t bytes = strlen(known.base);
    while (bytes > 0 && known.base[bytes - 1] == '/')
        bytes--;
    http->base = gwt_need(strndup(known.base, bytes));
    if (known.user)
        http->authorization = basic(known.user, known.password);
    http->answer_max_bytes = known.answer_max_bytes ? known.answer_max_bytes : ANSWER_BYTES;
    keep_add(&self->keeps, &http->keep, http_release);
    return http;
}

/* ---- Answers ---- */

/* A callback may free the client: nothing goes below it. */
static void http_leave(struct gw_http *http)
{
    if (--http->depth == 0 && http->freed)
        http_destroy(http);
}

/* Once; it is freed later. */
static void tell(struct gw_http_request *request, const struct gw_http_answer *answer)
{
    gw_http_done_fn *on_done = request->on_done;
    request->on_done = NULL;
    if (!request->told && on_done)
        on_done(request->http->self, answer, request->data);
    request->told = true;
}

static void tell_error(struct gw_http_request *request, int error)
{
    char text[256];
    const char *host = strstr(request->http->base, "://") + 3;
    snprintf(text, sizeof(text), "%s: %s", host, strerror(-error));
    const struct gw_http_answer answer = {.error = error, .text = text};
    tell(request, &answer);
}

static int save(const char *path, const char *body, size_t bytes)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return -errno;
    size_t written = fwrite(body, 1, bytes, file);
    return fclose(file) == 0 && written == bytes ? 0 : -EIO;
}

/* A good answer's body goes where the plugin wanted it; what stays is the answer's. */
static int take_body(struct gw_http_request *request, struct gw_http_answer *answer)
{
    bool good = answer->status >= 200 && answer->status < 300;
    int error = 0;
    if (good && request->save_file) {
        error = save(request->save_file, answer->body, answer->body_bytes);
    } else if (good && request->on_piece) {
        bool on = answer->body_bytes == 0 || request->on_piece(request->http->self, answer->body,
                                                               answer->body_bytes, request->data);
        error = on && !request->error ? 0 : -ECANCELED;
    } else {
        return answer->body_bytes > request->http->answer_max_bytes ? -EMSGSIZE : 0;
    }
    answer->body = "";
    answer->body_bytes = 0;
    return error;
}

static void give_answer(struct gw_http_request *request)
{
    const struct http_rule *rule = request->rule;
    struct gw_http_answer answer = {.status = rule->status,
                                    .body = rule->body,
                                    .body_bytes = strlen(rule->body),
                                    .sent_bytes = request->record->body_bytes,
                                    .received_bytes = strlen(rule->body),
                                    .total_ms = (double)rule->delay_ms,
                                    .retry_after_ms = rule->retry_after_ms};
    answer.content_type =
        rule->body[0] == '{' || rule->body[0] == '[' ? "application/json" : "text/plain";
    int error = take_body(request, &answer);
    if (error)
        tell_error(request, error);
    else
        tell(request, &answer);
}

static void on_answer(struct gw_plugin *self, void *data)
{
    struct gw_http_request *request = data;
    struct gw_http *http = request->http;
    turn_enter(self, "http");
    http->depth++;
    request->timer = NULL;
    if (request->error)
        tell_error(request, request->error);
    else if (!request->rule)
        tell_error(request, -ECONNREFUSED);
    else if (request->rule->status < 0)
        tell_error(request, request->rule->status);
    else
        give_answer(request);
    LIST_REMOVE(request, entry);
    http->count--;
    request_free(request);
    http_leave(http);
    turn_leave(self, 0);
}

/* ---- Requests ---- */

static void add_header(struct http_record *record, const char *text)
{
    record->headers =
        gwt_need(realloc(record->headers, (record->header_count + 2) * sizeof(*record->headers)));
    record->headers[record->header_count++] = gwt_need(strdup(text));
    record->headers[record->header_count] = NULL;
}

static bool has_header(const struct http_record *record, const char *name)
{
    for (size_t i = 0; i < record->header_count; i++) {
        if (strncasecmp(record->headers[i], name, strlen(name)) == 0)
            return true;
    }
    return false;
}

static int read_body(struct http_record *record, const struct gw_http_ask *ask)
{
    struct buf body;
    buf_init(&body, SIZE_MAX / 2);
    FILE *file = ask->body_file ? fopen(ask->body_file, "re") : NULL;
    int error = ask->body_file && !file ? -errno : 0;
    char piece[16384];
    for (size_t got; file && (got = fread(piece, 1, sizeof(piece), file)) > 0;)
        buf_add(&body, piece, got);
    if (file)
        fclose(file);
    else if (ask->body)
        buf_add(&body, ask->body, ask->body_bytes);
    record->body_bytes = body.len;
    record->body = gwt_need(body.len ? buf_take(&body) : strdup(""));
    buf_fini(&body);
    return error;
}

static int write_down(struct gw_http *http, const struct gw_http_ask *ask,
                      const struct http_record **out)
{
    struct http_record *record = gwt_need(calloc(1, sizeof(*record)));
    bool body = ask->body || ask->body_file;
    record->method = gwt_need(strdup(ask->method ? ask->method : body ? "POST" : "GET"));
    if (asprintf(&record->url, "%s%s", http->base, ask->path) < 0)
        gwt_die("out of memory");
    for (const char *const *header = ask->headers; header && *header; header++)
        add_header(record, *header);
    if (body && !has_header(record, "Content-Type:"))
        add_header(record, "Content-Type: application/json");
    if (http->authorization)
        add_header(record, http->authorization);
    if (!record->headers)
        record->headers = gwt_need(calloc(1, sizeof(*record->headers)));
    int error = read_body(record, ask);
    record_add(http->self->test, record);
    *out = record;
    return error;
}

/* When the answer comes; one that would come too late is a timeout. */
static int64_t wait_ms(struct gw_http_request *request, const struct gw_http_ask *ask)
{
    int64_t timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : TIMEOUT_MS;
    const struct http_rule *rule = request->rule;
    if (!rule || request->error)
        return 0;
    if (rule->status != -ETIMEDOUT && rule->delay_ms < timeout_ms)
        return rule->delay_ms;
    request->error = -ETIMEDOUT;
    return timeout_ms;
}

struct gw_http_request *gw_http_send(struct gw_http *http, const struct gw_http_ask *ask)
{
    if (!http || http->freed || !ask)
        return NULL;
    gwt_here(http->self, "gw_http_send");
    if (!http_ask_is_plain(ask)) {
        gw_log(http->self, GW_ERROR, "HTTP client: a bad path, method or header for %s",
               http->base);
        return NULL;
    }
    if (http->count >= QUEUE_MAX) {
        gw_log(http->self, GW_WARNING, "HTTP client: %d requests wait already", QUEUE_MAX);
        return NULL;
    }
    struct gw_http_request *request = gwt_need(calloc(1, sizeof(*request)));
    request->http = http;
    request->error = write_down(http, ask, &request->record);
    request->on_piece = ask->on_piece;
    request->on_done = ask->on_done;
    request->data = ask->data;
    if (ask->save_file)
        request->save_file = gwt_need(strdup(ask->save_file));
    request->rule = rule_take(http->self->test, request->record->method, request->record->url);
    request->timer = timer_add(http->self, wait_ms(request, ask), 0, on_answer, request);
    LIST_INSERT_HEAD(&http->requests, request, entry);
    http->count++;
    return request;
}

void gw_http_cancel(struct gw_http_request *request)
{
    if (!request || request->told || request->http->freed)
        return;
    gwt_here(request->http->self, "gw_http_cancel");
    request->error = -ECANCELED;
    gw_timer_stop(request->timer);
    request->timer = timer_add(request->http->self, 0, 0, on_answer, request);
}

void gw_http_free(struct gw_http *http)
{
    if (!http || http->freed)
        return;
    gwt_here(http->self, "gw_http_free");
    http->freed = true;
    http->depth++;
    struct gw_http_request *request;
    LIST_FOREACH(request, &http->requests, entry)
    tell_error(request, -ECANCELED);
    http_leave(http);
}

/* The HTTP client of gnswatch/http.h: clients, their queues, and who is told what when.
 *
 * A callback of the plugin may do anything: send, cancel, or free the client it is called from. So
 * nothing is freed below a callback (depth), and what we decide ourselves (cancel, timeouts) is
 * told in a turn of its own (ended). Must not know what a request means. */
#include "plugin/http_ask.h"
#include "plugin/http_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_CONNECT_MS = 5000,
    DEFAULT_TIMEOUT_MS = 10000,
    DEFAULT_IDLE_MS = 60000,
    DEFAULT_CONNECTIONS = 8,
    DEFAULT_ANSWER_BYTES = 16 * 1024 * 1024,
};

static void request_free(struct gw_http_request *request)
{
    gw_timer_stop(request->timer);
    http_transfer_fini(request);
    free(request);
}

static void requests_free(struct http_requests *list)
{
    struct gw_http_request *request;
    while ((request = TAILQ_FIRST(list))) {
        TAILQ_REMOVE(list, request, entry);
        request_free(request);
    }
}

static void wipe_free(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void http_destroy(struct gw_http *http)
{
    keep_drop(&http->keep);
    gw_timer_stop(http->settle);
    requests_free(&http->waiting);
    requests_free(&http->running);
    requests_free(&http->ended);
    requests_free(&http->dead);
    http_loop_fini(http);
    free(http->base);
    free(http->peer);
    free(http->user);
    wipe_free(http->password);
    free(http->ca_file);
    free(http);
}

static void http_release(struct keep *keep)
{
    http_destroy((struct gw_http *)((char *)keep - offsetof(struct gw_http, keep)));
}

void http_enter(struct gw_http *http)
{
    http->depth++;
}

void http_leave(struct gw_http *http)
{
    if (--http->depth == 0 && http->freed)
        http_destroy(http);
}

/* ---- The base address ---- */

/* The sentence says what is wrong with `base`; NULL: nothing. Never shows it: it may hold a
 * password. */
static const char *base_fault(const char *base)
{
    if (!base || (strncmp(base, "http://", 7) != 0 && strncmp(base, "https://", 8) != 0))
        return "the address must begin with http:// or https://";
    const char *host = strstr(base, "://") + 3;
    for (const char *c = host; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return "the address holds a space or a control character";
    size_t host_bytes = strcspn(host, "/?#");
    if (memchr(host, '@', host_bytes))
        return "credentials do not belong into the address: give user and password apart";
    if (host_bytes == 0 || host[0] == ':')
        return "the address names no host";
    if (strpbrk(host, "?#"))
        return "the address must not hold ? or #";
    return NULL;
}

static int http_copy_options(struct gw_http *http, const struct gw_http_options *options)
{
    size_t base_bytes = strlen(options->base);
    while (base_bytes > 0 && options->base[base_bytes - 1] == '/')
        base_bytes--;
    http->base = strndup(options->base, base_bytes);
    const char *host = strstr(options->base, "://") + 3;
    http->peer = strndup(host, strcspn(host, "/"));
    if (!http->base || !http->peer)
        return -ENOMEM;
    if (options->user && !(http->user = strdup(options->user)))
        return -ENOMEM;
    if (options->password && !(http->password = strdup(options->password)))
        return -ENOMEM;
    if (options->ca_file && !(http->ca_file = strdup(options->ca_file)))
        return -ENOMEM;
    http->insecure = options->insecure;
    http->connect_ms = options->connect_ms > 0 ? options->connect_ms : DEFAULT_CONNECT_MS;
    http->idle_max_ms = options->idle_max_ms > 0 ? options->idle_max_ms : DEFAULT_IDLE_MS;
    http->connections_max =
        options->connections_max > 0 ? options->connections_max : DEFAULT_CONNECTIONS;
    http->answer_max_bytes =
        options->answer_max_bytes > 0 ? options->answer_max_bytes : DEFAULT_ANSWER_BYTES;
    return 0;
}

struct gw_http *gw_http_new(struct gw_plugin *self, const struct gw_http_options *options)
{
    if (!self || !options)
        return NULL;
    struct gw_http_options known = {0}; /* an older plugin's struct is shorter */
    memcpy(&known, options, options->size < sizeof(known) ? options->size : sizeof(known));
    const char *fault = base_fault(known.base);
    if (fault) {
        gw_log(self, GW_ERROR, "HTTP client: %s", fault);
        return NULL;
    }
    struct gw_http *http = calloc(1, sizeof(*http));
    if (!http)
        return NULL;
    http->self = self;
    TAILQ_INIT(&http->waiting);
    TAILQ_INIT(&http->running);
    TAILQ_INIT(&http->ended);
    TAILQ_INIT(&http->dead);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) || http_copy_options(http, &known) < 0 ||
        http_loop_init(http) < 0) {
        http_destroy(http);
        return NULL;
    }
    keep_add(instance_keeps(self), &http->keep, http_release);
    return http;
}

/* ---- Requests ---- */

static void http_tell(struct gw_http_request *request, CURLcode code)
{
    gw_http_done_fn *on_done = request->on_done;
    request->on_done = NULL;
    request->on_piece = NULL;
    if (!on_done)
        return;
    struct gw_http_answer answer;
    http_transfer_answer(request, code, &answer);
    on_done(request->http->self, &answer, request->data);
}

static struct http_requests *http_list(struct gw_http *http, enum http_request_state state)
{
    switch (state) {
    case HTTP_WAITING:
        return &http->waiting;
    case HTTP_RUNNING:
        return &http->running;
    case HTTP_ENDED:
        break;
    }
    return &http->ended;
}

static void http_unlist(struct gw_http_request *request)
{
    struct gw_http *http = request->http;
    TAILQ_REMOVE(http_list(http, request->state), request, entry);
    if (request->state == HTTP_WAITING)
        http->waiting_count--;
    if (request->state == HTTP_RUNNING && !request->stream)
        http->active--;
}

/* Outside of curl only. */
void http_finish(struct gw_http_request *request, CURLcode code)
{
    http_unlist(request);
    gw_timer_stop(request->timer);
    request->timer = NULL;
    if (request->added)
        curl_multi_remove_handle(request->http->multi, request->easy);
    request->added = false;
    http_tell(request, code);
    request_free(request);
}

static void http_on_settle(struct gw_plugin *self, void *data)
{
    (void)self;
    struct gw_http *http = data;
    http->settle = NULL;
    http_enter(http);
    struct gw_http_request *request;
    while (!http->freed && (request = TAILQ_FIRST(&http->ended)))
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it leaves `ended` before it is freed */
        http_finish(request, CURLE_ABORTED_BY_CALLBACK);
    if (!http->freed)
        http_start_waiting(http);
    http_leave(http);
}

void http_end(struct gw_http_request *request, int error)
{
    if (request->state == HTTP_ENDED)
        return;
    struct gw_http *http = request->http;
    request->error = error;
    http_unlist(request);
    request->state = HTTP_ENDED;
    TAILQ_INSERT_TAIL(&http->ended, request, entry);
    if (!http->settle)
        http->settle = gw_timer_start(http->self, 0, 0, http_on_settle, http);
}

/* A request that waits past its deadline, a stream past its first byte or its silence. */
static void http_on_late(struct gw_plugin *self, void *data)
{
    struct gw_http_request *request = data;
    request->timer = NULL;
    int64_t limit_ms = request->heard_ms ? request->silence_ms : request->timeout_ms;
    int64_t since_ms = request->heard_ms ? request->heard_ms : request->asked_ms;
    int64_t left_ms = since_ms + limit_ms - gw_monotonic_ms(self);
    if (limit_ms <= 0)
        return;
    if (left_ms > 0)
        request->timer = gw_timer_start(self, left_ms, 0, http_on_late, request);
    else
        http_end(request, -ETIMEDOUT);
}

void http_heard(struct gw_http_request *request)
{
    struct gw_http *http = request->http;
    bool first = request->heard_ms == 0;
    request->heard_ms = gw_monotonic_ms(http->self);
    if (!first)
        return;
    gw_timer_stop(request->timer);
    request->timer = NULL;
    if (request->silence_ms > 0)
        request->timer = gw_timer_start(http->self, request->silence_ms, 0, http_on_late, request);
}

static void http_start(struct gw_http_request *request)
{
    struct gw_http *http = request->http;
    gw_timer_stop(request->timer);
    request->timer = NULL;
    http_unlist(request);
    request->state = HTTP_RUNNING;
    request->started = true;
    TAILQ_INSERT_TAIL(&http->running, request, entry);
    if (request->stream)
        request->timer = gw_timer_start(http->self, request->timeout_ms, 0, http_on_late, request);
    else
        http->active++;
    int64_t left_ms = request->asked_ms + request->timeout_ms - gw_monotonic_ms(http->self);
    if (!request->stream)
        curl_easy_setopt(request->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    if (request->error) /* a file could not be opened */
        http_end(request, request->error);
    else if (curl_multi_add_handle(http->multi, request->easy) == CURLM_OK)
        request->added = true;
    else
        http_end(request, -ENOMEM);
}

void http_start_waiting(struct gw_http *http)
{
    struct gw_http_request *request;
    while (http->active < http->connections_max && (request = TAILQ_FIRST(&http->waiting)))
        http_start(request);
}

static struct gw_http_request *request_new(struct gw_http *http, const struct gw_http_ask *ask)
{
    struct gw_http_request *request = calloc(1, sizeof(*request));
    if (!request)
        return NULL;
    request->http = http;
    request->sink_fd = -1;
    request->stream = ask->on_piece != NULL;
    request->timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : DEFAULT_TIMEOUT_MS;
    request->silence_ms = ask->silence_ms;
    request->asked_ms = gw_monotonic_ms(http->self);
    request->on_piece = ask->on_piece;
    request->on_done = ask->on_done;
    request->data = ask->data;
    buf_init(&request->body, http->answer_max_bytes);
    if (http_transfer_init(request, ask) < 0) {
        request_free(request);
        return NULL;
    }
    return request;
}

struct gw_http_request *gw_http_send(struct gw_http *http, const struct gw_http_ask *ask)
{
    if (!http || http->freed || !ask)
        return NULL;
    if (!http_ask_is_plain(ask)) {
        gw_log(http->self, GW_ERROR, "HTTP client: a bad path, method or header for %s",
               http->peer);
        return NULL;
    }
    if (http->waiting_count >= HTTP_QUEUE_MAX) {
        gw_log(http->self, GW_WARNING, "HTTP client: %d requests wait for %s already",
               HTTP_QUEUE_MAX, http->peer);
        return NULL;
    }
    struct gw_http_request *request = request_new(http, ask);
    if (!request)
        return NULL;
    request->state = HTTP_WAITING;
    TAILQ_INSERT_TAIL(&http->waiting, request, entry);
    http->waiting_count++;
    if (request->stream || http->active < http->connections_max)
        http_start(request);
    else
        request->timer = gw_timer_start(http->self, request->timeout_ms, 0, http_on_late, request);
    return request;
}

void gw_http_cancel(struct gw_http_request *request)
{
    if (request && !request->http->freed)
        http_end(request, -ECANCELED);
}

/* Tells everyone; the memory goes with the client, since curl may be on the stack. */
static void http_cancel_all(struct gw_http *http, struct http_requests *list)
{
    struct gw_http_request *request;
    while ((request = TAILQ_FIRST(list))) {
        http_unlist(request);
        request->state = HTTP_ENDED;
        if (!request->error)
            request->error = -ECANCELED;
        TAILQ_INSERT_TAIL(&http->dead, request, entry);
        http_tell(request, CURLE_ABORTED_BY_CALLBACK);
    }
}

void gw_http_free(struct gw_http *http)
{
    if (!http || http->freed)
        return;
    http->freed = true;
    http_enter(http);
    http_cancel_all(http, &http->running);
    http_cancel_all(http, &http->waiting);
    http_cancel_all(http, &http->ended);
    http_leave(http);
}

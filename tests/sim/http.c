/* http - one TCP connection: parses requests one after the other, keeps the next ones waiting
 * while one is answered, and lets idle connections live as long as the real servers do.
 * Must not know what a request means: that is dispatch (route.c, control.c). */
#include "http.h"

#include "capture.h"
#include "control.h"
#include "feed.h"
#include "route.h"
#include "ws.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    IDLE_V2_MS = 75000, /* aiohttp keeps a socket 75 s, whatever "Connection: close" says */
    IDLE_V3_MS = 5000,  /* uvicorn closes an idle connection after 5 s */
};

struct write_job {
    uv_write_t req;
    struct conn *conn;
    struct blob *head;
    struct blob *tail;
    size_t size;
};

const char *http_reason(int status)
{
    return http_status_str((enum http_status)status);
}

void http_date(char out[40])
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static void percent_decode(const char *in, size_t len, char *out, size_t size)
{
    size_t o = 0;
    for (size_t i = 0; i < len && o + 1 < size; i++) {
        if (in[i] == '%' && i + 2 < len && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0) {
            out[o++] = (char)(hex(in[i + 1]) * 16 + hex(in[i + 2]));
            i += 2;
        } else {
            out[o++] = in[i] == '+' ? ' ' : in[i];
        }
    }
    out[o] = '\0';
}

bool query_get(const char *query, const char *name, char *out, size_t size)
{
    size_t want = strlen(name);
    for (const char *p = query; *p;) {
        const char *end = strchr(p, '&');
        size_t len = end ? (size_t)(end - p) : strlen(p);
        if (len > want && strncmp(p, name, want) == 0 && p[want] == '=') {
            percent_decode(p + want + 1, len - want - 1, out, size);
            return true;
        }
        if (!end)
            break;
        p = end + 1;
    }
    return false;
}

struct conn *conn_ref(struct conn *c)
{
    c->refs++;
    return c;
}

void conn_unref(struct conn *c)
{
    if (--c->refs)
        return;
    buf_free(&c->in);
    buf_free(&c->req.body);
    free(c);
}

static void on_timer_closed(uv_handle_t *h)
{
    conn_unref(h->data);
}

static void on_tcp_closed(uv_handle_t *h)
{
    conn_unref(h->data);
}

static void conn_unlink(struct conn *c)
{
    struct conn **head = c->server ? &c->server->conns : &c->sim->controls;
    if (c->prev)
        c->prev->next = c->next;
    else if (*head == c)
        *head = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->prev = c->next = NULL;
}

void conn_close(struct conn *c)
{
    if (c->closing)
        return;
    c->closing = true;
    conn_unlink(c);
    feed_conn_gone(c);
    capture_conn_gone(c);
    uv_close((uv_handle_t *)&c->tcp, on_tcp_closed);
    uv_close((uv_handle_t *)&c->idle, on_timer_closed);
}

static void on_written(uv_write_t *req, int status)
{
    struct write_job *job = (struct write_job *)req;
    struct conn *c = job->conn;
    c->queued -= job->size;
    blob_unref(job->head);
    blob_unref(job->tail);
    free(job);
    if (status < 0)
        conn_close(c);
    conn_unref(c);
}

static void count_out(struct conn *c, size_t len)
{
    if (c->server)
        c->server->stats.bytes_out += len;
}

/* What the kernel did not take at once waits in a job. */
static void queue_rest(struct conn *c, struct blob *head, size_t head_at, struct blob *tail,
                       size_t tail_at)
{
    struct write_job *job = sim_alloc(sizeof(*job));
    job->conn = conn_ref(c);
    job->head = head;
    job->tail = tail;
    uv_buf_t bufs[2];
    unsigned n = 0;
    if (head && head_at < head->len)
        bufs[n++] = uv_buf_init(head->data + head_at, (unsigned)(head->len - head_at));
    if (tail && tail_at < tail->len)
        bufs[n++] = uv_buf_init(tail->data + tail_at, (unsigned)(tail->len - tail_at));
    for (unsigned i = 0; i < n; i++)
        job->size += bufs[i].len;
    c->queued += job->size;
    if (uv_write(&job->req, (uv_stream_t *)&c->tcp, bufs, n, on_written) < 0) {
        c->queued -= job->size;
        blob_unref(head);
        blob_unref(tail);
        free(job);
        conn_close(c);
        conn_unref(c);
        return;
    }
    if (c->queued > SIM_OUT_MAX) {
        if (c->server)
            c->server->stats.feed_drops++;
        conn_close(c);
    }
}

void conn_write_blob(struct conn *c, const void *head, size_t head_len, struct blob *blob)
{
    if (c->closing)
        return;
    size_t total = head_len + (blob ? blob->len : 0);
    if (c->half) {
        c->half = false;
        size_t cut = total / 2;
        conn_write(c, head, cut < head_len ? cut : head_len);
        if (cut > head_len && blob)
            conn_write(c, blob->data, cut - head_len);
        conn_finish(c);
        return;
    }
    count_out(c, total);
    size_t sent = 0;
    if (!c->queued) {
        uv_buf_t bufs[2] = {uv_buf_init((char *)(uintptr_t)head, (unsigned)head_len),
                            uv_buf_init(blob ? blob->data : NULL, blob ? (unsigned)blob->len : 0)};
        int n = uv_try_write((uv_stream_t *)&c->tcp, bufs, blob && blob->len ? 2 : 1);
        if (n == UV_EAGAIN)
            n = 0;
        if (n < 0) {
            conn_close(c);
            return;
        }
        sent = (size_t)n;
        if (sent >= total)
            return;
    }
    struct blob *rest =
        sent < head_len ? blob_new((const char *)head + sent, head_len - sent) : NULL;
    queue_rest(c, rest, 0, blob ? blob_ref(blob) : NULL, sent > head_len ? sent - head_len : 0);
}

void conn_write(struct conn *c, const void *data, size_t len)
{
    if (len)
        conn_write_blob(c, data, len, NULL);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    (void)status;
    struct conn *c = req->data;
    free(req);
    conn_close(c);
    conn_unref(c);
}

void conn_finish(struct conn *c)
{
    if (c->closing)
        return;
    uv_shutdown_t *req = sim_alloc(sizeof(*req));
    req->data = conn_ref(c);
    if (uv_shutdown(req, (uv_stream_t *)&c->tcp, on_shutdown) < 0) {
        free(req);
        conn_close(c);
        conn_unref(c);
    }
}

static void on_idle(uv_timer_t *t)
{
    struct conn *c = t->data;
    if (!c->busy && !c->streaming)
        conn_close(c);
}

static void idle_restart(struct conn *c)
{
    uint64_t ms = c->server && server_is(c->server, 3) ? IDLE_V3_MS : IDLE_V2_MS;
    uv_timer_start(&c->idle, on_idle, ms, 0);
}

/* The parser's callbacks. */

static int on_begin(http_parser *p)
{
    struct conn *c = p->data;
    struct buf body = c->req.body;
    memset(&c->req, 0, sizeof(c->req));
    body.len = 0;
    c->req.body = body;
    return 0;
}

static int on_url(http_parser *p, const char *at, size_t len)
{
    struct request *r = &((struct conn *)p->data)->req;
    if (r->url_len + len >= sizeof(r->url)) {
        r->url_too_long = true;
        return 0;
    }
    memcpy(r->url + r->url_len, at, len);
    r->url_len += len;
    r->url[r->url_len] = '\0';
    return 0;
}

static void header_end(struct request *r)
{
    if (strcasecmp(r->field, "authorization") == 0)
        sim_copy(r->authorization, sizeof(r->authorization), r->value);
    else if (strcasecmp(r->field, "sec-websocket-key") == 0)
        sim_copy(r->ws_key, sizeof(r->ws_key), r->value);
    else if (strcasecmp(r->field, "upgrade") == 0 && strcasecmp(r->value, "websocket") == 0)
        r->upgrade = true;
    else if (strcasecmp(r->field, "expect") == 0)
        r->expect = true;
    r->field[0] = r->value[0] = '\0';
}

static void append(char *dst, size_t size, const char *at, size_t len)
{
    size_t used = strlen(dst);
    if (len >= size - used)
        len = size - used - 1;
    memcpy(dst + used, at, len);
    dst[used + len] = '\0';
}

static int on_field(http_parser *p, const char *at, size_t len)
{
    struct request *r = &((struct conn *)p->data)->req;
    if (r->in_value)
        header_end(r);
    r->in_value = false;
    append(r->field, sizeof(r->field), at, len);
    return 0;
}

static int on_value(http_parser *p, const char *at, size_t len)
{
    struct request *r = &((struct conn *)p->data)->req;
    r->in_value = true;
    append(r->value, sizeof(r->value), at, len);
    return 0;
}

static int on_headers(http_parser *p)
{
    struct conn *c = p->data;
    header_end(&c->req);
    c->req.in_value = false;
    c->req.method = http_method_str((enum http_method)p->method);
    c->req.keep_alive = http_should_keep_alive(p) != 0;
    c->req.http10 = p->http_major == 1 && p->http_minor == 0;
    if (c->req.expect)
        conn_write(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return 0;
}

static int on_body(http_parser *p, const char *at, size_t len)
{
    struct conn *c = p->data;
    if (c->req.body.len + len > SIM_BODY_MAX)
        return 1;
    buf_add(&c->req.body, at, len);
    return 0;
}

static int on_complete(http_parser *p)
{
    http_parser_pause(p, 1);
    return 0;
}

static const http_parser_settings parser_settings = {
    .on_message_begin = on_begin,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

static void split_url(struct request *r)
{
    const char *q = strchr(r->url, '?');
    size_t len = q ? (size_t)(q - r->url) : strlen(r->url);
    percent_decode(r->url, len, r->path, sizeof(r->path));
    sim_copy(r->query, sizeof(r->query), q ? q + 1 : "");
}

static void bad_request(struct conn *c)
{
    static const char text[] = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; "
                               "charset=utf-8\r\nContent-Length: 15\r\n\r\n400 Bad Request";
    conn_write(c, text, sizeof(text) - 1);
    conn_finish(c);
}

static void begin_request(struct conn *c)
{
    c->busy = true;
    uv_timer_stop(&c->idle);
    if (c->req.url_too_long) {
        bad_request(c);
        return;
    }
    split_url(&c->req);
    if (c->server)
        route_dispatch(c);
    else
        control_dispatch(c);
}

static void conn_process(struct conn *c)
{
    if (c->running)
        return;
    c->running = true;
    while (!c->closing && c->in.len) {
        if (c->ws) {
            if (!ws_input(c))
                break;
            continue;
        }
        if (c->busy || c->streaming)
            break;
        size_t n = http_parser_execute(&c->parser, &parser_settings, c->in.data, c->in.len);
        enum http_errno err = HTTP_PARSER_ERRNO(&c->parser);
        buf_drop(&c->in, n);
        if (err == HPE_PAUSED || c->parser.upgrade) {
            http_parser_pause(&c->parser, 0);
            http_parser_init(&c->parser, HTTP_REQUEST);
            begin_request(c);
        } else if (err != HPE_OK) {
            bad_request(c);
            break;
        }
    }
    c->running = false;
}

void conn_done(struct conn *c)
{
    c->busy = false;
    if (c->closing)
        return;
    if (!c->req.keep_alive) {
        conn_finish(c);
        return;
    }
    idle_restart(c);
    conn_process(c);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
    (void)h;
    (void)hint;
    *out = uv_buf_init(sim_alloc(16384), 16384);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    struct conn *c = stream->data;
    conn_ref(c);
    if (n > 0 && !c->closing) {
        if (c->server)
            c->server->stats.bytes_in += (uint64_t)n;
        buf_add(&c->in, in->base, (size_t)n);
        if (c->in.len > SIM_BODY_MAX)
            conn_close(c);
        else
            conn_process(c);
    } else if (n < 0) {
        conn_close(c);
    }
    free(in->base);
    conn_unref(c);
}

void conn_accept(uv_stream_t *listener, struct sim *sim, struct server *server)
{
    struct conn *c = sim_alloc(sizeof(*c));
    c->sim = sim;
    c->server = server;
    c->refs = 2; /* one for each handle */
    c->tcp.data = c->idle.data = c;
    uv_tcp_init(sim->loop, &c->tcp);
    uv_timer_init(sim->loop, &c->idle);
    http_parser_init(&c->parser, HTTP_REQUEST);
    c->parser.data = c;
    struct conn **head = server ? &server->conns : &sim->controls;
    c->next = *head;
    if (*head)
        (*head)->prev = c;
    *head = c;
    if (server)
        server->stats.connections++;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0) {
        conn_close(c);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    idle_restart(c);
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

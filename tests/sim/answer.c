/* answer - answers in the hand of aiohttp (2.2: pretty JSON, X-Route, "Connection: close" that is
 * not meant) and of uvicorn (3.x: compact JSON, lower-case headers). */
#include "http.h"
#include "route.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct blob *style_json(const struct server *s, const json_t *doc)
{
    size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(6);
    flags |= server_is(s, 3) ? JSON_COMPACT : JSON_INDENT(4) | JSON_SORT_KEYS;
    char *text = json_dumps(doc, flags);
    struct blob *b = blob_new(text ? text : "null", text ? strlen(text) : 4);
    free(text);
    return b;
}

static void count_answer(struct call *c, int status)
{
    if (status >= 100 && status < 600)
        c->server->stats.by_class[status / 100]++;
}

/* type NULL: no Content-Type; size < 0: no Content-Length; extra: more header lines. */
static void head_v2(struct buf *b, struct call *c, int status, const char *type, long size,
                    const char *extra)
{
    char date[40];
    http_date(date);
    buf_addf(b, "HTTP/1.1 %d %s\r\nConnection: close\r\n", status, http_reason(status));
    if (c->route && strncmp(c->route->pattern, "../", 3) == 0)
        buf_addf(b, "X-Route: %s\r\n", c->route->pattern + 2);
    else if (c->route)
        buf_addf(b, "X-Route: /v2/%s\r\n", c->route->pattern);
    buf_addf(b, "Server: Python/3.11 GNS3/%s\r\n%s", c->server->version, extra);
    if (type)
        buf_addf(b, "Content-Type: %s\r\n", type);
    if (size >= 0)
        buf_addf(b, "Content-Length: %ld\r\n", size);
    buf_addf(b, "Date: %s\r\n\r\n", date);
}

static void head_v3(struct buf *b, int status, const char *type, long size, const char *extra)
{
    char date[40];
    http_date(date);
    buf_addf(b, "HTTP/1.1 %d %s\r\ndate: %s\r\nserver: uvicorn\r\n%s", status, http_reason(status),
             date, extra);
    if (size >= 0)
        buf_addf(b, "content-length: %ld\r\n", size);
    if (type)
        buf_addf(b, "content-type: %s\r\n", type);
    buf_adds(b, "\r\n");
}

static void send_answer(struct call *c, int status, const char *type, long size, const char *extra,
                        struct blob *body)
{
    struct buf head = {0};
    if (server_is(c->server, 3))
        head_v3(&head, status, type, size, extra);
    else
        head_v2(&head, c, status, type, size, extra);
    count_answer(c, status);
    conn_write_blob(c->conn, head.data, head.len, body);
    buf_free(&head);
    conn_done(c->conn);
}

void answer_blob(struct call *c, int status, struct blob *text)
{
    send_answer(c, status, "application/json", (long)text->len, "", text);
}

void answer_json(struct call *c, int status, json_t *steal)
{
    struct blob *text = style_json(c->server, steal);
    json_decref(steal);
    answer_blob(c, status, text);
    blob_unref(text);
}

void answer_empty(struct call *c, int status)
{
    bool v3 = server_is(c->server, 3);
    if (status == 204)
        send_answer(c, status, v3 ? "application/json" : NULL, -1, "", NULL);
    else
        send_answer(c, status, "application/octet-stream", 0, "", NULL);
}

void answer_error(struct call *c, int status, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    json_t *doc = json_pack("{s:s}", "message", text);
    if (!doc) /* cut in the middle of a UTF-8 sequence, or not UTF-8 at all */
        doc = json_pack("{s:s}", "message", "");
    if (!server_is(c->server, 3))
        json_object_set_new(doc, "status", json_integer(status));
    answer_json(c, status, doc);
}

void answer_framework(struct call *c, int status, const char *allow)
{
    char date[40], text[64], extra[160] = "";
    http_date(date);
    if (server_is(c->server, 3)) {
        if (allow)
            snprintf(extra, sizeof(extra), "allow: %s\r\n", allow);
        int len = snprintf(text, sizeof(text), "{\"detail\":\"%s\"}", http_reason(status));
        struct blob *body = blob_new(text, (size_t)len);
        send_answer(c, status, "application/json", len, extra, body);
        blob_unref(body);
        return;
    }
    struct buf b = {0};
    int len = snprintf(text, sizeof(text), "%d: %s", status, http_reason(status));
    buf_addf(&b, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n", status,
             http_reason(status));
    if (allow)
        buf_addf(&b, "Allow: %s\r\n", allow);
    buf_addf(&b, "Content-Length: %d\r\nDate: %s\r\nServer: Python/3.11 aiohttp/3.8.4\r\n\r\n%s",
             len, date, text);
    count_answer(c, status);
    conn_write(c->conn, b.data, b.len);
    buf_free(&b);
    conn_done(c->conn);
}

void answer_unauthorized(struct call *c, const char *message)
{
    c->server->stats.unauthorized++;
    if (!server_is(c->server, 3)) {
        send_answer(c, 401, "application/octet-stream", 0,
                    "WWW-Authenticate: Basic realm=\"GNS3 server\"\r\n", NULL);
        return;
    }
    json_t *doc = json_pack("{s:s}", "message", message);
    struct blob *text = style_json(c->server, doc);
    json_decref(doc);
    send_answer(c, 401, "application/json", (long)text->len, "www-authenticate: Bearer\r\n", text);
    blob_unref(text);
}

void answer_raw(struct conn *conn, int status, const char *type, const void *body, size_t len)
{
    struct buf b = {0};
    buf_addf(&b, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
             http_reason(status), type, len);
    buf_add(&b, body, len);
    conn_write(conn, b.data, b.len);
    buf_free(&b);
    conn_done(conn);
}

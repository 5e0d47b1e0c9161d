/* From an answer to bytes. Heads are written here, because a length is always known: connections
 * stay open, and one write carries head and body. HTTP/1.1 only. */
#include "api/connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *date_now(struct api *api)
{
    int64_t now_s = clock_wall_ms(api->clock) / 1000;
    if (now_s != api->date_s) {
        time_t at = (time_t)now_s;
        struct tm tm = {0};
        gmtime_r(&at, &tm);
        strftime(api->date, sizeof(api->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        api->date_s = now_s;
    }
    return api->date;
}

/* Host headers come checked, but only these characters may enter a policy. */
static const char *policy_host(const struct request *request)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               ".:-_[]";
    return strspn(request->host, fine) == strlen(request->host) ? request->host : "";
}

static void add_policy(const struct request *request, struct buf *head)
{
    if (request->guest) {
        buf_adds(head, "Content-Security-Policy: default-src 'none'; img-src data:; style-src "
                       "'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors "
                       "'self'\r\n");
        return;
    }
    if (!request->page) {
        buf_adds(head, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
        return;
    }
    const char *host = policy_host(request);
    buf_adds(head, "Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline'; "
                   "img-src 'self' data:; connect-src 'self'");
    if (host[0])
        buf_printf(head, " ws://%s wss://%s", host, host);
    buf_adds(head, "; base-uri 'self'; form-action 'self'; object-src 'none'; "
                   "frame-ancestors 'none'\r\n");
}

static void add_field(struct buf *head, const char *name, const char *value)
{
    if (value[0])
        buf_printf(head, "%s: %s\r\n", name, value);
}

static void add_int(struct buf *head, const char *name, int64_t value)
{
    buf_adds(head, name);
    buf_json_int(head, value);
    buf_adds(head, "\r\n");
}

void send_head(struct request *request, bool close, int64_t content_bytes, struct buf *head)
{
    buf_adds(head, "HTTP/1.1 ");
    buf_json_int(head, request->status);
    buf_addc(head, ' ');
    buf_adds(head, status_text(request->status));
    buf_adds(head, "\r\nDate: ");
    buf_adds(head, date_now(request->api));
    buf_adds(head, "\r\n");
    if (content_bytes >= 0 && request->status != 304)
        add_int(head, "Content-Length: ", content_bytes);
    if (request->type && request->status != 304)
        add_field(head, "Content-Type", request->type);
    buf_adds(head, request->cache_long ? "Cache-Control: max-age=3600\r\n"
                   : request->etag[0]  ? "Cache-Control: no-cache\r\n"
                                       : "Cache-Control: no-store\r\n");
    add_field(head, "ETag", request->etag);
    add_field(head, "Location", request->location);
    add_field(head, "Allow", request->allow);
    add_field(head, "Set-Cookie", request->set_cookie);
    if (request->gzipped && request->status == 200)
        buf_adds(head, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    if (request->status == 401)
        buf_adds(head, "WWW-Authenticate: Bearer realm=\"gnswatch\"\r\n");
    if (request->retry_after_s)
        add_int(head, "Retry-After: ", request->retry_after_s);
    if (close)
        buf_adds(head, "Connection: close\r\n");
    add_policy(request, head);
    buf_adds(head, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\r\n");
}

static void count_answer(struct api *api, const struct request *request)
{
    if (request->status >= 500)
        api->counts.errors++;
    else if (request->status >= 400)
        api->counts.refused++;
}

/* Puts the head into the room before the body. */
static bool lay_out(struct connection *connection)
{
    struct request *request = connection->request;
    size_t bytes;
    request_body(request, &bytes);
    struct buf head;
    buf_init(&head, HEAD_ROOM_BYTES - LWS_PRE);
    buf_reserve(&head, 900);
    send_head(request, connection->close_after, (int64_t)bytes, &head);
    bool fits = !buf_error(&head) && request->out.data && request->out.len >= HEAD_ROOM_BYTES;
    if (fits) {
        connection->at = HEAD_ROOM_BYTES - head.len;
        connection->end = HEAD_ROOM_BYTES;
        if (request->method != METHOD_HEAD && request->status != 304)
            connection->end += bytes;
        memcpy(request->out.data + connection->at, head.data, head.len);
    }
    buf_fini(&head);
    return fits;
}

static int finish(struct connection *connection)
{
    struct lws *wsi = connection->wsi;
    request_free(connection->request);
    connection->request = NULL;
    connection->sending = false;
    if (connection->discard_body) {
        /* Let the client read the answer before the connection goes: it may still be sending. */
        lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, 5);
        return 0;
    }
    if (connection->close_after)
        return -1;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

int send_more(struct connection *connection)
{
    struct request *request = connection->request;
    size_t left = connection->end - connection->at;
    size_t piece = left < PIECE_BYTES ? left : PIECE_BYTES;
    bool last = piece == left;
    int sent = lws_write(connection->wsi, (unsigned char *)request->out.data + connection->at,
                         piece, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
    if (sent < (int)piece)
        return -1;
    connection->at += piece;
    request->api->counts.sent_bytes += piece;
    if (last)
        return finish(connection);
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_HTTP_CONTENT, SLOW_CLIENT_S);
    lws_callback_on_writable(connection->wsi);
    return 0;
}

int send_answer(struct connection *connection)
{
    count_answer(connection->request->api, connection->request);
    if (!lay_out(connection))
        return -1;
    connection->sending = true;
    return send_more(connection);
}

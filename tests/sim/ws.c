/* ws - the server side of WebSocket (RFC 6455 sections 1.3, 5.2 and 5.5). Clients only ever send
 * control frames to GNS3, so data frames are read and forgotten. Must not know what is sent. */
#include "ws.h"

#include "feed.h"
#include "http.h"

#include <stdio.h>
#include <string.h>

enum { FRAME_MAX = 1024 * 1024 };

static void accept_key(const char *key, char out[32])
{
    char text[192];
    uint8_t digest[20];
    int n = snprintf(text, sizeof(text), "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1((const uint8_t *)text, (size_t)n, digest);
    base64(digest, sizeof(digest), out);
}

void ws_accept(struct conn *c)
{
    char accept[32];
    char date[40];
    struct buf head = {0};
    accept_key(c->req.ws_key, accept);
    http_date(date);
    if (server_is(c->server, 3))
        buf_addf(&head,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\ndate: %s\r\nserver: uvicorn\r\n\r\n",
                 accept, date);
    else
        buf_addf(&head,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\nContent-Type: application/octet-stream\r\n"
                 "Date: %s\r\nServer: Python/3.11 aiohttp/3.8.4\r\n\r\n",
                 accept, date);
    c->ws = true;
    c->streaming = true;
    conn_write(c, head.data, head.len);
    buf_free(&head);
}

void ws_send(struct conn *c, enum ws_op op, const void *data, size_t len)
{
    uint8_t head[10] = {(uint8_t)(0x80u | (unsigned)op)};
    size_t n = 2;
    if (len < 126) {
        head[1] = (uint8_t)len;
    } else if (len < 65536) {
        head[1] = 126;
        head[2] = (uint8_t)(len >> 8);
        head[3] = (uint8_t)len;
        n = 4;
    } else {
        head[1] = 127;
        for (size_t i = 0; i < 8; i++)
            head[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
        n = 10;
    }
    struct buf frame = {0};
    buf_add(&frame, head, n);
    buf_add(&frame, data, len);
    conn_write(c, frame.data, frame.len);
    buf_free(&frame);
}

void ws_send_close(struct conn *c, unsigned code, const char *reason)
{
    char text[128];
    text[0] = (char)(code >> 8);
    text[1] = (char)code;
    sim_copy(text + 2, sizeof(text) - 2, reason);
    ws_send(c, WS_CLOSE, text, 2 + strlen(text + 2));
}

static void handle_frame(struct conn *c, unsigned op, const char *data, size_t len)
{
    if (op == WS_PING) {
        ws_send(c, WS_PONG, data, len);
    } else if (op == WS_PONG) {
        feed_pong(c);
    } else if (op == WS_CLOSE) {
        ws_send(c, WS_CLOSE, data, len > 2 ? 2 : len);
        conn_finish(c);
    }
}

bool ws_input(struct conn *c)
{
    const uint8_t *p = (const uint8_t *)c->in.data;
    size_t have = c->in.len;
    if (have < 2)
        return false;
    bool masked = p[1] & 0x80;
    uint64_t len = p[1] & 0x7f;
    size_t at = 2;
    size_t ext = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (have < at + ext)
        return false;
    if (ext) {
        len = 0;
        for (size_t i = 0; i < ext; i++)
            len = len << 8 | p[at + i];
        at += ext;
    }
    if (!masked || len > FRAME_MAX) { /* RFC 6455 5.1: an unmasked client frame ends it */
        ws_send_close(c, masked ? 1009 : 1002, "");
        conn_finish(c);
        return false;
    }
    if (have < at + 4 + len)
        return false;
    struct buf data = {0};
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)(p[at + 4 + i] ^ p[at + i % 4]);
        buf_add(&data, &byte, 1);
    }
    unsigned op = p[0] & 0x0f;
    buf_drop(&c->in, at + 4 + (size_t)len);
    handle_frame(c, op, data.len ? data.data : "", data.len);
    buf_free(&data);
    return !c->closing;
}

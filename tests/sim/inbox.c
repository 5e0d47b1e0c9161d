/* inbox - see inbox.h. SMTP as RFC 5321 has it at its least: no TLS, no AUTH, everybody is known.
 */
#include "inbox.h"

#include "http.h"
#include "route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    MESSAGES_MAX = 50,
    MESSAGE_MAX_BYTES = 1024 * 1024,
    LINE_MAX_BYTES = 1024,
    CLIENTS_MAX = 32
};

struct message {
    bool hook; /* a webhook; else a mail */
    time_t time;
    char *text; /* owned */
    size_t len;
};

struct inbox {
    uv_tcp_t *listener; /* owned */
    int port;
    struct client *clients; /* list; each owns itself until it is closed */
    unsigned client_count;
    struct message messages[MESSAGES_MAX]; /* the newest last */
    size_t count;
};

struct client {
    uv_tcp_t tcp;
    struct client *next;
    struct inbox *inbox; /* borrowed; lives as long as the loop */
    struct buf line, mail;
    bool data; /* within DATA */
};

/* ---- What has come ---- */

static void keep_message(struct inbox *inbox, bool hook, const char *text, size_t len)
{
    if (inbox->count == MESSAGES_MAX) {
        free(inbox->messages[0].text);
        memmove(inbox->messages, inbox->messages + 1,
                (MESSAGES_MAX - 1) * sizeof(*inbox->messages));
        inbox->count--;
    }
    char *copy = sim_alloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    inbox->messages[inbox->count++] =
        (struct message){.hook = hook, .time = time(NULL), .text = copy, .len = len};
}

/* ---- SMTP ---- */

struct say {
    uv_write_t req;
    char text[];
};

static void on_said(uv_write_t *req, int status)
{
    (void)status;
    free(req);
}

static void say(struct client *c, const char *text)
{
    size_t len = strlen(text);
    struct say *s = sim_alloc(sizeof(*s) + len);
    memcpy(s->text, text, len);
    uv_buf_t b = uv_buf_init(s->text, (unsigned)len);
    if (uv_is_closing((uv_handle_t *)&c->tcp) ||
        uv_write(&s->req, (uv_stream_t *)&c->tcp, &b, 1, on_said) < 0)
        free(s);
}

static void on_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    buf_free(&c->line);
    buf_free(&c->mail);
    free(c);
}

static void client_close(struct client *c)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    struct client **at = &c->inbox->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->inbox->client_count--;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void data_line(struct client *c, const char *line)
{
    if (strcmp(line, ".") == 0) {
        keep_message(c->inbox, false, c->mail.data ? c->mail.data : "", c->mail.len);
        buf_free(&c->mail);
        c->data = false;
        say(c, "250 Kept\r\n");
    } else if (c->mail.len < MESSAGE_MAX_BYTES) {
        buf_adds(&c->mail, line[0] == '.' ? line + 1 : line);
        buf_adds(&c->mail, "\r\n");
    }
}

static void command_line(struct client *c, const char *line)
{
    if (strncasecmp(line, "EHLO", 4) == 0) {
        say(c, "250-inbox\r\n250 8BITMIME\r\n");
    } else if (strcasecmp(line, "DATA") == 0) {
        c->data = true;
        say(c, "354 Go on\r\n");
    } else if (strcasecmp(line, "QUIT") == 0) {
        say(c, "221 Bye\r\n");
    } else if (strncasecmp(line, "HELO", 4) == 0 || strncasecmp(line, "MAIL", 4) == 0 ||
               strncasecmp(line, "RCPT", 4) == 0 || strcasecmp(line, "RSET") == 0 ||
               strcasecmp(line, "NOOP") == 0) {
        say(c, "250 Ok\r\n");
    } else {
        say(c, "502 Not here\r\n");
    }
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
    (void)h;
    (void)hint;
    *out = uv_buf_init(sim_alloc(4096), 4096);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    struct client *c = stream->data;
    for (ssize_t i = 0; i < n; i++) {
        char byte = in->base[i];
        if (byte != '\n') {
            if (c->line.len < LINE_MAX_BYTES)
                buf_add(&c->line, &byte, 1);
            continue;
        }
        if (c->line.len && c->line.data[c->line.len - 1] == '\r')
            c->line.len--;
        buf_add(&c->line, "", 1);
        if (c->data)
            data_line(c, c->line.data);
        else
            command_line(c, c->line.data);
        c->line.len = 0;
    }
    free(in->base);
    if (n < 0)
        client_close(c);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct inbox *inbox = listener->data;
    if (status < 0)
        return;
    struct client *c = sim_alloc(sizeof(*c));
    c->inbox = inbox;
    c->tcp.data = c;
    c->next = inbox->clients;
    inbox->clients = c;
    inbox->client_count++;
    uv_tcp_init(listener->loop, &c->tcp);
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0 || inbox->client_count > CLIENTS_MAX) {
        client_close(c);
        return;
    }
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    say(c, "220 inbox of gnswatch-sim\r\n");
}

int inbox_listen(struct sim *sim)
{
    struct inbox *inbox = sim_alloc(sizeof(*inbox));
    struct sockaddr_in addr;
    int len = sizeof(addr);
    sim->inbox = inbox;
    inbox->listener = sim_alloc(sizeof(*inbox->listener));
    inbox->listener->data = inbox;
    uv_tcp_init(sim->loop, inbox->listener);
    int rc = uv_ip4_addr(sim->opt.control_host, 0, &addr);
    if (rc == 0)
        rc = uv_tcp_bind(inbox->listener, (struct sockaddr *)&addr, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)inbox->listener, 16, on_connection);
    if (rc == 0)
        rc = uv_tcp_getsockname(inbox->listener, (struct sockaddr *)&addr, &len);
    if (rc == 0)
        inbox->port = ntohs(addr.sin_port);
    return rc;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

void inbox_stop(struct sim *sim)
{
    struct inbox *inbox = sim->inbox;
    if (!inbox || uv_is_closing((uv_handle_t *)inbox->listener))
        return;
    while (inbox->clients)
        client_close(inbox->clients);
    uv_close((uv_handle_t *)inbox->listener, free_handle);
}

void inbox_free(struct inbox *inbox)
{
    for (size_t i = 0; inbox && i < inbox->count; i++)
        free(inbox->messages[i].text);
    free(inbox);
}

int inbox_port(const struct inbox *inbox)
{
    return inbox ? inbox->port : 0;
}

/* ---- The page ---- */

static void add_escaped(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '<')
            buf_adds(out, "&lt;");
        else if (text[i] == '&')
            buf_adds(out, "&amp;");
        else
            buf_add(out, text + i, 1);
    }
}

/* The value of a header within the mail's head, as it stands; its length in *len. */
static const char *mail_header(const struct message *m, const char *name, size_t *len)
{
    const char *end = strstr(m->text, "\r\n\r\n");
    size_t name_len = strlen(name);
    for (const char *at = m->text; at && at < (end ? end : m->text + m->len);) {
        if (strncasecmp(at, name, name_len) == 0 && at[name_len] == ':') {
            at += name_len + 1 + strspn(at + name_len + 1, " ");
            *len = strcspn(at, "\r\n");
            return at;
        }
        at = strstr(at, "\r\n");
        at = at ? at + 2 : NULL;
    }
    *len = 0;
    return "";
}

static void add_row(struct buf *out, const struct message *m, size_t number)
{
    char when[32] = "";
    struct tm tm;
    if (localtime_r(&m->time, &tm))
        strftime(when, sizeof(when), "%H:%M:%S", &tm);
    buf_addf(out, "<tr><td>%s<td>%s<td><a href=\"/inbox/%zu\">", when, m->hook ? "webhook" : "mail",
             number);
    if (m->hook) {
        json_t *doc = json_loadb(m->text, m->len, 0, NULL);
        const char *title = json_string_value(json_object_get(doc, "title"));
        add_escaped(out, title ? title : "a body", strlen(title ? title : "a body"));
        json_decref(doc);
    } else {
        size_t len;
        const char *subject = mail_header(m, "Subject", &len);
        add_escaped(out, subject, len);
    }
    buf_adds(out, "</a>\n");
}

static void page(struct conn *c)
{
    const struct inbox *inbox = c->sim->inbox;
    struct buf out = {0};
    buf_adds(&out, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                   "<meta http-equiv=\"refresh\" content=\"5\"><title>The demo's inbox</title>"
                   "<style>:root{color-scheme:light dark}body{font:16px system-ui;margin:2rem;"
                   "max-width:60rem}td{padding:.2rem 1rem .2rem 0}</style>"
                   "<h1>The demo's inbox</h1><p>Mails and webhooks that gnswatch has sent; "
                   "the newest first.</p><table>");
    for (size_t i = inbox->count; i-- > 0;)
        add_row(&out, &inbox->messages[i], i);
    buf_adds(&out, inbox->count ? "</table>" : "</table><p>Nothing yet.</p>");
    answer_raw(c, 200, "text/html; charset=utf-8", out.data, out.len);
    buf_free(&out);
}

bool inbox_dispatch(struct conn *c)
{
    struct inbox *inbox = c->sim->inbox;
    if (!inbox || strncmp(c->req.path, "/inbox", 6) != 0)
        return false;
    if (strcmp(c->req.method, "POST") == 0) {
        if (c->req.body.len <= MESSAGE_MAX_BYTES)
            keep_message(inbox, true, c->req.body.len ? c->req.body.data : "", c->req.body.len);
        answer_raw(c, 200, "application/json", "{}", 2);
        return true;
    }
    if (strcmp(c->req.path, "/inbox") == 0) {
        page(c);
        return true;
    }
    char *end = NULL;
    size_t number = strtoul(c->req.path + 7, &end, 10);
    if (c->req.path[6] != '/' || *end || number >= inbox->count)
        return false;
    const struct message *m = &inbox->messages[number];
    answer_raw(c, 200, m->hook ? "application/json" : "text/plain; charset=utf-8", m->text, m->len);
    return true;
}

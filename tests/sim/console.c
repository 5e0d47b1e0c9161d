/* console - a VPCS prompt good enough for scripts: show ip, ip, save, ping, Ctrl+C.
 * Must not know of HTTP. */
#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS_MAX = 8, LINE_MAX_LEN = 256, PING_MS = 1000 };

struct console;

struct client {
    uv_tcp_t tcp;
    uv_timer_t ping;
    struct client *next;
    struct console *console; /* borrowed; NULL: the node is gone */
    char line[LINE_MAX_LEN];
    size_t len;
    char target[64];
    unsigned seq;
    unsigned open_handles;
    unsigned telnet; /* bytes of a telnet command still to skip */
};

struct console {
    struct node *node; /* borrowed */
    uv_tcp_t *listener;
    struct client *clients; /* owned list */
    char ip[64];
};

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

static void prompt(struct client *c)
{
    char text[320];
    snprintf(text, sizeof(text), "\r\n%.250s> ",
             json_string_value(json_object_get(c->console->node->doc, "name")));
    say(c, text);
}

static void on_handle_closed(uv_handle_t *h)
{
    struct client *c = h->data;
    if (--c->open_handles == 0)
        free(c);
}

static void client_close(struct client *c)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    if (c->console) {
        struct client **at = &c->console->clients;
        while (*at && *at != c)
            at = &(*at)->next;
        if (*at)
            *at = c->next;
    }
    uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&c->ping, on_handle_closed);
}

static void on_ping(uv_timer_t *t)
{
    struct client *c = t->data;
    char text[160];
    c->seq++;
    snprintf(text, sizeof(text), "84 bytes from %s icmp_seq=%u ttl=64 time=0.%u ms\r\n", c->target,
             c->seq, 200 + c->seq % 700);
    say(c, text);
}

static void run_line(struct client *c)
{
    char text[320];
    c->line[c->len] = '\0';
    c->len = 0;
    say(c, "\r\n");
    if (strncmp(c->line, "show ip", 7) == 0) {
        snprintf(text, sizeof(text), "NAME        : %.200s[1]\r\nIP/MASK     : %s\r\n",
                 json_string_value(json_object_get(c->console->node->doc, "name")), c->console->ip);
        say(c, text);
    } else if (strncmp(c->line, "ip ", 3) == 0) {
        sim_copy(c->console->ip, sizeof(c->console->ip), c->line + 3);
        snprintf(text, sizeof(text), "Checking for duplicate address...\r\nPC : %s\r\n",
                 c->console->ip);
        say(c, text);
    } else if (strncmp(c->line, "save", 4) == 0) {
        say(c, "Saving startup configuration to startup.vpc\r\n.  done\r\n");
    } else if (strncmp(c->line, "ping ", 5) == 0) {
        size_t len = strcspn(c->line + 5, " ");
        char target[64];
        c->line[5 + len] = '\0';
        sim_copy(target, sizeof(target), c->line + 5);
        sim_copy(c->target, sizeof(c->target), target);
        c->seq = 0;
        uv_timer_start(&c->ping, on_ping, 5, PING_MS);
        return;
    } else if (c->line[0]) {
        say(c, "Bad command\r\n");
    }
    prompt(c);
}

static void on_byte(struct client *c, unsigned char byte)
{
    if (c->telnet) {
        c->telnet--;
    } else if (byte == 255) { /* IAC, verb, option */
        c->telnet = 2;
    } else if (byte == 3) {
        c->len = 0;
        if (uv_is_active((uv_handle_t *)&c->ping)) {
            uv_timer_stop(&c->ping);
            say(c, "^C");
            prompt(c);
        }
    } else if (byte == '\r') {
        run_line(c);
    } else if (byte != '\n' && c->len + 1 < sizeof(c->line)) {
        c->line[c->len++] = (char)byte;
    }
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
    (void)h;
    (void)hint;
    *out = uv_buf_init(sim_alloc(1024), 1024);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    struct client *c = stream->data;
    for (ssize_t i = 0; i < n && c->console; i++)
        on_byte(c, (unsigned char)in->base[i]);
    free(in->base);
    if (n < 0)
        client_close(c);
}

static unsigned count_clients(const struct console *k)
{
    unsigned n = 0;
    for (const struct client *c = k->clients; c; c = c->next)
        n++;
    return n;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct console *k = listener->data;
    if (status < 0)
        return;
    struct client *c = sim_alloc(sizeof(*c));
    c->console = k;
    c->open_handles = 2;
    c->tcp.data = c->ping.data = c;
    uv_tcp_init(listener->loop, &c->tcp);
    uv_timer_init(listener->loop, &c->ping);
    c->next = k->clients;
    k->clients = c;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0 || !node_is(k->node, "started") ||
        count_clients(k) > CLIENTS_MAX) {
        client_close(c);
        return;
    }
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    prompt(c);
}

static void free_handle(uv_handle_t *h)
{
    free(h);
}

void console_attach(struct node *n)
{
    struct sim *sim = n->project->server->sim;
    struct sockaddr_in addr;
    int len = sizeof(addr);
    if (!sim->opt.console)
        return;
    struct console *k = sim_alloc(sizeof(*k));
    k->node = n;
    n->console = k;
    sim_copy(k->ip, sizeof(k->ip), "0.0.0.0/0");
    k->listener = sim_alloc(sizeof(*k->listener));
    k->listener->data = k;
    uv_tcp_init(sim->loop, k->listener);
    uv_ip4_addr("127.0.0.1", 0, &addr);
    if (uv_tcp_bind(k->listener, (struct sockaddr *)&addr, 0) < 0 ||
        uv_listen((uv_stream_t *)k->listener, 8, on_connection) < 0 ||
        uv_tcp_getsockname(k->listener, (struct sockaddr *)&addr, &len) < 0) {
        console_detach(n);
        return;
    }
    json_object_set_new(n->doc, "console", json_integer(ntohs(addr.sin_port)));
}

void console_detach(struct node *n)
{
    struct console *k = n->console;
    if (!k)
        return;
    n->console = NULL;
    while (k->clients) {
        struct client *c = k->clients;
        client_close(c);
        c->console = NULL;
    }
    uv_close((uv_handle_t *)k->listener, free_handle);
    free(k);
}

/* hypervisor - see hypervisor.h. Only what changes nothing is answered: bridge list, bridge
 * get_stats NAME, iol_bridge list. Anything else is refused and counted, so that a test can say
 * that nobody asked for it. */
#include "hypervisor.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512, BACKLOG = 16 };

struct hypervisor {
    struct server *server; /* borrowed; NULL: it is gone, and this is being closed */
    uv_tcp_t listener;
    uv_process_t process;
    bool running; /* the process */
    int port;
    struct asker *askers; /* owned list */
    int handles;          /* open ones, the askers' not counted */
};

struct asker {
    uv_tcp_t tcp;
    struct asker *next;
    struct hypervisor *hypervisor; /* borrowed */
    char line[LINE_MAX_BYTES];
    size_t bytes;
};

/* ---- The process that is looked at ---- */

bool hypervisor_is_asked(const char *argv0)
{
    return strcmp(argv0, "ubridge") == 0;
}

_Noreturn void hypervisor_be_seen(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "ubridge");
    if (getppid() == 1)
        _exit(0); /* it died before we could ask to be told */
    for (;;)
        pause();
}

/* ---- Answers ---- */

static void reply(struct buf *out, int code, bool last, const char *text)
{
    buf_addf(out, "%d%s%s\r\n", code, last ? "-" : " ", text);
}

static bool has_bridge(const struct node *n, const char *type)
{
    return n->project->opened && node_is(n, "started") &&
           strcmp(json_string_value(json_object_get(n->doc, "node_type")), type) == 0;
}

/* GNS3's name for the bridge of this end; false: it has none here. */
static bool name_of(const struct link *l, int e, char *out, size_t size)
{
    const struct node *n = l->end[e];
    if (has_bridge(n, "vpcs"))
        snprintf(out, size, "VPCS-%s", n->id);
    else if (has_bridge(n, "qemu"))
        snprintf(out, size, "QEMU-%s-%d", n->id, l->adapter[e]);
    else if (has_bridge(n, "nat") || has_bridge(n, "cloud"))
        snprintf(out, size, "%s-%d", n->id, l->port[e]);
    else
        return false;
    return true;
}

static void list(const struct server *s, struct buf *out)
{
    char name[80], text[128];
    for (size_t i = 0; i < s->n_projects; i++)
        for (size_t k = 0; k < s->projects[i]->n_links; k++)
            for (int e = 0; e < 2; e++)
                if (name_of(s->projects[i]->links[k], e, name, sizeof(name))) {
                    snprintf(text, sizeof(text), "%s (NIOs = 2)", name);
                    reply(out, 101, false, text);
                }
    reply(out, 100, true, "OK");
}

static struct tally since(const struct tally *now, const struct tally *zero)
{
    return (struct tally){now->packets - zero->packets, now->bytes - zero->bytes};
}

static void side(struct buf *out, const char *label, const struct tally *in,
                 const struct tally *given)
{
    char text[256];
    snprintf(text, sizeof(text), "%s IN: %llu packets (%llu bytes) OUT: %llu packets (%llu bytes)",
             label, (unsigned long long)in->packets, (unsigned long long)in->bytes,
             (unsigned long long)given->packets, (unsigned long long)given->bytes);
    reply(out, 101, false, text);
}

/* A cloud's first interface faces the link, the others' faces the node. */
static void tell(const struct link *l, int e, struct buf *out)
{
    struct tally sent = since(&l->sent[e], &l->zero_sent[e]);
    struct tally got = since(&l->got[e], &l->zero_got[e]);
    bool cloud = has_bridge(l->end[e], "nat") || has_bridge(l->end[e], "cloud");
    side(out, "Source NIO:     ", cloud ? &got : &sent, cloud ? &sent : &got);
    side(out, "Destination NIO:", cloud ? &sent : &got, cloud ? &got : &sent);
    reply(out, 100, true, "OK");
}

static void stats(const struct server *s, const char *asked, struct buf *out)
{
    char name[80], text[LINE_MAX_BYTES];
    for (size_t i = 0; i < s->n_projects; i++)
        for (size_t k = 0; k < s->projects[i]->n_links; k++)
            for (int e = 0; e < 2; e++)
                if (name_of(s->projects[i]->links[k], e, name, sizeof(name)) &&
                    strcmp(name, asked) == 0) {
                    tell(s->projects[i]->links[k], e, out);
                    return;
                }
    snprintf(text, sizeof(text), "bridge '%.400s' doesn't exist", asked);
    reply(out, 214, true, text);
}

static void answer(struct server *s, const char *line, struct buf *out)
{
    if (strcmp(line, "bridge list") == 0) {
        list(s, out);
    } else if (strncmp(line, "bridge get_stats ", 17) == 0) {
        stats(s, line + 17, out);
    } else if (strcmp(line, "iol_bridge list") == 0) {
        reply(out, 100, true, "OK");
    } else {
        s->stats.hypervisor_others++;
        reply(out, 202, true, "Unknown command");
    }
    s->stats.hypervisor_asks++;
}

/* ---- Connections ---- */

static void on_asker_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void asker_close(struct asker *a)
{
    for (struct asker **at = &a->hypervisor->askers; *at; at = &(*at)->next)
        if (*at == a) {
            *at = a->next;
            break;
        }
    uv_close((uv_handle_t *)&a->tcp, on_asker_closed);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
    free(write);
}

static void send_all(struct asker *a, struct buf *out)
{
    uv_write_t *write = sim_alloc(sizeof(*write));
    uv_buf_t piece = uv_buf_init(out->data, (unsigned)out->len);
    write->data = out->data; /* the write owns it now */
    if (uv_write(write, (uv_stream_t *)&a->tcp, &piece, 1, on_written) < 0) {
        free(write->data);
        free(write);
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *piece)
{
    struct asker *a = stream->data;
    struct buf out = {0};
    for (ssize_t i = 0; i < count; i++) {
        if (piece->base[i] == '\n') {
            a->line[a->bytes] = '\0';
            a->bytes = 0;
            answer(a->hypervisor->server, a->line, &out);
        } else if (piece->base[i] != '\r' && a->bytes < sizeof(a->line) - 1) {
            a->line[a->bytes++] = piece->base[i];
        }
    }
    free(piece->base);
    if (out.len)
        send_all(a, &out);
    if (count < 0)
        asker_close(a);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *piece)
{
    (void)handle;
    *piece = uv_buf_init(sim_alloc(wanted), (unsigned)wanted);
}

static void on_connect(uv_stream_t *listener, int status)
{
    struct hypervisor *h = listener->data;
    if (status < 0)
        return;
    struct asker *a = sim_alloc(sizeof(*a));
    a->hypervisor = h;
    a->next = h->askers;
    h->askers = a;
    uv_tcp_init(listener->loop, &a->tcp);
    a->tcp.data = a;
    if (uv_accept(listener, (uv_stream_t *)&a->tcp) < 0 ||
        uv_read_start((uv_stream_t *)&a->tcp, on_alloc, on_read) < 0)
        asker_close(a);
}

/* ---- Life ---- */

static void on_closed(uv_handle_t *handle)
{
    struct hypervisor *h = handle->data;
    if (--h->handles == 0)
        free(h);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
    struct hypervisor *h = process->data;
    (void)status;
    (void)signal;
    h->running = false;
}

static int spawn(struct hypervisor *h, const char *host)
{
    char address[96], path[4096];
    size_t size = sizeof(path);
    int rc = uv_exepath(path, &size);
    if (rc < 0)
        return rc;
    snprintf(address, sizeof(address), "%s:%d", host, h->port);
    char name[] = "ubridge", flag[] = "-H", *args[] = {name, flag, address, NULL};
    uv_process_options_t options = {.file = path, .args = args, .exit_cb = on_exit_of};
    h->process.data = h;
    rc = uv_spawn(h->listener.loop, &h->process, &options);
    h->handles++; /* also one that failed is to be closed */
    h->running = rc == 0;
    return rc;
}

int hypervisor_start(struct server *s, const char *host)
{
    struct hypervisor *h = sim_alloc(sizeof(*h));
    struct sockaddr_in address;
    struct sockaddr_storage own;
    int length = sizeof(own);
    h->server = s;
    h->listener.data = h;
    s->hypervisor = h;
    uv_tcp_init(s->sim->loop, &h->listener);
    h->handles = 1;
    int rc = uv_ip4_addr(host, 0, &address);
    if (rc == 0)
        rc = uv_tcp_bind(&h->listener, (const struct sockaddr *)&address, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&h->listener, BACKLOG, on_connect);
    if (rc == 0)
        rc = uv_tcp_getsockname(&h->listener, (struct sockaddr *)&own, &length);
    if (rc < 0)
        return rc;
    h->port = ntohs(((const struct sockaddr_in *)&own)->sin_port);
    return spawn(h, host);
}

void hypervisor_stop(struct server *s)
{
    struct hypervisor *h = s->hypervisor;
    if (!h)
        return;
    s->hypervisor = NULL;
    while (h->askers)
        asker_close(h->askers);
    if (h->running)
        uv_process_kill(&h->process, SIGKILL);
    if (h->handles > 1)
        uv_close((uv_handle_t *)&h->process, on_closed);
    uv_close((uv_handle_t *)&h->listener, on_closed);
}

void hypervisor_node_started(struct node *n)
{
    for (size_t i = 0; i < n->project->n_links; i++)
        for (int e = 0; e < 2; e++) {
            struct link *l = n->project->links[i];
            if (l->end[e] != n)
                continue;
            l->zero_sent[e] = l->sent[e];
            l->zero_got[e] = l->got[e];
        }
}

/* console.c - see console.h. Connects as a terminal would and reads one byte; writes nothing, and
 * leaves at once: a slow reader delays everybody else on the same console. */
#include "console.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 1500, BYTE_MS = 1500, AGAIN_MS = 1000, CONSOLES_MAX = 64 };

struct console {
    size_t node;
    char host[256], port[24];
    bool answers;
};

struct probe {
    struct run *run;
    size_t count;
    struct console consoles[CONSOLES_MAX];
};

/* ---- In the thread --------------------------------------------------------------------------- */

static bool ready_within(int fd, short what, int ms)
{
    struct pollfd about = {.fd = fd, .events = what};
    return poll(&about, 1, ms) == 1 && (about.revents & what);
}

static bool answers_at(const struct addrinfo *place)
{
    char byte;
    int error = 0;
    socklen_t size = sizeof error;
    int fd = socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool connected = connect(fd, place->ai_addr, place->ai_addrlen) == 0 ||
                     (errno == EINPROGRESS && ready_within(fd, POLLOUT, CONNECT_MS) &&
                      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0);
    bool answered = connected && ready_within(fd, POLLIN, BYTE_MS) && read(fd, &byte, 1) == 1;
    close(fd);
    return answered;
}

static void probe_run(void *data, const atomic_bool *cancel)
{
    struct probe *probe = data;
    for (size_t i = 0; i < probe->count && !atomic_load(cancel); i++) {
        struct console *console = &probe->consoles[i];
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *places = NULL;
        if (getaddrinfo(console->host, console->port, &hints, &places) != 0)
            continue;
        for (const struct addrinfo *at = places; at && !console->answers; at = at->ai_next)
            console->answers = answers_at(at);
        freeaddrinfo(places);
    }
}

/* ---- On the instance's thread ---------------------------------------------------------------- */

static void look(struct run *run);

static void finish(struct run *run)
{
    size_t ready = 0;
    char late[200] = "";
    for (size_t i = 0; i < run->node_count; i++) {
        ready += run->nodes[i].ready;
        if (!run->nodes[i].ready && !late[0])
            snprintf(late, sizeof late, "%s %s", run->nodes[i].name, run->nodes[i].text);
    }
    if (ready == run->node_count)
        run_note(run, true, "all %zu nodes are ready", ready);
    else
        run_note(run, false, "%zu of %zu nodes are ready in time; %s", ready, run->node_count,
                 late);
    run->then(run);
}

static void go_on(struct run *run)
{
    bool all = true;
    for (size_t i = 0; i < run->node_count; i++)
        all = all && run->nodes[i].ready;
    run_put(run);
    if (all || gw_monotonic_ms(run->snap->self) >= run->deadline_ms)
        finish(run);
    else
        run_wait(run, AGAIN_MS, look);
}

static void probe_done(struct gw_plugin *self, void *data)
{
    (void)self;
    struct probe *probe = data;
    struct run *run = probe->run;
    if (!run_arrived(run))
        return;
    for (size_t i = 0; i < probe->count; i++) {
        struct run_node *node = &run->nodes[probe->consoles[i].node];
        node->ready = probe->consoles[i].answers;
        if (!node->ready)
            snprintf(node->text, sizeof node->text, "does not answer on its console");
    }
    go_on(run);
}

static struct run_node *node_of(struct run *run, const char *id, size_t *place)
{
    for (size_t i = 0; i < run->node_count; i++)
        if (strcmp(run->nodes[i].id, id) == 0) {
            *place = i;
            return &run->nodes[i];
        }
    return NULL;
}

/* A console that listens everywhere is reached at the server's own address. */
static void console_host(struct run *run, const char *said, char *out, size_t size)
{
    bool anywhere = !*said || strcmp(said, "0.0.0.0") == 0 || strcmp(said, "::") == 0;
    json_t *server = anywhere ? object_of(run->snap, "gns3.server", run->server) : NULL;
    const char *url = server ? strstr(member_text(server, "url"), "://") : NULL;
    if (url) {
        const char *host = url + 3;
        bool brackets = *host == '[';
        host += brackets;
        snprintf(out, size, "%.*s", (int)strcspn(host, brackets ? "]" : ":/"), host);
    } else {
        snprintf(out, size, "%s", anywhere ? "127.0.0.1" : said);
    }
    json_decref(server);
}

static void take_node(struct run *run, struct probe *probe, const json_t *json)
{
    size_t place = 0;
    struct run_node *node = node_of(run, member_text(json, "id"), &place);
    int64_t port = member_whole(json, "console");
    if (!node || node->ready)
        return;
    if (strcmp(member_text(json, "status"), "started") != 0) {
        snprintf(node->text, sizeof node->text, "is %.60s", member_text(json, "status"));
        return;
    }
    bool telnet = strcmp(member_text(json, "console_type"), "telnet") == 0 && port > 0;
    if (!telnet || probe->count >= CONSOLES_MAX) {
        node->ready = true;
        return;
    }
    struct console *console = &probe->consoles[probe->count++];
    console->node = place;
    snprintf(console->port, sizeof console->port, "%lld", (long long)port);
    console_host(run, member_text(json, "console_host"), console->host, sizeof console->host);
}

static void looked(struct run *run, int error, const json_t *answer)
{
    struct probe *probe = error < 0 ? NULL : calloc(1, sizeof *probe);
    size_t i;
    const json_t *node;
    if (!probe) {
        go_on(run);
        return;
    }
    probe->run = run;
    json_array_foreach(json_object_get(answer, "nodes"), i, node)
    {
        take_node(run, probe, node);
    }
    if (probe->count == 0) {
        free(probe);
        go_on(run);
        return;
    }
    run_work(run, run->snap->consoles, &(struct work_job){probe_run, probe_done, free, probe});
}

static void look(struct run *run)
{
    run_request(run, "gns3.project.sync", json_pack("{s:s}", "id", run->project), looked);
}

void console_wait(struct run *run)
{
    look(run);
}

/* The server of gns3_client_server.h. Knows nothing of GNS3. */
#include "gns3_client_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEERS_MAX = 32, REQUEST_MAX = 65536, PATHS_MAX = 4096 };

struct peer {
    struct server *server;
    int fd, requests;
    struct gw_watch *watch;
    char bytes[REQUEST_MAX];
    size_t count;
};

struct server {
    struct gw_plugin *host;
    int fd, port, connections, requests;
    char url[64];
    struct gw_watch *watch;
    struct peer *peers[PEERS_MAX];
    char *paths[PATHS_MAX];
    server_fn *on_request;
    void *data;
};

void server_close(struct peer *peer)
{
    for (int i = 0; i < PEERS_MAX; i++)
        if (peer->server->peers[i] == peer)
            peer->server->peers[i] = NULL;
    gw_watch_stop(peer->watch);
    close(peer->fd);
    free(peer);
}

static size_t body_length(const char *head)
{
    const char *found = strcasestr(head, "\r\ncontent-length:");
    return found ? strtoul(found + 17, NULL, 10) : 0;
}

/* true: a whole request was there and was handled; the peer may be gone after. */
static bool handle(struct peer *peer)
{
    peer->bytes[peer->count] = '\0';
    char *end = strstr(peer->bytes, "\r\n\r\n");
    if (!end)
        return false;
    size_t head_bytes = (size_t)(end - peer->bytes) + 4, body_bytes = body_length(peer->bytes);
    if (peer->count < head_bytes + body_bytes)
        return false;
    char *copy = strndup(peer->bytes, head_bytes + body_bytes);
    char *body = strdup(copy + head_bytes);
    copy[head_bytes] = '\0';
    memmove(peer->bytes, peer->bytes + head_bytes + body_bytes,
            peer->count - head_bytes - body_bytes);
    peer->count -= head_bytes + body_bytes;
    struct request request = {.head = copy, .body = body, .on_connection = ++peer->requests};
    sscanf(copy, "%15s %255s", request.method, request.path);
    struct server *server = peer->server;
    if (server->requests < PATHS_MAX)
        server->paths[server->requests++] = strdup(request.path);
    server->on_request(server, peer, &request, server->data);
    free(copy);
    free(body);
    return true;
}

static void on_bytes(struct gw_plugin *host, int fd, unsigned flags, void *data)
{
    (void)host;
    (void)flags;
    struct peer *peer = data;
    struct server *server = peer->server;
    ssize_t got = recv(fd, peer->bytes + peer->count, REQUEST_MAX - 1 - peer->count, 0);
    if (got <= 0) {
        server_close(peer);
        return;
    }
    peer->count += (size_t)got;
    for (bool again = true; again;) {
        again = handle(peer);
        bool alive = false;
        for (int i = 0; i < PEERS_MAX; i++)
            alive = alive || server->peers[i] == peer;
        again = again && alive;
    }
}

static void on_connection(struct gw_plugin *host, int fd, unsigned flags, void *data)
{
    (void)flags;
    struct server *server = data;
    int accepted = accept(fd, NULL, NULL);
    assert(accepted >= 0);
    for (int i = 0; i < PEERS_MAX; i++) {
        if (server->peers[i])
            continue;
        struct peer *peer = calloc(1, sizeof(*peer));
        assert(peer);
        peer->server = server;
        peer->fd = accepted;
        peer->watch = gw_watch_start(host, accepted, GW_READ, on_bytes, peer);
        server->peers[i] = peer;
        server->connections++;
        return;
    }
    close(accepted);
}

struct server *server_new(struct gw_plugin *host, int port, server_fn *on_request, void *data)
{
    struct server *server = calloc(1, sizeof(*server));
    assert(server);
    server->host = host;
    server->on_request = on_request;
    server->data = data;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof(address);
    int failed = bind(server->fd, (struct sockaddr *)&address, size) || listen(server->fd, 64) ||
                 getsockname(server->fd, (struct sockaddr *)&address, &size);
    assert(!failed);
    (void)failed;
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", server->port);
    server->watch = gw_watch_start(host, server->fd, GW_READ, on_connection, server);
    return server;
}

void server_free(struct server *server)
{
    for (int i = 0; i < PEERS_MAX; i++)
        if (server->peers[i])
            server_close(server->peers[i]);
    for (int i = 0; i < server->requests; i++)
        free(server->paths[i]);
    gw_watch_stop(server->watch);
    close(server->fd);
    free(server);
}

int server_port(const struct server *server)
{
    return server->port;
}

const char *server_url(const struct server *server)
{
    return server->url;
}

void server_send(struct peer *peer, const char *bytes)
{
    size_t count = strlen(bytes);
    while (count > 0) {
        ssize_t sent = send(peer->fd, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        count -= (size_t)sent;
    }
}

void server_answer(struct peer *peer, int status, const char *headers, const char *body)
{
    char head[512];
    snprintf(head, sizeof(head),
             "HTTP/1.1 %d Some\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
             status, strlen(body), headers);
    server_send(peer, head);
    server_send(peer, body);
}

int server_connections(const struct server *server)
{
    return server->connections;
}

int server_requests(const struct server *server, const char *path)
{
    int count = 0;
    for (int i = 0; i < server->requests; i++)
        count += !path || strcmp(server->paths[i], path) == 0;
    return count;
}

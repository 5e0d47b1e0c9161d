/* client_tap.c - a link's live capture into a pipe: the bytes GNS3 streams go out as they come, and
 * who reads the pipe needs no credentials of the server.
 *
 * GNS3 sends nothing until the first packet, then history first. The pipe is closed when the stream
 * ends, for whatever reason, and the stream ends when nobody reads the pipe, or too slowly. */
#include "client_internal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_BYTE_MS = 7 * 86400 * 1000, /* a silent link sends no byte for as long as it is silent */
    PENDING_MAX = 4 * 1024 * 1024,
};

struct tap {
    TAILQ_ENTRY(tap) entry;
    struct client *client;
    char *path;
    int fd; /* owned */
    struct gw_http_request *http;
    struct gw_watch *watch; /* while something waits for room in the pipe */
    char *pending;          /* owned */
    size_t count, room;
    bool closing; /* the stream has ended: the pipe is closed when all is out */
};

static void tap_free(struct tap *tap)
{
    TAILQ_REMOVE(&tap->client->taps, tap, entry);
    tap->client->tap_count--;
    gw_watch_stop(tap->watch);
    close(tap->fd);
    free(tap->pending);
    free(tap->path);
    free(tap);
}

/* Without SIGPIPE: a pipe that nobody reads any more is no reason to end the process. */
static ssize_t write_quietly(int fd, const char *bytes, size_t count)
{
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    ssize_t written = write(fd, bytes, count);
    int error = written < 0 ? errno : 0;
    if (error == EPIPE)
        sigtimedwait(&pipe, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? -error : written;
}

/* What fits goes out. A negative errno: nobody reads it. */
static int tap_write(struct tap *tap, const char *bytes, size_t *count)
{
    size_t out = 0;
    while (out < *count) {
        ssize_t written = write_quietly(tap->fd, bytes + out, *count - out);
        if (written == -EINTR)
            continue;
        if (written == -EAGAIN)
            break;
        if (written < 0)
            return (int)written;
        out += (size_t)written;
    }
    *count = out;
    return 0;
}

static int tap_flush(struct tap *tap)
{
    size_t out = tap->count;
    int error = tap_write(tap, tap->pending, &out);
    if (error == 0 && out > 0) {
        memmove(tap->pending, tap->pending + out, tap->count - out);
        tap->count -= out;
    }
    return error;
}

static void on_room(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    (void)fd;
    (void)flags;
    struct tap *tap = data;
    int error = tap_flush(tap);
    if (tap->count > 0 && error == 0)
        return;
    gw_watch_stop(tap->watch);
    tap->watch = NULL;
    if (tap->closing)
        tap_free(tap);
    else if (error < 0)
        gw_http_cancel(tap->http);
}

static int keep_pending(struct tap *tap, const char *bytes, size_t count)
{
    if (tap->count + count > PENDING_MAX)
        return -ENOBUFS;
    if (tap->count + count > tap->room) {
        size_t room = tap->room ? tap->room * 2 : 65536;
        while (room < tap->count + count)
            room *= 2;
        char *larger = realloc(tap->pending, room);
        if (!larger)
            return -ENOMEM;
        tap->pending = larger;
        tap->room = room;
    }
    memcpy(tap->pending + tap->count, bytes, count);
    tap->count += count;
    if (!tap->watch)
        tap->watch = gw_watch_start(tap->client->self, tap->fd, GW_WRITE, on_room, tap);
    return tap->watch ? 0 : -ENOMEM;
}

static bool on_piece(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self;
    struct tap *tap = data;
    stats_count_stream(tap->client, bytes);
    size_t out = tap->count > 0 ? 0 : bytes;
    if (tap_write(tap, piece, &out) < 0)
        return false;
    return out == bytes || keep_pending(tap, piece + out, bytes - out) == 0;
}

static void on_end(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    struct tap *tap = data;
    tap->http = NULL;
    gw_log(self, GW_DEBUG, "%s: a capture's stream ended: %s", tap->client->name,
           answer->text            ? answer->text
           : answer->status >= 400 ? "refused"
                                   : "by GNS3");
    tap->closing = true;
    if (!tap->watch || tap->client->freed)
        tap_free(tap);
}

static struct tap *tap_of(const struct client *client, const char *path)
{
    struct tap *tap;
    TAILQ_FOREACH(tap, &client->taps, entry)
    if (tap->http && strcmp(tap->path, path) == 0)
        return tap;
    return NULL;
}

int client_tap(struct client *client, const char *path, int fd)
{
    if (client->freed || client->state != CLIENT_UP || client->tap_count >= CLIENT_TAPS_MAX) {
        close(fd);
        return client->tap_count >= CLIENT_TAPS_MAX ? -EAGAIN : -EHOSTDOWN;
    }
    struct tap *old = tap_of(client, path), *tap = calloc(1, sizeof *tap);
    if (tap)
        tap->path = strdup(path);
    if (!tap || !tap->path) {
        close(fd);
        free(tap);
        return -ENOMEM;
    }
    if (old) /* its reader has come back without it */
        gw_http_cancel(old->http);
    tap->client = client;
    tap->fd = fd;
    TAILQ_INSERT_TAIL(&client->taps, tap, entry);
    client->tap_count++;
    char whole[600];
    snprintf(whole, sizeof whole, "/v%d%s", client->api, path);
    const char *header = auth_header(&client->auth, client->api);
    const char *headers[] = {header, NULL};
    struct gw_http_ask ask = {
        .path = whole,
        .headers = header ? headers : NULL,
        .timeout_ms = FIRST_BYTE_MS,
        .on_piece = on_piece,
        .on_done = on_end,
        .data = tap,
    };
    tap->http = gw_http_send(client->http, &ask);
    if (!tap->http) {
        tap_free(tap);
        return -EAGAIN;
    }
    return 0;
}

void taps_fini(struct client *client)
{
    struct tap *tap;
    while ((tap = TAILQ_FIRST(&client->taps)))
        tap_free(tap); // NOLINT(clang-analyzer-unix.Malloc): it leaves the list before it is freed
}

/* hyper.c - see hyper.h. */
#include "hyper.h"

#include "answers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_MAX = 256 * 1024 };

struct bytes {
    char *data; /* owned */
    size_t count, room;
};

struct hyper {
    struct gw_plugin *self;
    int fd;
    struct gw_watch *watch;
    bool connected;
    char why[160]; /* "" while it works */
    struct bytes in, out, lines;
    uint64_t *tags; /* of what waits, a ring; owned */
    size_t first, waiting;
    hyper_answer_fn *on_answer;
    void *data;
};

static int bytes_add(struct bytes *bytes, const char *data, size_t count)
{
    if (bytes->count + count > BUFFER_MAX)
        return -ENOBUFS;
    if (bytes->count + count > bytes->room) {
        size_t room = bytes->room ? bytes->room * 2 : 1024;
        while (room < bytes->count + count)
            room *= 2;
        char *larger = realloc(bytes->data, room);
        if (!larger)
            return -ENOMEM;
        bytes->data = larger;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->count, data, count);
    bytes->count += count;
    return 0;
}

static void bytes_drop(struct bytes *bytes, size_t count)
{
    bytes->count -= count;
    memmove(bytes->data, bytes->data + count, bytes->count);
}

static void answer(struct hyper *hyper, int code, const char *text)
{
    uint64_t tag = hyper->tags[hyper->first];
    hyper->first = (hyper->first + 1) % HYPER_ASKS_MAX;
    hyper->waiting--;
    bool whole = bytes_add(&hyper->lines, "", 1) == 0;
    struct hyper_answer told = {
        .code = whole ? code : -ENOMEM, .lines = whole ? hyper->lines.data : "", .text = text};
    hyper->on_answer(&told, hyper->data, tag);
    hyper->lines.count = 0;
}

static void break_off(struct hyper *hyper, const char *why, int error)
{
    gw_watch_stop(hyper->watch);
    hyper->watch = NULL;
    if (hyper->fd >= 0)
        close(hyper->fd);
    hyper->fd = -1;
    snprintf(hyper->why, sizeof hyper->why, "%s%s%s", why, error ? ": " : "",
             error ? strerror(error) : "");
    while (hyper->waiting > 0) {
        hyper->lines.count = 0;
        answer(hyper, -EPIPE, hyper->why);
    }
}

/* false: it has been broken off. */
static bool take_line(struct hyper *hyper, const char *text)
{
    struct answer_line line;
    if (answer_line(text, &line) < 0 || hyper->waiting == 0) {
        break_off(hyper, "it does not speak the protocol", 0);
        return false;
    }
    if (line.last)
        answer(hyper, line.code, line.text);
    else if (bytes_add(&hyper->lines, line.text, strlen(line.text)) < 0 ||
             bytes_add(&hyper->lines, "\n", 1) < 0) {
        break_off(hyper, "its answer is too long", 0);
        return false;
    }
    return true;
}

static void take_lines(struct hyper *hyper)
{
    size_t at = 0;
    char *end;
    while ((end = memchr(hyper->in.data + at, '\n', hyper->in.count - at))) {
        char *line = hyper->in.data + at;
        *end = '\0';
        if (end > line && end[-1] == '\r')
            end[-1] = '\0';
        if (!take_line(hyper, line))
            return;
        at = (size_t)(end - hyper->in.data) + 1;
    }
    bytes_drop(&hyper->in, at);
}

static void receive(struct hyper *hyper)
{
    char piece[16384];
    ssize_t count = recv(hyper->fd, piece, sizeof piece, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0)
        break_off(hyper, "it has hung up", count < 0 ? errno : 0);
    else if (bytes_add(&hyper->in, piece, (size_t)count) < 0)
        break_off(hyper, "its answer is too long", 0);
    else
        take_lines(hyper);
}

static void transmit(struct hyper *hyper)
{
    while (hyper->out.count > 0) {
        ssize_t count = send(hyper->fd, hyper->out.data, hyper->out.count, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (count < 0) {
            break_off(hyper, "it cannot be asked", errno);
            return;
        }
        bytes_drop(&hyper->out, (size_t)count);
    }
    gw_watch_change(hyper->watch, GW_READ | (hyper->out.count > 0 ? GW_WRITE : 0u));
}

static void on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self;
    struct hyper *hyper = data;
    if (!hyper->connected) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            break_off(hyper, "it cannot be reached", error);
            return;
        }
        hyper->connected = true;
    }
    if (flags & (GW_READ | GW_HANGUP))
        receive(hyper);
    if (hyper->fd >= 0 && (flags & GW_WRITE))
        transmit(hyper);
}

static int reach(struct hyper *hyper, const char *host, int port)
{
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, service, &hints, &found) != 0 || !found)
        return -EINVAL;
    hyper->fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = 0;
    if (hyper->fd < 0 ||
        (connect(hyper->fd, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS))
        error = -errno;
    freeaddrinfo(found);
    return error;
}

struct hyper *hyper_new(struct gw_plugin *self, const char *host, int port,
                        hyper_answer_fn *on_answer, void *data)
{
    struct hyper *hyper = calloc(1, sizeof *hyper);
    if (!hyper)
        return NULL;
    *hyper = (struct hyper){.self = self, .fd = -1, .on_answer = on_answer, .data = data};
    hyper->tags = calloc(HYPER_ASKS_MAX, sizeof *hyper->tags);
    if (!hyper->tags) {
        hyper_free(hyper);
        return NULL;
    }
    int error = reach(hyper, host, port);
    if (error == 0) {
        hyper->watch = gw_watch_start(self, hyper->fd, GW_READ | GW_WRITE, on_ready, hyper);
        if (!hyper->watch)
            error = -ENOMEM;
    }
    if (error < 0)
        break_off(hyper, "it cannot be reached", -error);
    return hyper;
}

void hyper_free(struct hyper *hyper)
{
    if (!hyper)
        return;
    gw_watch_stop(hyper->watch);
    if (hyper->fd >= 0)
        close(hyper->fd);
    free(hyper->in.data);
    free(hyper->out.data);
    free(hyper->lines.data);
    free(hyper->tags);
    free(hyper);
}

int hyper_ask(struct hyper *hyper, const char *command, uint64_t tag)
{
    if (hyper->fd < 0)
        return -ENOTCONN;
    if (hyper->waiting >= HYPER_ASKS_MAX)
        return -EAGAIN;
    size_t before = hyper->out.count;
    if (bytes_add(&hyper->out, command, strlen(command)) < 0 ||
        bytes_add(&hyper->out, "\n", 1) < 0) {
        hyper->out.count = before;
        return -EAGAIN;
    }
    hyper->tags[(hyper->first + hyper->waiting) % HYPER_ASKS_MAX] = tag;
    hyper->waiting++;
    if (hyper->connected)
        gw_watch_change(hyper->watch, GW_READ | GW_WRITE);
    return 0;
}

bool hyper_broken(const struct hyper *hyper)
{
    return hyper->fd < 0;
}

size_t hyper_waiting(const struct hyper *hyper)
{
    return hyper->waiting;
}

const char *hyper_why(const struct hyper *hyper)
{
    return hyper->why;
}

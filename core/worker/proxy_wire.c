/* The daemon's end of the socket: never blocks, reads a share at a time, and kills a child that
 * breaks the rules. */
#include "worker/proxy.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
    READS = 4,
    KEEP_BYTES = 1 << 20,
    MOST_TURNS =
        ROWS_WORDS / 2 / PROXY_HANDFUL + 1, /* a full ring: who writes on meanwhile waits */
};

static proxy_frame_fn *const handlers[WIRE_FROM_CHILD_END] = {
    [WIRE_WAKE] = proxy_wake,         [WIRE_LOG] = proxy_log,
    [WIRE_FAIL] = proxy_fail,         [WIRE_PUT] = proxy_put,
    [WIRE_EMIT] = proxy_emit,         [WIRE_ASK] = proxy_ask,
    [WIRE_QUERY] = proxy_query,       [WIRE_REPLY] = proxy_reply,
    [WIRE_REFUSE] = proxy_refuse,     [WIRE_PAGE] = proxy_page,
    [WIRE_PROGRESS] = proxy_progress, [WIRE_TAKEN] = proxy_taken,
    [WIRE_UNFOLLOW] = proxy_unfollow, [WIRE_END] = proxy_end_series,
    [WIRE_SERIES] = proxy_series,     [WIRE_RELABEL] = proxy_relabel,
    [WIRE_DELETE] = proxy_delete,     [WIRE_GET] = proxy_get,
    [WIRE_LIST] = proxy_list,         [WIRE_SUBSCRIBE] = proxy_subscribe,
    [WIRE_ROLE] = proxy_role,         [WIRE_EACH] = proxy_each,
    [WIRE_LAST] = proxy_last,         [WIRE_FOLLOW] = proxy_follow,
    [WIRE_TURN] = proxy_turn,
};

/* ---- Out ------------------------------------------------------------------------------------- */

static size_t unsent(const struct proxy *proxy)
{
    return proxy->out.len - proxy->sent;
}

unsigned proxy_wants(const struct proxy *proxy)
{
    if (proxy->closed_ns)
        return 0;
    return (unsent(proxy) < PROXY_OUT_PAUSE ? GW_READ : 0u) | (unsent(proxy) ? GW_WRITE : 0u);
}

static void sent_all(struct proxy *proxy)
{
    proxy->sent = 0;
    if (proxy->out.cap > KEEP_BYTES)
        buf_fini(&proxy->out);
    else
        buf_clear(&proxy->out);
}

/* What is sent makes room, but not each time. */
static void compact(struct proxy *proxy)
{
    if (proxy->sent < KEEP_BYTES || proxy->sent < proxy->out.len / 2)
        return;
    proxy->out.len -= proxy->sent;
    memmove(proxy->out.data, proxy->out.data + proxy->sent, proxy->out.len);
    proxy->sent = 0;
}

void proxy_write(struct proxy *proxy)
{
    while (unsent(proxy)) {
        ssize_t sent = send(proxy->process.socket_fd, proxy->out.data + proxy->sent, unsent(proxy),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            sent_all(proxy); /* nobody is there any more; its end is told otherwise */
        if (sent <= 0)
            break;
        proxy->sent += (size_t)sent;
    }
    if (proxy->sent && !unsent(proxy))
        sent_all(proxy);
    compact(proxy);
    if (proxy->socket_watch)
        gw_watch_change(proxy->socket_watch, proxy_wants(proxy));
}

int proxy_say(struct proxy *proxy, enum wire_type type, uint32_t id, const char *json,
              const void *raw, size_t raw_bytes)
{
    if (!proxy->running)
        return -ESHUTDOWN;
    bool idle = !unsent(proxy);
    int error = wire_put(&proxy->out, type, id, json, raw, raw_bytes);
    if (error == -EMSGSIZE && unsent(proxy) > PROXY_OUT_MAX / 4)
        proxy_kill(proxy, "it does not read what it has asked for");
    if (!error && idle)
        proxy_write(proxy);
    return error;
}

void proxy_answer(struct proxy *proxy, uint32_t id, int error, struct buf *json, const void *raw,
                  size_t raw_bytes)
{
    struct buf own = {0};
    struct buf *answer = json ? json : &own;
    if (!json)
        wire_begin(&own);
    if (!error && raw_bytes > WIRE_LARGE_MAX - 4096)
        error = -EMSGSIZE;
    if (error)
        wire_add_int(answer, "error", error);
    proxy_say(proxy, WIRE_ANSWER, id, wire_end(answer), error ? NULL : raw, error ? 0 : raw_bytes);
    buf_fini(answer);
}

/* ---- In -------------------------------------------------------------------------------------- */

/* A handful at a time, so that the memory of their series is fetched side by side. */
void proxy_take_rows(struct proxy *proxy)
{
    struct row rows[PROXY_HANDFUL];
    int got = 1;
    for (size_t turn = 0; turn < MOST_TURNS && !*proxy->why && got > 0; turn++) {
        size_t count = 0;
        while (count < PROXY_HANDFUL && (got = rows_take(&proxy->rows, &rows[count])) > 0)
            count++;
        proxy_rows(proxy, rows, count);
        if (got < 0)
            proxy_kill(proxy, "what it wrote into its ring of rows are none");
    }
}

/* Rows come in bursts, so they are taken some time after the first one. */
static void on_rows_time(struct gw_plugin *self, void *data)
{
    struct proxy *proxy = data;
    (void)self;
    proxy->rows_timer = NULL;
    if (!proxy->running)
        return;
    rows_sleep(&proxy->rows);
    proxy_take_rows(proxy);
}

void proxy_wake(struct proxy *proxy, const struct wire_frame *frame)
{
    (void)frame;
    if (rows_waiting(&proxy->rows) > ROWS_WORDS / 2)
        proxy_take_rows(proxy);
    if (!proxy->rows_timer)
        proxy->rows_timer = gw_timer_start(proxy->self, PROXY_ROWS_MS, 0, on_rows_time, proxy);
}

static void take(struct proxy *proxy, const struct wire_frame *frame)
{
    if (frame->type !=
        WIRE_WAKE) /* rows that were written before it was sent are known before it */
        proxy_take_rows(proxy);
    if (frame->type == WIRE_STARTED) {
        proxy->started = proxy->held = true;
        proxy->start_error = (int)wire_int(frame, "error");
        if (proxy->start_error > 0)
            proxy->start_error = -EIO;
    } else if (handlers[frame->type]) {
        handlers[frame->type](proxy, frame);
    }
}

static void take_frames(struct proxy *proxy)
{
    struct wire_frame frame;
    char why[128];
    int got = 0;
    while (!*proxy->why && !proxy->held && (got = wire_next(&proxy->in, true, &frame, why)) > 0) {
        take(proxy, &frame);
        wire_done(&frame);
    }
    if (got < 0)
        proxy_kill(proxy, "it sent %s", why);
}

/* Its end comes next; one that goes on without a socket is found by proxy_look. */
static void note_closed(struct proxy *proxy)
{
    if (!proxy->closed_ns)
        proxy->closed_ns = clock_monotonic_ns(clock_system());
    if (proxy->socket_watch)
        gw_watch_change(proxy->socket_watch, 0);
}

bool proxy_read(struct proxy *proxy)
{
    int64_t got = 0;
    for (int i = 0; i < READS && !*proxy->why && !proxy->held; i++) {
        got = wire_read(&proxy->in, proxy->process.socket_fd);
        if (got <= 0) {
            if (got != -EAGAIN && got != -EINTR)
                note_closed(proxy);
            break;
        }
        take_frames(proxy);
    }
    return got > 0;
}

void proxy_go_on(struct proxy *proxy)
{
    if (!proxy->held)
        return;
    proxy->held = false;
    take_frames(proxy);
}

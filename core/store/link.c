/* The thread: one poll over the process's socket and a descriptor that wakes it. */
#include "store/link.h"

#include "base/log.h"
#include "metric/rates.h"
#include "metric/registry.h"
#include "store/link_inside.h"
#include "store/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    return clock_monotonic_ms(clock_system());
}

static void wake(struct link *link)
{
    uint64_t one = 1;
    ssize_t ignored = write(link->wake_fd, &one, sizeof(one));
    (void)ignored; /* a full counter wakes as well */
}

/* ---- Notes from the registry ----------------------------------------------------------------- */

static void add_series(struct buf *out, const struct series_info *info, size_t offset, bool ended)
{
    struct frame_series series = {.offset = offset,
                                  .every_ms = info->every_ms,
                                  .id = info->id,
                                  .fields = (uint32_t)info->field_count,
                                  .counters = field_counters(info->fields, info->field_count),
                                  .ended = ended};
    size_t begun = frame_begin(out, FRAME_SERIES);
    buf_add(out, &series, sizeof(series));
    if (info->key) /* NULL: the ring of a forgotten series, only to be released */
        path_of_series(info, out);
    buf_addc(out, '\0');
    for (size_t i = 0; i < info->field_count; i++) {
        buf_adds(out, i ? "," : "");
        buf_adds(out, info->fields[i].name);
    }
    buf_addc(out, '\0');
    frame_end(out, begun);
}

/* Notes wait in one bounded text. When it is full the process is started anew: it is then told
 * everything from the registry. */
static void end_note(struct link *link)
{
    if (buf_error(&link->notes)) {
        buf_clear(&link->notes);
        link->resync = true;
    }
    bool first = !link->woken;
    link->woken = true;
    pthread_mutex_unlock(&link->lock);
    if (first)
        wake(link);
}

void link_series(struct link *link, const struct series_info *info, size_t offset, bool ended)
{
    pthread_mutex_lock(&link->lock);
    if (link->connected)
        add_series(&link->notes, info, offset, ended);
    end_note(link);
}

void link_renamed(struct link *link, const struct series_info *info)
{
    pthread_mutex_lock(&link->lock);
    size_t begun = frame_begin(&link->notes, FRAME_RENAME);
    buf_add(&link->notes, &info->id, sizeof(info->id));
    path_of_series(info, &link->notes);
    buf_addc(&link->notes, '\0');
    frame_end(&link->notes, begun);
    end_note(link);
}

void link_ended(struct link *link, uint32_t id, size_t offset)
{
    pthread_mutex_lock(&link->lock);
    if (link->connected) {
        uint64_t wide = offset;
        size_t begun = frame_begin(&link->notes, FRAME_ENDED);
        buf_add(&link->notes, &id, sizeof(id));
        buf_add(&link->notes, &wide, sizeof(wide));
        frame_end(&link->notes, begun);
    }
    end_note(link);
}

void link_remove(struct link *link, const char *path)
{
    pthread_mutex_lock(&link->lock);
    size_t begun = frame_begin(&link->notes, FRAME_REMOVE);
    frame_text(&link->notes, path);
    frame_end(&link->notes, begun);
    end_note(link);
}

int link_tick(struct link *link, int64_t deadline_ms)
{
    int64_t now = clock_wall_ms(link->store->parts.clock);
    pthread_mutex_lock(&link->lock);
    uint64_t target = ++link->ticks_asked;
    size_t begun = frame_begin(&link->notes, FRAME_TICK);
    buf_add(&link->notes, &now, sizeof(now));
    frame_end(&link->notes, begun);
    end_note(link);
    struct timespec until;
    int64_t at = now_ms() + deadline_ms;
    until = (struct timespec){at / 1000, (at % 1000) * 1000000};
    int error = 0;
    pthread_mutex_lock(&link->lock);
    while (link->ticks_done < target && !error)
        error = pthread_cond_timedwait(&link->ticked, &link->lock, &until);
    pthread_mutex_unlock(&link->lock);
    return -error;
}

/* ---- Starting the process -------------------------------------------------------------------- */

struct args {
    struct buf texts[8];
    const char *list[9];
    size_t count;
};

static void add_arg(struct args *args, const char *name, const char *value)
{
    struct buf *text = &args->texts[args->count];
    buf_init(text, 8192);
    buf_printf(text, "%s=%s", name, value);
    args->list[args->count++] = text->data;
}

static int start_process(struct link *link)
{
    const struct store *store = link->store;
    struct args args = {0};
    char flush_ms[32], disk_max[32];
    snprintf(flush_ms, sizeof(flush_ms), "%lld", (long long)store->settings.flush_every_ms);
    snprintf(disk_max, sizeof(disk_max), "%lld", (long long)store->settings.disk_max_bytes);
    add_arg(&args, "dir", store->dir);
    add_arg(&args, "module", store->parts.rrd_module ? store->parts.rrd_module : "");
    add_arg(&args, "archives", store->settings.archives);
    add_arg(&args, "flush_ms", flush_ms);
    add_arg(&args, "disk_max", disk_max);
    add_arg(&args, "manual", store->manual ? "1" : "0");
    if (store->settings.rrdcached)
        add_arg(&args, "rrdcached", store->settings.rrdcached);
    struct spawn spawn = {store->parts.exe, args.list, metric_arena_fd(store->parts.metric)};
    int error = 0;
    for (size_t i = 0; i < args.count; i++)
        error = buf_error(&args.texts[i]) ? buf_error(&args.texts[i]) : error;
    if (!error)
        error = spawn_process(&spawn, &link->pid, &link->socket);
    for (size_t i = 0; i < args.count; i++)
        buf_fini(&args.texts[i]);
    return error;
}

static void visit_ring(void *data, const struct series_info *info, size_t offset, bool ended)
{
    add_series(data, info, offset, ended);
}

/* Tells a new process of all series. From `connected` on, notes are queued as well: what is told
 * twice does no harm. */
static void connect_process(struct link *link)
{
    buf_clear(&link->in);
    pthread_mutex_lock(&link->lock);
    link->connected = true;
    link->resync = false;
    link->state.running = true;
    link->state.ready = false;
    link->state.pid = (int)link->pid;
    pthread_mutex_unlock(&link->lock);
    buf_clear(&link->out);
    link->sent = 0;
    registry_each_ring(link->store->parts.metric, visit_ring, &link->out);
    link->heard_ms = now_ms();
}

static void try_start(struct link *link)
{
    int error = start_process(link);
    if (!error) {
        connect_process(link);
        link->start_failed = false;
        return;
    }
    link->socket = -1;
    link->start_at_ms = now_ms() + link->backoff_ms;
    if (!link->start_failed)
        store_say(link->store, GW_ERROR, "store.process.failed",
                  "The store process cannot be started: %s", strerror(-error));
    link->start_failed = true;
}

static void reads_fail(struct link *link, int error);

/* The process has gone, or has to: everything about it is cleared, and the next start planned. */
static void lost_process(struct link *link, const char *how)
{
    close(link->socket);
    link->socket = -1;
    kill(link->pid, SIGKILL);
    waitpid(link->pid, NULL, 0);
    pthread_mutex_lock(&link->lock);
    link->connected = false;
    link->state.running = link->state.ready = false;
    link->state.restarts += !link->stopping;
    link->ticks_done = link->ticks_asked;
    pthread_cond_broadcast(&link->ticked);
    bool stopping = link->stopping;
    pthread_mutex_unlock(&link->lock);
    reads_fail(link, -EIO);
    if (stopping && link->quit_sent) {
        link->quit_over = true;
        return;
    }
    /* Soon after the first death, seldom when it keeps dying. */
    int64_t lived_ms = now_ms() - link->started_ms;
    link->backoff_ms = lived_ms > 60000 ? 100 : link->backoff_ms * 2;
    if (link->backoff_ms > 10000)
        link->backoff_ms = 10000;
    link->start_at_ms = now_ms() + link->backoff_ms;
    store_say(link->store, GW_ERROR, "store.restarted",
              "The store process %s; it is started again and goes on from its journal", how);
}

/* ---- Reads ----------------------------------------------------------------------------------- */

static bool find_series(struct link *link, uint32_t id, struct series_info *info)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", (unsigned)id);
    return metric_find(link->store->parts.metric, text, info) == 0;
}

static void send_read(struct link *link, struct waiting *read, const struct series_info *info)
{
    struct frame_read frame = {.start_ms = read->bins.start_ms,
                               .step_ms = read->bins.step_ms,
                               .every_ms = read->bins.every_ms,
                               .count = read->bins.count,
                               .request = read->request,
                               .id = info->id,
                               .fields = (uint32_t)info->field_count,
                               .counters = field_counters(info->fields, info->field_count),
                               .as = (uint32_t)read->bins.as};
    size_t begun = frame_begin(&link->out, FRAME_READ);
    buf_add(&link->out, &frame, sizeof(frame));
    path_of_series(info, &link->out);
    buf_addc(&link->out, '\0');
    frame_end(&link->out, begun);
    read->deadline_ms = now_ms() + LINK_READ_MS;
    pthread_mutex_lock(&link->lock);
    read->sent = true;
    link->in_flight++;
    pthread_mutex_unlock(&link->lock);
}

static void finish_read(struct link *link, struct waiting *read, struct bins *bins, int error)
{
    query_answer(bins, error, read->on_rows, read->data);
    pthread_mutex_lock(&link->lock);
    link->in_flight -= read->sent;
    read->used = read->sent = false;
    link->state.reads_waiting--;
    pthread_mutex_unlock(&link->lock);
}

/* What the ring has is better than nothing when the process cannot answer; the error says that it
 * may not be all. */
static void fail_read(struct link *link, struct waiting *read, int error)
{
    struct series_info info;
    struct bins bins = {0};
    if (find_series(link, read->read.series_id, &info)) {
        if (query_from_ring(link->store->parts.metric, &info, &read->read, true, &bins))
            bins_fini(&bins);
        series_info_fini(&info);
    }
    finish_read(link, read, &bins, error);
}

static void start_read(struct link *link, struct waiting *read)
{
    struct series_info info;
    struct bins bins = {0};
    if (!find_series(link, read->read.series_id, &info)) {
        finish_read(link, read, &bins, -ENOENT);
        return;
    }
    int error = query_from_ring(link->store->parts.metric, &info, &read->read, false, &bins);
    if (error == -EAGAIN && link->socket >= 0) {
        read->bins = bins;
        send_read(link, read, &info);
    } else if (error == -EAGAIN) {
        fail_read(link, read, -EIO);
    } else {
        pthread_mutex_lock(&link->lock);
        link->state.reads_from_ring += !error;
        pthread_mutex_unlock(&link->lock);
        finish_read(link, read, &bins, error);
    }
    series_info_fini(&info);
}

static void start_reads(struct link *link)
{
    uint16_t fresh[LINK_READS_MAX];
    size_t count = 0;
    pthread_mutex_lock(&link->lock);
    for (size_t i = 0; i < LINK_READS_MAX; i++) {
        if (link->reads[i].used && !link->reads[i].taken) {
            link->reads[i].taken = true;
            fresh[count++] = (uint16_t)i;
        }
    }
    pthread_mutex_unlock(&link->lock);
    for (size_t i = 0; i < count; i++)
        start_read(link, &link->reads[fresh[i]]);
}

/* A read that was sent to the process and not answered; NULL: none at `i`. */
static struct waiting *in_flight(struct link *link, size_t i)
{
    pthread_mutex_lock(&link->lock);
    bool is = link->reads[i].used && link->reads[i].sent;
    pthread_mutex_unlock(&link->lock);
    return is ? &link->reads[i] : NULL;
}

static void reads_fail(struct link *link, int error)
{
    int64_t now = now_ms();
    for (size_t i = 0; i < LINK_READS_MAX && link->in_flight; i++) {
        struct waiting *read = in_flight(link, i);
        if (!read || (error == -ETIMEDOUT && read->deadline_ms > now))
            continue;
        pthread_mutex_lock(&link->lock);
        link->state.reads_late += error == -ETIMEDOUT;
        pthread_mutex_unlock(&link->lock);
        fail_read(link, read, error);
    }
}

int link_read(struct link *link, const struct store_read *read, store_rows_fn *on_rows, void *data)
{
    int error = -EAGAIN;
    pthread_mutex_lock(&link->lock);
    for (size_t i = 0; i < LINK_READS_MAX && error && !link->stopping; i++) {
        size_t at = (link->next_read + i) % LINK_READS_MAX;
        if (link->reads[at].used)
            continue;
        link->next_read = at + 1;
        link->reads[at] = (struct waiting){.used = true,
                                           .request = ++link->requests,
                                           .read = *read,
                                           .on_rows = on_rows,
                                           .data = data};
        link->state.reads++;
        link->state.reads_waiting++;
        link->reads_fresh = true;
        error = 0;
    }
    bool first = !error && !link->woken;
    link->woken |= first;
    pthread_mutex_unlock(&link->lock);
    if (first)
        wake(link);
    return error;
}

void link_answered(struct link *link, bool from_file)
{
    pthread_mutex_lock(&link->lock);
    link->state.reads++;
    link->state.reads_from_file += from_file;
    link->state.reads_from_ring += !from_file;
    pthread_mutex_unlock(&link->lock);
}

/* ---- What the process says ------------------------------------------------------------------- */

static void got_rows(struct link *link, struct frame_reader *body)
{
    struct frame_rows head;
    frame_take(body, &head, sizeof(head));
    for (size_t i = 0; i < LINK_READS_MAX; i++) {
        struct waiting *read = in_flight(link, i);
        if (!read || read->request != head.request)
            continue;
        size_t cells = read->bins.count * read->bins.fields;
        if (head.error || head.count != cells || body->bad) {
            fail_read(link, read, head.error ? head.error : -EIO);
            return;
        }
        read->bins.values = malloc(cells * sizeof(double));
        if (read->bins.values)
            frame_take(body, read->bins.values, cells * sizeof(double));
        struct bins bins = read->bins;
        finish_read(link, read, &bins, read->bins.values ? 0 : -ENOMEM);
        return;
    }
}

static void got_note(struct link *link, struct frame_reader *body)
{
    uint32_t severity;
    frame_take(body, &severity, sizeof(severity));
    const char *topic = frame_take_text(body), *text = frame_take_text(body);
    if (!body->bad && severity >= GW_DEBUG && severity <= GW_CRITICAL)
        store_say(link->store, (enum gw_severity)severity, topic, "%s", text);
}

static void got_stats(struct link *link, struct frame_reader *body)
{
    struct process_stats stats;
    frame_take(body, &stats, sizeof(stats));
    pthread_mutex_lock(&link->lock);
    link->state.process = stats;
    if (link->store->manual) {
        link->ticks_done++;
        pthread_cond_broadcast(&link->ticked);
    }
    pthread_mutex_unlock(&link->lock);
}

static void got_frame(struct link *link, uint32_t type, struct frame_reader *body)
{
    switch (type) {
    case FRAME_READY:
        pthread_mutex_lock(&link->lock);
        link->state.ready = true;
        pthread_mutex_unlock(&link->lock);
        break;
    case FRAME_ROWS:
        got_rows(link, body);
        break;
    case FRAME_NOTE:
        got_note(link, body);
        break;
    case FRAME_STATS:
        got_stats(link, body);
        break;
    default:
        break;
    }
}

/* false: the process has gone or speaks nonsense. */
static bool receive(struct link *link)
{
    if (buf_reserve(&link->in, 256 * 1024))
        return false;
    ssize_t got = recv(link->socket, link->in.data + link->in.len, 256 * 1024, MSG_DONTWAIT);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    link->in.len += (size_t)got;
    link->heard_ms = now_ms();
    size_t used = 0;
    struct frame_head head;
    struct frame_reader body;
    int next;
    while ((next = frame_next(link->in.data + used, link->in.len - used, &head, &body)) > 0) {
        got_frame(link, head.type, &body);
        used += head.bytes;
    }
    memmove(link->in.data, link->in.data + used, link->in.len - used);
    link->in.len -= used;
    if (link->in.len == 0 && link->in.cap > 1024 * 1024) { /* a long answer's memory goes back */
        buf_fini(&link->in);
        buf_init(&link->in, LINK_IN_MAX);
    }
    return next == 0;
}

static void send_some(struct link *link)
{
    while (link->sent < link->out.len) {
        ssize_t sent = send(link->socket, link->out.data + link->sent, link->out.len - link->sent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            return; /* later, or its end is seen by receive */
        link->sent += (size_t)sent;
    }
    link->sent = 0;
    if (link->out.cap > 256 * 1024) {
        buf_fini(&link->out);
        buf_init(&link->out, LINK_OUT_MAX);
    }
    buf_clear(&link->out);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static bool take_notes(struct link *link, bool *quit)
{
    pthread_mutex_lock(&link->lock);
    link->woken = false;
    bool reads = link->reads_fresh;
    link->reads_fresh = false;
    if (link->connected) {
        buf_add(&link->out, link->notes.data, link->notes.len);
        buf_clear(&link->notes);
    }
    *quit = link->stopping && !link->quit_sent && link->connected;
    bool resync = link->resync || buf_error(&link->out);
    pthread_mutex_unlock(&link->lock);
    if (resync && link->socket >= 0)
        lost_process(link, "fell behind");
    return reads;
}

static void take_work(struct link *link)
{
    bool quit;
    if (take_notes(link, &quit))
        start_reads(link);
    if (quit) {
        frame_end(&link->out, frame_begin(&link->out, FRAME_QUIT));
        link->quit_sent = true;
    }
    if (link->socket >= 0)
        send_some(link);
}

static void poll_once(struct link *link)
{
    struct pollfd fds[2] = {
        {.fd = link->wake_fd, .events = POLLIN},
        {.fd = link->socket,
         .events = (short)(POLLIN | (link->sent < link->out.len ? POLLOUT : 0))},
    };
    poll(fds, link->socket >= 0 ? 2 : 1, link->socket >= 0 ? 500 : 50);
    uint64_t count;
    if (fds[0].revents & POLLIN) {
        ssize_t ignored = read(link->wake_fd, &count, sizeof(count));
        (void)ignored;
    }
    if (link->socket >= 0 && fds[1].revents && !receive(link))
        lost_process(link, "has ended unexpectedly");
}

static void *run(void *data)
{
    struct link *link = data;
    for (;;) {
        pthread_mutex_lock(&link->lock);
        /* A process is started even to stop: rows in the rings have to be filed. */
        bool over = link->stopping &&
                    (link->quit_over || link->start_failed || now_ms() >= link->stop_by_ms);
        pthread_mutex_unlock(&link->lock);
        if (over)
            break;
        if (link->socket < 0 && now_ms() >= link->start_at_ms) {
            link->started_ms = now_ms();
            try_start(link);
        }
        poll_once(link);
        take_work(link);
        reads_fail(link, -ETIMEDOUT);
        if (link->socket >= 0 && now_ms() - link->heard_ms > LINK_SILENCE_MS)
            lost_process(link, "did not answer for a minute");
        rounds_run(link->store);
    }
    reads_fail(link, -EIO);
    return NULL;
}

void link_state(struct link *link, struct link_state *out)
{
    pthread_mutex_lock(&link->lock);
    *out = link->state;
    out->waiting_bytes = link->notes.len;
    pthread_mutex_unlock(&link->lock);
}

static void release(struct link *link)
{
    if (link->wake_fd >= 0)
        close(link->wake_fd);
    if (link->socket >= 0)
        close(link->socket);
    buf_fini(&link->notes);
    buf_fini(&link->out);
    buf_fini(&link->in);
    pthread_cond_destroy(&link->ticked);
    pthread_mutex_destroy(&link->lock);
    free(link);
}

int link_new(struct store *store, struct link **out, char **why)
{
    struct link *link = calloc(1, sizeof(*link));
    if (!link)
        return store_why(why, -ENOMEM, "no memory for the store");
    link->store = store;
    link->socket = -1;
    link->backoff_ms = 50;
    buf_init(&link->notes, LINK_NOTES_MAX);
    buf_init(&link->out, LINK_OUT_MAX);
    buf_init(&link->in, LINK_IN_MAX);
    pthread_mutex_init(&link->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&link->ticked, &monotonic);
    pthread_condattr_destroy(&monotonic);
    link->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    *out = link; /* the thread looks there */
    int error = link->wake_fd < 0 ? -errno : -pthread_create(&link->thread, NULL, run, link);
    if (error) {
        *out = NULL;
        release(link);
        return store_why(why, error, "cannot start the store's thread: %s", strerror(-error));
    }
    pthread_setname_np(link->thread, "gw-store");
    return 0;
}

int link_free(struct link *link, int64_t deadline_ms)
{
    if (!link)
        return 0;
    pthread_mutex_lock(&link->lock);
    link->stopping = true;
    link->stop_by_ms = now_ms() + deadline_ms;
    pthread_mutex_unlock(&link->lock);
    wake(link);
    pthread_join(link->thread, NULL);
    int error = link->quit_over ? 0 : -ETIMEDOUT;
    release(link);
    return error;
}

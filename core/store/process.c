/* The store process: `gnswatch store-process`, started by the daemon and by nobody else. */
#include "base/log.h"
#include "store/proc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TURN_MS = 500,
    OUT_MAX = 64 << 20,
    ARENA_MAX = 1 << 30,
    END_MS = 4000, /* for filing what waits when the daemon has gone */
    LOCK_WAIT_MS = 15000,
};

static int64_t now_ms(void)
{
    return clock_monotonic_ms(clock_system());
}

/* ---- To the daemon --------------------------------------------------------------------------- */

static void send_some(struct proc *proc)
{
    while (proc->sent < proc->out.len && !proc->eof) {
        ssize_t sent = send(proc->socket, proc->out.data + proc->sent, proc->out.len - proc->sent,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            proc->eof = true;
        if (sent < 0)
            return;
        proc->sent += (size_t)sent;
    }
    proc->sent = 0;
    if (proc->out.cap > 1 << 20) {
        buf_fini(&proc->out);
        buf_init(&proc->out, OUT_MAX);
    }
    buf_clear(&proc->out);
}

void proc_note(struct proc *proc, enum gw_severity severity, const char *topic, const char *format,
               ...)
{
    char text[900];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    uint32_t level = severity;
    size_t begun = frame_begin(&proc->out, FRAME_NOTE);
    buf_add(&proc->out, &level, sizeof(level));
    frame_text(&proc->out, topic);
    frame_text(&proc->out, text);
    frame_end(&proc->out, begun);
    if (proc->eof)
        log_line(severity, "store", "%s", text);
    send_some(proc);
}

static void send_stats(struct proc *proc)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    proc->stats.cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                         (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    proc->stats.series = proc->count;
    proc->stats.ticks++;
    size_t begun = frame_begin(&proc->out, FRAME_STATS);
    buf_add(&proc->out, &proc->stats, sizeof(proc->stats));
    frame_end(&proc->out, begun);
    send_some(proc);
}

/* ---- From the daemon ------------------------------------------------------------------------- */

static struct ring *ring_at(const struct proc *proc, uint64_t offset, const struct proc_series *of)
{
    struct stat status;
    if (fstat(FRAME_ARENA, &status) || offset + RING_HEAD_BYTES > (uint64_t)status.st_size ||
        offset % 64)
        return NULL;
    struct ring *ring = (struct ring *)(void *)(proc->arena + offset);
    bool fits =
        ring->rows && offset + ring_bytes(ring->rows, ring->fields) <= (uint64_t)status.st_size;
    return fits && ring->fields == of->fields && ring->series_id == of->id ? ring : NULL;
}

/* The ring of a series that the daemon has forgotten: nobody can say where its rows go. */
static void release_unknown(struct proc *proc, uint64_t offset)
{
    struct stat status;
    if (fstat(FRAME_ARENA, &status) || offset + RING_HEAD_BYTES > (uint64_t)status.st_size)
        return;
    struct ring *ring = (struct ring *)(void *)(proc->arena + offset);
    uint32_t state = RING_ENDED;
    atomic_compare_exchange_strong(&ring->ended, &state, RING_RELEASED);
}

/* A series gets another ring: all of the one before is filed, or at least in the journal. */
static void let_go(struct proc *proc, struct proc_series *series)
{
    proc_take(proc, series);
    series->ending = true;
    if (proc_flush(proc, series) && series->ring) {
        series->behind |= series->filed < series->taken;
        atomic_store(&series->ring->ended, RING_RELEASED);
        series->ring = NULL;
    }
    series->ring = NULL;
    series->taken = series->filed = 0;
}

static void on_series(struct proc *proc, struct frame_reader *body)
{
    struct frame_series frame;
    frame_take(body, &frame, sizeof(frame));
    const char *path = frame_take_text(body), *names = frame_take_text(body);
    if (frame.fields == 0) {
        release_unknown(proc, frame.offset);
        return;
    }
    struct proc_series *series = body->bad ? NULL : proc_add(proc, frame.id);
    if (!series)
        return;
    struct ring *old = series->ring;
    if (old && (char *)old == proc->arena + frame.offset) {
        series->ending = frame.ended;
        return;
    }
    if (old)
        let_go(proc, series);
    if (proc_series_set(series, path, names))
        return;
    series->fields = frame.fields;
    series->counters = frame.counters;
    proc_series_every(series, frame.every_ms);
    struct ring *ring = ring_at(proc, frame.offset, series);
    if (!ring)
        return;
    proc_attach(proc, series, ring);
    series->ending = frame.ended;
}

static void on_rename(struct proc *proc, struct frame_reader *body)
{
    uint32_t id;
    frame_take(body, &id, sizeof(id));
    const char *path = frame_take_text(body);
    struct proc_series *series = body->bad ? NULL : proc_find(proc, id);
    if (!series || !series->path || strcmp(series->path, path) == 0)
        return;
    if (series->ring)
        proc_take(proc, series);
    proc_file_rename(proc, series, path);
}

static void on_ended(struct proc *proc, struct frame_reader *body)
{
    uint32_t id;
    uint64_t offset;
    frame_take(body, &id, sizeof(id));
    frame_take(body, &offset, sizeof(offset));
    struct proc_series *series = body->bad ? NULL : proc_find(proc, id);
    if (!series || !series->ring || (char *)series->ring != proc->arena + offset)
        return;
    proc_take(proc, series);
    series->ending = true;
}

static void on_read(struct proc *proc, struct frame_reader *body)
{
    struct frame_read read;
    frame_take(body, &read, sizeof(read));
    const char *path = frame_take_text(body);
    if (!body->bad)
        proc_answer(proc, &read, path);
    send_some(proc);
}

static void turn(struct proc *proc, bool sync);

static void on_tick(struct proc *proc, struct frame_reader *body)
{
    frame_take(body, &proc->wall_ms, sizeof(proc->wall_ms));
    turn(proc, true);
}

static void on_frame(struct proc *proc, uint32_t type, struct frame_reader *body)
{
    switch (type) {
    case FRAME_SERIES:
        on_series(proc, body);
        break;
    case FRAME_RENAME:
        on_rename(proc, body);
        break;
    case FRAME_ENDED:
        on_ended(proc, body);
        break;
    case FRAME_REMOVE: {
        const char *path = frame_take_text(body);
        if (!body->bad)
            proc_file_remove(proc, path);
        break;
    }
    case FRAME_READ:
        on_read(proc, body);
        break;
    case FRAME_TICK:
        on_tick(proc, body);
        break;
    case FRAME_QUIT:
        proc->quit = true;
        break;
    default:
        break;
    }
}

static void handle_frames(struct proc *proc)
{
    size_t used = 0;
    struct frame_head head;
    struct frame_reader body;
    int next;
    while ((next = frame_next(proc->in.data + used, proc->in.len - used, &head, &body)) > 0) {
        on_frame(proc, head.type, &body);
        used += head.bytes;
    }
    proc->eof |= next < 0;
    memmove(proc->in.data, proc->in.data + used, proc->in.len - used);
    proc->in.len -= used;
}

/* Reads what there is, without waiting. */
static void receive(struct proc *proc)
{
    for (int i = 0; i < 64 && !proc->eof; i++) {
        if (buf_reserve(&proc->in, 64 * 1024)) {
            proc->eof = true;
            return;
        }
        ssize_t got = recv(proc->socket, proc->in.data + proc->in.len, 64 * 1024, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            proc->eof = true;
        if (got <= 0)
            return;
        proc->in.len += (size_t)got;
        handle_frames(proc);
    }
}

/* ---- Turns ----------------------------------------------------------------------------------- */

/* Between two filings: a question should not wait for all of them. Only while no frame is being
 * handled, or it would be handled inside itself. */
static void between_filings(struct proc *proc)
{
    struct pollfd fd = {.fd = proc->socket, .events = POLLIN};
    if (!proc->manual && proc->replayed && poll(&fd, 1, 0) == 1)
        receive(proc);
}

static void between_replays(struct proc *proc)
{
    if (proc->stats.rrd_calls % 1024 == 0)
        send_stats(proc);
}

static void turn(struct proc *proc, bool sync)
{
    proc_take_all(proc);
    if (sync && proc->manual && journal_fd(&proc->journal) >= 0)
        fdatasync(journal_fd(&proc->journal));
    else if (sync)
        proc_sync_journal(proc);
    proc_flush_due(proc, between_filings);
    proc_catch_up(proc);
    send_stats(proc);
}

static void loop(struct proc *proc)
{
    int64_t next_ms = now_ms() + TURN_MS;
    bool odd = false;
    while (!proc->quit && !proc->eof) {
        int64_t wait = proc->manual ? 60000 : next_ms - now_ms();
        struct pollfd fd = {.fd = proc->socket,
                            .events = (short)(POLLIN | (proc->sent < proc->out.len ? POLLOUT : 0))};
        int ready = wait > 0 ? poll(&fd, 1, (int)wait) : 0;
        if (!proc->manual)
            proc->wall_ms = clock_wall_ms(clock_system());
        if (ready > 0 && (fd.revents & (POLLIN | POLLHUP)))
            receive(proc);
        if (fd.revents & POLLOUT)
            send_some(proc);
        if (proc->manual || now_ms() < next_ms)
            continue;
        turn(proc, odd);
        odd = !odd;
        next_ms += TURN_MS;
        if (next_ms < now_ms())
            next_ms = now_ms() + TURN_MS;
    }
}

/* Whatever happened, the rows that are in the rings now get into the journal; then as many as
 * there is time for into their files. */
static void finish(struct proc *proc)
{
    proc->eof = false; /* what was sent before the end still counts */
    while (!proc->eof && proc->in.len < FRAME_BYTES_MAX) {
        size_t before = proc->in.len;
        receive(proc);
        if (proc->quit || proc->in.len == before)
            break;
    }
    proc_take_all(proc);
    if (journal_fd(&proc->journal) >= 0)
        fdatasync(journal_fd(&proc->journal));
    bool all = proc_flush_all(proc, clock_monotonic_ns(clock_system()) + (int64_t)END_MS * 1000000);
    for (size_t i = 0; i < proc->count; i++)
        all &= !proc->series[i]->behind;
    if (all)
        journal_reset(&proc->journal);
}

/* ---- Beginning ------------------------------------------------------------------------------- */

static const char *argument(int argc, char **argv, const char *name)
{
    size_t length = strlen(name);
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
            return argv[i] + length + 1;
    }
    return NULL;
}

static int64_t number_argument(int argc, char **argv, const char *name, int64_t otherwise)
{
    const char *text = argument(argc, argv, name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

static int load_module(struct proc *proc, const char *path)
{
    void *module = path && *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (module)
        proc->rrd = dlsym(module, RRD_MODULE_SYMBOL);
    if (proc->rrd && proc->rrd->version == RRD_MODULE_VERSION)
        return 0;
    const char *why = dlerror();
    log_line(GW_ERROR, "store", "cannot load %s: %s", path && *path ? path : "gnswatch-rrd.so",
             why ? why : "it is of another version");
    return -ENOENT;
}

/* A process of a daemon that was killed may still be filing. */
static int open_journal(struct proc *proc)
{
    int64_t until = now_ms() + LOCK_WAIT_MS;
    int error = journal_open(&proc->journal, proc->dir);
    while (error == -EBUSY && now_ms() < until) {
        poll(NULL, 0, 20);
        error = journal_open(&proc->journal, proc->dir);
    }
    if (error)
        log_line(GW_ERROR, "store", "cannot open the journal in %s: %s", proc->dir,
                 strerror(-error));
    return error;
}

static int map_arena(struct proc *proc)
{
    proc->arena_bytes = ARENA_MAX;
    proc->arena = mmap(NULL, proc->arena_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, FRAME_ARENA, 0);
    return proc->arena == MAP_FAILED ? -errno : 0;
}

static int make_buffers(struct proc *proc)
{
    size_t width = 1 + GW_FIELDS_MAX;
    proc->scratch = malloc(PROC_BATCH_ROWS * width * sizeof(double));
    proc->values = malloc(PROC_BATCH_ROWS * GW_FIELDS_MAX * sizeof(double));
    proc->seconds = malloc(PROC_BATCH_ROWS * sizeof(*proc->seconds));
    proc->text = malloc(PROC_BATCH_ROWS * (width + 1) * 28);
    proc->lines = malloc(PROC_BATCH_ROWS * sizeof(*proc->lines));
    return proc->scratch && proc->values && proc->seconds && proc->text && proc->lines ? 0
                                                                                       : -ENOMEM;
}

static int begin(struct proc *proc, int argc, char **argv)
{
    proc->dir = argument(argc, argv, "dir");
    const char *rrdcached = argument(argc, argv, "rrdcached");
    proc->flush_ms = number_argument(argc, argv, "flush_ms", 300000);
    proc->disk_max = number_argument(argc, argv, "disk_max", 0);
    proc->manual = number_argument(argc, argv, "manual", 0) != 0;
    proc->wall_ms = clock_wall_ms(clock_system());
    buf_init(&proc->in, 4 * FRAME_BYTES_MAX);
    buf_init(&proc->out, OUT_MAX);
    if (!proc->dir || archives_parse(argument(argc, argv, "archives"), &proc->archives))
        return -EINVAL;
    int error = load_module(proc, argument(argc, argv, "module"));
    if (!error && rrdcached) {
        proc->remote = rrdcached[0] != '/' && strncmp(rrdcached, "unix:", 5) != 0;
        error = proc->rrd->connect(rrdcached);
        if (error == -ENOTCONN) { /* rows wait in the journal until it comes */
            log_line(GW_ERROR, "store", "cannot reach rrdcached at %s: %s", rrdcached,
                     proc->rrd->error());
            error = 0;
        }
    }
    if (!error)
        error = map_arena(proc);
    if (!error)
        error = make_buffers(proc);
    if (!error)
        error = open_journal(proc);
    if (!error)
        error = proc_sync_start(proc);
    return error;
}

static void end(struct proc *proc)
{
    proc_sync_stop(proc);
    journal_close(&proc->journal);
    proc_free_all(proc);
    buf_fini(&proc->in);
    buf_fini(&proc->out);
    free(proc->scratch);
    free(proc->values);
    free(proc->seconds);
    free(proc->text);
    free(proc->lines);
    munmap(proc->arena, proc->arena_bytes);
}

/* Signals of the terminal and of a service manager are for the daemon: this process ends when its
 * socket does, with everything written. */
static void leave_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_NAME, "gw-store");
}

int store_process_main(int argc, char **argv)
{
    struct stat status;
    if (fstat(FRAME_SOCKET, &status) || !S_ISSOCK(status.st_mode)) {
        fprintf(stderr, "gnswatch: store-process is started by the daemon, not by hand\n");
        return 2;
    }
    struct proc proc = {.socket = FRAME_SOCKET};
    leave_signals();
    int error = begin(&proc, argc, argv);
    if (error)
        return 1; // NOLINT(clang-analyzer-unix.Malloc): the process ends, its memory with it
    proc_count_files(&proc);
    proc_replay(&proc, between_replays);
    proc.replayed = true;
    frame_end(&proc.out, frame_begin(&proc.out, FRAME_READY));
    send_some(&proc);
    loop(&proc);
    finish(&proc);
    end(&proc);
    return 0;
}

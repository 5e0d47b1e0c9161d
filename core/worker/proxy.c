/* The life of a child, as its instance sees it: a start that waits, a stop that asks first, and an
 * end that may come at any time. */
#include "worker/proxy.h"

#include "base/log.h"
#include "worker/setup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    START_MS = 10000,
    STOP_MS = 2000, /* less than the daemon has for its own end */
    LAST_READS = 64,
};

struct proxy_descriptor {
    struct gw_descriptor descriptor; /* first: what an instance has */
    char *path;
    struct gw_command *commands;
    struct gw_page *pages;
};

static int64_t now_ns(const struct proxy *proxy)
{
    (void)proxy;
    return clock_monotonic_ns(clock_system()); /* the child's clock too */
}

void proxy_kill(struct proxy *proxy, const char *format, ...)
{
    if (!*proxy->why) {
        va_list args;
        va_start(args, format);
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start set it */
        vsnprintf(proxy->why, sizeof(proxy->why), format, args);
        va_end(args);
    }
    if (proxy->running)
        worker_kill(&proxy->process, SIGKILL);
}

/* ---- The process ----------------------------------------------------------------------------- */

static int spawn(struct proxy *proxy)
{
    int fd = rows_memory();
    int error = fd < 0 ? fd : rows_map(&proxy->rows, fd);
    if (!error)
        error = worker_spawn(proxy->self->conf.name, fd, &proxy->process);
    if (error) {
        if (fd >= 0)
            close(fd);
        return error;
    }
    proxy->running = true;
    proxy->process.starts = proxy->limits.processes > 0;
    worker_meter_init(&proxy->meter, &proxy->limits, proxy->process.pid);
    atomic_store(&proxy->self->child_pid, (int)proxy->process.pid);
    return 0;
}

static void tell_setup(struct proxy *proxy)
{
    const struct proxy_descriptor *own =
        (const struct proxy_descriptor *)(const void *)proxy->self->descriptor;
    struct buf json;
    setup_tell(proxy->self, own->path, &proxy->limits, &json);
    proxy_say(proxy, WIRE_SETUP, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
}

/* It has ended: what it still said is heard, and it is no more. The wait status. */
static int reap(struct proxy *proxy)
{
    gw_watch_stop(proxy->socket_watch);
    gw_watch_stop(proxy->said_watch);
    gw_watch_stop(proxy->end_watch);
    proxy->socket_watch = proxy->said_watch = proxy->end_watch = NULL;
    proxy_go_on(proxy);
    for (int i = 0; i < LAST_READS && !*proxy->why && proxy_read(proxy);)
        i++;
    proxy_take_rows(proxy);
    proxy_read_said(proxy);
    int status = worker_reap(&proxy->process);
    worker_meter_fini(&proxy->meter);
    proxy->running = false;
    atomic_store(&proxy->self->child_pid, 0);
    atomic_store(&proxy->self->child_rss_bytes, 0);
    atomic_store(&proxy->self->child_queue, 0);
    atomic_store(&proxy->self->child_paused, false);
    return status;
}

/* Waits for anything of the child's and deals with it, as watches do when the loop runs. True: it
 * has ended. */
static bool turn(struct proxy *proxy)
{
    unsigned wants = proxy_wants(proxy);
    short socket_events =
        (short)((wants & GW_READ ? POLLIN : 0) | (wants & GW_WRITE ? POLLOUT : 0));
    struct pollfd fds[] = {{proxy->process.pid_fd, POLLIN, 0},
                           {proxy->process.said_fd, POLLIN, 0},
                           {wants ? proxy->process.socket_fd : -1, socket_events, 0}};
    poll(fds, 3, PROXY_LOOK_MS / 2);
    if (fds[1].revents)
        proxy_read_said(proxy);
    if (fds[2].revents & POLLOUT)
        proxy_write(proxy);
    if (fds[2].revents & (POLLIN | POLLHUP))
        proxy_read(proxy);
    if (now_ns(proxy) - proxy->meter.since_ns > PROXY_LOOK_MS * INT64_C(1000000))
        proxy_look(proxy);
    return fds[0].revents != 0;
}

/* ---- While it runs --------------------------------------------------------------------------- */

static void on_end(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    struct proxy *proxy = data;
    (void)self, (void)fd, (void)flags;
    proxy_crashed(proxy, reap(proxy));
}

static void on_socket(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    struct proxy *proxy = data;
    (void)self, (void)fd;
    if (flags & GW_WRITE)
        proxy_write(proxy);
    if (flags & (GW_READ | GW_HANGUP))
        proxy_read(proxy);
}

static void on_said(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self, (void)fd, (void)flags;
    proxy_read_said(data);
}

static void on_look(struct gw_plugin *self, void *data)
{
    struct proxy *proxy = data;
    (void)self;
    if (proxy->running)
        proxy_look(proxy);
}

/* What it said right behind its start, a call of its own command: the instance takes it now. */
static void on_begun(struct gw_plugin *self, void *data)
{
    struct proxy *proxy = data;
    (void)self;
    if (proxy->running)
        proxy_go_on(proxy);
}

static int watch(struct proxy *proxy)
{
    struct gw_plugin *self = proxy->self;
    proxy->end_watch = gw_watch_start(self, proxy->process.pid_fd, GW_READ, on_end, proxy);
    proxy->said_watch = gw_watch_start(self, proxy->process.said_fd, GW_READ, on_said, proxy);
    proxy->socket_watch =
        gw_watch_start(self, proxy->process.socket_fd, proxy_wants(proxy), on_socket, proxy);
    bool looks = gw_timer_start(self, PROXY_LOOK_MS, PROXY_LOOK_MS, on_look, proxy) &&
                 gw_timer_start(self, 0, 0, on_begun, proxy);
    return proxy->end_watch && proxy->said_watch && proxy->socket_watch && looks ? 0 : -ENOMEM;
}

/* ---- Start and stop -------------------------------------------------------------------------- */

static int wait_for_start(struct proxy *proxy)
{
    int64_t most_ms = proxy->limits.hang_ms > START_MS ? proxy->limits.hang_ms : START_MS;
    int64_t until_ns = now_ns(proxy) + most_ms * 1000000;
    while (!proxy->started) {
        if (turn(proxy)) {
            int status = reap(proxy);
            if (proxy->started && proxy->start_error) /* it has said why, and ended */
                return proxy->start_error;
            proxy_crashed(proxy, status);
            return -EIO;
        }
        if (atomic_load(&proxy->self->stop_wanted))
            return -ECANCELED;
        if (now_ns(proxy) > until_ns)
            proxy_kill(proxy, "it did not start within %lld s", (long long)most_ms / 1000);
    }
    return proxy->start_error;
}

static void init(struct proxy *proxy, struct gw_plugin *self)
{
    proxy->self = self;
    proxy->process = (struct worker_process){
        .pid = -1, .pid_fd = -1, .socket_fd = -1, .said_fd = -1, .memory_fd = -1};
    proxy->limits = worker_limits_of(&self->conf);
    proxy->meter.statm_fd = -1;
    proxy->events = (struct bucket){.per_s = 2 * proxy->limits.events_per_s};
    proxy->ticks_before = atomic_load(&self->ticks);
    proxy->late_before = atomic_load(&self->late);
    proxy->dropped_before = atomic_load(&self->child_dropped);
    proxy->cpu_before_ns = atomic_load(&self->child_cpu_ns);
    buf_init(&proxy->out, PROXY_OUT_MAX);
    buf_init(&proxy->line, 4096);
    buf_init(&proxy->last_said, PROXY_SAID_MAX);
}

static int start(struct gw_plugin *self, void **data)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    if (!proxy)
        return -ENOMEM;
    *data = proxy;
    init(proxy, self);
    proxy->subscriptions = calloc(WIRE_SUBSCRIPTIONS_MAX, sizeof(struct proxy_subscription *));
    int error = proxy->subscriptions ? spawn(proxy) : -ENOMEM;
    if (error)
        return gw_fail(self, error, "cannot start its process");
    rows_sleep(&proxy->rows);
    tell_setup(proxy);
    error = wait_for_start(proxy);
    if (!error)
        error = watch(proxy);
    self->failed_in_callback = true; /* whatever it was has been told */
    return error;
}

static void end_process(struct proxy *proxy)
{
    int64_t until_ns = now_ns(proxy) + STOP_MS * INT64_C(1000000);
    bool ended = false, killed = *proxy->why != '\0';
    proxy->stopping = true;
    proxy_go_on(proxy);
    proxy->limits.cpu_percent = 0; /* paused it could not even end */
    if (proxy->meter.paused)
        worker_kill(&proxy->process, SIGCONT);
    proxy_say(proxy, WIRE_STOP, 0, NULL, NULL, 0);
    while (!ended) {
        ended = turn(proxy);
        if (ended || killed || now_ns(proxy) < until_ns)
            continue;
        log_line(GW_WARNING, proxy->self->conf.name,
                 "its process did not stop within %d s and is killed", STOP_MS / 1000);
        worker_kill(&proxy->process, SIGKILL);
        killed = true;
    }
    worker_kill(&proxy->process, SIGKILL); /* and whatever it has left behind */
    reap(proxy);
}

static void free_proxy(struct proxy *proxy)
{
    for (uint32_t i = 0; proxy->subscriptions && i < WIRE_SUBSCRIPTIONS_MAX; i++)
        free(proxy->subscriptions[i]);
    free(proxy->subscriptions);
    proxy_end_follows(proxy);
    proxy_end_questions(proxy);
    proxy_refuse_calls(proxy, "the instance has been stopped");
    free(proxy->series);
    rows_unmap(&proxy->rows);
    wire_in_fini(&proxy->in);
    buf_fini(&proxy->out);
    buf_fini(&proxy->line);
    buf_fini(&proxy->last_said);
    free(proxy);
}

static void stop(struct gw_plugin *self, void *data)
{
    struct proxy *proxy = data;
    (void)self;
    if (!proxy)
        return;
    if (proxy->running)
        end_process(proxy);
    free_proxy(proxy);
}

/* ---- The descriptor -------------------------------------------------------------------------- */

static size_t count_commands(const struct gw_command *table)
{
    size_t count = 0;
    while (table && table[count].name)
        count++;
    return count;
}

static size_t count_pages(const struct gw_page *table)
{
    size_t count = 0;
    while (table && table[count].path)
        count++;
    return count;
}

static bool copy_tables(struct proxy_descriptor *own, const struct gw_descriptor *described)
{
    size_t commands = count_commands(described->commands), pages = count_pages(described->pages);
    own->commands = calloc(commands + 1, sizeof(*own->commands));
    own->pages = calloc(pages + 1, sizeof(*own->pages));
    if (!own->commands || !own->pages)
        return false;
    for (size_t i = 0; i < commands; i++) {
        own->commands[i] = described->commands[i];
        own->commands[i].run = proxy_run_call;
    }
    for (size_t i = 0; i < pages; i++) {
        own->pages[i] = described->pages[i];
        own->pages[i].run = proxy_run_call;
    }
    return true;
}

const struct gw_descriptor *worker_proxy(const struct gw_descriptor *described, const char *path)
{
    struct proxy_descriptor *own = calloc(1, sizeof(*own));
    if (!own)
        return NULL;
    own->path = strdup(path);
    if (!own->path || !copy_tables(own, described)) {
        worker_proxy_free(&own->descriptor);
        return NULL;
    }
    own->descriptor = *described;
    own->descriptor.commands = own->commands;
    own->descriptor.pages = own->pages;
    own->descriptor.start = start;
    own->descriptor.tick = NULL; /* the child ticks by itself */
    own->descriptor.stop = stop;
    return &own->descriptor;
}

void worker_proxy_free(const struct gw_descriptor *proxy)
{
    struct proxy_descriptor *own = (struct proxy_descriptor *)(uintptr_t)proxy;
    if (!own)
        return;
    free(own->path);
    free(own->commands);
    free(own->pages);
    free(own);
}

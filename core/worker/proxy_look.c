/* Looking at a child from outside, four times a second: what it costs, whether it hangs, and what
 * it prints. */
#include "worker/proxy.h"

#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, GRACE_MS = 1000, SWEEP_MS = 2000, READS = 16 };

/* ---- What it prints -------------------------------------------------------------------------- */

/* The lines of crash.c are kept for the report; all others are the instance's. */
static void end_line(struct proxy *proxy)
{
    static const char crash[] = "crash: signal ";
    const char *text = proxy->line.data;
    if (proxy->last_said.len || strncmp(text, crash, sizeof(crash) - 1) == 0) {
        buf_adds(&proxy->last_said, text);
        buf_addc(&proxy->last_said, '\n');
    } else if (proxy->line.len && proxy_line_allowed(proxy, &proxy->said, "prints")) {
        log_line(GW_INFO, proxy->self->conf.name, "%s", text);
    }
    buf_clear(&proxy->line);
}

static void take_text(struct proxy *proxy, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n' || proxy->line.len == LINE_MAX_BYTES)
            end_line(proxy);
        if (text[i] != '\n')
            buf_addc(&proxy->line, text[i] ? text[i] : ' ');
    }
}

void proxy_read_said(struct proxy *proxy)
{
    char text[4096];
    for (int i = 0; i < READS; i++) {
        ssize_t got = read(proxy->process.said_fd, text, sizeof(text));
        if (got > 0) {
            take_text(proxy, text, (size_t)got);
            continue;
        }
        if (got == 0 && proxy->said_watch)
            gw_watch_change(proxy->said_watch, 0); /* closed: it prints no more */
        break;
    }
}

/* ---- What it does ---------------------------------------------------------------------------- */

static int64_t read_time(const _Atomic int64_t *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

/* What it shows is taken for true: nobody else is harmed by a lie. */
static void copy_signs(struct proxy *proxy)
{
    struct gw_plugin *self = proxy->self;
    const struct rows_head *head = proxy->rows.head;
    int64_t last_tick_ms = read_time(&head->last_tick_ms);
    int64_t success_ms = read_time(&head->last_success_ms);
    atomic_store(&self->ticks, proxy->ticks_before + atomic_load(&head->ticks));
    atomic_store(&self->late, proxy->late_before + proxy->late_here + atomic_load(&head->late));
    atomic_store(&self->tick_ns, read_time(&head->tick_ns));
    atomic_store(&self->child_queue, atomic_load(&head->queue));
    atomic_store(&self->child_dropped, proxy->dropped_before + atomic_load(&head->dropped));
    if (last_tick_ms > 0)
        atomic_store(&self->last_tick_ms, last_tick_ms);
    if (success_ms > atomic_load(&self->last_success_ms))
        atomic_store(&self->last_success_ms, success_ms);
}

static void copy_name(const struct proxy *proxy, char name[ROWS_NAME_BYTES])
{
    memcpy(name, proxy->rows.head->callback, ROWS_NAME_BYTES);
    name[ROWS_NAME_BYTES - 1] = '\0';
    for (char *at = name; *at; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
}

/* Late is told once a callback; one that hangs is asked where it is, and killed. */
static void look_at_callback(struct proxy *proxy, int64_t now_ns)
{
    struct gw_plugin *self = proxy->self;
    int64_t since_ns =
        atomic_load_explicit(&proxy->rows.head->callback_since_ns, memory_order_acquire);
    if (since_ns != proxy->hang_since_ns) {
        proxy->hang_since_ns = since_ns;
        proxy->hang_paused_ns = proxy->meter.paused_ns;
    }
    int64_t took_ns = now_ns - since_ns - (proxy->meter.paused_ns - proxy->hang_paused_ns);
    if (since_ns <= 0 || proxy->meter.paused)
        return;
    char name[ROWS_NAME_BYTES];
    copy_name(proxy, name);
    if (took_ns > self->deadline_ms * 1000000 && proxy->late_since_ns != since_ns) {
        proxy->late_since_ns = since_ns;
        proxy->late_here++;
        instance_late(self, name, took_ns);
    }
    if (proxy->limits.hang_ms > 0 && took_ns > proxy->limits.hang_ms * 1000000 &&
        !proxy->kill_at_ns && !*proxy->why) {
        snprintf(proxy->why, sizeof(proxy->why),
                 "its %s had been running for %.1f s (limits: hang)", name, (double)took_ns / 1e9);
        proxy->kill_at_ns = now_ns + GRACE_MS * INT64_C(1000000);
        worker_kill(&proxy->process, SIGABRT);
    }
}

/* Stopped, and not by us: nothing in it runs, so it can show no callback that hangs. */
static bool is_stopped(const struct proxy *proxy)
{
    siginfo_t info = {0};
    return !proxy->meter.paused &&
           waitid(P_PID, (id_t)proxy->process.pid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == proxy->process.pid;
}

static void look_whether_stopped(struct proxy *proxy, int64_t now_ns)
{
    if (proxy->limits.hang_ms <= 0 || !is_stopped(proxy))
        proxy->stopped_ns = 0;
    else if (!proxy->stopped_ns)
        proxy->stopped_ns = now_ns;
    else if (now_ns - proxy->stopped_ns > proxy->limits.hang_ms * 1000000)
        proxy_kill(proxy, "it had been stopped by a signal for %.1f s (limits: hang)",
                   (double)(now_ns - proxy->stopped_ns) / 1e9);
}

/* Those that have lost their parent are not below it, where the meter looks. */
static void look_for_strays(struct proxy *proxy, int64_t now_ns)
{
    if (!proxy->process.starts || now_ns - proxy->swept_ns < SWEEP_MS * INT64_C(1000000))
        return;
    proxy->swept_ns = now_ns;
    int64_t count = (int64_t)worker_sweep(&proxy->process, 0);
    if (count > proxy->limits.processes)
        proxy_kill(proxy, "it has %lld processes; its limit is %lld (limits: processes)",
                   (long long)count, (long long)proxy->limits.processes);
}

/* Of this thread, which does nothing but serve the child: who floods it pays for that too. */
static int64_t own_cpu_ns(void)
{
    struct timespec used = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static void look_at_cost(struct proxy *proxy, int64_t now_ns)
{
    struct gw_plugin *self = proxy->self;
    proxy->meter.ours_ns = own_cpu_ns();
    bool fits = worker_meter_sample(&proxy->meter, now_ns);
    atomic_store(&self->child_cpu_ns, proxy->cpu_before_ns + proxy->meter.cpu_ns);
    atomic_store(&self->child_rss_bytes, proxy->meter.rss_bytes);
    atomic_store(&self->child_paused, proxy->meter.paused);
    if (!fits)
        proxy_kill(proxy, "%s", proxy->meter.why);
}

void proxy_look(struct proxy *proxy)
{
    int64_t now_ns = clock_monotonic_ns(clock_system());
    proxy_take_rows(proxy);
    copy_signs(proxy);
    look_for_strays(proxy, now_ns);
    if (!proxy->stopping) /* from then on it has its three seconds */
        look_at_cost(proxy, now_ns);
    look_at_callback(proxy, now_ns);
    look_whether_stopped(proxy, now_ns);
    proxy_look_at_calls(proxy);
    if (proxy->kill_at_ns && now_ns > proxy->kill_at_ns)
        worker_kill(&proxy->process, SIGKILL);
    if (proxy->closed_ns && now_ns - proxy->closed_ns > GRACE_MS * INT64_C(1000000))
        proxy_kill(proxy, "it closed its socket and went on");
}

/* Looks at all instances from outside, five times a second.
 *
 * Nothing here runs on an instance's thread, so one that hangs is still seen and counted. */
#include "plugin/host_internal.h"

#include "base/log.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { LOOK_MS = 200, LOOKS_EXPIRE = 5, LOOKS_CPU = 10, LOOKS_SERIES = 25 };

void instance_late(struct gw_plugin *self, const char *which, int64_t took_ns)
{
    char text[256];
    snprintf(text, sizeof(text),
             "%s of instance '%s' has been running for %.1f s; its deadline is "
             "%.1f s",
             which, self->conf.name, (double)took_ns / 1e9, (double)self->deadline_ms / 1e3);
    struct gw_event event = {.topic = "gnswatch.instance.late",
                             .severity = GW_WARNING,
                             .source = self->conf.name,
                             .text = text};
    bus_emit(self->parts->bus, &event);
}

static void report_late(struct gw_plugin *self, int64_t since_ns, int64_t now_ns)
{
    self->reported_ns = since_ns;
    atomic_fetch_add(&self->late, 1);
    instance_late(self, atomic_load_explicit(&self->callback, memory_order_relaxed),
                  now_ns - since_ns);
}

static void look(struct gw_plugin *self, int64_t now_ns)
{
    int64_t since_ns = atomic_load_explicit(&self->callback_since_ns, memory_order_acquire);
    if (self->reported_ns && since_ns != self->reported_ns) {
        log_line(GW_INFO, "host", "instance '%s' goes on after %.1f s", self->conf.name,
                 (double)(now_ns - self->reported_ns) / 1e9);
        self->reported_ns = 0;
    }
    if (since_ns && !self->reported_ns && now_ns - since_ns > self->deadline_ms * 1000000)
        report_late(self, since_ns, now_ns);
}

static void sample_cpu(struct gw_plugin *self, int64_t now_ns)
{
    clockid_t id;
    struct timespec used;
    int64_t cpu_ns = atomic_load(&self->cpu_ended_ns);
    if (self->threaded && !cpu_ns && pthread_getcpuclockid(self->thread, &id) == 0 &&
        clock_gettime(id, &used) == 0)
        cpu_ns = (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
    cpu_ns += atomic_load(&self->child_cpu_ns);
    if (self->sampled_ns && now_ns > self->sampled_ns)
        atomic_store(&self->cpu_percent, 100.0 * (double)(cpu_ns - self->sampled_cpu_ns) /
                                             (double)(now_ns - self->sampled_ns));
    self->sampled_ns = now_ns;
    self->sampled_cpu_ns = cpu_ns;
    atomic_store(&self->cpu_ns, cpu_ns);
}

static void set_series(struct host *host, struct gw_plugin *self)
{
    static const struct gw_field fields[] = {
        {"ticks", GW_COUNTER, "1", "Ticks taken"},
        {"errors", GW_COUNTER, "1", "Callbacks that failed"},
        {"late", GW_COUNTER, "1", "Callbacks beyond their deadline and ticks missed"},
        {"restarts", GW_COUNTER, "1", "Starts after the first"},
        {"cpu_ms", GW_COUNTER, "ms", "CPU time of the instance's thread"},
        {"tick_ms", GW_GAUGE, "ms", "Duration of the last tick"},
        {"queue", GW_GAUGE, "1", "Events, calls and posts that wait"},
        {0},
    };
    if (!self->series) {
        int error = 0;
        struct gw_label labels[] = {{"instance", self->conf.name}, {0}};
        self->series = metric_get(host->parts.metric, host, "gnswatch.instance", labels, fields,
                                  LOOK_MS * LOOKS_SERIES, &error);
    }
    if (!self->series)
        return;
    bool ticked = atomic_load(&self->ticks) > 0;
    double values[] = {
        (double)atomic_load(&self->ticks),
        (double)atomic_load(&self->errors),
        (double)atomic_load(&self->late),
        (double)atomic_load(&self->restarts),
        (double)atomic_load(&self->cpu_ns) / 1e6,
        ticked ? (double)atomic_load(&self->tick_ns) / 1e6 : (double)NAN,
        (double)instance_queue(self),
    };
    metric_set(self->series, clock_wall_ms(host->parts.clock), values);
}

static void look_at_all(struct host *host, unsigned turn)
{
    int64_t now_ns = clock_monotonic_ns(host->parts.clock);
    for (size_t i = 0; i < host->count; i++) {
        struct gw_plugin *self = host->instances[i];
        if (!self->isolated) /* its process is looked at by who speaks to it */
            look(self, now_ns);
        if (turn % LOOKS_CPU == 0)
            sample_cpu(self, now_ns);
        if (turn % LOOKS_SERIES == 0 && self->threaded)
            set_series(host, self);
    }
}

static void *run(void *arg)
{
    struct host *host = arg;
    pthread_setname_np(pthread_self(), "gw-watchdog");
    pthread_mutex_lock(&host->lock);
    for (unsigned turn = 1; !host->watch_ends; turn++) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&host->watch_wake, &host->lock, &until);
        if (host->watch_ends)
            break;
        look_at_all(host, turn);
        if (turn % LOOKS_EXPIRE)
            continue;
        pthread_mutex_unlock(&host->lock);
        commands_expire(host->parts.commands);
        pthread_mutex_lock(&host->lock);
    }
    pthread_mutex_unlock(&host->lock);
    return NULL;
}

int watchdog_start(struct host *host)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&host->watch_wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_attr_t thread;
    pthread_attr_init(&thread);
    pthread_attr_setstacksize(&thread, 1 << 20);
    int error = pthread_create(&host->watchdog, &thread, run, host);
    pthread_attr_destroy(&thread);
    host->watched = error == 0;
    return -error;
}

void watchdog_stop(struct host *host)
{
    if (!host->watched)
        return;
    pthread_mutex_lock(&host->lock);
    host->watch_ends = true;
    pthread_cond_signal(&host->watch_wake);
    pthread_mutex_unlock(&host->lock);
    pthread_join(host->watchdog, NULL);
    host->watched = false;
}

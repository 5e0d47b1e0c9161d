/* The host of gns3_client_host.h. Knows nothing of HTTP or GNS3. */
#include "gns3_client_host.h"

#include "plugin/keep.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCHES_MAX = 64, OPTIONS_MAX = 32, LOG_MAX = 1 << 16, GIVE_UP_MS = 20000 };

struct gw_timer {
    struct gw_timer *next;
    struct gw_plugin *host;
    int64_t due_ms, repeat_ms;
    gw_timer_fn *on_time;
    void *data;
};

struct gw_watch {
    struct gw_plugin *host;
    int fd;
    unsigned flags;
    gw_watch_fn *on_ready;
    void *data;
};

struct gw_series {
    const struct gw_field *fields;
    double values[GW_FIELDS_MAX];
};

struct gw_values {
    char *names[OPTIONS_MAX], *texts[OPTIONS_MAX];
};

struct gw_plugin {
    int speed;
    struct gw_timer *timers;
    struct gw_watch *watches[WATCHES_MAX];
    struct keep *keeps;
    struct gw_values values;
    struct gw_series series;
    char log[LOG_MAX];
    size_t log_bytes;
};

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t real_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct gw_plugin *host_new(int speed)
{
    struct gw_plugin *host = calloc(1, sizeof(*host));
    assert(host);
    host->speed = speed;
    return host;
}

void host_free(struct gw_plugin *host)
{
    keep_release_all(&host->keeps);
    while (host->timers)
        gw_timer_stop(host->timers);
    for (int i = 0; i < WATCHES_MAX; i++)
        gw_watch_stop(host->watches[i]);
    for (int i = 0; i < OPTIONS_MAX; i++) {
        free(host->values.names[i]);
        free(host->values.texts[i]);
    }
    free(host);
}

struct keep **instance_keeps(struct gw_plugin *host)
{
    return &host->keeps;
}

/* ---- The loop ---- */

static struct gw_timer *first_due(struct gw_plugin *host)
{
    struct gw_timer *first = NULL;
    for (struct gw_timer *timer = host->timers; timer; timer = timer->next)
        if (!first || timer->due_ms <= first->due_ms) /* of equals the older, further back */
            first = timer;
    return first;
}

static void run_timer(struct gw_plugin *host, struct gw_timer *timer)
{
    gw_timer_fn *on_time = timer->on_time;
    void *data = timer->data;
    if (timer->repeat_ms > 0)
        timer->due_ms = gw_monotonic_ms(host) + timer->repeat_ms;
    else
        gw_timer_stop(timer);
    on_time(host, data);
}

static void run_watches(struct gw_plugin *host, int wait_ms)
{
    struct pollfd polled[WATCHES_MAX];
    struct gw_watch *watches[WATCHES_MAX];
    nfds_t count = 0;
    for (int i = 0; i < WATCHES_MAX; i++) {
        struct gw_watch *watch = host->watches[i];
        if (!watch)
            continue;
        short events = (short)((watch->flags & GW_READ ? POLLIN : 0) |
                               (watch->flags & GW_WRITE ? POLLOUT : 0));
        polled[count] = (struct pollfd){.fd = watch->fd, .events = events};
        watches[count++] = watch;
    }
    if (poll(polled, count, wait_ms) <= 0)
        return;
    for (nfds_t i = 0; i < count; i++) {
        bool alive = false;
        for (int j = 0; j < WATCHES_MAX; j++)
            alive = alive || (host->watches[j] == watches[i] && watches[i]->fd == polled[i].fd);
        short got = polled[i].revents;
        if (!alive || !got)
            continue;
        unsigned flags = (got & POLLIN ? GW_READ : 0U) | (got & POLLOUT ? GW_WRITE : 0U) |
                         (got & (POLLHUP | POLLERR) ? GW_HANGUP : 0U);
        watches[i]->on_ready(host, watches[i]->fd, flags, watches[i]->data);
    }
}

static void turn(struct gw_plugin *host)
{
    struct gw_timer *timer = first_due(host);
    int64_t wait_ms = timer ? timer->due_ms - gw_monotonic_ms(host) : 50;
    if (wait_ms <= 0) {
        run_watches(host, 0);
        timer = first_due(host);
        if (timer && timer->due_ms <= gw_monotonic_ms(host))
            run_timer(host, timer);
        return;
    }
    int64_t real_wait_ms = (wait_ms + host->speed - 1) / host->speed;
    run_watches(host, real_wait_ms > 50 ? 50 : (int)real_wait_ms);
}

bool host_run(struct gw_plugin *host, bool (*until)(void *data), void *data)
{
    int64_t end_ms = real_ms() + GIVE_UP_MS;
    while (!until(data)) {
        if (real_ms() > end_ms)
            return false;
        turn(host);
    }
    return true;
}

void host_run_ms(struct gw_plugin *host, int64_t ms)
{
    int64_t end_ms = gw_monotonic_ms(host) + ms;
    while (gw_monotonic_ms(host) < end_ms)
        turn(host);
}

int host_timers(const struct gw_plugin *host)
{
    int count = 0;
    for (struct gw_timer *timer = host->timers; timer; timer = timer->next)
        count++;
    return count;
}

int host_watches(const struct gw_plugin *host)
{
    int count = 0;
    for (int i = 0; i < WATCHES_MAX; i++)
        count += host->watches[i] != NULL;
    return count;
}

/* ---- gnswatch/plugin.h ---- */

int64_t gw_monotonic_ms(struct gw_plugin *host)
{
    return real_us() * host->speed / 1000;
}

int64_t gw_now_ms(struct gw_plugin *host)
{
    return gw_monotonic_ms(host);
}

struct gw_timer *gw_timer_start(struct gw_plugin *host, int64_t delay_ms, int64_t repeat_ms,
                                gw_timer_fn *on_time, void *data)
{
    struct gw_timer *timer = malloc(sizeof(*timer));
    assert(timer);
    *timer = (struct gw_timer){.next = host->timers,
                               .host = host,
                               .due_ms = gw_monotonic_ms(host) + delay_ms,
                               .repeat_ms = repeat_ms,
                               .on_time = on_time,
                               .data = data};
    host->timers = timer;
    return timer;
}

void gw_timer_stop(struct gw_timer *timer)
{
    if (!timer)
        return;
    struct gw_timer **link = &timer->host->timers;
    while (*link && *link != timer)
        link = &(*link)->next;
    assert(*link == timer);
    *link = timer->next;
    free(timer);
}

struct gw_watch *gw_watch_start(struct gw_plugin *host, int fd, unsigned flags,
                                gw_watch_fn *on_ready, void *data)
{
    for (int i = 0; i < WATCHES_MAX; i++) {
        if (host->watches[i])
            continue;
        struct gw_watch *watch = malloc(sizeof(*watch));
        assert(watch);
        *watch = (struct gw_watch){host, fd, flags, on_ready, data};
        host->watches[i] = watch;
        return watch;
    }
    return NULL;
}

int gw_watch_change(struct gw_watch *watch, unsigned flags)
{
    if (!watch)
        return -EINVAL;
    watch->flags = flags;
    return 0;
}

void gw_watch_stop(struct gw_watch *watch)
{
    if (!watch)
        return;
    for (int i = 0; i < WATCHES_MAX; i++)
        if (watch->host->watches[i] == watch)
            watch->host->watches[i] = NULL;
    free(watch);
}

static void note(struct gw_plugin *host, const char *format, va_list args)
{
    size_t left = LOG_MAX - host->log_bytes;
    int count = vsnprintf(host->log + host->log_bytes, left, format, args);
    if (count > 0 && (size_t)count + 1 < left) {
        host->log_bytes += (size_t)count;
        host->log[host->log_bytes++] = '\n';
    }
}

void gw_log(struct gw_plugin *host, enum gw_severity level, const char *format, ...)
{
    (void)level;
    va_list args;
    va_start(args, format);
    note(host, format, args);
    va_end(args);
}

int gw_fail(struct gw_plugin *host, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    note(host, format, args);
    va_end(args);
    return error;
}

const char *host_log(const struct gw_plugin *host)
{
    return host->log;
}

/* ---- Options and series ---- */

void host_option(struct gw_plugin *host, const char *name, const char *value)
{
    for (int i = 0; i < OPTIONS_MAX; i++) {
        if (host->values.names[i] && strcmp(host->values.names[i], name) != 0)
            continue;
        free(host->values.names[i]);
        free(host->values.texts[i]);
        host->values.names[i] = value ? strdup(name) : NULL;
        host->values.texts[i] = value ? strdup(value) : NULL;
        return;
    }
}

const struct gw_values *host_values(struct gw_plugin *host)
{
    return &host->values;
}

const char *gw_string(const struct gw_values *values, const char *name)
{
    for (int i = 0; i < OPTIONS_MAX; i++)
        if (values->names[i] && strcmp(values->names[i], name) == 0)
            return values->texts[i];
    return NULL;
}

bool gw_has(const struct gw_values *values, const char *name)
{
    return gw_string(values, name) != NULL;
}

bool gw_bool(const struct gw_values *values, const char *name)
{
    const char *text = gw_string(values, name);
    return text && strcmp(text, "yes") == 0;
}

int64_t gw_int(const struct gw_values *values, const char *name)
{
    const char *text = gw_string(values, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

double gw_number(const struct gw_values *values, const char *name)
{
    const char *text = gw_string(values, name);
    return text ? strtod(text, NULL) : 0;
}

struct gw_series *gw_series_get(struct gw_plugin *host, const char *measurement,
                                const struct gw_label *labels, const struct gw_field *fields,
                                int64_t every_ms)
{
    (void)measurement;
    (void)labels;
    (void)every_ms;
    host->series.fields = fields;
    return &host->series;
}

int gw_set(struct gw_series *series, const double *values)
{
    for (size_t i = 0; i < GW_FIELDS_MAX && series->fields[i].name; i++)
        series->values[i] = values[i];
    return 0;
}

const double *host_row(const struct gw_plugin *host, const char *field)
{
    for (size_t i = 0; host->series.fields && host->series.fields[i].name; i++)
        if (strcmp(host->series.fields[i].name, field) == 0)
            return &host->series.values[i];
    return NULL;
}

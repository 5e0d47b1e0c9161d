/* The life of an instance: start, run, stop, and start again after a failure.
 *
 * Everything happens in turns of the instance's own loop, so no two callbacks ever overlap. */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 4 << 20 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { STACK_BYTES = 4 << 20 };
#else
enum { STACK_BYTES = 384 << 10 };
#endif
#else
enum { STACK_BYTES = 384 << 10 }; /* a TLS handshake takes about 60 KiB */
#endif

static int64_t now_ns(const struct gw_plugin *self)
{
    return clock_monotonic_ns(self->parts->clock);
}

static void set_state(struct gw_plugin *self, enum instance_state state)
{
    atomic_store(&self->state, (int)state);
}

static void emit(struct gw_plugin *self, const char *topic, enum gw_severity severity,
                 const char *text)
{
    struct gw_event event = {
        .topic = topic, .severity = severity, .source = self->conf.name, .text = text};
    bus_emit(self->parts->bus, &event);
}

/* ---- ticks ---- */

static void on_tick(uv_timer_t *timer);

static void arm_tick(struct gw_plugin *self)
{
    uv_update_time(&self->loop);
    int64_t wait_ms = schedule_wait_ms(&self->schedule, now_ns(self));
    uv_timer_start(&self->tick, on_tick, (uint64_t)wait_ms, 0);
}

static void on_tick(uv_timer_t *timer)
{
    struct gw_plugin *self = timer->data;
    int64_t begin_ns = now_ns(self);
    if (begin_ns < self->schedule.due_ns) { /* the loop's clock is coarser than ours */
        arm_tick(self);
        return;
    }
    instance_enter(self, "tick");
    int error = self->descriptor->tick(self, self->data);
    instance_leave(self, error);
    int64_t end_ns = now_ns(self), end_ms = clock_wall_ms(self->parts->clock);
    atomic_store(&self->tick_ns, end_ns - begin_ns);
    atomic_store(&self->last_tick_ms, end_ms);
    if (error >= 0)
        atomic_store(&self->last_success_ms, end_ms);
    atomic_fetch_add(&self->ticks, 1);
    atomic_fetch_add(&self->late, (uint64_t)schedule_next(&self->schedule, end_ns));
    if (self->parts->remote)
        self->parts->remote->note(self);
    arm_tick(self);
}

/* ---- runs ---- */

static void begin(struct gw_plugin *self);

static void on_retry(uv_timer_t *timer)
{
    begin(timer->data);
}

/* What the plugin made is released, whether or not it started; calls it never answered too. */
static void end_run(struct gw_plugin *self)
{
    uv_timer_stop(&self->tick);
    uv_timer_stop(&self->retry);
    mailbox_listen(self->mailbox, false);
    commands_refuse(self->parts->commands, self, "the instance has been stopped");
    instance_end_follows(self);
    if (self->begun && self->descriptor->stop) {
        instance_enter(self, "stop");
        self->descriptor->stop(self, self->data);
        instance_leave(self, 0);
    }
    self->begun = false;
    keep_release_all(&self->keeps);
    instance_release_time(self);
    instance_release_events(self);
    mailbox_empty(self->mailbox);
    commands_release(self->parts->commands, self);
    metric_release(self->parts->metric, self);
    self->data = NULL;
}

static void wait_for_retry(struct gw_plugin *self)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
        random = (uint64_t)now_ns(self);
    int64_t wait_ms = backoff_ms(++self->tries, random);
    set_state(self, INSTANCE_WAITING);
    log_line(GW_INFO, self->conf.name, "start failed %u time%s; the next try is in %.1f s",
             self->tries, self->tries > 1 ? "s" : "", (double)wait_ms / 1000);
    if (self->tries == 1)
        emit(self, "gnswatch.instance.failed", GW_ERROR, self->last_error.text);
    uv_update_time(&self->loop);
    uv_timer_start(&self->retry, on_retry, (uint64_t)wait_ms, 0);
}

/* A run of a minute or of five ticks was a good one. */
static int64_t crash_wait_ms(struct gw_plugin *self)
{
    enum { FIRST_MS = 1000, LEAST_CAP_MS = 5000, GOOD_S = 60, GOOD_TICKS = 5 };
    bool good = now_ns(self) - self->begun_ns >= GOOD_S * INT64_C(1000000000) ||
                atomic_load(&self->ticks) - self->begun_ticks >= GOOD_TICKS;
    int64_t cap_ms = 5 * self->every_ms > LEAST_CAP_MS ? 5 * self->every_ms : LEAST_CAP_MS;
    self->ends = good ? 0 : self->ends;
    int64_t wait_ms = self->ends < 20 ? (int64_t)FIRST_MS << self->ends : cap_ms;
    self->ends++;
    return wait_ms < cap_ms ? wait_ms : cap_ms;
}

static void wait_after_crash(struct gw_plugin *self)
{
    int64_t wait_ms = crash_wait_ms(self);
    self->crashed = false;
    self->tries++;
    set_state(self, INSTANCE_WAITING);
    log_line(GW_INFO, self->conf.name, "it is started again in %.1f s", (double)wait_ms / 1000);
    uv_update_time(&self->loop);
    uv_timer_start(&self->retry, on_retry, (uint64_t)wait_ms, 0);
}

void instance_crashed(struct gw_plugin *self, const char *sentence)
{
    if (self->crashed)
        return;
    self->crashed = true;
    atomic_fetch_add(&self->crashes, 1);
    atomic_fetch_add(&self->errors, 1);
    pthread_mutex_lock(&self->lock);
    self->crash.time_ms = clock_wall_ms(self->parts->clock);
    snprintf(self->crash.text, sizeof(self->crash.text), "%s", sentence);
    self->last_error = self->crash; /* whoever calls this has told the log more */
    pthread_mutex_unlock(&self->lock);
    uv_async_send(&self->wake);
}

void instance_hold(struct gw_plugin *self, bool held)
{
    bool go_on = self->held && !held;
    self->held = held;
    if (go_on)
        uv_async_send(&self->wake);
}

static int start(struct gw_plugin *self)
{
    self->begun = true;
    if (!self->descriptor->start)
        return 0;
    instance_enter(self, "start");
    int error = self->descriptor->start(self, &self->data);
    instance_leave(self, error);
    return error;
}

static void wait_after_failure(struct gw_plugin *self, int error)
{
    if (self->parts->remote) /* the daemon begins another process when it is time */
        self->parts->remote->started(self, error);
    else if (self->crashed)
        wait_after_crash(self);
    else if (!atomic_load(&self->stop_wanted)) /* a process is not waited for then */
        wait_for_retry(self);
}

static void begin(struct gw_plugin *self)
{
    set_state(self, INSTANCE_STARTING);
    if (self->tries)
        atomic_fetch_add(&self->restarts, 1);
    self->held = self->crashed = false;
    self->begun_ns = now_ns(self);
    self->begun_ticks = atomic_load(&self->ticks);
    int error = start(self);
    atomic_store(&self->tried, true);
    if (error < 0) {
        end_run(self);
        wait_after_failure(self, error);
        return;
    }
    if (self->tries)
        emit(self, "gnswatch.instance.recovered", GW_NOTICE, "started after earlier failures");
    else
        emit(self, "gnswatch.instance.started", GW_INFO, "started");
    self->tries = 0;
    atomic_store(&self->last_success_ms, clock_wall_ms(self->parts->clock));
    set_state(self, INSTANCE_RUNNING);
    mailbox_listen(self->mailbox, true);
    if (self->every_ms > 0 && self->descriptor->tick) {
        schedule_init(&self->schedule, self->conf.name, self->every_ms, now_ns(self));
        arm_tick(self);
    }
    if (self->parts->remote)
        self->parts->remote->started(self, 0);
}

static void on_wake(uv_async_t *wake)
{
    struct gw_plugin *self = wake->data;
    if (atomic_load(&self->stop_wanted)) {
        if (uv_is_closing((uv_handle_t *)&self->wake))
            return;
        end_run(self);
        set_state(self, INSTANCE_STOPPED);
        mailbox_close(self->mailbox);
        uv_close((uv_handle_t *)&self->tick, NULL);
        uv_close((uv_handle_t *)&self->retry, NULL);
        uv_close((uv_handle_t *)&self->wake, NULL);
        return;
    }
    if (atomic_exchange(&self->restart_wanted, false)) {
        self->tries += self->crashed; /* a failure, even if asked before the wait has begun */
        end_run(self);
        atomic_fetch_add(&self->restarts, self->tries ? 0 : 1);
        begin(self);
    }
    if (self->crashed && atomic_load(&self->state) == INSTANCE_RUNNING) {
        end_run(self);
        wait_after_crash(self);
    }
    if (instance_deliver(self))
        uv_async_send(&self->wake); /* others get their turn before the rest */
}

static void *run(void *arg)
{
    struct gw_plugin *self = arg;
    char name[16];
    self->home = pthread_self();
    self->at_home = true;
    snprintf(name, sizeof(name), "gw-%.12s", self->conf.name);
    pthread_setname_np(pthread_self(), name);
    begin(self);
    uv_async_send(&self->wake); /* a stop may have been wanted meanwhile */
    uv_run(&self->loop, UV_RUN_DEFAULT);
    struct timespec used = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    atomic_store(&self->cpu_ended_ns, (int64_t)used.tv_sec * 1000000000 + used.tv_nsec);
    pthread_mutex_lock(&self->lock);
    self->thread_ended = true;
    pthread_cond_signal(&self->end);
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* ---- from outside ---- */

static int init_loop(struct gw_plugin *self)
{
    int error = uv_loop_init(&self->loop);
    if (error)
        return error;
    uv_timer_init(&self->loop, &self->tick);
    uv_timer_init(&self->loop, &self->retry);
    error = uv_async_init(&self->loop, &self->wake, on_wake);
    if (error)
        return error;
    self->looped = true;
    self->tick.data = self->retry.data = self->wake.data = self;
    self->mailbox = mailbox_new(&self->wake);
    return self->mailbox ? 0 : -ENOMEM;
}

static void stay_failed(struct gw_plugin *self, const char *why)
{
    instance_fail(self, why);
    set_state(self, INSTANCE_FAILED);
    atomic_store(&self->tried, true);
}

static void init_locks(struct gw_plugin *self)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->end, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&self->lock, NULL);
}

struct gw_plugin *instance_new(const struct host_parts *parts,
                               const struct gw_descriptor *descriptor, struct conf_instance *conf,
                               const char *why)
{
    struct gw_plugin *self = calloc(1, sizeof(*self));
    if (!self)
        return NULL;
    self->parts = parts;
    self->descriptor = descriptor;
    self->conf = *conf;
    *conf = (struct conf_instance){0};
    init_locks(self);
    LIST_INIT(&self->timers);
    LIST_INIT(&self->watches);
    LIST_INIT(&self->follows);
    self->every_ms =
        self->conf.every_ms || !descriptor ? self->conf.every_ms : descriptor->every_ms;
    self->deadline_ms = descriptor && descriptor->deadline_ms ? descriptor->deadline_ms : 1000;
    set_state(self, INSTANCE_STOPPED);
    if (!why && init_loop(self))
        why = "no loop: too many open files, or no memory";
    if (why)
        stay_failed(self, why);
    return self;
}

int instance_launch(struct gw_plugin *self)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (!error) {
        pthread_attr_setstacksize(&attributes, STACK_BYTES);
        set_state(self, INSTANCE_STARTING);
        error = pthread_create(&self->thread, &attributes, run, self);
        pthread_attr_destroy(&attributes);
    }
    self->threaded = error == 0;
    if (error)
        stay_failed(self, "no thread: the limit of tasks is reached, or no memory");
    return -error;
}

void instance_ask_stop(struct gw_plugin *self)
{
    atomic_store(&self->stop_wanted, true);
    if (self->threaded)
        mailbox_wake(self->mailbox);
}

void instance_ask_restart(struct gw_plugin *self)
{
    atomic_store(&self->restart_wanted, true);
    if (self->threaded)
        mailbox_wake(self->mailbox);
}

bool instance_join(struct gw_plugin *self, int64_t until_monotonic_ns)
{
    if (!self->threaded)
        return true;
    struct timespec until = {.tv_sec = until_monotonic_ns / 1000000000,
                             .tv_nsec = until_monotonic_ns % 1000000000};
    int error = 0;
    pthread_mutex_lock(&self->lock);
    while (!self->thread_ended && !error)
        error = pthread_cond_timedwait(&self->end, &self->lock, &until);
    bool ended = self->thread_ended;
    pthread_mutex_unlock(&self->lock);
    if (!ended)
        return false;
    pthread_join(self->thread, NULL);
    self->threaded = false;
    self->looped = false;
    uv_loop_close(&self->loop);
    return true;
}

void instance_free(struct gw_plugin *self)
{
    if (!self)
        return;
    if (self->looped) { /* made, but its thread never was */
        mailbox_close(self->mailbox);
        uv_close((uv_handle_t *)&self->tick, NULL);
        uv_close((uv_handle_t *)&self->retry, NULL);
        uv_close((uv_handle_t *)&self->wake, NULL);
        uv_run(&self->loop, UV_RUN_DEFAULT);
        uv_loop_close(&self->loop);
    }
    mailbox_unref(self->mailbox);
    if (self->series)
        metric_end(self->series);
    pthread_cond_destroy(&self->end);
    pthread_mutex_destroy(&self->lock);
    free(self->conf.name);
    free(self->conf.plugin);
    free(self->conf.file);
    free(self->conf.run_as);
    values_free(self->conf.values);
    free(self->state_dir);
    free(self);
}

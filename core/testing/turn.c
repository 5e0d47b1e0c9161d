/* Time: what is due comes in order, at once. Must not know what it does. */
#include "testing/inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REAL_MS = 10000,    /* what one gwt_run_until may really wait */
    PACE_MS = 8000,     /* of it, before fake time leaps */
    REST_MAX = 1000000, /* callbacks in one instant: then it never comes to rest */
    BUSY_MAX = 64,      /* turns in one instant in which only descriptors were ready */
};

/* ---- Into the plugin and back ---- */

static int64_t real_ns(void)
{
    return clock_monotonic_ns(clock_system());
}

void turn_enter(struct gw_plugin *self, const char *which)
{
    self->depth++;
    self->callback = which;
    self->failed_in_callback = false;
    self->callback_ns = real_ns();
}

static void say_late(struct gw_plugin *self)
{
    int64_t limit_ms = self->descriptor->deadline_ms ? self->descriptor->deadline_ms : 1000;
    int64_t took_ms = (real_ns() - self->callback_ns) / 1000000;
    char text[128];
    if (took_ms <= limit_ms)
        return;
    snprintf(text, sizeof(text), "%s took %lld ms; its deadline is %lld ms", self->callback,
             (long long)took_ms, (long long)limit_ms);
    note_line(self->test, GW_WARNING, text);
}

void turn_leave(struct gw_plugin *self, int error)
{
    say_late(self);
    self->depth--;
    if (error < 0 && !self->failed_in_callback) {
        char sentence[128];
        snprintf(sentence, sizeof(sentence), "%s: %s", self->callback, strerror(-error));
        note_error(self->test, sentence);
    }
}

/* ---- Deeds ---- */

void deed_put(struct gw_plugin *self, struct deed *deed)
{
    pthread_mutex_lock(&self->lock);
    STAILQ_INSERT_TAIL(&self->deeds, deed, entry);
    pthread_mutex_unlock(&self->lock);
}

/* With the lock held: the test may be waiting for descriptors. */
static void wake(struct gw_plugin *self)
{
    uint64_t one = 1;
    if (write(self->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
        gwt_die("cannot wake the test: %s", strerror(errno));
}

static struct deed *deed_take(struct gw_plugin *self)
{
    pthread_mutex_lock(&self->lock);
    struct deed *deed = STAILQ_FIRST(&self->deeds);
    if (deed) {
        STAILQ_REMOVE_HEAD(&self->deeds, entry);
        self->posts -= deed->posted;
    }
    pthread_mutex_unlock(&self->lock);
    return deed;
}

void deeds_drop(struct gw_plugin *self)
{
    for (struct deed *deed; (deed = deed_take(self));)
        deed->act(NULL, deed);
}

struct post {
    struct deed deed;
    gw_timer_fn *fn;
    void *data;
};

static void post_act(struct gw_plugin *self, struct deed *deed)
{
    struct post *post = (struct post *)deed;
    if (self) {
        turn_enter(self, "post");
        post->fn(self, post->data);
        turn_leave(self, 0);
    }
    free(post);
}

int gw_post(struct gw_plugin *self, gw_timer_fn *fn, void *data)
{
    if (!self || !fn)
        return -EINVAL;
    struct post *post = calloc(1, sizeof(*post));
    if (!post)
        return -ENOMEM;
    *post = (struct post){{.act = post_act, .posted = true}, fn, data};
    pthread_mutex_lock(&self->lock);
    int error = !self->open ? -ESHUTDOWN : self->posts >= POSTS_MAX ? -EAGAIN : 0;
    if (!error) {
        self->posts++;
        STAILQ_INSERT_TAIL(&self->deeds, &post->deed, entry);
        wake(self);
    }
    pthread_mutex_unlock(&self->lock);
    if (error)
        free(post);
    return error;
}

/* ---- Turns ---- */

static struct gw_timer *next_timer(struct gw_plugin *self)
{
    struct gw_timer *next = NULL, *timer;
    LIST_FOREACH(timer, &self->timers, entry)
    {
        if (!next || timer->due_ms < next->due_ms ||
            (timer->due_ms == next->due_ms && timer->order < next->order))
            next = timer;
    }
    return next;
}

static int64_t now_ms(const struct gwt *test)
{
    return clock_monotonic_ms(&test->clock.clock);
}

/* One thing that is due now; false: there is none. */
static bool do_one(struct gw_plugin *self)
{
    struct deed *deed = deed_take(self);
    if (deed) {
        deed->act(self, deed);
        return true;
    }
    if (events_turn(self))
        return true;
    struct gw_timer *timer = next_timer(self);
    if (!timer || timer->due_ms > now_ms(self->test))
        return false;
    timer_run(timer);
    return true;
}

/* Until nothing is due now; true as soon as `true_now` says so. */
static bool settle(struct gwt *test, bool (*true_now)(void *data), void *data)
{
    int done = 0;
    for (int busy = 0; busy < BUSY_MAX;) {
        if (true_now && true_now(data))
            return true;
        if (do_one(test->self)) {
            busy = 0;
            if (++done > REST_MAX)
                gwt_die("'%s' does not come to rest: %d callbacks without time passing", test->name,
                        REST_MAX);
        } else if (watches_turn(test->self, 0)) {
            busy++;
        } else {
            return false;
        }
    }
    return false;
}

static void leap(struct gwt *test, int64_t to_ms)
{
    fake_clock_advance_ms(&test->clock, to_ms - now_ms(test));
}

static void check_outside(const struct gwt *test, const char *function)
{
    if (test->self->depth)
        gwt_die("%s was called from within a callback", function);
}

void gwt_run(struct gwt *test, int64_t ms)
{
    check_outside(test, "gwt_run");
    int64_t until_ms = now_ms(test) + ms;
    for (;;) {
        settle(test, NULL, NULL);
        const struct gw_timer *next = next_timer(test->self);
        if (!next || next->due_ms > until_ms)
            break;
        leap(test, next->due_ms);
    }
    leap(test, until_ms);
}

/* Threads and peers are given real time before fake time leaps over it: a little before a short
 * leap, more before a long one. */
static int patience_ms(struct gwt *test, int64_t leap_ms, int64_t waited_ms, bool last)
{
    if (!watches_any(test->self) && !gwt_threads(test))
        return 0;
    int64_t wish_ms = last ? REAL_MS : 50 + leap_ms / 20;
    int64_t left_ms = (last ? REAL_MS : PACE_MS) - waited_ms;
    if (!last && wish_ms > leap_ms)
        wish_ms = leap_ms;
    return (int)(wish_ms < left_ms ? wish_ms : left_ms > 0 ? left_ms : 0);
}

bool gwt_run_until(struct gwt *test, bool (*true_now)(void *data), void *data, int64_t ms)
{
    check_outside(test, "gwt_run_until");
    int64_t until_ms = now_ms(test) + ms, waited_ms = 0;
    for (;;) {
        if (settle(test, true_now, data))
            return true;
        const struct gw_timer *next = next_timer(test->self);
        bool last = !next || next->due_ms > until_ms;
        int64_t leap_ms = (last ? until_ms : next->due_ms) - now_ms(test);
        int patience = patience_ms(test, leap_ms, waited_ms, last);
        int64_t begin_ns = real_ns();
        bool woken = patience > 0 && watches_turn(test->self, patience);
        waited_ms += patience > 0 ? (real_ns() - begin_ns) / 1000000 : 0;
        if (woken)
            continue;
        leap(test, last ? until_ms : next->due_ms);
        if (last)
            return true_now(data);
    }
}

void gwt_set_clock(struct gwt *test, int64_t time_ms)
{
    test->clock.now_wall_ms = time_ms;
}

int64_t gwt_now_ms(struct gwt *test)
{
    return test->clock.now_wall_ms;
}

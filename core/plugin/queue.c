/* gnswatch/queue.h for an instance: its directory, its clock, its timer and its log around
 * store/queue_file.h. Uses public functions and keep.h only, so that a test host can link it. */
#include <gnswatch/queue.h>

#include "plugin/keep.h"
#include "store/queue_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct gw_queue {
    struct keep keep; /* first: keep_release gets it */
    struct clock clock;
    struct gw_plugin *self;
    pthread_t home;
    struct queue_file *file;
    struct gw_timer *timer; /* NULL: nothing waits to be flushed */
};

/* ---- Time ----------------------------------------------------------------------------------- */

static const struct gw_queue *queue_of(const struct clock *clock)
{
    return (const struct gw_queue *)(const void *)((const char *)clock -
                                                   offsetof(struct gw_queue, clock));
}

static int64_t queue_wall_ms(const struct clock *clock)
{
    return gw_now_ms(queue_of(clock)->self);
}

static int64_t queue_monotonic_ns(const struct clock *clock)
{
    return gw_monotonic_ms(queue_of(clock)->self) * 1000000;
}

/* ---- Life ----------------------------------------------------------------------------------- */

static void queue_release(struct keep *keep)
{
    struct gw_queue *queue = (struct gw_queue *)keep;
    queue_file_close(queue->file);
    free(queue);
}

struct gw_queue *gw_queue_open(struct gw_plugin *self, const struct gw_queue_options *options)
{
    if (!self || !options)
        return NULL;
    struct keep **keeps = instance_keeps(self);
    const char *dir = keeps ? gw_state_dir(self) : NULL;
    struct gw_queue *queue = dir ? calloc(1, sizeof(*queue)) : NULL;
    if (!queue)
        return NULL;
    *queue = (struct gw_queue){
        .clock = {queue_wall_ms, queue_monotonic_ns}, .self = self, .home = pthread_self()};
    char *note = NULL;
    int error = queue_file_open(dir, options, &queue->clock, &queue->file, &note);
    if (error) {
        gw_fail(self, error, "queue: %s", note ? note : strerror(-error));
        free(note);
        free(queue);
        return NULL;
    }
    if (note)
        gw_log(self, GW_WARNING, "queue: %s", note);
    free(note);
    keep_add(keeps, &queue->keep, queue_release);
    return queue;
}

void gw_queue_close(struct gw_queue *queue)
{
    if (!queue)
        return;
    gw_timer_stop(queue->timer);
    keep_drop(&queue->keep);
    queue_release(&queue->keep);
}

/* ---- Use ------------------------------------------------------------------------------------ */

static void queue_on_time(struct gw_plugin *self, void *data)
{
    struct gw_queue *queue = data;
    queue->timer = NULL;
    int error = queue_file_flush(queue->file);
    if (error)
        gw_fail(self, error, "queue: cannot write to disk: %s", strerror(-error));
}

/* After each call: what happened is told, and what is held back is written in time. */
static int ended(struct gw_queue *queue, int error)
{
    char *note = queue_file_note(queue->file);
    if (note)
        gw_log(queue->self, GW_WARNING, "queue: %s", note);
    free(note);
    int64_t due_ms = queue_file_flush_due_ms(queue->file);
    if (due_ms && !queue->timer) {
        int64_t left_ms = due_ms - gw_monotonic_ms(queue->self);
        queue->timer =
            gw_timer_start(queue->self, left_ms > 0 ? left_ms : 0, 0, queue_on_time, queue);
    }
    return error;
}

/* 0, or why this queue cannot be used here. */
static int usable(const struct gw_queue *queue)
{
    if (!queue)
        return -EINVAL;
    return pthread_equal(queue->home, pthread_self()) ? 0 : -EPERM;
}

int gw_queue_put(struct gw_queue *queue, const char *key, const void *bytes, size_t count,
                 int64_t *id)
{
    int error = usable(queue);
    return error ? error : ended(queue, queue_file_put(queue->file, key, bytes, count, id));
}

int gw_queue_next(struct gw_queue *queue, int64_t after, struct gw_queue_item *item)
{
    int error = item ? usable(queue) : -EINVAL;
    return error ? error : ended(queue, queue_file_next(queue->file, after, item));
}

int gw_queue_done(struct gw_queue *queue, int64_t id)
{
    int error = usable(queue);
    return error ? error : ended(queue, queue_file_done(queue->file, id));
}

int gw_queue_later(struct gw_queue *queue, int64_t id, int64_t due_ms, const char *why)
{
    int error = usable(queue);
    return error ? error : ended(queue, queue_file_later(queue->file, id, due_ms, why));
}

int gw_queue_bury(struct gw_queue *queue, int64_t id, const char *why)
{
    int error = usable(queue);
    return error ? error : ended(queue, queue_file_bury(queue->file, id, why));
}

int gw_queue_revive(struct gw_queue *queue, int64_t id)
{
    int error = usable(queue);
    return error ? error : ended(queue, queue_file_revive(queue->file, id));
}

int gw_queue_flush(struct gw_queue *queue)
{
    int error = usable(queue);
    return error ? error : queue_file_flush(queue->file);
}

int gw_queue_dead(struct gw_queue *queue, gw_queue_fn *visit, void *data)
{
    int error = visit ? usable(queue) : -EINVAL;
    return error ? error : queue_file_dead(queue->file, visit, data);
}

int gw_queue_waiting(struct gw_queue *queue, gw_queue_fn *visit, void *data)
{
    int error = visit ? usable(queue) : -EINVAL;
    return error ? error : queue_file_waiting(queue->file, visit, data);
}

void gw_queue_count(const struct gw_queue *queue, struct gw_queue_counts *out)
{
    if (!out)
        return;
    *out = (struct gw_queue_counts){0};
    if (usable(queue) == 0)
        queue_file_count(queue->file, out);
}

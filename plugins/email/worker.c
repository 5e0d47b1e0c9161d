/* One lock; jobs move from `todo` to `now` to `done`. The thread may outlive the instance (a server
 * that says nothing for a minute must not hold up a stop): then it owns the worker. */
#include "worker.h"

#include "message.h"
#include "picture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct jobs {
    struct job *list[WORKER_JOBS_MAX];
    size_t count;
};

struct worker {
    struct gw_plugin *self;
    struct worker_options options; /* its texts are owned */
    worker_done_fn *on_done;
    void *data;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct jobs todo, done;
    bool busy, stopping, posted;
    bool orphan; /* the thread frees everything */
};

/* ---- One job (on the thread, without the lock) ---- */

static void make_pictures(const struct worker *worker, struct job *job,
                          struct message_picture *pictures, char (*cids)[32], size_t *count)
{
    if (!worker->options.chart_program)
        return;
    for (size_t i = 0; i < job->picture_count; i++) {
        void *png;
        size_t bytes;
        if (picture_make(worker->options.chart_program, job->pictures[i].input,
                         worker->options.chart_deadline_ms, &png, &bytes)) {
            job->pictures_failed++;
            continue;
        }
        char *cid = cids[*count], place[ADDRESS_BYTES + 40];
        snprintf(cid, sizeof *cids, "chart%u.gnswatch", (unsigned)i + 1);
        snprintf(place, sizeof place, "%s@%s", cid, address_domain(&worker->options.from));
        content_set_chart(job->document, job->pictures[i].item, job->pictures[i].alert, place);
        pictures[*count] =
            (struct message_picture){.cid = cid, .name = "chart.png", .png = png, .bytes = bytes};
        ++*count;
    }
}

static char *build(const struct worker *worker, const struct job *job,
                   const struct message_picture *pictures, size_t count, char *why,
                   size_t why_bytes)
{
    struct content content;
    if (content_render(job->document, &worker->options.style, &content, why, why_bytes))
        return NULL;
    const struct message_field fields[] = {{"X-Gnswatch-Notification", job->notifications}, {0}};
    struct message message = {.from = worker->options.from,
                              .to = job->to,
                              .to_count = job->to_count,
                              .subject = content.subject,
                              .id = job->id,
                              .thread = job->thread,
                              .time_ms = job->time_ms,
                              .offset_s = job->offset_s,
                              .text = content.text,
                              .html = content.html,
                              .pictures = pictures,
                              .picture_count = count,
                              .fields = fields};
    char *mail = message_build(&message, NULL);
    content_fini(&content);
    return mail;
}

static void work(const struct worker *worker, struct job *job)
{
    struct message_picture pictures[WORKER_PICTURES_MAX];
    char cids[WORKER_PICTURES_MAX][32], why[256] = "no memory";
    size_t count = 0;
    make_pictures(worker, job, pictures, cids, &count);
    char *mail = build(worker, job, pictures, count, why, sizeof why);
    job->each = mail ? calloc(job->to_count, sizeof *job->each) : NULL;
    if (job->each) {
        submit(&worker->options.server, worker->options.from.mailbox, job->to, job->to_count, mail,
               &job->result, job->each);
    } else {
        job->result.verdict = SUBMIT_NEVER;
        snprintf(job->result.words, sizeof job->result.words, "the mail cannot be made: %s", why);
    }
    free(mail);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)pictures[i].png);
}

/* ---- The thread ---- */

static void free_all(struct worker *worker)
{
    for (size_t i = 0; i < worker->todo.count; i++)
        job_free(worker->todo.list[i]);
    for (size_t i = 0; i < worker->done.count; i++)
        job_free(worker->done.list[i]);
    struct worker_options *o = &worker->options;
    const char *texts[] = {o->server.host, o->server.ca_file,  o->server.user,
                           o->style.zone,  o->style.dashboard, o->chart_program};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free((void *)(uintptr_t)texts[i]);
    if (o->server.password) {
        explicit_bzero((void *)(uintptr_t)o->server.password, strlen(o->server.password));
        free((void *)(uintptr_t)o->server.password);
    }
    pthread_mutex_destroy(&worker->lock);
    pthread_cond_destroy(&worker->changed);
    free(worker);
}

static void on_post(struct gw_plugin *self, void *data)
{
    struct worker *worker = data;
    pthread_mutex_lock(&worker->lock);
    struct jobs done = worker->done;
    worker->done.count = 0;
    worker->posted = false;
    pthread_mutex_unlock(&worker->lock);
    for (size_t i = 0; i < done.count; i++)
        worker->on_done(self, done.list[i], worker->data);
}

/* With the lock. A post that finds no room is tried again with the next result, or a little later.
 */
static void give_back(struct worker *worker)
{
    while (!worker->stopping && worker->done.count && !worker->posted) {
        worker->posted = !gw_post(worker->self, on_post, worker);
        if (worker->posted)
            return;
        struct timespec later;
        clock_gettime(CLOCK_REALTIME, &later);
        later.tv_sec++;
        pthread_cond_timedwait(&worker->changed, &worker->lock, &later);
    }
}

/* With the lock. */
static void take_turn(struct worker *worker)
{
    struct job *job = worker->todo.list[0];
    worker->todo.count--;
    memmove(worker->todo.list, worker->todo.list + 1, worker->todo.count * sizeof(struct job *));
    worker->busy = true;
    pthread_mutex_unlock(&worker->lock);
    work(worker, job);
    pthread_mutex_lock(&worker->lock);
    worker->busy = false;
    pthread_cond_broadcast(&worker->changed);
    worker->done.list[worker->done.count++] = job;
    give_back(worker);
}

static void *run(void *data)
{
    struct worker *worker = data;
    pthread_mutex_lock(&worker->lock);
    while (!worker->stopping) {
        if (worker->todo.count)
            take_turn(worker);
        else
            pthread_cond_wait(&worker->changed, &worker->lock);
    }
    pthread_cond_broadcast(&worker->changed);
    bool orphan = worker->orphan;
    pthread_mutex_unlock(&worker->lock);
    if (orphan)
        free_all(worker);
    return NULL;
}

/* ---- For the instance ---- */

static const char *copy(const char *text)
{
    return text && *text ? strdup(text) : NULL;
}

static void copy_options(struct worker_options *to, const struct worker_options *from)
{
    *to = *from;
    to->server.host = copy(from->server.host);
    to->server.ca_file = copy(from->server.ca_file);
    to->server.user = copy(from->server.user);
    to->server.password = copy(from->server.password);
    to->style.zone = copy(from->style.zone);
    to->style.dashboard = copy(from->style.dashboard);
    to->chart_program = copy(from->chart_program);
}

/* A signal is the daemon's; and a line that breaks must not end the process. */
static int start_thread(struct worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

struct worker *worker_new(struct gw_plugin *self, const struct worker_options *options,
                          worker_done_fn *on_done, void *data)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->self = self;
    worker->on_done = on_done;
    worker->data = data;
    copy_options(&worker->options, options);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    if (worker->options.server.host && !start_thread(worker))
        return worker;
    free_all(worker);
    return NULL;
}

int worker_take(struct worker *worker, struct job *job)
{
    pthread_mutex_lock(&worker->lock);
    size_t there = worker->todo.count + worker->done.count + (worker->busy ? 1 : 0);
    int error = there < WORKER_JOBS_MAX ? 0 : -EAGAIN;
    if (!error)
        worker->todo.list[worker->todo.count++] = job;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    return error;
}

void worker_stop(struct worker *worker, int64_t wait_ms)
{
    if (!worker)
        return;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&worker->lock);
    worker->stopping = true;
    pthread_cond_broadcast(&worker->changed);
    int late = 0;
    while (worker->busy && !late)
        late = pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
    struct jobs done = worker->done;
    worker->done.count = 0;
    worker->orphan = worker->busy;
    bool orphan = worker->orphan;
    if (orphan)
        pthread_detach(worker->thread);
    pthread_mutex_unlock(&worker->lock);
    for (size_t i = 0; i < done.count; i++)
        worker->on_done(worker->self, done.list[i], worker->data);
    if (orphan)
        return;
    pthread_join(worker->thread, NULL);
    free_all(worker);
}

void job_free(struct job *job)
{
    if (!job)
        return;
    for (size_t i = 0; i < job->picture_count; i++)
        free(job->pictures[i].input);
    if (job->owner_free)
        job->owner_free(job->owner);
    json_decref(job->document);
    free(job->to);
    free(job->id);
    free(job->thread);
    free(job->notifications);
    free(job->each);
    free(job);
}

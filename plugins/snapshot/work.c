/* work.c - see work.h. */
#include "work.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct entry {
    struct entry *next;
    struct work_job job;
};

struct list {
    struct entry *first, **end;
};

struct work {
    struct gw_plugin *self;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct list todo, done; /* under the lock */
    size_t waiting;
    atomic_bool stopping;
};

static void put(struct list *list, struct entry *entry)
{
    entry->next = NULL;
    *list->end = entry;
    list->end = &entry->next;
}

static struct entry *take(struct list *list)
{
    struct entry *entry = list->first;
    if (entry && !(list->first = entry->next))
        list->end = &list->first;
    return entry;
}

static void entry_free(struct entry *entry)
{
    if (entry->job.free_data)
        entry->job.free_data(entry->job.data);
    free(entry);
}

/* On the instance's thread, once for each finished job. */
static void on_done(struct gw_plugin *self, void *data)
{
    struct work *work = data;
    pthread_mutex_lock(&work->lock);
    struct entry *entry = take(&work->done);
    pthread_mutex_unlock(&work->lock);
    if (!entry)
        return;
    entry->job.done(self, entry->job.data);
    entry_free(entry);
}

static void hand_back(struct work *work, struct entry *entry)
{
    pthread_mutex_lock(&work->lock);
    put(&work->done, entry);
    pthread_mutex_unlock(&work->lock);
    while (gw_post(work->self, on_done, work) == -EAGAIN && !atomic_load(&work->stopping))
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL); /* its mailbox is full */
}

static void *work_main(void *data)
{
    struct work *work = data;
    for (;;) {
        pthread_mutex_lock(&work->lock);
        while (!work->todo.first && !atomic_load(&work->stopping))
            pthread_cond_wait(&work->more, &work->lock);
        struct entry *entry = atomic_load(&work->stopping) ? NULL : take(&work->todo);
        work->waiting -= entry != NULL;
        pthread_mutex_unlock(&work->lock);
        if (!entry)
            return NULL;
        entry->job.run(entry->job.data, &work->stopping);
        hand_back(work, entry);
    }
}

struct work *work_new(struct gw_plugin *self)
{
    struct work *work = calloc(1, sizeof *work);
    if (!work)
        return NULL;
    work->self = self;
    work->todo.end = &work->todo.first;
    work->done.end = &work->done.first;
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->more, NULL);
    if (pthread_create(&work->thread, NULL, work_main, work) == 0)
        return work;
    pthread_cond_destroy(&work->more);
    pthread_mutex_destroy(&work->lock);
    free(work);
    return NULL;
}

void work_free(struct work *work)
{
    if (!work)
        return;
    pthread_mutex_lock(&work->lock);
    atomic_store(&work->stopping, true);
    pthread_cond_signal(&work->more);
    pthread_mutex_unlock(&work->lock);
    pthread_join(work->thread, NULL);
    for (struct entry *entry; (entry = take(&work->todo));)
        entry_free(entry);
    for (struct entry *entry; (entry = take(&work->done));)
        entry_free(entry);
    pthread_cond_destroy(&work->more);
    pthread_mutex_destroy(&work->lock);
    free(work);
}

int work_add(struct work *work, const struct work_job *job)
{
    struct entry *entry = work ? calloc(1, sizeof *entry) : NULL;
    pthread_mutex_t *lock = entry ? &work->lock : NULL;
    bool taken = false;
    if (lock) {
        entry->job = *job;
        pthread_mutex_lock(lock);
        taken = work->waiting < WORK_MAX;
        if (taken) {
            put(&work->todo, entry);
            work->waiting++;
            pthread_cond_signal(&work->more);
        }
        pthread_mutex_unlock(lock);
    }
    if (taken)
        return 0;
    if (job->free_data)
        job->free_data(job->data);
    free(entry);
    return -EAGAIN;
}

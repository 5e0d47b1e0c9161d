/* One allocation a job. */
#include "store/job.h"

#include <stdlib.h>
#include <string.h>

struct job *job_new(enum job_kind kind, int64_t time_ms, const char *const texts[JOB_TEXTS])
{
    size_t lengths[JOB_TEXTS] = {0}, bytes = sizeof(struct job);
    for (size_t i = 0; texts && i < JOB_TEXTS; i++) {
        lengths[i] = texts[i] ? strlen(texts[i]) + 1 : 0;
        bytes += lengths[i];
    }
    struct job *job = malloc(bytes);
    if (!job)
        return NULL;
    *job = (struct job){.kind = kind, .bytes = bytes, .time_ms = time_ms};
    char *at = (char *)(job + 1);
    for (size_t i = 0; texts && i < JOB_TEXTS; i++) {
        if (!texts[i])
            continue;
        job->texts[i] = memcpy(at, texts[i], lengths[i]);
        at += lengths[i];
    }
    return job;
}

/* What a held document keeps from being freed counts as if it were copied. */
static const char *hold(struct job *job, struct object **held, struct object *object,
                        const char *document)
{
    if (!object)
        return NULL;
    *held = object_hold(object);
    job->bytes += strlen(document);
    return document;
}

struct job *job_of_change(const struct object_change *change)
{
    const char *texts[JOB_TEXTS] = {change->kind, change->id, change->owner};
    struct job *job = job_new(JOB_OBJECT, change->time_ms, texts);
    if (job) {
        job->texts[3] = hold(job, &job->was, change->was, change->before);
        job->texts[4] = hold(job, &job->is, change->is, change->after);
    }
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    if (job->event)
        event_free(job->event);
    object_release(job->was);
    object_release(job->is);
    free(job);
}

void jobs_push(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last)
        list->last->next = job;
    else
        list->first = job;
    list->last = job;
    list->count++;
    list->bytes += job->bytes;
}

struct job *jobs_pop(struct job_list *list)
{
    struct job *job = list->first;
    if (!job)
        return NULL;
    list->first = job->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    list->bytes -= job->bytes;
    return job;
}

void jobs_free(struct job_list *list)
{
    for (struct job *job = jobs_pop(list); job; job = jobs_pop(list))
        job_free(job);
}

/* A job holds copies of everything: the worker knows neither the queue nor the notification. */
#include "email.h"

#include <gnswatch/cron.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* Names all that makes this mail another one than others. */
static int set_names(struct job *job, const json_t *const *notifications, size_t count)
{
    size_t bytes = 0;
    FILE *id = open_memstream(&job->id, &bytes);
    size_t more = 0;
    FILE *list = open_memstream(&job->notifications, &more);
    for (size_t i = 0; id && list && i < count; i++) {
        fprintf(id, "%s\n", member(notifications[i], "id"));
        fprintf(list, "%s%s", i ? " " : "", member(notifications[i], "id"));
    }
    for (size_t i = 0; id && i < job->to_count; i++)
        fprintf(id, "%s\n", job->to[i].mailbox);
    int failed = (id ? fclose(id) : -1) | (list ? fclose(list) : -1);
    return failed;
}

/* Mails of one thread belong together; a digest is of one only when all of it is. */
static void set_thread(struct job *job, const json_t *const *notifications, size_t count)
{
    const char *thread = member(notifications[0], "thread");
    for (size_t i = 1; i < count; i++)
        if (strcmp(thread, member(notifications[i], "thread")) != 0)
            return;
    job->thread = *thread ? strdup(thread) : NULL;
}

struct job *job_new(struct email *email, const struct address *to, size_t to_count,
                    const json_t *const *notifications, size_t count)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    struct gw_local local;
    job->to = calloc(to_count, sizeof *job->to);
    job->to_count = to_count;
    job->time_ms = (int64_t)json_number_value(json_object_get(notifications[0], "time"));
    if (job->time_ms <= 0)
        job->time_ms = gw_now_ms(email->self);
    gw_local_time(email->style.zone, job->time_ms, &local);
    job->offset_s = local.offset_s;
    job->document = content_document(notifications, count, &email->style);
    set_thread(job, notifications, count);
    if (!job->to || !job->document || set_names(job, notifications, count)) {
        job_free(job);
        return NULL;
    }
    memcpy(job->to, to, to_count * sizeof *to);
    return job;
}

/* worker.h - the thread that makes pictures, fills templates and talks to the server, one mail at a
 * time. Knows no queue: it takes jobs and gives them back. */
#ifndef EMAIL_WORKER_H
#define EMAIL_WORKER_H

#include "content.h"
#include "submit.h"

#include <gnswatch/plugin.h>

enum { WORKER_JOBS_MAX = 16, WORKER_PICTURES_MAX = 4 };

struct job_picture {
    size_t item, alert; /* where it belongs in the document */
    char *input;        /* for gnswatch-chart; owned */
};

struct job { /* owned by whoever has it; job_free */
    struct address *to;
    size_t to_count;
    char *id, *thread;   /* thread NULL: none */
    char *notifications; /* their ids, for a header */
    json_t *document;    /* content_document's */
    struct job_picture pictures[WORKER_PICTURES_MAX];
    size_t picture_count;
    int64_t time_ms;
    int offset_s;
    struct gw_call *call; /* of a test; NULL: it is of the queue and */
    void *owner;          /* what it is about, freed by */
    void (*owner_free)(void *owner);
    /* When it comes back: */
    struct submit_result result, *each; /* each[to_count]; NULL: it was not tried */
    size_t pictures_failed;
};

void job_free(struct job *job); /* NULL is fine */

struct worker_options { /* borrowed by worker_new, which copies */
    struct submit_server server;
    struct address from;
    struct content_style style;
    const char *chart_program; /* NULL: no pictures */
    int64_t chart_deadline_ms;
};

struct worker;

/* Jobs come back in `on_done`, on the instance's thread, which then owns them. */
typedef void worker_done_fn(struct gw_plugin *self, struct job *job, void *data);
struct worker *worker_new(struct gw_plugin *self, const struct worker_options *options,
                          worker_done_fn *on_done, void *data);
/* Takes the job when it answers 0; -EAGAIN: WORKER_JOBS_MAX are there. */
int worker_take(struct worker *worker, struct job *job);
/* Waits at most wait_ms for what is being sent; what has ended by then comes back in on_done, the
 * rest is freed. A thread that still waits for its server ends by itself, touching nothing. */
void worker_stop(struct worker *worker, int64_t wait_ms);

#endif

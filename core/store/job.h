/* What waits for the database: a piece of work with copies of its texts in one block. Documents are
 * not copied but held. */
#ifndef GW_STORE_JOB_H
#define GW_STORE_JOB_H

#include "store/store.h"

enum job_kind {
    JOB_SERIES = 1,  /* number: id, more: every_ms; key, measurement, labels, fields */
    JOB_SERIES_LAST, /* number: id, more: last_ms */
    JOB_SERIES_FORGET,
    JOB_OBJECT, /* kind, id, owner, before, after */
    JOB_EVENT,
    JOB_COMMAND, /* json */
};

enum { JOB_TEXTS = 5 };

struct job {
    struct job *next;
    enum job_kind kind;
    size_t bytes;
    int64_t time_ms, number, more;
    const char *texts[JOB_TEXTS]; /* inside the block; NULL: none */
    struct gw_event *event;       /* owned */
    struct object *was, *is;      /* held: the documents of JOB_OBJECT are theirs */
};

struct job *job_new(enum job_kind kind, int64_t time_ms, const char *const texts[JOB_TEXTS]);
struct job *job_of_change(const struct object_change *change); /* NULL: no memory */
void job_free(struct job *job);

struct job_list {
    struct job *first, *last;
    size_t count, bytes;
};

void jobs_push(struct job_list *list, struct job *job);
struct job *jobs_pop(struct job_list *list); /* NULL: empty */
void jobs_free(struct job_list *list);

#endif

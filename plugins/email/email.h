/* email.h - what the files of the plugin share. */
#ifndef EMAIL_H
#define EMAIL_H

#include "worker.h"

#include <sink/sink.h>

enum { EMAIL_TO_MAX = 100, EMAIL_DIGEST_MAX = 50 };

struct history;

struct email {
    struct gw_plugin *self;
    struct sink *sink;
    struct worker *worker;
    struct content_style style; /* borrowed of the options */
    bool charts;
    unsigned digest;           /* letters for the same people that become one; 0: never */
    struct history *histories; /* under way; owned */
    char where[320];           /* "host:port" for sentences */
};

/* ---- letters.c: items of the queue ---- */

/* As an item: {"to":[…],"notification":{…}}; the caller owns it. `to` and `id` make the key. */
char *letter_pack(const struct address *to, size_t count, const json_t *notification);
void letter_key(char key[SINK_KEY_BYTES], const struct address *to, size_t count, const char *id);
/* For sink_options. */
void letter_send(struct sink *sink, const struct gw_queue_item *item, void *data);
json_t *letter_describe(void *data, const struct gw_queue_item *item);
/* For the worker. */
void letter_done(struct gw_plugin *self, struct job *job, void *data);

/* ---- jobs.c: from notifications to something the worker can do ---- */

/* NULL: no memory. `to` is copied. */
struct job *job_new(struct email *email, const struct address *to, size_t to_count,
                    const json_t *const *notifications, size_t count);

/* ---- history.c: what the pictures show ---- */

/* Asks for the history of the alerts' series and gives the job back with what came within a few
 * seconds; also at once, when there is nothing to ask. Takes the job. */
typedef void history_done_fn(struct email *email, struct job *job);
void history_fill(struct email *email, struct job *job, const json_t *const *notifications,
                  size_t count, history_done_fn *on_done);
void history_stop_all(struct email *email); /* frees their jobs */

/* ---- commands.c ---- */

extern const struct gw_command email_commands[];
extern const struct gw_kind email_kinds[];
/* A test's mail has come back. */
void email_test_done(struct email *email, struct job *job);

#endif

/* What other threads put into an instance's hands: posts, calls, answers to its questions.
 *
 * Counted references, because an answer may come when the instance is long gone; a closed mailbox
 * takes nothing. Putting wakes the instance's loop. */
#ifndef GW_PLUGIN_MAILBOX_H
#define GW_PLUGIN_MAILBOX_H

#include <gnswatch/plugin.h>
#include <pthread.h>
#include <uv.h>

enum mail_kind { MAIL_POST = 1, MAIL_CALL, MAIL_ANSWER, MAIL_ROWS, MAIL_EVENTS };
enum { MAIL_KINDS = 5, MAIL_MAX = 1024 /* of each kind */ };

struct mail {
    struct mail *next;
    enum mail_kind kind;
    gw_timer_fn *post;
    gw_result_fn *on_result;
    void *data;
    struct gw_call *call; /* borrowed: see command_dispatch_fn */
    int error;
    char *json; /* owned; or with MAIL_ROWS and MAIL_EVENTS what `deliver` reads, in one block */
    void (*deliver)(struct gw_plugin *self, struct mail *mail);
    void (*fini)(struct mail *mail); /* what `json` refers to; NULL: nothing */
};

struct mailbox {
    pthread_mutex_t lock; /* everything below but wake */
    int refs;
    bool open;      /* its loop lives */
    bool listening; /* the instance runs: takes calls */
    unsigned run;   /* counts the runs of the instance: answers to an earlier one are dropped */
    struct mail *first, **last;
    size_t waiting[MAIL_KINDS + 1];
    size_t asked[MAIL_KINDS + 1]; /* answers that are still to come */
    uv_async_t *wake;             /* the instance's */
};

struct mailbox *mailbox_new(uv_async_t *wake);
struct mailbox *mailbox_ref(struct mailbox *mailbox);
void mailbox_unref(struct mailbox *mailbox);
/* Takes `mail` when it answers 0. -EAGAIN: full; -ESHUTDOWN: closed or not listening. */
int mailbox_put(struct mailbox *mailbox, struct mail *mail);
/* A question of the instance, whose answer will be mail of this `kind`. Takes a reference for it
 * and notes the *run; false: `most` are under way, or answered and not yet taken. */
bool mailbox_ask(struct mailbox *mailbox, enum mail_kind kind, size_t most, unsigned *run);
/* Any thread, once a question: puts `mail` (NULL: no memory for one) unless the instance has begun
 * another run since. Takes `mail` and gives back the reference. */
void mailbox_answer(struct mailbox *mailbox, enum mail_kind kind, unsigned run, struct mail *mail);
struct mail *mailbox_take(struct mailbox *mailbox); /* NULL: empty */
void mailbox_free_mail(struct mail *mail);
void mailbox_listen(struct mailbox *mailbox, bool listening);
void mailbox_empty(struct mailbox *mailbox); /* a run has ended: drops all, begins the next */
void mailbox_close(struct mailbox *mailbox);
void mailbox_wake(struct mailbox *mailbox); /* any thread; also when closed */
size_t mailbox_count(struct mailbox *mailbox);

#endif

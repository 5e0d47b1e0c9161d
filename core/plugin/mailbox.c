/* A bounded list with a lock and a bell. */
#include "plugin/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mailbox *mailbox_new(uv_async_t *wake)
{
    struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
    if (!mailbox)
        return NULL;
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->refs = 1;
    mailbox->open = true;
    mailbox->last = &mailbox->first;
    mailbox->wake = wake;
    return mailbox;
}

struct mailbox *mailbox_ref(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->refs++;
    pthread_mutex_unlock(&mailbox->lock);
    return mailbox;
}

void mailbox_free_mail(struct mail *mail)
{
    if (!mail)
        return;
    if (mail->fini)
        mail->fini(mail);
    free(mail->json);
    free(mail);
}

void mailbox_unref(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    pthread_mutex_lock(&mailbox->lock);
    bool last = --mailbox->refs == 0;
    pthread_mutex_unlock(&mailbox->lock);
    if (!last)
        return;
    mailbox_empty(mailbox);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

int mailbox_put(struct mailbox *mailbox, struct mail *mail)
{
    int error = 0;
    pthread_mutex_lock(&mailbox->lock);
    if (!mailbox->open || (mail->kind == MAIL_CALL && !mailbox->listening))
        error = -ESHUTDOWN;
    else if (mail->kind < MAIL_ANSWER && mailbox->waiting[mail->kind] >= MAIL_MAX)
        error = -EAGAIN; /* answers were counted when they were asked for */
    if (!error) {
        mail->next = NULL;
        *mailbox->last = mail;
        mailbox->last = &mail->next;
        mailbox->waiting[mail->kind]++;
        uv_async_send(mailbox->wake);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return error;
}

bool mailbox_ask(struct mailbox *mailbox, enum mail_kind kind, size_t most, unsigned *run)
{
    pthread_mutex_lock(&mailbox->lock);
    bool room = mailbox->asked[kind] + mailbox->waiting[kind] < most;
    if (room) {
        mailbox->asked[kind]++;
        mailbox->refs++;
        *run = mailbox->run;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return room;
}

void mailbox_answer(struct mailbox *mailbox, enum mail_kind kind, unsigned run, struct mail *mail)
{
    pthread_mutex_lock(&mailbox->lock);
    bool current = mailbox->run == run;
    if (current)
        mailbox->asked[kind]--;
    pthread_mutex_unlock(&mailbox->lock);
    if (mail && (!current || mailbox_put(mailbox, mail)))
        mailbox_free_mail(mail);
    mailbox_unref(mailbox);
}

struct mail *mailbox_take(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct mail *mail = mailbox->first;
    if (mail) {
        mailbox->first = mail->next;
        if (!mailbox->first)
            mailbox->last = &mailbox->first;
        mailbox->waiting[mail->kind]--;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return mail;
}

void mailbox_listen(struct mailbox *mailbox, bool listening)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->listening = listening;
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_empty(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->run++;
    memset(mailbox->asked, 0, sizeof(mailbox->asked));
    pthread_mutex_unlock(&mailbox->lock);
    for (struct mail *mail; (mail = mailbox_take(mailbox));)
        mailbox_free_mail(mail);
}

void mailbox_close(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->open = false;
    mailbox->listening = false;
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_wake(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->open)
        uv_async_send(mailbox->wake);
    pthread_mutex_unlock(&mailbox->lock);
}

size_t mailbox_count(struct mailbox *mailbox)
{
    size_t count = 0;
    pthread_mutex_lock(&mailbox->lock);
    for (int kind = 1; kind <= MAIL_KINDS; kind++)
        count += mailbox->waiting[kind];
    pthread_mutex_unlock(&mailbox->lock);
    return count;
}

/* What comes to an instance from other threads: posts, calls of its commands, answers to what it
 * asked. */
#include "plugin/instance.h"
#include "plugin/remote.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- mail ---- */

int instance_dispatch(void *instance, struct gw_call *call)
{
    struct gw_plugin *self = instance;
    struct mail *mail = calloc(1, sizeof(*mail));
    if (!mail)
        return -EAGAIN;
    mail->kind = MAIL_CALL;
    mail->call = call;
    int error = self->mailbox ? mailbox_put(self->mailbox, mail) : -ESHUTDOWN;
    if (error)
        mailbox_free_mail(mail);
    return error;
}

int gw_post(struct gw_plugin *self, gw_timer_fn *fn, void *data)
{
    if (!self || !fn)
        return -EINVAL;
    struct mail *mail = calloc(1, sizeof(*mail));
    if (!mail)
        return -ENOMEM;
    mail->kind = MAIL_POST;
    mail->post = fn;
    mail->data = data;
    int error = mailbox_put(self->mailbox, mail);
    if (error)
        mailbox_free_mail(mail);
    return error;
}

/* An error of `run` becomes the answer, with the sentence of gw_fail when there was one. */
static void run_call(struct gw_plugin *self, struct gw_call *call)
{
    instance_enter(self, "command");
    int error = call_try(self, call);
    if (error && self->failed_in_callback)
        gw_refuse(call, error, "%s", self->last_error.text);
    else if (error)
        gw_refuse(call, error, "%s", strerror(-error));
    instance_leave(self, 0); /* the caller hears of it; it is not the instance's failure */
}

static void deliver_mail(struct gw_plugin *self, struct mail *mail)
{
    if (mail->kind == MAIL_CALL) {
        run_call(self, mail->call);
        return;
    }
    instance_enter(self, mail->kind == MAIL_POST     ? "post"
                         : mail->kind == MAIL_EVENTS ? "event"
                                                     : "answer");
    if (mail->kind == MAIL_POST)
        mail->post(self, mail->data);
    else if (mail->deliver)
        mail->deliver(self, mail);
    else
        mail->on_result(self, mail->error, mail->json, mail->data);
    instance_leave(self, 0);
}

bool instance_deliver(struct gw_plugin *self)
{
    bool more = true;
    for (int i = 0; i < INSTANCE_SHARE && more; i++) {
        struct mail *mail = mailbox_take(self->mailbox);
        more = mail != NULL;
        if (mail)
            deliver_mail(self, mail);
        mailbox_free_mail(mail);
    }
    return instance_deliver_events(self) || more;
}

size_t instance_queue(struct gw_plugin *self)
{
    return (self->mailbox ? mailbox_count(self->mailbox) : 0) + instance_events_waiting(self) +
           (size_t)atomic_load(&self->child_queue);
}

/* ---- asking others ---- */

struct question {
    struct mailbox *mailbox; /* a reference */
    unsigned run;            /* of the instance, when it asked */
    gw_result_fn *on_result;
    void *data;
};

/* Into the mailbox of who asked. Takes `json`. */
static void give_answer(void *data, int error, char *json)
{
    struct question *question = data;
    struct mail *mail = calloc(1, sizeof(*mail));
    if (mail)
        *mail = (struct mail){.kind = MAIL_ANSWER,
                              .on_result = question->on_result,
                              .data = question->data,
                              .error = error,
                              .json = json};
    else
        free(json);
    mailbox_answer(question->mailbox, MAIL_ANSWER, question->run, mail);
    free(question);
}

static void on_answer(void *data, struct gw_call *call)
{
    struct buf json;
    int error = 0;
    buf_init(&json, SIZE_MAX / 2); /* bounded by the answer's own limit */
    call_done(call, &error);
    call_result(call, &json);
    give_answer(data, error, buf_take(&json));
    buf_fini(&json);
}

static char *problems_detail(const struct problems *problems, int error)
{
    struct buf text, json;
    buf_init(&text, 8192);
    buf_init(&json, 65536);
    for (size_t i = 0; i < problems->count; i++)
        buf_printf(&text, "%s%s: %s", i ? "; " : "", problems->list[i].where,
                   problems->list[i].what);
    buf_adds(&json, "{\"detail\":");
    buf_json_string(&json, text.len ? text.data : strerror(-error));
    buf_addc(&json, '}');
    buf_fini(&text);
    char *taken = buf_take(&json);
    buf_fini(&json);
    return taken;
}

static struct question *question_new(struct gw_plugin *self, gw_result_fn *on_result, void *data)
{
    struct question *question = calloc(1, sizeof(*question));
    if (!question)
        return NULL;
    *question = (struct question){.mailbox = self->mailbox, .on_result = on_result, .data = data};
    if (mailbox_ask(self->mailbox, MAIL_ANSWER, MAIL_MAX, &question->run))
        return question;
    free(question);
    return NULL;
}

static void ignore_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self, (void)error, (void)json, (void)data;
}

int gw_ask(struct gw_plugin *self, const char *command, const char *params_json,
           gw_result_fn *on_result, void *data)
{
    if (!instance_here(self, "gw_ask"))
        return -EPERM;
    json_t *params = json_loads(params_json ? params_json : "{}", JSON_REJECT_DUPLICATES, NULL);
    if (!command || !json_is_object(params)) {
        json_decref(params);
        return -EINVAL;
    }
    struct question *question = question_new(self, on_result ? on_result : ignore_result, data);
    if (!question) {
        json_decref(params);
        return -EAGAIN;
    }
    if (self->parts->remote) {
        json_decref(params);
        int refused = self->parts->remote->ask(self, command, params_json, give_answer, question);
        if (refused)
            give_answer(question, refused, NULL);
        return 0;
    }
    struct problems problems;
    problems_init(&problems);
    struct caller caller = {self->conf.name, "plugin", GW_ADMIN};
    struct gw_call *call = NULL;
    int error = commands_call(self->parts->commands, command, params, &caller, on_answer, question,
                              &problems, &call);
    if (error) /* refused at once: the answer comes the same way */
        give_answer(question, error, problems_detail(&problems, error));
    call_unref(call);
    problems_fini(&problems);
    json_decref(params);
    return 0;
}

int gw_command_role(struct gw_plugin *self, const char *command)
{
    if (!instance_here(self, "gw_command_role"))
        return -EPERM;
    if (command && self->parts->remote)
        return self->parts->remote->command_role(self, command);
    const struct gw_command *found = command ? commands_find(self->parts->commands, command) : NULL;
    return found ? (int)found->role : -ENOENT;
}

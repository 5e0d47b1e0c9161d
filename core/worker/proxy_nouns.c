/* What a child says of objects, events, commands and itself, said again by its instance. */
#include "worker/proxy.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Lines ----------------------------------------------------------------------------------- */

bool proxy_line_allowed(struct proxy *proxy, struct proxy_lines *lines, const char *what)
{
    int64_t second = clock_monotonic_ms(clock_system()) / 1000;
    if (second != lines->second) {
        if (lines->left_off)
            log_line(GW_WARNING, proxy->self->conf.name, "%llu lines of what it %s were left out",
                     (unsigned long long)lines->left_off, what);
        *lines = (struct proxy_lines){.second = second};
    }
    if (lines->count < PROXY_LINES_PER_S) {
        lines->count++;
        return true;
    }
    lines->left_off++;
    return false;
}

void proxy_log(struct proxy *proxy, const struct wire_frame *frame)
{
    int64_t level = wire_int(frame, "level");
    if (level < GW_DEBUG || level > GW_CRITICAL)
        level = GW_INFO;
    if (proxy_line_allowed(proxy, &proxy->logged, "logged"))
        gw_log(proxy->self, (enum gw_severity)level, "%s", frame->raw);
}

void proxy_fail(struct proxy *proxy, const struct wire_frame *frame)
{
    if (proxy_line_allowed(proxy, &proxy->logged, "logged"))
        instance_fail(proxy->self, frame->raw);
    else
        atomic_fetch_add(&proxy->self->errors, 1);
}

/* ---- Objects --------------------------------------------------------------------------------- */

void proxy_put(struct proxy *proxy, const struct wire_frame *frame)
{
    const char *kind = wire_text(frame, "kind"), *id = wire_text(frame, "id");
    int error = kind && id ? gw_object_put(proxy->self, kind, id, frame->raw) : -EINVAL;
    if (error == -ENOSPC || error == -ENOMEM)
        gw_fail(proxy->self, error, "object of kind '%s'", kind);
    else if (error)
        proxy_kill(proxy, "it put an object that its own host must have refused: %s",
                   strerror(-error));
}

void proxy_delete(struct proxy *proxy, const struct wire_frame *frame)
{
    const char *kind = wire_text(frame, "kind"), *id = wire_text(frame, "id");
    int error = kind && id ? gw_object_delete(proxy->self, kind, id) : -EINVAL;
    proxy_answer(proxy, frame->id, error, NULL, NULL, 0);
}

static void answer_text(struct proxy *proxy, uint32_t id, char *text)
{
    proxy_answer(proxy, id, text ? 0 : -ENOENT, NULL, text, text ? strlen(text) : 0);
    gw_free(text);
}

void proxy_get(struct proxy *proxy, const struct wire_frame *frame)
{
    const char *kind = wire_text(frame, "kind"), *id = wire_text(frame, "id");
    answer_text(proxy, frame->id, gw_object_get(proxy->self, kind, id));
}

void proxy_list(struct proxy *proxy, const struct wire_frame *frame)
{
    answer_text(proxy, frame->id, gw_object_list(proxy->self, wire_text(frame, "kind")));
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* The child refuses what is over its limit by itself; one that does not gets twice as far. */
void proxy_emit(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_event event;
    bool sound = event_read(frame, &event);
    if (!bucket_take(&proxy->events, clock_monotonic_ns(clock_system())))
        proxy_kill(proxy, "it emitted events beyond its limit, whatever it was told");
    else if (!sound || gw_emit(proxy->self, &event))
        proxy_kill(proxy, "it emitted an event that its own host must have refused");
}

/* At most WIRE_CREDIT are under way; the rest wait, and are dropped, where a thread's are too. */
static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct proxy_subscription *subscription = data;
    struct proxy *proxy = subscription->proxy;
    struct buf json;
    const char *text = event->data ? event->data : "{}";
    wire_begin(&json);
    event_tell(event, &json);
    int error = proxy_say(proxy, WIRE_EVENT, subscription->id, wire_end(&json), text, strlen(text));
    buf_fini(&json);
    if (error == -EMSGSIZE)
        log_line(GW_WARNING, self->conf.name, "an event '%s' is too large for it", event->topic);
    proxy->events_under_way += error == 0;
    if (proxy->events_under_way >= WIRE_CREDIT)
        instance_hold(self, true);
}

void proxy_taken(struct proxy *proxy, const struct wire_frame *frame)
{
    int64_t count = wire_int(frame, "count");
    if (count < 0 || count > proxy->events_under_way) {
        proxy_kill(proxy, "it has taken more events than it got");
        return;
    }
    proxy->events_under_way -= count;
    if (proxy->events_under_way < WIRE_CREDIT)
        instance_hold(proxy->self, false);
}

static int subscribe(struct proxy *proxy, const struct wire_frame *frame)
{
    const json_t *since = json_object_get(frame->json, "since");
    const char *pattern = wire_text(frame, "pattern");
    int64_t id = wire_int(frame, "subscription");
    if (id < 0 || id >= WIRE_SUBSCRIPTIONS_MAX || proxy->subscriptions[id])
        return -EINVAL;
    struct proxy_subscription *subscription = malloc(sizeof(*subscription));
    if (!subscription)
        return -ENOMEM;
    *subscription = (struct proxy_subscription){proxy, (uint32_t)id};
    proxy->subscriptions[id] = subscription;
    return since ? gw_subscribe_since(proxy->self, pattern, json_integer_value(since), on_event,
                                      subscription)
                 : gw_subscribe(proxy->self, pattern, on_event, subscription);
}

void proxy_subscribe(struct proxy *proxy, const struct wire_frame *frame)
{
    proxy_answer(proxy, frame->id, subscribe(proxy, frame), NULL, NULL, 0);
}

/* ---- Asking others --------------------------------------------------------------------------- */

struct proxy_question *question_new(struct proxy *proxy, uint32_t id)
{
    struct proxy_question *question = malloc(sizeof(*question));
    if (!question)
        return NULL;
    *question = (struct proxy_question){
        .next = proxy->questions, .link = &proxy->questions, .proxy = proxy, .id = id};
    if (question->next)
        question->next->link = &question->next;
    proxy->questions = question;
    return question;
}

void question_free(struct proxy_question *question)
{
    *question->link = question->next;
    if (question->next)
        question->next->link = question->link;
    free(question);
}

void proxy_end_questions(struct proxy *proxy)
{
    struct proxy_question *question = proxy->questions;
    proxy->questions = NULL;
    while (question) {
        struct proxy_question *next = question->next;
        free(question);
        question = next;
    }
}

static void tell_result(struct proxy *proxy, uint32_t id, int error, const char *answer)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "error", error);
    proxy_say(proxy, WIRE_RESULT, id, wire_end(&json), answer, answer ? strlen(answer) : 0);
    buf_fini(&json);
}

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct proxy_question *question = data;
    (void)self;
    tell_result(question->proxy, question->id, error, json);
    question_free(question);
}

void proxy_ask(struct proxy *proxy, const struct wire_frame *frame)
{
    struct proxy_question *question = question_new(proxy, frame->id);
    int error =
        question ? gw_ask(proxy->self, wire_text(frame, "command"), frame->raw, on_result, question)
                 : -ENOMEM;
    if (!error)
        return;
    if (question)
        question_free(question);
    tell_result(proxy, frame->id, error, NULL);
}

void proxy_role(struct proxy *proxy, const struct wire_frame *frame)
{
    struct buf json;
    int role = gw_command_role(proxy->self, wire_text(frame, "command"));
    wire_begin(&json);
    wire_add_int(&json, "role", role);
    proxy_answer(proxy, frame->id, role < 0 ? role : 0, &json, NULL, 0);
}

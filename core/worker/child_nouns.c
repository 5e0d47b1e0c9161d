/* Objects, events and questions of an instance in a child: what its own process has found in order
 * goes to the daemon. */
#include "worker/child.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TAKEN_STEP = 32, TOLD_MS = 60000 };

/* ---- Life ------------------------------------------------------------------------------------ */

static void note(struct gw_plugin *self)
{
    struct child *child = child_of(self);
    struct rows_head *head = child->rows.head;
    if (!child->has_stack)
        crash_stack(); /* before the plugin's first callback */
    child->has_stack = true;
    const char *which = atomic_load_explicit(&self->callback, memory_order_relaxed);
    int64_t since_ns = atomic_load_explicit(&self->callback_since_ns, memory_order_relaxed);
    if (since_ns && which)
        strncpy(head->callback, which, ROWS_NAME_BYTES - 1);
    atomic_store_explicit(&head->callback_since_ns, since_ns, memory_order_release);
    atomic_store_explicit(&head->ticks, self->ticks, memory_order_relaxed);
    atomic_store_explicit(&head->late, self->late, memory_order_relaxed);
    atomic_store_explicit(&head->last_tick_ms, self->last_tick_ms, memory_order_relaxed);
    atomic_store_explicit(&head->last_success_ms, self->last_success_ms, memory_order_relaxed);
    atomic_store_explicit(&head->tick_ns, self->tick_ns, memory_order_relaxed);
    if (!since_ns)
        atomic_store_explicit(&head->queue, mailbox_count(self->mailbox), memory_order_relaxed);
}

static void started(struct gw_plugin *self, int error)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "error", error);
    child_say(child_of(self), WIRE_STARTED, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
}

static void fail(struct gw_plugin *self, const char *sentence)
{
    child_say_text(child_of(self), WIRE_FAIL, 0, sentence);
}

/* ---- Objects --------------------------------------------------------------------------------- */

static void name_object(struct buf *json, const char *kind, const char *id)
{
    wire_begin(json);
    wire_add_text(json, "kind", kind);
    wire_add_text(json, "id", id);
}

static int object_put(struct gw_plugin *self, const char *kind, const char *id, const char *text)
{
    struct buf json;
    name_object(&json, kind, id);
    int error = child_say(child_of(self), WIRE_PUT, 0, wire_end(&json), text, strlen(text));
    buf_fini(&json);
    return error;
}

static int object_delete(struct gw_plugin *self, const char *kind, const char *id)
{
    struct buf json;
    name_object(&json, kind, id);
    return child_question(child_of(self), WIRE_DELETE, &json, NULL);
}

static char *ask_text(struct gw_plugin *self, enum wire_type type, const char *kind, const char *id)
{
    struct child_answer answer = {0};
    struct buf json;
    name_object(&json, kind, id);
    int error = child_question(child_of(self), type, &json, &answer);
    if (error && error != -ENOENT)
        log_line(GW_WARNING, self->conf.name, "object of kind '%s': %s", kind, strerror(-error));
    char *text = answer.raw;
    answer.raw = NULL;
    child_answer_fini(&answer);
    return text;
}

static char *object_get(struct gw_plugin *self, const char *kind, const char *id)
{
    return ask_text(self, WIRE_GET, kind, id);
}

static char *object_list(struct gw_plugin *self, const char *kind)
{
    return ask_text(self, WIRE_LIST, kind, NULL);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static bool may_emit(struct gw_plugin *self)
{
    struct child *child = child_of(self);
    int64_t now_ns = clock_monotonic_ns(self->parts->clock);
    if (bucket_take(&child->events, now_ns))
        return true;
    child->events_refused++;
    if (child->refused_told_ns && now_ns - child->refused_told_ns < TOLD_MS * INT64_C(1000000))
        return false;
    child->refused_told_ns = now_ns;
    char sentence[160];
    snprintf(sentence, sizeof(sentence),
             "%llu events were refused: its limit is %.3g a second (limits: events)",
             (unsigned long long)child->events_refused, child->events.per_s);
    instance_fail(self, sentence);
    return false;
}

static int emit(struct gw_plugin *self, const struct gw_event *event)
{
    struct buf json;
    if (!*event->topic || event->severity < GW_DEBUG || event->severity > GW_CRITICAL)
        return -EINVAL;
    if (!may_emit(self))
        return -EAGAIN;
    wire_begin(&json);
    event_tell(event, &json);
    const char *data = event->data ? event->data : "{}";
    int error = child_say(child_of(self), WIRE_EMIT, 0, wire_end(&json), data, strlen(data));
    buf_fini(&json);
    return error;
}

static int subscribe(struct gw_plugin *self, const char *pattern, int64_t since,
                     gw_event_fn *on_event, void *data)
{
    struct child *child = child_of(self);
    if (!child->subscriptions)
        child->subscriptions = calloc(WIRE_SUBSCRIPTIONS_MAX, sizeof(*child->subscriptions));
    if (!child->subscriptions || child->subscribed == WIRE_SUBSCRIPTIONS_MAX)
        return -ENOMEM;
    child->subscriptions[child->subscribed] = (struct child_subscription){on_event, data};
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "subscription", child->subscribed);
    wire_add_text(&json, "pattern", pattern);
    if (since >= 0)
        wire_add_int(&json, "since", since);
    child->subscribed++; /* its events may come before the answer; a refused one's number is lost */
    return child_question(child, WIRE_SUBSCRIBE, &json, NULL);
}

struct event_mail { /* in mail->json */
    uint32_t subscription;
    struct gw_event *event; /* owned */
};

static void drop_event(struct mail *mail)
{
    event_free(((struct event_mail *)(void *)mail->json)->event);
}

static void deliver_event(struct gw_plugin *self, struct mail *mail)
{
    struct child *child = child_of(self);
    const struct event_mail *got = (const struct event_mail *)(const void *)mail->json;
    const struct child_subscription *to = &child->subscriptions[got->subscription];
    to->on_event(self, got->event, to->data);
    if (++child->taken < TAKEN_STEP)
        return;
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "count", child->taken);
    child->taken = 0;
    child_say(child, WIRE_TAKEN, 0, wire_end(&json), NULL, 0);
    buf_fini(&json);
}

void child_event(struct child *child, struct wire_frame *frame)
{
    struct gw_event read;
    struct event_mail *got = malloc(sizeof(*got));
    struct mail *mail = calloc(1, sizeof(*mail));
    if (frame->id < WIRE_SUBSCRIPTIONS_MAX && got && mail && event_read(frame, &read)) {
        *got = (struct event_mail){frame->id, event_copy(&read)};
        *mail = (struct mail){
            .kind = MAIL_EVENTS, .json = (char *)got, .deliver = deliver_event, .fini = drop_event};
        if (got->event && !mailbox_put(child->self->mailbox, mail))
            return;
        event_free(got->event);
    }
    free(got);
    free(mail);
}

/* ---- Questions ------------------------------------------------------------------------------- */

static int ask(struct gw_plugin *self, const char *command, const char *params_json,
               remote_answer_fn *answer, void *data)
{
    struct buf json;
    wire_begin(&json);
    wire_add_text(&json, "command", command);
    const struct child_pending whom = {.answer = answer, .data = data};
    int error = child_ask_later(child_of(self), WIRE_ASK, wire_end(&json),
                                params_json ? params_json : "{}", &whom);
    buf_fini(&json);
    return error;
}

static int command_role(struct gw_plugin *self, const char *command)
{
    struct child_answer answer = {0};
    struct buf json;
    wire_begin(&json);
    wire_add_text(&json, "command", command);
    int error = child_question(child_of(self), WIRE_ROLE, &json, &answer);
    int role = (int)json_integer_value(json_object_get(answer.json, "role"));
    child_answer_fini(&answer);
    return error ? error : role;
}

const struct remote child_remote = {
    .started = started,
    .note = note,
    .fail = fail,
    .series_open = child_series_open,
    .series_each = child_series_each,
    .series_last = child_series_last,
    .query = child_query,
    .tail_new = child_tail_new,
    .tail = &child_tails,
    .object_put = object_put,
    .object_delete = object_delete,
    .object_get = object_get,
    .object_list = object_list,
    .emit = emit,
    .subscribe = subscribe,
    .ask = ask,
    .command_role = command_role,
};

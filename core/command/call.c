/* One call, from its start to its one answer. */
#include "command/internal.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void make_id(char id[17])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint64_t)(uintptr_t)id ^ (uint64_t)clock_monotonic_ns(clock_system());
    snprintf(id, 17, "%016llx", (unsigned long long)random);
}

struct gw_call *call_new(struct commands *commands, const struct gw_command *command,
                         const struct caller *caller)
{
    struct gw_call *call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    atomic_init(&call->refs, 1);
    make_id(call->id);
    call->commands = commands;
    call->command = command;
    call->caller = strdup(caller->name ? caller->name : "");
    call->via = strdup(caller->via ? caller->via : "");
    call->state = CALL_WAITING;
    call->started_ms = clock_wall_ms(commands->clock);
    call->begun_ns = clock_monotonic_ns(commands->clock);
    int64_t deadline_ms = command->deadline_ms > 0 ? command->deadline_ms : 60000;
    call->deadline_ns = call->begun_ns + deadline_ms * 1000000;
    if (!call->caller || !call->via) {
        call_free(call);
        return NULL;
    }
    return call;
}

void call_free(struct gw_call *call)
{
    if (!call)
        return;
    for (size_t i = 0; i < call->log_count; i++)
        free(call->log[(call->log_first + i) % CALL_LOG_LINES].text);
    free(call->log);
    free(call->caller);
    free(call->via);
    free(call->params_json);
    free(call->result);
    free(call->accept);
    free(call->type);
    free(call->body);
    values_free(call->params);
    free(call);
}

struct gw_call *call_ref(struct gw_call *call)
{
    atomic_fetch_add_explicit(&call->refs, 1, memory_order_relaxed);
    return call;
}

void call_unref(struct gw_call *call)
{
#ifndef __clang_analyzer__ /* it does not follow the count and sees every call freed */
    if (call && atomic_fetch_sub_explicit(&call->refs, 1, memory_order_acq_rel) == 1)
        call_free(call);
#else
    (void)call;
#endif
}

const char *call_id(const struct gw_call *call)
{
    return call->id;
}

char *detail_json(const char *sentence)
{
    struct buf out;
    buf_init(&out, CALL_ANSWER_MAX);
    buf_adds(&out, "{\"detail\":");
    buf_json_string(&out, sentence);
    buf_addc(&out, '}');
    char *text = buf_take(&out);
    buf_fini(&out);
    return text;
}

void call_let_go(struct gw_call *call)
{
    pthread_mutex_lock(&call->commands->lock);
    bool held = call->held;
    call->held = false;
    if (held && call->page)
        jobs_unlink(call->commands, call); /* nobody looks it up later */
    pthread_mutex_unlock(&call->commands->lock);
    if (held)
        call_unref(call);
}

static void tell_listeners(struct gw_call *call)
{
    struct commands *commands = call->commands;
    if (commands->listener_count == 0 || call->page)
        return;
    struct buf json;
    buf_init(&json, SIZE_MAX / 2);
    call_json(call, &json);
    for (size_t i = 0; !buf_error(&json) && i < commands->listener_count; i++)
        commands->listeners[i].fn(commands->listeners[i].data, json.data);
    buf_fini(&json);
}

/* What a call ends with; all owned. */
struct ending {
    enum call_state state;
    int error;
    char *result;      /* JSON; NULL: a page's, or no memory for it */
    char *type, *body; /* of a page */
    size_t bytes;
};

static bool finish(struct gw_call *call, const struct ending *end)
{
    struct commands *commands = call->commands;
    enum call_state state = end->state;
    int error = end->error;
    char *result = end->result;
    call_ref(call);
    pthread_mutex_lock(&commands->lock);
    bool first = !call_over(call);
    if (first) {
        call->type = end->type;
        call->body = end->body;
        call->body_bytes = end->bytes;
        call->ended_ms = clock_wall_ms(commands->clock);
        call->ended_ns = clock_monotonic_ns(commands->clock);
        call->error = error;
        call->result = result;
        call->state = state;
        if (state == CALL_DONE)
            call->progress = 1;
        commands->active--;
        commands->kept++;
        commands->kept_bytes += result ? strlen(result) : 0;
        jobs_trim(commands);
    } else {
        free(result);
        free(end->type);
        free(end->body);
    }
    pthread_mutex_unlock(&commands->lock);
    if (first) {
        tell_listeners(call);
        if (call->on_done)
            call->on_done(call->data, call);
    }
    call_unref(call);
    return first;
}

bool call_finish(struct gw_call *call, enum call_state state, int error, char *result)
{
    return finish(call, &(struct ending){.state = state, .error = error, .result = result});
}

bool call_finish_page(struct gw_call *call, char *type, char *body, size_t bytes)
{
    return finish(call,
                  &(struct ending){.state = CALL_DONE, .type = type, .body = body, .bytes = bytes});
}

/* ---- behind gnswatch/plugin.h ---- */

const char *gw_call_command(const struct gw_call *call)
{
    return call->command->name;
}

const struct gw_values *gw_call_params(const struct gw_call *call)
{
    return call ? call->params : NULL;
}

const char *gw_call_caller(const struct gw_call *call)
{
    return call && call->caller ? call->caller : "";
}

bool gw_call_cancelled(const struct gw_call *call)
{
    if (!call)
        return true;
    pthread_mutex_lock(&call->commands->lock);
    bool over = call_over(call);
    pthread_mutex_unlock(&call->commands->lock);
    return over;
}

int gw_reply(struct gw_call *call, const char *json)
{
    if (!call)
        return -EINVAL;
    const char *answer = json ? json : "{}";
    if (call->page)
        return gw_reply_as(call, "application/json", answer, strlen(answer));
    json_t *tree =
        strlen(answer) <= CALL_ANSWER_MAX ? json_loads(answer, JSON_DECODE_ANY, NULL) : NULL;
    if (!tree)
        return gw_refuse(call, -EPROTO,
                         "'%s' answered with something that is not JSON, or too long",
                         call->command->name);
    json_decref(tree);
    char *result = strdup(answer);
    if (!result)
        return gw_refuse(call, -ENOMEM, "out of memory");
    bool first = call_finish(call, CALL_DONE, 0, result);
    call_let_go(call);
    return first ? 0 : -ECANCELED;
}

static bool refuse(struct gw_call *call, enum call_state state, int error, const char *sentence)
{
    return call_finish(call, state, error < 0 ? error : -EIO, detail_json(sentence));
}

static void format_text(char *out, size_t size, const char *format, va_list args)
{
    vsnprintf(out, size, format, args);
}

int gw_refuse(struct gw_call *call, int error, const char *format, ...)
{
    if (!call)
        return -EINVAL;
    char sentence[1024];
    va_list args;
    va_start(args, format);
    format_text(sentence, sizeof(sentence), format, args);
    va_end(args);
    bool first = refuse(call, CALL_FAILED, error, sentence);
    call_let_go(call);
    return first ? 0 : -ECANCELED;
}

/* With the lock held. Takes `text`. */
static void add_line(struct gw_call *call, char *text)
{
    if (!call->log)
        call->log = calloc(CALL_LOG_LINES, sizeof(*call->log));
    if (!call->log) {
        free(text);
        return;
    }
    if (call->log_count == CALL_LOG_LINES) {
        free(call->log[call->log_first].text);
        call->log_first = (call->log_first + 1) % CALL_LOG_LINES;
        call->log_count--;
    }
    size_t at = (call->log_first + call->log_count++) % CALL_LOG_LINES;
    call->log[at] = (struct call_line){clock_wall_ms(call->commands->clock), text};
}

int gw_progress(struct gw_call *call, double done, const char *format, ...)
{
    if (!call)
        return -EINVAL;
    char sentence[512];
    va_list args;
    va_start(args, format);
    format_text(sentence, sizeof(sentence), format, args);
    va_end(args);
    char *text = *sentence ? strdup(sentence) : NULL;
    struct commands *commands = call->commands;
    pthread_mutex_lock(&commands->lock);
    int error = call_over(call) ? -ECANCELED : 0;
    if (!error)
        call->progress = done >= 1 ? 1 : done > 0 ? done : 0;
    if (!error && text)
        add_line(call, text);
    else
        free(text);
    pthread_mutex_unlock(&commands->lock);
    if (!error && commands->progress)
        commands->progress(commands->passed_to, call, done, sentence);
    return error;
}

/* ---- running and ending ---- */

int call_try(struct gw_plugin *self, struct gw_call *call)
{
    pthread_mutex_lock(&call->commands->lock);
    bool over = call_over(call);
    if (!over)
        call->state = CALL_RUNNING;
    pthread_mutex_unlock(&call->commands->lock);
    if (over) { /* cancelled while it waited */
        call_let_go(call);
        return 0;
    }
    call_ref(call);
    int error = call->command->run(self, call);
    pthread_mutex_lock(&call->commands->lock);
    if (!call->held)
        error = 0; /* it has answered, whatever it returns */
    pthread_mutex_unlock(&call->commands->lock);
    call_unref(call);
    return error < 0 ? error : 0;
}

void call_run(struct gw_plugin *self, struct gw_call *call)
{
    int error = call_try(self, call);
    if (error)
        gw_refuse(call, error, "%s: %s", call->command->name, strerror(-error));
}

void call_cancel(struct gw_call *call)
{
    refuse(call, CALL_CANCELLED, -ECANCELED, "cancelled");
}

void commands_cancel(struct commands *commands, const void *data)
{
    struct gw_call *found = NULL;
    pthread_mutex_lock(&commands->lock);
    for (struct gw_call *call = commands->newest; call && !found; call = call->older) {
        if (call->data == data && !call_over(call))
            found = call_ref(call);
    }
    pthread_mutex_unlock(&commands->lock);
    if (found)
        call_cancel(found);
    call_unref(found);
}

/* The next unanswered call of `instance` (NULL: past its deadline), with a reference. */
static struct gw_call *next_victim(struct commands *commands, const void *instance)
{
    struct gw_call *found = NULL;
    int64_t now_ns = clock_monotonic_ns(commands->clock);
    pthread_mutex_lock(&commands->lock);
    for (struct gw_call *call = commands->newest; call && !found; call = call->older) {
        bool due = instance ? call->instance == instance : call->deadline_ns <= now_ns;
        if (due && !call_over(call))
            found = call_ref(call);
    }
    pthread_mutex_unlock(&commands->lock);
    return found;
}

void commands_refuse(struct commands *commands, void *instance, const char *sentence)
{
    for (struct gw_call *call; (call = next_victim(commands, instance)); call_unref(call))
        refuse(call, CALL_FAILED, -ECANCELED, sentence);
}

void commands_release(struct commands *commands, void *instance)
{
    pthread_mutex_lock(&commands->lock);
    for (struct gw_call *call = commands->newest, *older; call; call = older) {
        older = call->older;
        if (call->instance != instance || !call->held)
            continue;
        call->held = false;
        if (call->page)
            jobs_unlink(commands, call);
        call_unref(call); /* the registry may have another */
    }
    jobs_trim(commands);
    pthread_mutex_unlock(&commands->lock);
}

void commands_expire(struct commands *commands)
{
    char sentence[128];
    for (struct gw_call *call; (call = next_victim(commands, NULL)); call_unref(call)) {
        int64_t seconds = (call->deadline_ns - call->begun_ns) / 1000000000;
        snprintf(sentence, sizeof(sentence), "no answer within its deadline of %lld s",
                 (long long)seconds);
        refuse(call, CALL_FAILED, -ETIMEDOUT, sentence);
    }
    pthread_mutex_lock(&commands->lock);
    jobs_trim(commands);
    pthread_mutex_unlock(&commands->lock);
}

/* Calls as jobs: the list of those under way and lately over, and their JSON. */
#include "command/internal.h"

#include <errno.h>
#include <string.h>

void jobs_link(struct commands *commands, struct gw_call *call)
{
    call_ref(call);
    call->older = commands->newest;
    if (commands->newest)
        commands->newest->newer = call;
    else
        commands->oldest = call;
    commands->newest = call;
    commands->active++;
}

void jobs_unlink(struct commands *commands, struct gw_call *call)
{
    if (call->newer)
        call->newer->older = call->older;
    else
        commands->newest = call->older;
    if (call->older)
        call->older->newer = call->newer;
    else
        commands->oldest = call->newer;
    call->newer = call->older = NULL;
    if (call_over(call)) {
        commands->kept--;
        commands->kept_bytes -= call->result ? strlen(call->result) : 0;
    } else {
        commands->active--;
    }
    call_unref(call);
}

/* Those its instance still holds stay: commands_release must find them. */
void jobs_trim(struct commands *commands)
{
    int64_t now_ns = clock_monotonic_ns(commands->clock);
    for (struct gw_call *call = commands->oldest, *newer; call; call = newer) {
        newer = call->newer;
        if (!call_over(call) || call->held)
            continue;
        if (commands->kept <= commands->kept_max && commands->kept_bytes <= CALL_KEPT_BYTES &&
            now_ns - call->ended_ns < CALLS_KEPT_MS * INT64_C(1000000))
            break;
        jobs_unlink(commands, call);
    }
}

void commands_pass_on(struct commands *commands, command_progress_fn *progress, void *to)
{
    commands->kept_max = 0;
    commands->progress = progress;
    commands->passed_to = to;
}

void *call_passed_to(const struct gw_call *call)
{
    return call->commands->passed_to;
}

void *call_data(const struct gw_call *call)
{
    return call->data;
}

struct gw_call *commands_job(struct commands *commands, const char *id)
{
    pthread_mutex_lock(&commands->lock);
    struct gw_call *call = commands->newest;
    while (call && (call->page || strcmp(call->id, id) != 0))
        call = call->older;
    if (call)
        call_ref(call);
    pthread_mutex_unlock(&commands->lock);
    return call;
}

bool call_done(struct gw_call *call, int *error)
{
    pthread_mutex_lock(&call->commands->lock);
    bool over = call_over(call);
    if (error)
        *error = over ? call->error : 0;
    pthread_mutex_unlock(&call->commands->lock);
    return over;
}

void call_result(struct gw_call *call, struct buf *out)
{
    pthread_mutex_lock(&call->commands->lock);
    if (!call_over(call))
        buf_adds(out, "{\"detail\":\"still under way\"}");
    else
        buf_adds(out, call->result ? call->result : "{\"detail\":\"out of memory\"}");
    pthread_mutex_unlock(&call->commands->lock);
}

int errno_status(int error)
{
    switch (error) {
    case 0:
        return 200;
    case -EINVAL:
        return 400;
    case -EPERM:
        return 403;
    case -ENOENT:
        return 404;
    case -EEXIST:
    case -EBUSY:
    case -ECANCELED:
        return 409;
    case -EIO:
        return 502;
    case -EAGAIN:
        return 503;
    case -ETIMEDOUT:
        return 504;
    default:
        return 500;
    }
}

static const char *state_name(enum call_state state)
{
    static const char *const names[] = {
        [CALL_WAITING] = "waiting", [CALL_RUNNING] = "running",     [CALL_DONE] = "done",
        [CALL_FAILED] = "failed",   [CALL_CANCELLED] = "cancelled",
    };
    return names[state];
}

static void add_log(const struct gw_call *call, struct buf *out)
{
    buf_adds(out, ",\"log\":[");
    for (size_t i = 0; i < call->log_count; i++) {
        const struct call_line *line = &call->log[(call->log_first + i) % CALL_LOG_LINES];
        buf_adds(out, i ? ",{\"time\":" : "{\"time\":");
        buf_json_int(out, line->time_ms);
        buf_adds(out, ",\"text\":");
        buf_json_string(out, line->text);
        buf_addc(out, '}');
    }
    buf_addc(out, ']');
}

/* The end of it: when, and the answer or the sentence from its {"detail":…}. */
static void add_end(const struct gw_call *call, struct buf *out)
{
    if (!call_over(call)) {
        buf_adds(out, ",\"ended\":null,\"status\":null,\"result\":null,\"error\":null}");
        return;
    }
    buf_adds(out, ",\"ended\":");
    buf_json_int(out, call->ended_ms);
    buf_printf(out, ",\"status\":%d,\"result\":", errno_status(call->error));
    const char *result = call->result ? call->result : "{\"detail\":\"out of memory\"}";
    size_t head = strlen("{\"detail\":");
    if (call->state == CALL_DONE) {
        buf_adds(out, result);
        buf_adds(out, ",\"error\":null}");
    } else {
        buf_adds(out, "null,\"error\":");
        buf_add(out, result + head, strlen(result) - head - 1);
        buf_addc(out, '}');
    }
}

void call_json_locked(const struct gw_call *call, struct buf *out)
{
    buf_printf(out, "{\"id\":\"%s\",\"command\":", call->id);
    buf_json_string(out, call->command->name);
    buf_adds(out, ",\"caller\":");
    buf_json_string(out, call->caller);
    buf_adds(out, ",\"via\":");
    buf_json_string(out, call->via);
    buf_adds(out, ",\"params\":");
    buf_adds(out, call->params_json);
    buf_printf(out, ",\"state\":\"%s\",\"progress\":", state_name(call->state));
    buf_json_number(out, call->progress);
    add_log(call, out);
    buf_adds(out, ",\"started\":");
    buf_json_int(out, call->started_ms);
    add_end(call, out);
}

void call_json(struct gw_call *call, struct buf *out)
{
    pthread_mutex_lock(&call->commands->lock);
    call_json_locked(call, out);
    pthread_mutex_unlock(&call->commands->lock);
}

/* Only what took or takes over a second. */
static bool is_job(const struct gw_call *call, int64_t now_ns)
{
    if (call->page)
        return false;
    int64_t until_ns = call_over(call) ? call->ended_ns : now_ns;
    return until_ns - call->begun_ns >= CALL_JOB_MS * INT64_C(1000000);
}

void commands_jobs(struct commands *commands, struct buf *out)
{
    bool first = true;
    int64_t now_ns = clock_monotonic_ns(commands->clock);
    buf_addc(out, '[');
    pthread_mutex_lock(&commands->lock);
    for (const struct gw_call *call = commands->newest; call; call = call->older) {
        if (!is_job(call, now_ns))
            continue;
        if (!first)
            buf_addc(out, ',');
        first = false;
        call_json_locked(call, out);
    }
    pthread_mutex_unlock(&commands->lock);
    buf_addc(out, ']');
}

/* Calls of the plugin's commands and pages: they go to the child, and its answers are theirs. */
#include "worker/proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSED_MAX = 900 };

static struct proxy_call **find(struct proxy *proxy, uint32_t id)
{
    struct proxy_call **at = &proxy->calls;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

/* The call of this number, which is over with what follows. NULL: it was over before. */
static struct gw_call *take(struct proxy *proxy, uint32_t id)
{
    struct proxy_call **at = find(proxy, id), *kept = *at;
    if (!kept)
        return NULL;
    struct gw_call *call = kept->call;
    *at = kept->next;
    free(kept);
    return call;
}

/* A new number for a call. Its table's `run`, of all commands and pages. */
int proxy_run_call(struct gw_plugin *self, struct gw_call *call)
{
    struct proxy *proxy = gw_data(self);
    struct proxy_call *kept = proxy->running ? malloc(sizeof(*kept)) : NULL;
    if (!kept)
        return gw_refuse(call, -EAGAIN, "the instance's process has just ended; try again");
    *kept = (struct proxy_call){.next = proxy->calls, .call = call, .id = ++proxy->last_call};
    proxy->calls = kept;
    const char *name = gw_call_command(call);
    struct buf json, params;
    buf_init(&params, WIRE_MAX);
    values_json(gw_call_params(call), true, &params);
    wire_begin(&json);
    wire_add_text(&json, "command", name);
    wire_add_text(&json, "caller", gw_call_caller(call));
    if (*name == '/')
        wire_add_text(&json, "accept", gw_call_accept(call));
    int error = buf_error(&params);
    if (!error)
        error = proxy_say(proxy, WIRE_CALL, kept->id, wire_end(&json), params.data, params.len);
    buf_fini(&json);
    buf_fini(&params);
    return error ? gw_refuse(take(proxy, kept->id), error, "its parameters are too large") : 0;
}

void proxy_reply(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_call *call = take(proxy, frame->id);
    if (call)
        gw_reply(call, frame->raw);
}

void proxy_refuse(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_call *call = take(proxy, frame->id);
    int64_t error = wire_int(frame, "error");
    if (call)
        gw_refuse(call, error < 0 && error > -4096 ? (int)error : -EIO, "%.*s", REFUSED_MAX,
                  frame->raw);
}

void proxy_page(struct proxy *proxy, const struct wire_frame *frame)
{
    struct gw_call *call = take(proxy, frame->id);
    const char *type = wire_text(frame, "type");
    if (call && gw_reply_as(call, type, frame->raw, frame->raw_bytes) == -EINVAL)
        gw_refuse(call, -EPROTO, "the plugin's process answered with something else than a page");
}

void proxy_progress(struct proxy *proxy, const struct wire_frame *frame)
{
    struct proxy_call *kept = *find(proxy, frame->id);
    if (kept)
        gw_progress(kept->call, wire_number(frame, "done"), "%.*s", REFUSED_MAX, frame->raw);
}

/* A deadline or who asked may have ended it. */
void proxy_look_at_calls(struct proxy *proxy)
{
    for (struct proxy_call **at = &proxy->calls; *at;) {
        struct proxy_call *kept = *at;
        if (!gw_call_cancelled(kept->call)) {
            at = &kept->next;
            continue;
        }
        proxy_say(proxy, WIRE_CANCEL, kept->id, NULL, NULL, 0);
        gw_refuse(kept->call, -ECANCELED, "cancelled"); /* the instance lets go of it */
        *at = kept->next;
        free(kept);
    }
}

void proxy_refuse_calls(struct proxy *proxy, const char *sentence)
{
    while (proxy->calls) {
        struct proxy_call *kept = proxy->calls;
        proxy->calls = kept->next;
        gw_refuse(kept->call, -EIO, "%.*s", REFUSED_MAX, sentence);
        free(kept);
    }
}

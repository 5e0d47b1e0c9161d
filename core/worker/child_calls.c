/* Calls of an instance's commands and pages in a child: its own registry checks their input and
 * runs them as usual, and what they end with goes to the daemon. */
#include "worker/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct child *child, uint32_t id, int error, const char *sentence)
{
    struct buf json;
    wire_begin(&json);
    wire_add_int(&json, "error", error);
    child_say(child, WIRE_REFUSE, id, wire_end(&json), sentence, strlen(sentence));
    buf_fini(&json);
}

static void refuse_with(struct child *child, uint32_t id, int error, const char *result)
{
    json_t *tree = json_loads(result, 0, NULL);
    const char *detail = json_string_value(json_object_get(tree, "detail"));
    refuse(child, id, error, detail ? detail : strerror(-error));
    json_decref(tree);
}

static void reply_page(struct child *child, uint32_t id, const struct page_answer *answer)
{
    struct buf json;
    wire_begin(&json);
    wire_add_text(&json, "type", answer->type);
    int error = child_say(child, WIRE_PAGE, id, wire_end(&json), answer->body, answer->bytes);
    if (error)
        refuse(child, id, error, "the page cannot be sent on");
    buf_fini(&json);
}

/* On the thread that answers; `data` is the call's number. */
static void on_done(void *data, struct gw_call *call)
{
    struct child *child = call_passed_to(call);
    uint32_t id = (uint32_t)(uintptr_t)data;
    struct page_answer page = call_page_answer(call);
    struct buf result;
    int error = 0;
    buf_init(&result, SIZE_MAX / 2); /* bounded by the answer's own limit */
    call_done(call, &error);
    call_result(call, &result);
    if (error)
        refuse_with(child, id, error, result.data);
    else if (page.type)
        reply_page(child, id, &page);
    else if (child_say(child, WIRE_REPLY, id, NULL, result.data, result.len))
        refuse(child, id, -EMSGSIZE, "the answer is too large");
    buf_fini(&result);
}

static void on_progress(void *to, struct gw_call *call, double done, const char *sentence)
{
    struct buf json;
    wire_begin(&json);
    wire_add_number(&json, "done", done);
    child_say(to, WIRE_PROGRESS, (uint32_t)(uintptr_t)call_data(call), wire_end(&json), sentence,
              strlen(sentence));
    buf_fini(&json);
}

void child_calls_attach(struct child *child)
{
    commands_pass_on(child->parts.commands, on_progress, child);
}

static int start(struct commands *commands, const struct wire_frame *frame,
                 struct problems *problems)
{
    void *data = (void *)(uintptr_t)frame->id;
    const char *command = wire_text(frame, "command"), *accept = wire_text(frame, "accept");
    const struct caller caller = {wire_text(frame, "caller"), "plugin", GW_ADMIN};
    json_t *params = json_loadb(frame->raw, frame->raw_bytes, 0, NULL);
    int error = -ENOENT;
    if (command && accept)
        error = commands_call_page(commands, command, params, accept, &caller, on_done, data,
                                   problems, NULL);
    else if (command)
        error = commands_call(commands, command, params, &caller, on_done, data, problems, NULL);
    json_decref(params);
    return error;
}

void child_call(struct child *child, struct wire_frame *frame)
{
    struct problems problems;
    problems_init(&problems);
    int error = start(child->parts.commands, frame, &problems);
    if (error)
        refuse(child, frame->id, error, problems.count ? problems.list[0].what : strerror(-error));
    problems_fini(&problems);
}

void child_cancel(struct child *child, uint32_t id)
{
    commands_cancel(child->parts.commands, (const void *)(uintptr_t)id);
}

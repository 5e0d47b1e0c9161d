/* commands.c - what a person can ask of an item, and what a child offered to be asked (exec.h). */
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASKS_MAX = 32, LINE_BYTES_MAX = 4096 /* PIPE_BUF: goes whole or not at all */ };

struct ask {
    struct ask *next;
    int64_t id;
    struct gw_call *call; /* the host's until it is answered */
};

/* ---- Asking a child -------------------------------------------------------------------------- */

void commands_answer(struct item *item, int64_t id, const json_t *result, const char *error)
{
    struct ask **at = &item->asks;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct ask *ask = *at;
    if (!ask) {
        hear_error(item, 0, 0, "it answered a call that nobody waits for", NULL);
        return;
    }
    *at = ask->next;
    char *text = result ? json_dumps(result, JSON_COMPACT) : NULL;
    if (error)
        gw_refuse(ask->call, -EIO, "%s: %s", item->recipe.name, error);
    else
        gw_reply(ask->call, text);
    free(text);
    free(ask);
}

void commands_forget(struct item *item, const char *why)
{
    while (item->asks) {
        struct ask *ask = item->asks;
        item->asks = ask->next;
        gw_refuse(ask->call, -EIO, "%s: %s", item->recipe.name, why);
        free(ask);
    }
}

/* Calls that were given up meanwhile. */
static size_t sweep(struct item *item)
{
    size_t count = 0;
    for (struct ask **at = &item->asks; *at;) {
        struct ask *ask = *at;
        if (!gw_call_cancelled(ask->call)) {
            at = &ask->next;
            count++;
            continue;
        }
        *at = ask->next;
        gw_refuse(ask->call, -ECANCELED, "given up");
        free(ask);
    }
    return count;
}

static int write_ask(struct item *item, struct ask *ask, const char *name, const char *params)
{
    json_t *doc = params ? json_loads(params, 0, NULL) : NULL;
    char *line = jsonl_ask(ask->id, name, doc);
    size_t bytes = line ? strlen(line) : 0;
    int error = !line ? -ENOMEM : bytes > LINE_BYTES_MAX ? -EMSGSIZE : 0;
    if (!error)
        error = process_write(item->process, line, bytes);
    json_decref(doc);
    free(line);
    return error;
}

static const char *why_not_written(int error)
{
    return error == -EAGAIN     ? "it does not read its stdin"
           : error == -EPIPE    ? "it has closed its stdin"
           : error == -EMSGSIZE ? "the parameters are longer than 4 KiB"
                                : strerror(-error);
}

static struct item *item_of(struct gw_plugin *self, struct gw_call *call)
{
    const char *id = gw_string(gw_call_params(call), "id");
    struct item *item = exec_item(gw_data(self), id);
    if (!item)
        gw_refuse(call, -ENOENT, "there is no item '%s'; they are in conf.d", id);
    return item;
}

static int run_ask(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    struct exec *exec = gw_data(self);
    struct item *item = item_of(self, call);
    const char *name = gw_string(params, "ask");
    if (!item)
        return 0;
    if (!item->process)
        return gw_refuse(call, -EBUSY, "%s does not run", item->recipe.name);
    if (!json_object_get(item->offers, name))
        return gw_refuse(call, -ENOENT, "%s does not offer '%s'", item->recipe.name, name);
    if (sweep(item) >= ASKS_MAX)
        return gw_refuse(call, -EBUSY, "%s has %d questions to answer first", item->recipe.name,
                         ASKS_MAX);
    struct ask *ask = calloc(1, sizeof *ask);
    if (!ask)
        return -ENOMEM;
    *ask = (struct ask){.id = ++exec->ask_id, .call = call, .next = item->asks};
    int error = write_ask(item, ask, name, gw_string(params, "params"));
    if (error) {
        free(ask);
        return gw_refuse(call, -EIO, "%s: %s", item->recipe.name, why_not_written(error));
    }
    item->asks = ask;
    return 0;
}

/* ---- Asking for a run ------------------------------------------------------------------------ */

static int start_again(struct gw_plugin *self, struct gw_call *call, bool only_disabled)
{
    struct item *item = item_of(self, call);
    if (!item)
        return 0;
    if (item->folder)
        return gw_refuse(call, -EINVAL, "%s is a directory: name one of its programs",
                         item->recipe.name);
    if (only_disabled && item->state != ITEM_DISABLED)
        return gw_reply(call, NULL);
    if (item_restart(item))
        return gw_refuse(call, -EINVAL, "%s cannot run: %s", item->recipe.name, item->error.why);
    show_item(item);
    return gw_reply(call, NULL);
}

static int run_restart(struct gw_plugin *self, struct gw_call *call)
{
    return start_again(self, call, false);
}

static int run_enable(struct gw_plugin *self, struct gw_call *call)
{
    return start_again(self, call, true);
}

/* A turn now: a one-shot's run, or for a stream that waits its start; one under way is not ended.
 */
static int run_now(struct gw_plugin *self, struct gw_call *call)
{
    struct item *item = item_of(self, call);
    if (!item)
        return 0;
    if (item->busy)
        return gw_refuse(call, -EBUSY, "%s is running", item->recipe.name);
    return start_again(self, call, false);
}

static const struct gw_row id_params[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .max = 400, .help = "The item's name"},
    {0},
};

static const struct gw_row ask_params[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .max = 400, .help = "The item's name"},
    {.name = "ask",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .max = 60,
     .help = "One of what it offers"},
    {.name = "params", .type = GW_JSON, .help = "An object, handed on as it is"},
    {0},
};

const struct gw_command exec_commands[] = {
    {.name = "exec.item.restart",
     .help = "Ends what runs and starts it again; also what has been disabled or waits long",
     .role = GW_OPERATOR,
     .params = id_params,
     .run = run_restart},
    {.name = "exec.item.run",
     .help = "Runs it now instead of at its time",
     .role = GW_OPERATOR,
     .params = id_params,
     .run = run_now},
    {.name = "exec.item.enable",
     .help = "Starts a plugin again that asked to be disabled",
     .role = GW_OPERATOR,
     .params = id_params,
     .run = run_enable},
    {.name = "exec.item.ask",
     .help = "Asks a plugin that speaks our own lines for something it offers",
     .role = GW_OPERATOR,
     .params = ask_params,
     .run = run_ask},
    {.name = "exec.try",
     .help = "Runs a command once, keeps nothing, and says what would be made of it",
     .role = GW_ADMIN,
     .params = try_params,
     .result = try_result,
     .run = exec_try,
     .deadline_ms = 120000},
    {0},
};

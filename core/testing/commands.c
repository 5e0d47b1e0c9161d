/* Calling the plugin's commands: the real registry checks, the instance's queue delivers. */
#include "testing/inside.h"

#include "command/internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call_deed {
    struct deed deed;
    struct gwt *test;
    struct gw_call *call; /* the registry's */
};

/* As the real host: an error of `run` is the answer, with the sentence of gw_fail. */
static void call_act(struct gw_plugin *self, struct deed *deed)
{
    struct call_deed *mine = (struct call_deed *)deed;
    if (self) {
        turn_enter(self, "command");
        int error = call_try(self, mine->call);
        if (error)
            gw_refuse(mine->call, error, "%s",
                      self->failed_in_callback ? self->test->last_error : strerror(-error));
        turn_leave(self, 0);
    }
    free(mine);
}

static void on_expiry(struct gw_plugin *self, void *data)
{
    (void)data;
    commands_expire(self->test->commands);
}

static int dispatch(void *instance, struct gw_call *call)
{
    struct gwt *test = instance;
    if (!test->running)
        return -ESHUTDOWN;
    struct call_deed *mine = gwt_need(calloc(1, sizeof(*mine)));
    *mine = (struct call_deed){{.act = call_act}, test, call};
    deed_put(test->self, &mine->deed);
    return 0;
}

int commands_begin(struct gwt *test)
{
    int error = commands_add(test->commands, test->descriptor.name, test->name, test, dispatch,
                             test->descriptor.commands);
    return error ? error
                 : commands_add_pages(test->commands, test->descriptor.name, test->name, test,
                                      dispatch, test->descriptor.pages);
}

/* What ran past its deadline and was not even let go of afterwards: the plugin forgot it. */
void commands_check(struct gwt *test)
{
    for (const struct gw_call *call = test->commands->newest; call; call = call->older) {
        if (call->held && call->error == -ETIMEDOUT)
            gwt_die("'%s' was never answered: each call is answered once, by gw_reply or gw_refuse",
                    call->command->name);
    }
}

void commands_fini(struct gwt *test)
{
    commands_remove(test->commands, test);
    commands_release(test->commands, test);
}

/* ---- By the test ---- */

static void keep_answer(struct gwt *test, char *text)
{
    free(test->answer);
    test->answer = gwt_need(text);
}

void answer_problems(struct gwt *test, const struct problems *problems, int error)
{
    struct buf text;
    buf_init(&text, 65536);
    for (size_t i = 0; i < problems->count; i++)
        buf_printf(&text, "%s%s: %s", i ? "; " : "", problems->list[i].where,
                   problems->list[i].what);
    if (!text.len)
        buf_adds(&text, strerror(-error));
    keep_answer(test, buf_take(&text));
    buf_fini(&text);
}

/* The answer's JSON, a page's body, or the sentence within {"detail":…}. */
static char *answer_text(struct gw_call *call, int error)
{
    struct buf json;
    if (!error && call->page)
        return strdup(call_page_answer(call).body);
    buf_init(&json, SIZE_MAX / 2);
    call_result(call, &json);
    json_t *tree = error ? json_loads(json.data, 0, NULL) : NULL;
    const char *detail = json_string_value(json_object_get(tree, "detail"));
    char *text = gwt_need(detail ? strdup(detail) : strdup(json.data));
    json_decref(tree);
    buf_fini(&json);
    return text;
}

static bool is_done(void *data)
{
    return call_done(data, NULL);
}

static int64_t deadline_of(struct gwt *test, const char *command)
{
    const struct gw_command *known = commands_find(test->commands, command);
    return known && known->deadline_ms > 0 ? known->deadline_ms : 60000;
}

int call_finish_for(struct gwt *test, struct gw_call *call, int64_t deadline_ms)
{
    int error = 0;
    struct gw_timer *expiry = timer_add(test->self, deadline_ms, 0, on_expiry, NULL);
    if (gwt_run_until(test, is_done, call, deadline_ms - 1))
        gw_timer_stop(expiry);
    else
        gwt_run(test, 1);
    if (!call_done(call, &error))
        gwt_die("a call outlived its deadline");
    keep_answer(test, answer_text(call, error));
    return error;
}

int gwt_call(struct gwt *test, const char *command, const char *params_json, const char **reply)
{
    const struct caller caller = {"test", "test", GW_ADMIN};
    struct problems problems;
    struct gw_call *call = NULL;
    json_t *params = json_loads(params_json ? params_json : "{}", JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(params))
        gwt_die("gwt_call %s: the parameters are not a JSON object: %s", command, params_json);
    problems_init(&problems);
    int error =
        commands_call(test->commands, command, params, &caller, NULL, NULL, &problems, &call);
    if (error)
        answer_problems(test, &problems, error);
    else
        error = call_finish_for(test, call, deadline_of(test, command));
    call_unref(call);
    problems_fini(&problems);
    json_decref(params);
    if (reply)
        *reply = test->answer;
    return error;
}

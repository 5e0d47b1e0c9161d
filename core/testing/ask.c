/* What the plugin asks of others: commands that the test plays, and its own. */
#include "testing/inside.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct offered {
    struct offered *next;
    char *command;
    gwt_command_fn *answer;
    void *data;
};

struct asked { /* kept to the end: gwt_asked */
    struct asked *next;
    char *command, *params;
    bool waits; /* for gwt_answer */
    struct gw_plugin *self;
    unsigned run;
    gw_result_fn *on_result;
    void *data;
};

struct answer_deed {
    struct deed deed;
    struct asked *asked;
    int error;
    char *json; /* owned */
};

/* ---- Answers ---- */

static void answer_act(struct gw_plugin *self, struct deed *deed)
{
    struct answer_deed *mine = (struct answer_deed *)deed;
    if (self) {
        self->asked--;
        if (mine->asked->on_result) {
            turn_enter(self, "answer");
            mine->asked->on_result(self, mine->error, mine->json, mine->asked->data);
            turn_leave(self, 0);
        }
    }
    free(mine->json);
    free(mine);
}

static char *detail_of(int error, const char *sentence)
{
    struct buf json;
    buf_init(&json, 65536);
    buf_adds(&json, "{\"detail\":");
    buf_json_string(&json, sentence ? sentence : strerror(-error));
    buf_addc(&json, '}');
    char *text = gwt_need(buf_take(&json));
    buf_fini(&json);
    return text;
}

/* In the next turn, unless that life or run is over. Takes `json`; NULL: {} or the error's words.
 */
static void give(struct asked *asked, int error, char *json)
{
    struct gw_plugin *self = asked->self;
    asked->waits = false;
    if (self->test->self != self || self->run != asked->run) {
        free(json);
        return;
    }
    struct answer_deed *mine = gwt_need(calloc(1, sizeof(*mine)));
    if (!json)
        json = error ? detail_of(error, NULL) : gwt_need(strdup("{}"));
    *mine = (struct answer_deed){{.act = answer_act}, asked, error, json};
    deed_put(self, &mine->deed);
}

/* ---- Asking ---- */

static struct asked *remember(struct gw_plugin *self, const char *command, const char *params)
{
    struct asked *asked = gwt_need(calloc(1, sizeof(*asked)));
    asked->command = gwt_need(strdup(command));
    asked->params = gwt_need(strdup(params));
    asked->self = self;
    asked->run = self->run;
    struct gwt *test = self->test;
    *test->last_asked = asked;
    test->last_asked = &asked->next;
    self->asked++;
    return asked;
}

static void on_own_answer(void *data, struct gw_call *call)
{
    struct buf json;
    int error = 0;
    buf_init(&json, SIZE_MAX / 2);
    call_done(call, &error);
    call_result(call, &json);
    give(data, error, buf_take(&json));
    buf_fini(&json);
}

/* A command of the plugin itself, or of nobody. */
static void ask_registry(struct asked *asked, const json_t *params)
{
    struct gwt *test = asked->self->test;
    const struct caller caller = {test->name, "plugin", GW_ADMIN};
    struct problems problems;
    struct gw_call *call = NULL;
    problems_init(&problems);
    int error = commands_call(test->commands, asked->command, params, &caller, on_own_answer, asked,
                              &problems, &call);
    if (error)
        give(asked, error, detail_of(error, problems.count ? problems.list[0].what : NULL));
    call_unref(call);
    problems_fini(&problems);
}

static const struct offered *find_offer(const struct gwt *test, const char *command)
{
    const struct offered *offered = test->offered;
    while (offered && strcmp(offered->command, command) != 0)
        offered = offered->next;
    return offered;
}

static void ask_offer(struct asked *asked, const struct offered *offered)
{
    char *reply = NULL;
    int error = offered->answer ? offered->answer(offered->data, asked->params, &reply) : 0;
    asked->waits = error == -EINPROGRESS;
    if (asked->waits)
        free(reply);
    else
        give(asked, error, reply);
}

int gw_ask(struct gw_plugin *self, const char *command, const char *params_json,
           gw_result_fn *on_result, void *data)
{
    gwt_here(self, "gw_ask");
    json_t *params = json_loads(params_json ? params_json : "{}", JSON_REJECT_DUPLICATES, NULL);
    if (!self || !command || !json_is_object(params)) {
        json_decref(params);
        return -EINVAL;
    }
    if (self->asked >= ASKED_MAX) {
        json_decref(params);
        return -EAGAIN;
    }
    struct asked *asked = remember(self, command, params_json ? params_json : "{}");
    asked->on_result = on_result;
    asked->data = data;
    const struct offered *offered = find_offer(self->test, command);
    if (offered)
        ask_offer(asked, offered);
    else
        ask_registry(asked, params);
    json_decref(params);
    return 0;
}

/* A command that the test plays needs an operator. */
int gw_command_role(struct gw_plugin *self, const char *command)
{
    gwt_here(self, "gw_command_role");
    if (!command)
        return -ENOENT;
    if (find_offer(self->test, command))
        return GW_OPERATOR;
    const struct gw_command *own = commands_find(self->test->commands, command);
    return own ? (int)own->role : -ENOENT;
}

/* ---- By the test ---- */

void gwt_offer(struct gwt *test, const char *command, gwt_command_fn *answer, void *data)
{
    struct offered *offered = gwt_need(calloc(1, sizeof(*offered)));
    *offered = (struct offered){test->offered, gwt_need(strdup(command)), answer, data};
    test->offered = offered; /* before an older one of this name */
}

void gwt_answer(struct gwt *test, const char *command, int error, const char *json)
{
    for (struct asked *asked = test->asked; asked; asked = asked->next) {
        if (!asked->waits || strcmp(asked->command, command) != 0)
            continue;
        give(asked, error, json ? gwt_need(strdup(json)) : NULL);
        return;
    }
    gwt_die("gwt_answer: nobody waits for an answer of '%s'", command);
}

size_t gwt_asked(struct gwt *test, const char *command)
{
    size_t count = 0;
    for (const struct asked *asked = test->asked; asked; asked = asked->next)
        count += topic_matches(command, asked->command);
    return count;
}

const char *gwt_asked_params(struct gwt *test, const char *command, int i)
{
    if (i < 0)
        i += (int)gwt_asked(test, command);
    for (const struct asked *asked = test->asked; i >= 0 && asked; asked = asked->next) {
        if (topic_matches(command, asked->command) && i-- == 0)
            return asked->params;
    }
    return NULL;
}

void asks_spare(const struct gw_plugin *dead)
{
    for (const struct asked *asked = dead->test->asked; asked; asked = asked->next) {
        if (asked->self == dead)
            gwt_spare(asked->data);
    }
}

void asks_fini(struct gwt *test)
{
    for (struct asked *asked; (asked = test->asked);) {
        test->asked = asked->next;
        free(asked->command);
        free(asked->params);
        free(asked);
    }
    for (struct offered *offered; (offered = test->offered);) {
        test->offered = offered->next;
        free(offered->command);
        free(offered);
    }
}

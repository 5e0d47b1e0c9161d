/* ask.c - commands of other plugins asked for: JSON in, JSON out, an answer always, and nothing
 * left when the instance stops. */
#include "model.h"

#include <errno.h>
#include <stdlib.h>

struct ask {
    struct ask *next, **at; /* in snap->asks */
    struct snap *snap;
    ask_fn *then;
    void *data; /* owned */
    int error;
};

static void ask_free(struct ask *ask)
{
    *ask->at = ask->next;
    if (ask->next)
        ask->next->at = ask->at;
    free(ask->data);
    free(ask);
}

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self;
    struct ask *ask = data;
    json_t *answer = json ? json_loads(json, 0, NULL) : NULL;
    ask->then(ask->snap, error, answer, ask->data);
    json_decref(answer);
    ask_free(ask);
}

static void on_not_asked(struct gw_plugin *self, void *data)
{
    on_result(self, ((struct ask *)data)->error, NULL, data);
}

int ask_for(struct snap *snap, const char *command, json_t *params, ask_fn *then, void *data)
{
    char *text = params ? json_dumps(params, JSON_COMPACT) : NULL;
    struct ask *ask = text ? malloc(sizeof *ask) : NULL;
    json_decref(params);
    if (!ask) {
        free(text);
        free(data);
        return -ENOMEM;
    }
    *ask = (struct ask){snap->asks, &snap->asks, snap, then, data, 0};
    if (snap->asks)
        snap->asks->at = &ask->next;
    snap->asks = ask;
    ask->error = gw_ask(snap->self, command, text, on_result, ask);
    if (ask->error < 0)
        gw_timer_start(snap->self, 0, 0, on_not_asked, ask);
    free(text);
    return 0;
}

void asks_free(struct snap *snap)
{
    while (snap->asks) {
        struct ask *ask = snap->asks;
        snap->asks = ask->next;
        free(ask->data);
        free(ask);
    }
}

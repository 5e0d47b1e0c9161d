/* Questions that the store answers on its own thread, as JSON. */
#include "api/object_routes.h"
#include "api/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct asked {
    struct inbox_item item;
    struct inbox *inbox;
    struct request *request;
    int error;
    char *json; /* owned */
};

static void asked_free(struct asked *asked)
{
    inbox_unref(asked->inbox);
    free(asked->json);
    free(asked);
}

static void drop(void *data)
{
    struct asked *asked = data;
    request_free(asked->request);
    asked_free(asked);
}

static void answer(struct request *request, int error, const char *json)
{
    if (error || !json) {
        request_errno(request, error ? error : -EIO, "The store could not answer");
        return;
    }
    bool bare = json[0] == '[';
    buf_adds(&request->out, bare ? "{\"items\":" : "");
    buf_adds(&request->out, json);
    buf_adds(&request->out, bare ? "}" : "");
    request_json(request, 200);
}

static void run(struct api *api, void *data)
{
    (void)api;
    struct asked *asked = data;
    answer(asked->request, asked->error, asked->json);
    request_done(asked->request);
    asked_free(asked);
}

static void on_json(void *data, int error, const char *json)
{
    struct asked *asked = data;
    asked->error = error;
    asked->json = json ? strdup(json) : NULL;
    inbox_post(asked->inbox, &asked->item, run, drop, asked);
}

bool answer_from_store(struct request *request, enum store_ask ask, const char *kind, size_t limit,
                       const struct store_events_query *events)
{
    struct store *store = request->api->parts.store;
    struct asked *asked = store ? calloc(1, sizeof(*asked)) : NULL;
    if (!asked)
        return request_problem(request, 503, "The store is not running");
    asked->request = request;
    asked->inbox = inbox_ref(request->api->inbox);
    int error = -EINVAL;
    if (ask == STORE_ASK_HISTORY)
        error = store_object_history(store, kind, request->captures[1], limit, on_json, asked);
    else if (ask == STORE_ASK_COMMANDS)
        error = store_command_history(store, limit, on_json, asked);
    else if (ask == STORE_ASK_EVENTS)
        error = store_events(store, events, on_json, asked);
    if (!error)
        return false;
    asked_free(asked);
    return request_errno(request, error, "The store has too much to do; try again");
}

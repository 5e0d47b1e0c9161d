/* Pages of plugins: bytes of any type from a plugin's own thread. */
#include "api/route.h"
#include "api/server.h"
#include "base/map.h" /* hash_bytes */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_MAX_BYTES = 1 << 20 /* a larger body is not worth its hash */ };

/* ---- Which page ------------------------------------------------------------------------------ */

struct wanted {
    struct request *request;
    const struct gw_page *found;
};

static bool compare(void *data, const struct gw_page *page)
{
    struct wanted *wanted = data;
    if (!route_matches(page->path, wanted->request->path, wanted->request->captures))
        return true;
    wanted->found = page;
    return false;
}

static const struct gw_page *find(struct request *request)
{
    struct wanted wanted = {.request = request};
    commands_each_page(request->api->parts.commands, compare, &wanted);
    return wanted.found;
}

/* ---- Parameters ------------------------------------------------------------------------------ */

static json_t *read_params(const struct request *request, const struct gw_page *page)
{
    json_t *params = json_object();
    size_t capture = 0;
    for (size_t i = 0; i < request->parameter_count; i++)
        page_param(params, page, request->parameters[i].name, request->parameters[i].value);
    for (const char *at = page->path; (at = strchr(at, '{')) && capture < CAPTURES_MAX; at++) {
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        json_object_set_new(params, name, json_string(request->captures[capture++]));
    }
    return params;
}

/* ---- The call -------------------------------------------------------------------------------- */

struct page_wait { /* told of its end on any thread, once */
    struct inbox_item item;
    struct inbox *inbox;
    struct request *request;
    struct gw_call *call; /* a reference */
};

static void wait_free(struct page_wait *wait)
{
    call_unref(wait->call);
    inbox_unref(wait->inbox);
    free(wait);
}

static void drop(void *data)
{
    struct page_wait *wait = data;
    request_free(wait->request);
    wait_free(wait);
}

static void answer_body(struct request *request, struct gw_call *call)
{
    struct page_answer answer = call_page_answer(call);
    buf_add(&request->out, answer.body, answer.bytes);
    if (!request_json(request, 200) || request->status != 200)
        return; /* too large, or no memory */
    snprintf(request->own_type, sizeof(request->own_type), "%s", answer.type);
    request->type = request->own_type;
    request->guest = true;
    if (answer.bytes <= TAG_MAX_BYTES) {
        request_tag(request, hash_bytes(answer.body, answer.bytes),
                    answer.bytes ^ hash_bytes(answer.type, strlen(answer.type)));
        request_matches_tag(request);
    }
}

static void answer_error(struct request *request, struct gw_call *call, int error)
{
    struct buf text;
    buf_init(&text, ANSWER_MAX_BYTES);
    call_result(call, &text);
    json_t *json = json_loadb(text.data ? text.data : "", text.len, 0, NULL);
    const char *detail = json_string_value(json_object_get(json, "detail"));
    /* Its instance was stopped: another try may find it running. */
    request_errno(request, error == -ECANCELED ? -EAGAIN : error,
                  detail ? detail : "The page could not be made");
    json_decref(json);
    buf_fini(&text);
}

static void ended(struct api *api, void *data)
{
    struct page_wait *wait = data;
    int error = 0;
    (void)api;
    call_done(wait->call, &error);
    if (error)
        answer_error(wait->request, wait->call, error);
    else
        answer_body(wait->request, wait->call);
    request_done(wait->request);
    wait_free(wait);
}

static void on_done(void *data, struct gw_call *call)
{
    struct page_wait *wait = data;
    wait->call = call_ref(call);
    inbox_post(wait->inbox, &wait->item, ended, drop, wait);
}

static bool answer_refused(struct request *request, int error, const struct problems *problems)
{
    const char *what = problems->count ? problems->list[0].what : NULL;
    if (error == -EINVAL && what)
        return request_problems(request, problems);
    if (error == -EAGAIN)
        return request_errno(request, error, what ? what : "Too many calls are waiting; try again");
    if (error == -ENOENT)
        return request_problem(request, 404, "There is nothing at %s", request->path);
    return request_errno(request, error, what ? what : "The page could not be asked for");
}

static bool call(struct request *request, const struct gw_page *page)
{
    struct page_wait *wait = calloc(1, sizeof(*wait));
    if (!wait)
        return request_errno(request, -ENOMEM, "Out of memory");
    wait->request = request;
    wait->inbox = inbox_ref(request->api->inbox);
    struct problems problems;
    problems_init(&problems);
    const struct caller caller = {request->caller, "page", request->role};
    json_t *params = read_params(request, page);
    int error = commands_call_page(request->api->parts.commands, page->path, params,
                                   request->accept, &caller, on_done, wait, &problems, NULL);
    json_decref(params);
    if (error) {
        answer_refused(request, error, &problems);
        wait_free(wait);
    }
    problems_fini(&problems);
    return error != 0;
}

bool route_page(struct request *request, bool *answered)
{
    const struct gw_page *page = find(request);
    if (!page)
        return false;
    *answered = true;
    if (!route_allowed(request, page->role))
        return true;
    if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
        snprintf(request->allow, sizeof(request->allow), "GET, HEAD");
        request_problem(request, 405, "%s can only be read", request->path);
        return true;
    }
    *answered = call(request, page);
    return true;
}

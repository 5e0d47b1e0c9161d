/* Requests on their way: held until we are let in, polls paced by the budget, retried where that is
 * harmless, and answered exactly once.
 *
 * A request is in one list at a time: held, queue (polls), sent, paused (between tries), replies
 * (answered by us). Two waiting polls of one path are one request with two to tell. */
#include "client_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBT_MS = 3000 };

struct teller { /* another one who waits for the same poll */
    struct teller *next;
    client_done_fn *on_done;
    void *data;
};

struct request {
    TAILQ_ENTRY(request) entry;
    struct request_list *list; /* where it is */
    struct client *client;
    char *method, *path, *body, *body_file, *save_file; /* owned; NULL: none */
    bool poll, relogged;
    int generation; /* of the token it was sent with */
    struct retry retry;
    int64_t timeout_ms;
    struct gw_timer *timer; /* held: the deadline; paused: the next try */
    int error;              /* replies: what to say */
    char text[CLIENT_MESSAGE_BYTES + 128];
    client_done_fn *on_done;
    void *data;
    struct teller *tellers; /* owned */
};

static void request_go(struct request *request);
static void pump(struct client *client);

/* ---- Life ---- */

static void request_free(struct request *request)
{
    gw_timer_stop(request->timer);
    while (request->tellers) {
        struct teller *teller = request->tellers;
        request->tellers = teller->next;
        free(teller);
        request->client->request_count--;
    }
    request->client->request_count--;
    free(request->method);
    free(request->path);
    free(request->body);
    free(request->body_file);
    free(request->save_file);
    free(request);
}

static void move(struct request *request, struct request_list *list)
{
    struct client *client = request->client;
    gw_timer_stop(request->timer);
    request->timer = NULL;
    if (request->list)
        TAILQ_REMOVE(request->list, request, entry);
    if (request->list == &client->sent && request->poll)
        client->polls_sent--;
    request->list = list;
    if (list)
        TAILQ_INSERT_TAIL(list, request, entry);
    if (list == &client->sent && request->poll)
        client->polls_sent++;
}

static bool copy(char **to, const char *from)
{
    return !from || (*to = strdup(from));
}

static struct request *request_new(struct client *client, const struct client_ask *ask)
{
    struct request *request = calloc(1, sizeof(*request));
    if (!request)
        return NULL;
    client->request_count++;
    request->client = client;
    request->poll = ask->poll;
    request->timeout_ms = ask->timeout_ms > 0 ? ask->timeout_ms : client->timeout_ms;
    request->retry.tries_max = ask->idempotent ? CLIENT_TRIES_MAX : 1;
    request->on_done = ask->on_done;
    request->data = ask->data;
    if (copy(&request->method, ask->method) && copy(&request->path, ask->path) &&
        copy(&request->body, ask->body) && copy(&request->body_file, ask->body_file) &&
        copy(&request->save_file, ask->save_file))
        return request;
    request_free(request);
    return NULL;
}

/* ---- Answers ---- */

static void request_tell(struct request *request, const struct client_answer *answer)
{
    struct client *client = request->client;
    move(request, NULL);
    if (request->on_done)
        request->on_done(client, answer, request->data);
    for (struct teller *teller = request->tellers; teller; teller = teller->next)
        if (teller->on_done)
            teller->on_done(client, answer, teller->data);
    request_free(request);
}

static void request_tell_error(struct request *request, int error, const char *text)
{
    request_tell(request, &(struct client_answer){.error = error, .body = "", .text = text});
}

static void on_reply_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct client *client = data;
    client->reply_timer = NULL;
    struct request_list due = TAILQ_HEAD_INITIALIZER(due);
    TAILQ_CONCAT(&due, &client->replies, entry); /* those asked for meanwhile have their own turn */
    struct request *request;
    while ((request = TAILQ_FIRST(&due))) {
        request->list = &due;
        request_tell_error(request, request->error, request->text);
    }
}

/* We answer ourselves, in a turn of its own. */
static void reply(struct request *request, int error, const char *text)
{
    struct client *client = request->client;
    request->error = error;
    snprintf(request->text, sizeof(request->text), "%s", text);
    move(request, &client->replies);
    if (!client->reply_timer)
        client->reply_timer = gw_timer_start(client->self, 0, 0, on_reply_time, client);
}

static void reply_shut(struct request *request)
{
    struct client *client = request->client;
    char text[sizeof(request->text)];
    bool down = client->state == CLIENT_DOWN;
    snprintf(text, sizeof(text), "%s is %s: %.*s", client->name,
             down ? "down" : "not letting us in", CLIENT_MESSAGE_BYTES, client->why);
    client->stats.rejected++;
    reply(request, down ? -EHOSTDOWN : -EACCES, text);
}

/* ---- Sending ---- */

static void on_resume(struct gw_plugin *self, void *data)
{
    (void)self;
    struct request *request = data;
    request->timer = NULL;
    request_go(request);
}

static void pause_request(struct request *request, int64_t pause_ms)
{
    struct client *client = request->client;
    client->stats.retries++;
    move(request, &client->paused);
    request->timer = gw_timer_start(client->self, pause_ms, 0, on_resume, request);
}

/* 401 from GNS3 3: its token is not taken. Log in again, once, and send it again: it was not done.
 * false: that has been tried, or there is nothing to try. */
static bool request_relogin(struct request *request)
{
    struct client *client = request->client;
    if (client->api != 3 || request->relogged)
        return false;
    request->relogged = true;
    if (client->auth.bearer && request->generation == client->auth.generation)
        session_relogin(client);
    request_go(request);
    return true;
}

static void request_failed(struct request *request, const struct gw_http_answer *answer,
                           const char *text)
{
    struct client *client = request->client;
    client_failed(client, text);
    if (client_is_no_answer(answer->error))
        session_suspect(client, answer->error);
    bool worth = answer->error || answer->status != 500; /* a traceback comes again */
    int64_t pause_ms = retry_next_ms(&request->retry, client_now(client), dice_roll(&client->dice));
    if (worth && pause_ms >= 0 && client->state == CLIENT_UP) {
        pause_request(request, pause_ms);
        return;
    }
    request_tell(request, &(struct client_answer){.error = answer->error,
                                                  .status = answer->status,
                                                  .body = answer->body,
                                                  .body_bytes = answer->body_bytes,
                                                  .text = text,
                                                  .total_ms = answer->total_ms});
}

static void request_answered(struct request *request, const struct gw_http_answer *answer,
                             const char *text)
{
    struct client *client = request->client;
    if (!answer->error)
        client_heard(client);
    if (answer->status == 401 && !answer->error) {
        if (request_relogin(request))
            return;
        if (client->session.step == SESSION_IDLE) /* else it finds out itself */
            session_unauthorized(client, text);
    }
    request_tell(request, &(struct client_answer){.error = answer->error,
                                                  .status = answer->status,
                                                  .body = answer->body,
                                                  .body_bytes = answer->body_bytes,
                                                  .text = text,
                                                  .total_ms = answer->total_ms});
}

static void on_answer(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct request *request = data;
    struct client *client = request->client;
    char said[sizeof(request->text)];
    const char *text = answer->text;
    if (!answer->error && answer->status >= 400) {
        client_message(said, sizeof(said), answer->status, answer->body, answer->body_bytes);
        text = said;
    }
    move(request, NULL);
    if (client->freed) {
        request_tell_error(request, -ECANCELED, "the client is going away");
        return;
    }
    stats_count(client, answer);
    /* Commands do not count: starting a node takes seconds on a server that is not slow at all. */
    if (request->poll && answer->error != -ECANCELED)
        budget_observe(&client->budget, answer->total_ms, client_now(client));
    if (client_is_no_answer(answer->error) || answer->status >= 500)
        request_failed(request, answer, text);
    else
        request_answered(request, answer, text);
    pump(client);
}

/* Requests are out and nothing at all was heard for a while: is anybody there? */
static void on_doubt_time(struct gw_plugin *self, void *data)
{
    struct client *client = data;
    client->doubt_timer = NULL;
    if (TAILQ_EMPTY(&client->sent) || client->state != CLIENT_UP)
        return;
    int64_t quiet_ms = gw_monotonic_ms(self) - client->session.answered_ms;
    if (quiet_ms >= DOUBT_MS)
        session_suspect(client, 0);
    client->doubt_timer = gw_timer_start(self, DOUBT_MS, 0, on_doubt_time, client);
}

static void request_send(struct request *request)
{
    struct client *client = request->client;
    int64_t now_ms = client_now(client);
    if (request->retry.deadline_ms == 0)
        request->retry.deadline_ms = now_ms + request->timeout_ms;
    int64_t left_ms = request->retry.deadline_ms - now_ms;
    char path[2048];
    int length = snprintf(path, sizeof(path), "/v%d%s", client->api, request->path);
    const char *header = auth_header(&client->auth, client->api);
    const char *headers[] = {header, NULL};
    struct gw_http_ask ask = {
        .method = request->method ? request->method : "GET",
        .path = path,
        .body = request->body,
        .body_bytes = request->body ? strlen(request->body) : 0,
        .body_file = request->body_file,
        .save_file = request->save_file,
        .headers = header ? headers : NULL,
        .timeout_ms = left_ms,
        .on_done = on_answer,
        .data = request,
    };
    request->retry.tries++;
    request->generation = client->auth.generation;
    if (left_ms <= 0)
        reply(request, -ETIMEDOUT, "no time was left to send it");
    else if (length >= (int)sizeof(path) || !gw_http_send(client->http, &ask))
        reply(request, -EINVAL, "the request could not be made: its path is bad or too many wait");
    else
        move(request, &client->sent);
    if (!client->doubt_timer)
        client->doubt_timer = gw_timer_start(client->self, DOUBT_MS, 0, on_doubt_time, client);
}

/* ---- Waiting ---- */

static void on_held_too_long(struct gw_plugin *self, void *data)
{
    (void)self;
    struct request *request = data;
    request->timer = NULL;
    reply(request, -ETIMEDOUT, "GNS3 was not reached in time");
}

static void hold(struct request *request)
{
    struct client *client = request->client;
    move(request, &client->held);
    int64_t left_ms = request->timeout_ms;
    if (request->retry.deadline_ms > 0)
        left_ms = request->retry.deadline_ms - client_now(client);
    request->timer =
        gw_timer_start(client->self, left_ms > 0 ? left_ms : 0, 0, on_held_too_long, request);
}

static void request_go(struct request *request)
{
    struct client *client = request->client;
    if (client->state == CLIENT_DOWN || client->state == CLIENT_UNAUTHORIZED) {
        reply_shut(request);
    } else if (client->state == CLIENT_CONNECTING || (client->api == 3 && !client->auth.bearer)) {
        hold(request);
    } else if (request->poll) {
        move(request, &client->queue);
        pump(client);
    } else {
        request_send(request);
    }
}

static void on_pump_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct client *client = data;
    client->pump_timer = NULL;
    pump(client);
}

/* Sends polls while the budget lets us; one connection stays free for commands. */
static void pump(struct client *client)
{
    int most = client->connections > 1 ? client->connections - 1 : 1;
    struct request *request;
    while (!client->freed && client->polls_sent < most && !client->pump_timer &&
           (request = TAILQ_FIRST(&client->queue))) {
        int64_t wait_ms = budget_take(&client->budget, client_now(client));
        if (wait_ms > 0)
            client->pump_timer = gw_timer_start(client->self, wait_ms, 0, on_pump_time, client);
        else
            request_send(request);
    }
}

static void each(struct request_list *list, void (*act)(struct request *request))
{
    struct request_list all = TAILQ_HEAD_INITIALIZER(all);
    TAILQ_CONCAT(&all, list, entry);
    struct request *request;
    TAILQ_FOREACH(request, &all, entry)
    request->list = &all;
    while ((request = TAILQ_FIRST(&all)))
        act(request); // NOLINT(clang-analyzer-unix.Malloc): it leaves `all` before it is freed
}

void requests_release(struct client *client)
{
    each(&client->held, request_go);
}

void requests_refuse(struct client *client)
{
    each(&client->held, reply_shut);
    each(&client->queue, reply_shut);
    each(&client->paused, reply_shut);
    gw_timer_stop(client->pump_timer);
    client->pump_timer = NULL;
}

/* ---- For the owner ---- */

/* A waiting poll of the same path will do for this one, too. */
static bool join(struct client *client, const struct client_ask *ask)
{
    struct request *request;
    if (!ask->poll || ask->method || ask->body || ask->body_file || ask->save_file)
        return false;
    TAILQ_FOREACH(request, &client->queue, entry)
    if (!request->method && strcmp(request->path, ask->path) == 0)
        break;
    struct teller *teller = request ? malloc(sizeof(*teller)) : NULL;
    if (!teller)
        return false;
    *teller = (struct teller){request->tellers, ask->on_done, ask->data};
    request->tellers = teller;
    client->request_count++;
    return true;
}

int client_send(struct client *client, const struct client_ask *ask)
{
    if (!client || client->freed || !ask || !ask->path)
        return -EINVAL;
    if (client->request_count >= CLIENT_REQUESTS_MAX)
        return -EAGAIN;
    if (join(client, ask))
        return 0;
    struct request *request = request_new(client, ask);
    if (!request)
        return -ENOMEM;
    if (!request->poll) /* a poll's time begins when its turn comes */
        request->retry.deadline_ms = client_now(client) + request->timeout_ms;
    request_go(request);
    return 0;
}

void requests_init(struct client *client)
{
    TAILQ_INIT(&client->held);
    TAILQ_INIT(&client->queue);
    TAILQ_INIT(&client->sent);
    TAILQ_INIT(&client->paused);
    TAILQ_INIT(&client->replies);
}

static void request_cancel(struct request *request)
{
    request_tell_error(request, -ECANCELED, "the client is going away");
}

void requests_fini(struct client *client)
{
    each(&client->held, request_cancel);
    each(&client->queue, request_cancel);
    each(&client->paused, request_cancel);
    each(&client->replies, request_cancel);
    gw_timer_stop(client->pump_timer);
    gw_timer_stop(client->reply_timer);
    gw_timer_stop(client->doubt_timer);
    client->doubt_timer = NULL;
    client->pump_timer = NULL;
    client->reply_timer = NULL;
}

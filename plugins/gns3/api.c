/* Who answers at this address, in which API, and are we let in: one procedure, run at the start,
 * after every loss, and whenever something casts a doubt.
 *
 *   GET /v2/version --200--> (check) --> in
 *        |404                            (check): only where version and login do not prove it
 *   GET /v3/version --200--> login --> in
 *
 * A server that does not answer is down after a second try 200 ms later, at once where a request
 * was refused before; then it is asked again after a pause of up to 1 s, eight times, of up to 2 s,
 * eight times, and so on up to `health_every` (full jitter): a restart is noticed soon.
 * While the breaker is open these are health probes, outside of it: a server that says its version
 * again after it could not makes the breaker half-open, and the rest of the procedure is the one
 * try. Where /version was never at fault its answer proves nothing: the breaker's own time counts.
 *
 * Must not know requests, feeds, or who asks. */
#include "client_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    SECOND_TRY_MS = 200,
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 30000,
    TRIES_A_PAUSE = 8,
    LOCKED_OUT_FIRST_MS = 30000,
    LOCKED_OUT_MOST_MS = 600000,
    PROBE_MIN_MS = 1000,
    PROBE_MAX_MS = 10000,
};

static void session_on_answer(struct gw_plugin *self, const struct gw_http_answer *answer,
                              void *data);

static void session_on_time(struct gw_plugin *self, void *data)
{
    struct client *client = data;
    client->session.timer = NULL;
    int64_t idle_ms = gw_monotonic_ms(self) - client->session.answered_ms;
    if (client->state == CLIENT_UP && idle_ms < client->health_ms && client->session.attempts == 0)
        session_schedule(client, client->health_ms - idle_ms); /* polls prove its health */
    else
        session_begin(client);
}

void session_schedule(struct client *client, int64_t delay_ms)
{
    gw_timer_stop(client->session.timer);
    client->session.timer = gw_timer_start(client->self, delay_ms, 0, session_on_time, client);
}

void session_fini(struct client *client)
{
    gw_timer_stop(client->session.timer);
    client->session.timer = NULL;
}

/* ---- How it ends ---- */

void session_wait(struct client *client)
{
    const struct session *session = &client->session;
    int64_t most_ms = client->health_ms > 0 ? client->health_ms : RETRY_MOST_MS;
    int64_t pause_ms =
        SECOND_TRY_MS + retry_pause_ms(RETRY_FIRST_MS, most_ms, session->attempts / TRIES_A_PAUSE,
                                       dice_roll(&client->dice));
    bool probes = client->health_ms > 0 && session->version_failed;
    if (client->breaker.state == BREAKER_OPEN && !probes) {
        pause_ms = client->breaker.open_until_ms - client_now(client);
        if (client->health_ms > 0 && pause_ms > client->health_ms)
            pause_ms = client->health_ms;
    }
    session_schedule(client, pause_ms > SECOND_TRY_MS ? pause_ms : SECOND_TRY_MS);
}

/* Nothing more to do now; the state stays as it is. */
static void session_rest(struct client *client)
{
    client->session.step = SESSION_IDLE;
    session_wait(client);
}

static void session_lost(struct client *client, const char *why)
{
    struct session *session = &client->session;
    if (session->step == SESSION_VERSION2 || session->step == SESSION_VERSION3)
        session->version_failed = true;
    session->attempts++;
    if (!session->health_only)
        client_failed(client, why);
    session->step = SESSION_IDLE; /* only now: client_failed leaves a running procedure alone */
    session->health_only = false;
    bool known_down = client->state == CLIENT_DOWN || client->state == CLIENT_UNAUTHORIZED;
    if (!known_down && session->attempts < 2) {
        session_schedule(client, SECOND_TRY_MS);
        return;
    }
    client_set_state(client, CLIENT_DOWN, why);
    session_wait(client);
}

void session_unauthorized(struct client *client, const char *why)
{
    struct session *session = &client->session;
    session->step = SESSION_IDLE;
    session->health_only = false;
    session->attempts = 0;
    auth_forget(&client->auth);
    client_heard(client);
    char text[sizeof(client->why)];
    snprintf(text, sizeof(text), "%s%s", why,
             client->auth.user ? ": check `user` and `password_file` of this server"
                               : ": set `user` and `password_file` of this server");
    client_set_state(client, CLIENT_UNAUTHORIZED, text);
    int64_t pause_ms = LOCKED_OUT_FIRST_MS;
    for (int i = 0; i < session->refusals && pause_ms < LOCKED_OUT_MOST_MS; i++)
        pause_ms *= 2;
    session->refusals++;
    session_schedule(client, pause_ms < LOCKED_OUT_MOST_MS ? pause_ms : LOCKED_OUT_MOST_MS);
}

static void session_in(struct client *client)
{
    struct session *session = &client->session;
    if (client->breaker.state == BREAKER_OPEN) { /* it opened while we were at it */
        session_rest(client);
        return;
    }
    session->step = SESSION_IDLE;
    session->attempts = 0;
    session->refusals = 0;
    bool same = client->api == session->api && strcmp(client->version, session->version) == 0;
    client->api = session->api;
    snprintf(client->version, sizeof(client->version), "%s", session->version);
    if (!same)
        gw_log(client->self, GW_INFO, "%s: GNS3 %s at %s, API v%d", client->name, client->version,
               client->url, client->api);
    client_heard(client);
    if (client->health_ms > 0)
        session_schedule(client, client->health_ms);
    client_set_state(client, CLIENT_UP, "");
    requests_release(client);
}

/* ---- Its steps ---- */

static int64_t probe_ms(const struct client *client)
{
    int64_t half_ms = client->timeout_ms / 2;
    return half_ms < PROBE_MIN_MS ? PROBE_MIN_MS : half_ms > PROBE_MAX_MS ? PROBE_MAX_MS : half_ms;
}

static void session_send(struct client *client, enum session_step step, const char *path,
                         const char *header, const char *body)
{
    const char *headers[] = {header, NULL};
    struct gw_http_ask ask = {
        .path = path,
        .body = body,
        .body_bytes = body ? strlen(body) : 0,
        .headers = header ? headers : NULL,
        .timeout_ms = probe_ms(client),
        .on_done = session_on_answer,
        .data = client,
    };
    client->session.step = step;
    if (!gw_http_send(client->http, &ask))
        session_lost(client, "the queue of requests is full");
}

static void session_login(struct client *client)
{
    char *body = auth_login_body(&client->auth);
    if (body)
        session_send(client, SESSION_LOGIN, "/v3/access/users/authenticate", NULL, body);
    else
        session_lost(client, "no memory");
    auth_free_text(body);
}

static void session_check(struct client *client)
{
    int api = client->session.api;
    session_send(client, SESSION_CHECK, api == 3 ? "/v3/computes" : "/v2/computes",
                 auth_header(&client->auth, api), NULL);
}

void session_begin(struct client *client)
{
    struct session *session = &client->session;
    if (client->freed || session->step != SESSION_IDLE)
        return;
    gw_timer_stop(session->timer);
    session->timer = NULL;
    enum breaker_state before = client->breaker.state;
    session->health_only = !breaker_allow(&client->breaker, client_now(client));
    client_tell_breaker(client, before);
    session->token_is_fresh = false;
    session_send(client, SESSION_VERSION2, "/v2/version", auth_header(&client->auth, 2), NULL);
}

void session_suspect(struct client *client, int error)
{
    if (client->state != CLIENT_UP || client->session.step != SESSION_IDLE)
        return;
    if (error == -ECONNREFUSED && client->session.attempts == 0)
        client->session.attempts = 1; /* it was refused once: ours is the second try */
    session_begin(client);
}

void session_relogin(struct client *client)
{
    auth_forget(&client->auth);
    session_begin(client);
}

/* The server says its version. While the breaker is open that is news only when it did not do so
 * before; then the rest of the procedure is the breaker's one try. */
static bool session_may_go_on(struct client *client)
{
    struct session *session = &client->session;
    bool news = session->version_failed;
    session->version_failed = false;
    if (client->breaker.state == BREAKER_OPEN)
        session->health_only = true; /* it opened while we were at it */
    if (session->health_only && news) {
        enum breaker_state before = client->breaker.state;
        breaker_hint(&client->breaker);
        session->health_only = !breaker_allow(&client->breaker, client_now(client));
        client_tell_breaker(client, before);
    }
    if (session->health_only)
        session_rest(client);
    return !session->health_only;
}

static bool take_version(struct client *client, int api, const struct gw_http_answer *answer)
{
    json_t *json = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    const char *version = json_string_value(json_object_get(json, "version"));
    bool good = version && *version;
    if (good) {
        client->session.api = api;
        snprintf(client->session.version, sizeof(client->session.version), "%s", version);
    }
    json_decref(json);
    return good;
}

static void session_no_gns3(struct client *client, const struct gw_http_answer *answer)
{
    char why[256];
    snprintf(why, sizeof(why),
             "%s answers (HTTP %d, %s), but not as a GNS3 server does: check `url`", client->url,
             answer->status, answer->content_type ? answer->content_type : "no content type");
    session_lost(client, why);
}

static void session_versioned(struct client *client)
{
    /* A login proves more than a version; a server that was failing must show a real answer. */
    if (!session_may_go_on(client))
        return;
    bool proven = client->session.api == 2 && client->breaker.state == BREAKER_CLOSED;
    if (client->session.api == 3 && !client->auth.bearer)
        session_login(client);
    else if (proven)
        session_in(client);
    else
        session_check(client);
}

static void session_refused(struct client *client, const struct gw_http_answer *answer)
{
    struct session *session = &client->session;
    if (session->step == SESSION_VERSION2 && !session_may_go_on(client))
        return;
    if (session->step == SESSION_CHECK && session->api == 3 && !session->token_is_fresh) {
        auth_forget(&client->auth); /* the server has forgotten or revoked it: once more */
        session_login(client);
        return;
    }
    char said[CLIENT_MESSAGE_BYTES];
    client_message(said, sizeof(said), answer->status, answer->body, answer->body_bytes);
    session_unauthorized(client, said);
}

static void session_logged_in(struct client *client, const struct gw_http_answer *answer)
{
    if (auth_take_token(&client->auth, answer->body, answer->body_bytes) < 0) {
        session_no_gns3(client, answer);
        return;
    }
    client->session.token_is_fresh = true;
    if (!client->auth.user)
        gw_log(client->self, GW_NOTICE, "%s: logged in with the account GNS3 comes with",
               client->name);
    session_check(client);
}

static void session_good(struct client *client, const struct gw_http_answer *answer)
{
    switch (client->session.step) {
    case SESSION_VERSION2:
    case SESSION_VERSION3:
        if (take_version(client, client->session.step == SESSION_VERSION2 ? 2 : 3, answer))
            session_versioned(client);
        else
            session_no_gns3(client, answer);
        break;
    case SESSION_LOGIN:
        session_logged_in(client, answer);
        break;
    case SESSION_CHECK:
        session_in(client);
        break;
    case SESSION_IDLE:
        break;
    }
}

static void session_on_answer(struct gw_plugin *self, const struct gw_http_answer *answer,
                              void *data)
{
    (void)self;
    struct client *client = data;
    if (client->freed)
        return;
    stats_count(client, answer);
    enum session_step step = client->session.step;
    if (step == SESSION_IDLE)
        return;
    if (answer->error || answer->status >= 500) {
        char why[CLIENT_MESSAGE_BYTES];
        if (answer->error)
            snprintf(why, sizeof(why), "%s", answer->text);
        else
            client_message(why, sizeof(why), answer->status, answer->body, answer->body_bytes);
        session_lost(client, why);
        return;
    }
    client->session.answered_ms = client_now(client);
    if (answer->status >= 200 && answer->status < 300)
        session_good(client, answer);
    else if (answer->status == 401 || (answer->status == 403 && step == SESSION_LOGIN) ||
             (answer->status == 422 && step == SESSION_LOGIN))
        session_refused(client, answer);
    else if (answer->status == 404 && step == SESSION_VERSION2)
        session_send(client, SESSION_VERSION3, "/v3/version", NULL, NULL);
    else if (step == SESSION_CHECK)
        session_in(client); /* 403, 404, 409: an answer all the same */
    else
        session_no_gns3(client, answer);
}

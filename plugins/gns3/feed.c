/* The notification feeds: the controller's always, a project's only when the owner asks.
 *
 * HTTP streams, one JSON message a line, in both API versions (measured: 2.2.59 and 3.0.6 send the
 * same lines as over their WebSockets). A feed breaks when the server stops, when it is silent for
 * 15 s (GNS3 says something at least every 5 s), or when the peer stops speaking HTTP; then it is
 * opened again after a back-off with full jitter, and the owner is told, since nothing is replayed.
 * A line that is no message is counted and reported at most once a minute. */
#include "client_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SILENCE_MS = 15000,
    REOPEN_FIRST_MS = 500,
    REOPEN_MOST_MS = 60000,
    REFUSED_MS = 300000, /* 403: somebody must give us the right first */
    HEALTHY_MS = 10000,  /* a feed that lived this long starts over with short pauses */
    REPORT_MS = 60000,
    HEADER_MS = 10000, /* both versions send a first ping at once */
};

struct feed {
    TAILQ_ENTRY(feed) entry;
    struct client *client;
    char *project_id; /* NULL: the controller's */
    struct feed_lines lines;
    struct gw_http_request *http; /* NULL: not under way */
    struct gw_timer *timer;       /* the next opening */
    bool open, stopping, dropped; /* dropped: unfollowed, freed when curl lets go */
    int attempts, generation;
    int64_t opened_ms, reported_ms;
    uint64_t bad, bad_reported;
};

static void feed_open(struct feed *feed);

static void feed_free(struct feed *feed)
{
    gw_timer_stop(feed->timer);
    feed_lines_fini(&feed->lines);
    free(feed->project_id);
    free(feed);
}

/* ---- Lines ---- */

static void report_bad(struct feed *feed)
{
    uint64_t bad = feed->bad + feed->lines.skipped;
    int64_t now_ms = client_now(feed->client);
    if (bad == feed->bad_reported ||
        (feed->reported_ms != 0 && now_ms - feed->reported_ms < REPORT_MS))
        return;
    gw_log(feed->client->self, GW_WARNING,
           "%s: %llu lines of the %s feed were no GNS3 messages and were left out",
           feed->client->name, (unsigned long long)(bad - feed->bad_reported),
           feed->project_id ? "project's" : "controller's");
    feed->bad_reported = bad;
    feed->reported_ms = now_ms;
}

static void deliver(struct feed *feed, json_t *message)
{
    struct client *client = feed->client;
    const char *action = json_string_value(json_object_get(message, "action"));
    json_t *event = json_object_get(message, "event");
    if (!action) {
        feed->bad++;
        return;
    }
    char *text =
        json_is_object(event) ? json_dumps(event, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (client->events.on_feed)
        client->events.on_feed(client, feed->project_id, action, text ? text : "{}",
                               client->events.data);
    free(text);
}

static bool on_line(const char *line, size_t bytes, void *data)
{
    struct feed *feed = data;
    json_t *message = json_loadb(line, bytes, 0, NULL);
    if (message)
        deliver(feed, message);
    else
        feed->bad++;
    json_decref(message);
    return !feed->dropped && !feed->stopping && !feed->client->freed;
}

static bool on_piece(struct gw_plugin *self, const char *piece, size_t bytes, void *data)
{
    (void)self;
    struct feed *feed = data;
    struct client *client = feed->client;
    stats_count_stream(client, bytes);
    client->session.answered_ms = client_now(client);
    if (!feed->open) {
        feed->open = true;
        feed->opened_ms = client_now(client);
        if (client->events.on_feed_open)
            client->events.on_feed_open(client, feed->project_id, client->events.data);
    }
    bool more = feed_lines_add(&feed->lines, piece, bytes, on_line, feed);
    if (!client->freed)
        report_bad(feed);
    return more && !feed->dropped && !feed->stopping;
}

/* ---- Opening, and what follows its end ---- */

static void on_open_time(struct gw_plugin *self, void *data)
{
    (void)self;
    struct feed *feed = data;
    feed->timer = NULL;
    feed_open(feed);
}

static void feed_schedule(struct feed *feed, int64_t delay_ms)
{
    gw_timer_stop(feed->timer);
    feed->timer = gw_timer_start(feed->client->self, delay_ms, 0, on_open_time, feed);
}

static int64_t feed_pause(struct feed *feed, const struct gw_http_answer *answer, bool lived)
{
    struct client *client = feed->client;
    if (lived)
        feed->attempts = 0;
    if (!answer->error && answer->status == 403) {
        gw_log(client->self, GW_WARNING, "%s: we may not follow the %s feed: polls go on",
               client->name, feed->project_id ? "project's" : "controller's");
        return REFUSED_MS;
    }
    return retry_pause_ms(REOPEN_FIRST_MS, REOPEN_MOST_MS, feed->attempts++,
                          dice_roll(&client->dice));
}

static void on_end(struct gw_plugin *self, const struct gw_http_answer *answer, void *data)
{
    (void)self;
    struct feed *feed = data;
    struct client *client = feed->client;
    bool was_open = feed->open;
    feed->http = NULL;
    feed->open = false;
    feed->stopping = false;
    feed_lines_clear(&feed->lines);
    if (feed->dropped) {
        feed_free(feed);
        return;
    }
    if (client->freed || client->state != CLIENT_UP)
        return;
    bool lived = was_open && client_now(client) - feed->opened_ms >= HEALTHY_MS;
    int64_t pause_ms = feed_pause(feed, answer, lived);
    gw_log(client->self, GW_DEBUG, "%s: the %s feed ended (%s), again in %lld ms", client->name,
           feed->project_id ? "project's" : "controller's", answer->text ? answer->text : "by GNS3",
           (long long)pause_ms);
    feed_schedule(feed, pause_ms);
    if (answer->status == 401 && !answer->error && client->api == 3 &&
        feed->generation == client->auth.generation && feed->attempts < 2)
        session_relogin(client);
    else if (was_open || client_is_no_answer(answer->error))
        session_suspect(client, 0);
}

static void feed_open(struct feed *feed)
{
    struct client *client = feed->client;
    if (client->freed || client->state != CLIENT_UP || feed->http || feed->dropped)
        return;
    char path[512];
    if (feed->project_id)
        snprintf(path, sizeof(path), "/v%d/projects/%s/notifications", client->api,
                 feed->project_id);
    else
        snprintf(path, sizeof(path), "/v%d/notifications", client->api);
    const char *header = auth_header(&client->auth, client->api);
    const char *headers[] = {header, NULL};
    struct gw_http_ask ask = {
        .path = path,
        .headers = header ? headers : NULL,
        .timeout_ms = HEADER_MS,
        .silence_ms = SILENCE_MS,
        .on_piece = on_piece,
        .on_done = on_end,
        .data = feed,
    };
    feed->generation = client->auth.generation;
    feed->stopping = false;
    feed->http = gw_http_send(client->http, &ask);
    if (!feed->http)
        feed_schedule(feed, REOPEN_MOST_MS);
}

static struct feed *feed_new(struct client *client, const char *project_id)
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (!feed)
        return NULL;
    feed->client = client;
    feed_lines_init(&feed->lines, FEED_LINE_MAX_BYTES);
    if (project_id && !(feed->project_id = strdup(project_id))) {
        feed_free(feed);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&client->feeds, feed, entry);
    client->feed_count++;
    return feed;
}

static void feed_halt(struct feed *feed)
{
    gw_timer_stop(feed->timer);
    feed->timer = NULL;
    feed->open = false;
    feed->stopping = feed->http != NULL;
    gw_http_cancel(feed->http);
}

int feeds_init(struct client *client)
{
    return feed_new(client, NULL) ? 0 : -ENOMEM;
}

void feeds_fini(struct client *client)
{
    struct feed *feed;
    while ((feed = TAILQ_FIRST(&client->feeds))) {
        TAILQ_REMOVE(&client->feeds, feed, entry);
        feed_free(feed);
    }
}

void feeds_start(struct client *client)
{
    struct feed *feed;
    TAILQ_FOREACH(feed, &client->feeds, entry)
    feed_open(feed); /* one that curl still holds comes by on_end */
}

void feeds_stop(struct client *client)
{
    struct feed *feed;
    TAILQ_FOREACH(feed, &client->feeds, entry)
    feed_halt(feed);
}

/* ---- For the owner ---- */

static struct feed *feed_of(const struct client *client, const char *project_id)
{
    struct feed *feed;
    TAILQ_FOREACH(feed, &client->feeds, entry)
    if (feed->project_id && strcmp(feed->project_id, project_id) == 0)
        return feed;
    return NULL;
}

static bool is_id(const char *text)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    size_t length = text ? strlen(text) : 0;
    return length > 0 && length <= 64 && strspn(text, digits) == length;
}

int client_follow_project(struct client *client, const char *project_id)
{
    if (!client || client->freed || !is_id(project_id))
        return -EINVAL;
    if (feed_of(client, project_id))
        return 0;
    if (client->feed_count >= CLIENT_FEEDS_MAX)
        return -EAGAIN;
    struct feed *feed = feed_new(client, project_id);
    if (!feed)
        return -ENOMEM;
    feed_open(feed);
    return 0;
}

void client_unfollow_project(struct client *client, const char *project_id)
{
    struct feed *feed = client && project_id ? feed_of(client, project_id) : NULL;
    if (!feed)
        return;
    TAILQ_REMOVE(&client->feeds, feed, entry);
    client->feed_count--;
    feed->dropped = true;
    if (feed->http)
        feed_halt(feed);
    else
        feed_free(feed);
}

bool client_feed_open(const struct client *client)
{
    struct feed *feed = TAILQ_FIRST(&client->feeds);
    return feed && feed->open;
}

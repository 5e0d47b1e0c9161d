/* post.c - see post.h. */
#include "post.h"

#include "report_page.h"

#include <gnswatch/queue.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 1000, TRIES_MAX = 60, PAUSE_MS = 30000, PAUSE_LONGEST_MS = 3600000 };

struct post {
    struct gw_plugin *self;
    struct gw_queue *queue;
    int64_t asked; /* the item a command has now; 0: none */
};

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

struct post *post_new(struct gw_plugin *self)
{
    struct post *post = calloc(1, sizeof *post);
    const struct gw_queue_options options = {
        .size = sizeof options, .name = "reports", .items_max = ITEMS_MAX};
    if (!post)
        return NULL;
    post->self = self;
    post->queue = gw_queue_open(self, &options);
    if (!post->queue) {
        free(post);
        return NULL;
    }
    return post;
}

void post_free(struct post *post)
{
    if (!post)
        return;
    gw_queue_close(post->queue);
    free(post);
}

static json_t *notification_of(struct gw_plugin *self, const json_t *report, const char *zone)
{
    const char *dashboard = gw_dashboard(self), *id = text_of(report, "id");
    char *html = report_mail(report, dashboard, zone), *text = report_text(report, dashboard, zone);
    const json_t *score = json_object_get(report, "score");
    char title[300], url[1200], notice[80], number[24] = "unknown";
    if (json_is_integer(score))
        snprintf(number, sizeof number, "%d", (int)json_integer_value(score));
    snprintf(title, sizeof title, "%s: %s", text_of(report, "title"), number);
    snprintf(url, sizeof url, "%s%s", dashboard, text_of(report, "page"));
    snprintf(notice, sizeof notice, "health-report-%s", id);
    json_t *doc = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:{s:s, s:{}}, s:[]}", "id",
        notice, "kind", "report", "receiver", "health", "time",
        (json_int_t)json_integer_value(json_object_get(report, "to")), "status", "firing",
        "severity", "info", "title", title, "text", text ? text : "", "html", html, "thread",
        notice, "url", url, "group", "key", "health.report", "labels", "alerts");
    free(html);
    free(text);
    return doc;
}

void post_report(struct post *post, const json_t *report, const json_t *sends, const char *zone)
{
    size_t i;
    json_t *send;
    json_t *notification =
        json_array_size(sends) ? notification_of(post->self, report, zone) : NULL;
    json_array_foreach(sends, i, send)
    {
        json_t *params = json_deep_copy(json_object_get(send, "with"));
        json_object_set(params, "notification", notification);
        json_t *item =
            json_pack("{s:s, s:o}", "command", text_of(send, "command"), "params", params);
        char *text = item ? json_dumps(item, JSON_COMPACT) : NULL, key[120];
        snprintf(key, sizeof key, "%s-%zu", text_of(report, "id"), i);
        int error = text ? gw_queue_put(post->queue, key, text, strlen(text), NULL) : -ENOMEM;
        if (error && error != -EEXIST)
            gw_fail(post->self, error, "queue the report for %s: %s", text_of(send, "command"),
                    strerror(-error));
        free(text);
        json_decref(item);
    }
    json_decref(notification);
    post_pump(post);
}

/* ---- Sending --------------------------------------------------------------------------------- */

struct find {
    int64_t id;
    unsigned tries;
};

static bool find_item(void *data, const struct gw_queue_item *item)
{
    struct find *find = data;
    if (item->id != find->id)
        return true;
    find->tries = item->tries;
    return false;
}

static void again(struct post *post, int64_t id, const char *why)
{
    struct find find = {.id = id};
    gw_queue_waiting(post->queue, find_item, &find);
    if (find.tries + 1 >= TRIES_MAX) {
        gw_queue_bury(post->queue, id, why);
        return;
    }
    int64_t pause = (int64_t)PAUSE_MS << (find.tries < 7 ? find.tries : 7);
    pause = pause > PAUSE_LONGEST_MS ? PAUSE_LONGEST_MS : pause;
    gw_queue_later(post->queue, id, gw_now_ms(post->self) + pause, why);
}

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    struct post *post = data;
    int64_t id = post->asked;
    post->asked = 0;
    json_t *answer = error ? json_loads(json, 0, NULL) : NULL;
    const char *why = *text_of(answer, "detail") ? text_of(answer, "detail") : strerror(-error);
    if (!error) {
        gw_queue_done(post->queue, id);
    } else if (error == -EINVAL) { /* it will say so every time */
        gw_fail(self, error, "a report cannot be sent: %s", why);
        gw_queue_bury(post->queue, id, why);
    } else {
        gw_log(self, GW_WARNING, "a report waits: %s", why);
        again(post, id, why);
    }
    json_decref(answer);
    post_pump(post);
}

void post_pump(struct post *post)
{
    struct gw_queue_item item;
    if (post->asked || gw_queue_next(post->queue, 0, &item) < 0)
        return;
    json_t *doc = json_loadb(item.bytes, item.count, 0, NULL);
    char *params = json_dumps(json_object_get(doc, "params"), JSON_COMPACT);
    int64_t id = item.id;
    int error = -EBADMSG;
    if (params) {
        post->asked = id;
        error = gw_ask(post->self, text_of(doc, "command"), params, on_result, post);
    }
    if (error) {
        post->asked = 0;
        if (error == -EBADMSG)
            gw_queue_bury(post->queue, id, "it cannot be read");
        else
            again(post, id, strerror(-error));
    }
    free(params);
    json_decref(doc);
}

/* What version 1.1 brought, for everything.c. */
#include "everything.h"

#include <gnswatch/cron.h>
#include <gnswatch/queue.h>
#include <gnswatch/series.h>
#include <gnswatch/template.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct more {
    struct gw_follow *follow;
    struct gw_queue *queue;
    uint32_t id;
    unsigned rows, turns;
    bool asked;
};

/* ---- Events of before, commands, pages ---- */

static void on_since(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    (void)data;
    everything_expect(self, !strcmp(event->topic, PLUGIN ".hello"), DONE_SINCE, "an event again");
}

void everything_more_call(struct gw_plugin *self, struct gw_call *call)
{
    everything_expect(self,
                      !strcmp(gw_call_command(call), PLUGIN ".double") && gw_call_caller(call) &&
                          !strcmp(gw_call_accept(call), "") &&
                          gw_reply_as(call, "text/plain", "x", 1) == -EINVAL,
                      0, "what a call says");
}

static int on_page(struct gw_plugin *self, struct gw_call *call)
{
    const char *name = gw_string(gw_call_params(call), "name");
    everything_expect(self, gw_call_accept(call) != NULL, 0, "a page");
    return gw_reply_as(call, "text/plain", name, strlen(name));
}

static const struct gw_row page_params[] = {
    {.name = "name", .type = GW_STRING, .flags = GW_REQUIRED, .help = "What the page says"},
    {0},
};

const struct gw_page everything_pages[] = {
    {.path = "/api/" PLUGIN "/page/{name}",
     .help = "Says a name",
     .role = GW_VIEWER,
     .params = page_params,
     .types = "text/plain",
     .run = on_page,
     .deadline_ms = 2000},
    {0},
};

/* ---- Series of others ---- */

static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct more *more = data;
    (void)self;
    more->id = info->id;
    info->mine = more;
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    struct more *more = data;
    more->rows++;
    everything_expect(self,
                      info->mine == more && time_ms > 0 && info->field_count == 2 &&
                          info->label_count == 0 && fabs(values[0] - 1.5) < 1e-9,
                      0, "a followed row");
}

static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self, (void)info, (void)data;
}

static void on_turn(struct gw_plugin *self, void *data)
{
    struct more *more = data;
    everything_expect(self, gw_follow_lost(more->follow) == 0, DONE_FOLLOW, "following");
    if (++more->turns == 3)
        gw_follow_stop(more->follow);
}

static bool on_each(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    (void)self, (void)data;
    return info->live;
}

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    (void)data;
    everything_expect(self, rows->error == 0 && rows->fields == 2 && rows->count > 0, DONE_QUERY,
                      "the past");
}

static void ask_past(struct gw_plugin *self, struct more *more)
{
    const struct gw_match match = {.measurement = PLUGIN ".steady"};
    const struct gw_query query = {.size = sizeof(query),
                                   .id = more->id,
                                   .from_ms = gw_now_ms(self) - 60000,
                                   .to_ms = gw_now_ms(self),
                                   .points = 10,
                                   .as = GW_MAX};
    double rates[2] = {0};
    int last = gw_series_last(self, more->id, rates, NULL);
    everything_expect(self,
                      (last == 0 || last == -ENODATA) &&
                          gw_series_each(self, &match, true, on_each, NULL) == 1 &&
                          gw_query(self, &query, on_rows, NULL) == 0,
                      0, "reading a series");
    more->asked = true;
}

/* ---- The queue, times, texts ---- */

static bool on_item(void *data, const struct gw_queue_item *item)
{
    *(int64_t *)data = item->id;
    return true;
}

static bool try_dead(struct gw_queue *queue, int64_t id)
{
    int64_t dead = 0;
    return gw_queue_bury(queue, id, "of no use") == 0 &&
           gw_queue_dead(queue, on_item, &dead) == 0 && dead == id &&
           gw_queue_revive(queue, id) == 0 && gw_queue_done(queue, id) == 0;
}

static void try_queue(struct gw_plugin *self, struct more *more)
{
    const struct gw_queue_options options = {.size = sizeof(options), .name = "mail"};
    struct gw_queue_item item;
    struct gw_queue_counts counts = {0};
    int64_t id = 0, waiting = 0;
    more->queue = gw_queue_open(self, &options);
    struct gw_queue *queue = more->queue;
    int put = gw_queue_put(queue, NULL, "text", 4, &id);
    gw_queue_count(queue, &counts);
    bool good = !put && gw_queue_next(queue, 0, &item) == 0 && item.id == id && item.count == 4 &&
                gw_queue_later(queue, id, gw_now_ms(self), "again") == 0 &&
                gw_queue_waiting(queue, on_item, &waiting) == 0 && waiting == id &&
                counts.items == 1 && gw_queue_flush(queue) == 0 && try_dead(queue, id);
    gw_queue_close(queue);
    everything_expect(self, good, DONE_QUEUE, "a queue");
}

static void try_time(struct gw_plugin *self)
{
    char why[128];
    struct gw_local local = {0};
    struct gw_cron *cron = gw_cron_new("0 4 * * *", "UTC", why, sizeof(why));
    int64_t noon_ms = INT64_C(1772452800000); /* 2026-03-02 12:00 UTC */
    bool good = cron && gw_cron_next(cron, noon_ms) == noon_ms + INT64_C(16) * 3600000 &&
                gw_cron_last(cron, noon_ms) == noon_ms - INT64_C(8) * 3600000 &&
                gw_local_time("UTC", noon_ms, &local) == 0 && local.hour == 12 &&
                gw_local_moment("UTC", &local) == noon_ms;
    gw_cron_free(cron);
    everything_expect(self, good, DONE_TIME, "a time");
}

static void try_text(struct gw_plugin *self)
{
    char why[128];
    const struct gw_template_options options = {.size = sizeof(options), .escape = GW_ESCAPE_HTML};
    char *text = gw_template_render("{{a}}", "{\"a\":\"<\"}", &options, why, sizeof(why));
    everything_expect(
        self,
        text && !strcmp(text, "&lt;") && gw_template_check("{{#a}}", why, sizeof(why)) == -EINVAL &&
            gw_dashboard(self) && gw_command_role(self, PLUGIN ".double") == GW_OPERATOR,
        DONE_TEXT, "a text");
    gw_free(text);
}

/* ---- Life ---- */

int everything_more_start(struct gw_plugin *self, struct everything *all)
{
    struct more *more = calloc(1, sizeof(*more));
    if (!more)
        return -ENOMEM;
    all->more = more;
    const struct gw_follow_options options = {.size = sizeof(options),
                                              .match = {.measurement = PLUGIN ".steady"},
                                              .raw = true,
                                              .every_ms = 100,
                                              .on_series = on_series,
                                              .on_row = on_row,
                                              .on_end = on_end,
                                              .on_turn = on_turn,
                                              .data = more};
    more->follow = gw_follow_start(self, &options);
    try_queue(self, more);
    try_time(self);
    try_text(self);
    return more->follow ? gw_subscribe_since(self, PLUGIN ".hello", 0, on_since, NULL) : -ENOMEM;
}

void everything_more_tick(struct gw_plugin *self, struct everything *all)
{
    struct more *more = all->more;
    if (more && more->id && more->rows > 1 && !more->asked)
        ask_past(self, more);
}

void everything_more_stop(struct everything *all)
{
    free(all->more);
}

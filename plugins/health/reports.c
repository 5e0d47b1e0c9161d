/* reports.c - see reports.h. How a report gets to people is the business of post.c. */
#include "reports.h"

#include "post.h"
#include "report.h"
#include "report_page.h"

#include <gnswatch/cron.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, LONGEST_DAYS = 40 };

/* One line of the option `reports`. */
struct schedule {
    const char *name, *zone, *period;
    struct gw_cron *cron; /* owned */
    json_t *send;         /* owned; [{command, with}] */
    int64_t next_ms;
};

struct reports {
    struct health *health;
    struct reporting *reporting;
    struct post *post;
    struct schedule *schedules; /* owned */
    size_t count;
};

/* One that is being made. */
struct order {
    struct reports *reports;
    const struct schedule *schedule; /* NULL: asked for */
    struct gw_call *call;            /* NULL: by schedule */
};

/* ---- Keeping --------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void drop_old(struct gw_plugin *self)
{
    char *text = gw_object_list(self, "health.report");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *document;
    gw_free(text);
    size_t count = json_array_size(list), i;
    int64_t *ids = calloc(count ? count : 1, sizeof *ids);
    json_array_foreach(list, i, document)
    {
        const char *id = json_string_value(json_object_get(document, "id"));
        if (ids)
            ids[i] = id ? strtoll(id, NULL, 10) : 0;
    }
    if (ids && count > REPORTS_KEPT) {
        qsort(ids, count, sizeof *ids, by_number);
        for (i = 0; i + REPORTS_KEPT < count; i++) {
            char id[24];
            snprintf(id, sizeof id, "%" PRId64, ids[i]);
            gw_object_delete(self, "health.report", id);
        }
    }
    free(ids);
    json_decref(list);
}

/* Its end, or the next free millisecond: two reports may end together. */
static void free_id(struct gw_plugin *self, int64_t to_ms, char *id, size_t bytes)
{
    for (;; to_ms++) {
        snprintf(id, bytes, "%" PRId64, to_ms);
        char *there = gw_object_get(self, "health.report", id);
        gw_free(there);
        if (!there)
            return;
    }
}

static int keep(struct gw_plugin *self, json_t *document, char *id, size_t bytes)
{
    char page[64];
    free_id(self, (int64_t)json_integer_value(json_object_get(document, "to")), id, bytes);
    snprintf(page, sizeof page, "/api/health/reports/%s/page", id);
    json_object_set_new(document, "page", json_string(page));
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(10));
    int error = text ? gw_object_put(self, "health.report", id, text) : -ENOMEM;
    free(text);
    json_object_set_new(document, "id", json_string(id));
    if (error < 0)
        return error;
    drop_old(self);
    const char *summary = json_string_value(json_object_get(document, "summary"));
    struct gw_event event = {.topic = "health.report",
                             .severity = GW_INFO,
                             .kind = "health.report",
                             .id = id,
                             .text = summary};
    gw_emit(self, &event);
    return 0;
}

/* ---- Making ---------------------------------------------------------------------------------- */

static void on_made(struct health *health, json_t *document, int error, void *data)
{
    struct order *order = data;
    struct gw_plugin *self = health->self;
    char id[24] = "";
    if (!error)
        error = keep(self, document, id, sizeof id);
    if (error && order->call)
        gw_refuse(order->call, error, "the report could not be made: %s", strerror(-error));
    else if (error)
        gw_fail(self, error, "make the report %s", order->schedule->name);
    if (!error && order->schedule)
        post_report(order->reports->post, document, order->schedule->send, order->schedule->zone);
    if (!error && order->call) {
        char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(10));
        gw_reply(order->call, text);
        free(text);
    }
    json_decref(document);
    free(order);
}

static int begin(struct reports *reports, const struct report_request *request,
                 const struct schedule *schedule, struct gw_call *call)
{
    struct order *order = calloc(1, sizeof *order);
    if (!order)
        return -ENOMEM;
    *order = (struct order){.reports = reports, .schedule = schedule, .call = call};
    struct report_request mine = *request;
    mine.on_done = on_made;
    mine.data = order;
    int error = report_begin(reports->reporting, &mine);
    if (error)
        free(order);
    return error;
}

int reports_create(struct health *health, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    int64_t now = gw_now_ms(health->self);
    int64_t to = gw_has(params, "to") ? gw_int(params, "to") : now;
    int64_t from = gw_has(params, "from") ? gw_int(params, "from") : to - DAY_MS;
    if (from >= to || to > now + 60000)
        return gw_refuse(call, -EINVAL, "`from` must be before `to`, and `to` not in the future");
    const struct report_request request = {
        .title = gw_string(params, "title"), .period = "asked", .from_ms = from, .to_ms = to};
    int error = begin(health->reports, &request, NULL, call);
    return error ? gw_refuse(call, error, "the report could not be begun: %s", strerror(-error))
                 : 0;
}

/* ---- Schedules ------------------------------------------------------------------------------- */

/* What was due while nobody was there is made once, for the last time it was due. */
static void make_due(struct reports *reports, struct schedule *schedule, int64_t now)
{
    struct chronicle *chronicle = reports->health->chronicle;
    int64_t due = gw_cron_last(schedule->cron, now);
    json_t *done = json_object();
    json_object_update(done, chronicle_get(chronicle, "reports"));
    int64_t before = json_integer_value(json_object_get(done, schedule->name));
    json_object_set_new(done, schedule->name, json_integer(due));
    chronicle_set(chronicle, "reports", done);
    schedule->next_ms = gw_cron_next(schedule->cron, now);
    if (!before || due <= before) /* a new schedule begins with its next time */
        return;
    int64_t from = gw_cron_last(schedule->cron, due - 1);
    if (!from || due - from > (int64_t)LONGEST_DAYS * DAY_MS)
        from = due - (int64_t)LONGEST_DAYS * DAY_MS;
    char title[200];
    snprintf(title, sizeof title, "Health report %s", schedule->name);
    const struct report_request request = {
        .title = title, .period = schedule->period, .from_ms = from, .to_ms = due};
    int error = begin(reports, &request, schedule, NULL);
    if (error)
        gw_fail(reports->health->self, error, "begin the report %s", schedule->name);
}

void reports_tick(struct reports *reports)
{
    int64_t now = gw_now_ms(reports->health->self);
    for (size_t i = 0; i < reports->count; i++) {
        struct schedule *schedule = &reports->schedules[i];
        /* A clock that was set back must not make the same report again. */
        if (schedule->next_ms && now >= schedule->next_ms)
            make_due(reports, schedule, now);
    }
    post_pump(reports->post);
}

static json_t *sends_of(const struct gw_values *values)
{
    json_t *list = json_array();
    for (size_t i = 0; i < gw_count(values, "send"); i++) {
        const struct gw_values *send = gw_table_at(values, "send", i);
        const char *with = gw_string(send, "with");
        json_t *params = with ? json_loads(with, 0, NULL) : json_object();
        json_array_append_new(list, json_pack("{s:s, s:o}", "command", gw_string(send, "command"),
                                              "with", params ? params : json_object()));
    }
    return list;
}

static int schedule_add(struct reports *reports, const struct gw_values *values)
{
    static const char *const crons[][2] = {
        {"hourly", "0 * * * *"}, {"daily", "0 6 * * *"}, {"weekly", "0 6 * * 1"}};
    struct schedule *schedule = &reports->schedules[reports->count];
    const char *cron = values ? gw_string(values, "cron") : NULL;
    schedule->name = values ? gw_string(values, "name") : "daily";
    schedule->period = values ? gw_string(values, "period") : "daily";
    schedule->zone = values ? gw_string(values, "zone") : "";
    for (size_t i = 0; !cron && i < 3; i++)
        if (strcmp(crons[i][0], schedule->period) == 0)
            cron = crons[i][1];
    char why[200] = "";
    schedule->cron = gw_cron_new(cron, schedule->zone, why, sizeof why);
    schedule->send = values ? sends_of(values) : json_array();
    reports->count++;
    if (!schedule->cron || !schedule->send)
        return gw_fail(reports->health->self, -EINVAL, "report %s: %s", schedule->name, why);
    schedule->next_ms = 1; /* the first tick looks what was missed */
    return 0;
}

struct reports *reports_new(struct health *health)
{
    struct reports *reports = calloc(1, sizeof *reports);
    if (!reports)
        return NULL;
    reports->health = health;
    reports->reporting = reporting_new(health);
    reports->post = post_new(health->self);
    if (!reports->reporting || !reports->post) {
        reports_free(reports);
        return NULL;
    }
    return reports;
}

int reports_start(struct reports *reports)
{
    const struct gw_values *options = gw_options(reports->health->self);
    size_t count = gw_count(options, "reports");
    bool given = gw_has(options, "reports");
    reports->schedules = calloc(count + 1, sizeof *reports->schedules);
    if (!reports->schedules)
        return -ENOMEM;
    int error = given ? 0 : schedule_add(reports, NULL);
    for (size_t i = 0; i < count && !error; i++)
        error = schedule_add(reports, gw_table_at(options, "reports", i));
    return error;
}

void reports_free(struct reports *reports)
{
    if (!reports)
        return;
    reporting_free(reports->reporting);
    post_free(reports->post);
    for (size_t i = 0; i < reports->count; i++) {
        gw_cron_free(reports->schedules[i].cron);
        json_decref(reports->schedules[i].send);
    }
    free(reports->schedules);
    free(reports);
}

/* ---- The page -------------------------------------------------------------------------------- */

int reports_page(struct health *health, struct gw_call *call)
{
    const char *id = gw_string(gw_call_params(call), "id");
    char *json = id ? gw_object_get(health->self, "health.report", id) : NULL;
    json_t *report = json ? json_loads(json, 0, NULL) : NULL;
    gw_free(json);
    if (!report)
        return gw_refuse(call, -ENOENT, "there is no report %s", id ? id : "");
    char *page = report_page(report, gw_dashboard(health->self),
                             gw_string(gw_options(health->self), "zone"));
    json_decref(report);
    int error = page ? gw_reply_as(call, "text/html", page, strlen(page)) : -ENOMEM;
    free(page);
    return error;
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static const struct gw_row send_rows[] = {
    {.name = "command",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 3,
     .max = 200,
     .help = "A command that takes a notification: email.send, webhook.send, mqtt.send"},
    {.name = "with",
     .type = GW_JSON,
     .help = "What else it needs: {to: [team@example.org]}, {hook: chat}"},
    {0},
};

const struct gw_row report_option_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .min = 1,
     .max = 60,
     .help = "Stands in its title"},
    {.name = "period",
     .type = GW_ENUM,
     .choices = "hourly|daily|weekly",
     .def = "daily",
     .help = "What it is called; without cron also when it is made: at each full hour, at 6 "
             "o'clock, at 6 o'clock on Mondays"},
    {.name = "cron",
     .type = GW_CRON,
     .help = "When it is made; it covers the time since it was made before"},
    {.name = "zone", .type = GW_ZONE, .def = "", .help = "Time zone of cron and of its times"},
    {.name = "send", .type = GW_TABLES, .max = 20, .rows = send_rows, .help = "To whom"},
    {0},
};

const struct gw_row report_fields[] = {
    {.name = "title", .type = GW_STRING, .help = "What it is called"},
    {.name = "from", .type = GW_TIME, .unit = "ms", .help = "What it covers"},
    {.name = "to", .type = GW_TIME, .unit = "ms", .help = "What it covers"},
    {.name = "period",
     .type = GW_ENUM,
     .choices = "hourly|daily|weekly|asked",
     .help = "asked: by a command"},
    {.name = "score", .type = GW_INT, .help = "Of everything, at its end; null: unknown"},
    {.name = "score_before", .type = GW_INT, .help = "Of everything, at its beginning"},
    {.name = "level",
     .type = GW_ENUM,
     .choices = "good|fair|poor|bad|unknown",
     .help = "At its end"},
    {.name = "coverage", .type = GW_INT, .unit = "%", .help = "Part of the weight that was known"},
    {.name = "summary", .type = GW_STRING, .help = "In a few sentences"},
    {.name = "worst", .type = GW_JSON, .help = "Things with the lowest scores, and why"},
    {.name = "recommendations", .type = GW_JSON, .help = "What a person can do"},
    {.name = "events", .type = GW_JSON, .help = "How many there were of each topic"},
    {.name = "changed", .type = GW_JSON, .help = "Whose score changed: before, least, now"},
    {.name = "alerts", .type = GW_JSON, .help = "By rule: count, open, longest"},
    {.name = "computes", .type = GW_JSON, .help = "CPU, memory, disk, and when it is full"},
    {.name = "snapshots", .type = GW_JSON, .help = "Age of the last good one by project"},
    {.name = "counts", .type = GW_JSON, .help = "Things of each kind: all, bad, unknown"},
    {.name = "history", .type = GW_JSON, .help = "The score of everything over this time"},
    {.name = "page", .type = GW_STRING, .help = "Where it is as HTML"},
    {0},
};

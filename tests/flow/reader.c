/* reader - follows series, asks for the past, keeps up with events, and serves pages of each kind:
 * the services of gnswatch/series.h and the pages of gnswatch/plugin.h, in a real daemon. */
#include <gnswatch/series.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE_MAX = 70 << 20 };

struct reader {
    unsigned found, ended, rows, turns, freed, falls; /* falls: rows not one above the last */
    struct gw_follow *follow;
    int64_t sequence; /* of the last event */
    unsigned events, doubled;
    char *large;
};

struct mine { /* the follower's own, of a series */
    double last;
};

/* ---- Following ---- */

static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct reader *reader = data;
    (void)self;
    reader->found++;
    if (!info->mine)
        info->mine = calloc(1, sizeof(struct mine));
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    struct reader *reader = data;
    struct mine *mine = info->mine;
    (void)self, (void)time_ms;
    reader->rows++;
    if (!mine)
        return;
    reader->falls += mine->last > 0 && values[0] < mine->last + 0.5;
    mine->last = values[0];
}

static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct reader *reader = data;
    (void)self;
    reader->ended++;
    reader->freed += info->mine != NULL;
    free(info->mine);
}

static void on_turn(struct gw_plugin *self, void *data)
{
    (void)self;
    ((struct reader *)data)->turns++;
}

static int run_follow(struct gw_plugin *self, struct gw_call *call)
{
    const struct reader *reader = gw_data(self);
    char json[256];
    snprintf(json, sizeof(json),
             "{\"found\":%u,\"ended\":%u,\"freed\":%u,\"rows\":%u,\"turns\":%u,\"falls\":%u,"
             "\"lost\":%llu}",
             reader->found, reader->ended, reader->freed, reader->rows, reader->turns,
             reader->falls, (unsigned long long)gw_follow_lost(reader->follow));
    return gw_reply(call, json);
}

/* ---- The past ---- */

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct gw_call *call = data;
    char json[256];
    (void)self;
    if (rows->error) {
        gw_refuse(call, rows->error, "no rows: %s", strerror(-rows->error));
        return;
    }
    double last = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->values[i] == rows->values[i]) /* not NaN */
            last = rows->values[i];
    }
    snprintf(json, sizeof(json), "{\"count\":%zu,\"fields\":%zu,\"step\":%lld,\"last\":%g}",
             rows->count, rows->fields, (long long)rows->step_ms, last);
    gw_reply(call, json);
}

static int run_query(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    const int64_t now_ms = gw_now_ms(self);
    const struct gw_query query = {.size = sizeof(query),
                                   .key = gw_string(params, "key"),
                                   .from_ms = now_ms - 60000,
                                   .to_ms = now_ms,
                                   .points = (size_t)gw_int(params, "points")};
    return gw_query(self, &query, on_rows, call);
}

/* ---- Events ---- */

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct reader *reader = data;
    (void)self;
    reader->doubled += event->sequence <= reader->sequence;
    reader->sequence = event->sequence;
    reader->events++;
}

static int run_events(struct gw_plugin *self, struct gw_call *call)
{
    const struct reader *reader = gw_data(self);
    char json[128];
    snprintf(json, sizeof(json), "{\"events\":%u,\"doubled\":%u,\"sequence\":%lld}", reader->events,
             reader->doubled, (long long)reader->sequence);
    return gw_reply(call, json);
}

static int run_say(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_event event = {.topic = "reader.said", .severity = GW_INFO, .text = "One"};
    for (int64_t i = 0; i < gw_int(gw_call_params(call), "count"); i++) {
        int error = gw_emit(self, &event);
        if (error)
            return error;
    }
    return gw_reply(call, NULL);
}

/* ---- Pages ---- */

static int run_report(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    char html[512];
    int bytes = snprintf(html, sizeof(html), "<!doctype html><h1>%s</h1><p>%lld %s %s",
                         gw_string(params, "name"), (long long)gw_int(params, "level"),
                         gw_name(self), gw_dashboard(self));
    return gw_reply_as(call, "text/html; charset=utf-8", html, (size_t)bytes);
}

static int run_metrics(struct gw_plugin *self, struct gw_call *call)
{
    const char *accept = gw_call_accept(call);
    (void)self;
    if (strstr(accept, "openmetrics"))
        return gw_reply_as(call, "application/openmetrics-text; version=1.0.0", "# EOF\n", 6);
    return gw_reply_as(call, "text/plain; version=0.0.4", "up 1\n", 5);
}

static int run_never(struct gw_plugin *self, struct gw_call *call)
{
    (void)self, (void)call;
    return 0;
}

static int run_fail(struct gw_plugin *self, struct gw_call *call)
{
    (void)self;
    return gw_refuse(call, -ENOENT, "there is no report of %s", "yesterday");
}

static int run_large(struct gw_plugin *self, struct gw_call *call)
{
    const struct reader *reader = gw_data(self);
    size_t bytes = (size_t)gw_int(gw_call_params(call), "bytes");
    return gw_reply_as(call, "text/plain", reader->large, bytes);
}

/* ---- Life ---- */

static void reader_stop(struct gw_plugin *self, void *data)
{
    struct reader *reader = data;
    if (!reader)
        return;
    /* All ends were told before this, so nothing of `mine` is left. */
    gw_log(self, GW_INFO, "reader: %u found, %u ended, %u freed", reader->found, reader->ended,
           reader->freed);
    free(reader->large);
    free(reader);
}

static int reader_start(struct gw_plugin *self, void **data)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    *data = reader;
    if (!reader || !(reader->large = malloc(LARGE_MAX)))
        return -ENOMEM;
    memset(reader->large, 'x', LARGE_MAX);
    const char *measurement = gw_string(gw_options(self), "measurement");
    const struct gw_follow_options follow = {.size = sizeof(follow),
                                             .match = {.measurement = measurement},
                                             .every_ms = 200,
                                             .on_row = on_row,
                                             .on_series = on_series,
                                             .on_end = on_end,
                                             .on_turn = on_turn,
                                             .data = reader};
    reader->follow = gw_follow_start(self, &follow);
    if (!reader->follow)
        return -ENOMEM;
    return gw_subscribe_since(self, "reader.*", gw_int(gw_options(self), "since"), on_event,
                              reader);
}

static const struct gw_row options[] = {
    {.name = "measurement", .type = GW_STRING, .def = "flood.*", .help = "What is followed."},
    {.name = "since", .type = GW_INT, .def = "0", .help = "Events after this sequence."},
    {0},
};
static const struct gw_row say_params[] = {
    {.name = "count", .type = GW_INT, .def = "1", .min = 1, .max = 9000, .help = "How often."},
    {0},
};
static const struct gw_row query_params[] = {
    {.name = "key", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Key of a series."},
    {.name = "points", .type = GW_INT, .def = "60", .min = 1, .max = 10000, .help = "How many."},
    {0},
};
static const struct gw_row report_params[] = {
    {.name = "name", .type = GW_STRING, .help = "What the report is of."},
    {.name = "level", .type = GW_INT, .def = "1", .min = 1, .max = 9, .help = "How much of it."},
    {0},
};
static const struct gw_row large_params[] = {
    {.name = "bytes", .type = GW_INT, .def = "1", .max = LARGE_MAX, .help = "How many bytes."},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "reader.say",
     .help = "Says events.",
     .role = GW_OPERATOR,
     .params = say_params,
     .run = run_say},
    {0},
};

static const struct gw_page pages[] = {
    {.path = "/metrics",
     .help = "A metric.",
     .types = "text/plain|application/openmetrics-text",
     .run = run_metrics},
    {.path = "/api/reader/follow",
     .help = "What was followed.",
     .role = GW_VIEWER,
     .types = "application/json",
     .run = run_follow},
    {.path = "/api/reader/events",
     .help = "What was heard.",
     .role = GW_VIEWER,
     .types = "application/json",
     .run = run_events},
    {.path = "/api/reader/query",
     .help = "Rows of the last minute.",
     .role = GW_VIEWER,
     .params = query_params,
     .types = "application/json",
     .run = run_query},
    {.path = "/api/reader/reports/{name}",
     .help = "A report.",
     .role = GW_VIEWER,
     .params = report_params,
     .types = "text/html",
     .run = run_report},
    {.path = "/api/reader/missing",
     .help = "What is not there.",
     .role = GW_VIEWER,
     .types = "text/plain",
     .run = run_fail},
    {.path = "/api/reader/never",
     .help = "What never comes.",
     .role = GW_VIEWER,
     .types = "text/plain",
     .run = run_never,
     .deadline_ms = 500},
    {.path = "/api/reader/large",
     .help = "Many bytes.",
     .role = GW_ADMIN,
     .params = large_params,
     .types = "text/plain",
     .run = run_large},
    {0},
};

GW_PLUGIN(.name = "reader", .version = "1.0", .summary = "Reads everything, for tests",
          .options = options, .commands = commands, .pages = pages, .start = reader_start,
          .stop = reader_stop);

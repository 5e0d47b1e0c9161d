/* prometheus - /metrics for whoever scrapes, and remote write to whoever does not. This file is the
 * plugin's life, options and tables; it follows all series once, for both. */
#include "page.h"
#include "target.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVERY_MS = 5000, PAGE_MAX_BYTES = 64 << 20 };

struct prometheus {
    struct gw_plugin *self;
    struct shapes shapes;
    struct gw_follow *follow;
    struct target targets[TARGETS_MAX];
    size_t target_count, series_count;
    struct bytes page; /* kept: the next one will be as large */
    double scrapes, samples, page_bytes, took_ms;
    uint64_t lost;
};

/* ---- Series come, change, go ----------------------------------------------------------------- */

/* A sample for all who want this series. */
static void spread(struct prometheus *prometheus, struct series *series, size_t line, double value,
                   int64_t time_ms)
{
    for (size_t i = 0; i < prometheus->target_count; i++)
        if (series->wires[i])
            target_add(&prometheus->targets[i], series->wires[i], line, value, time_ms);
}

/* The receivers shall not go on showing what is gone. */
static void end_lines(struct prometheus *prometheus, struct series *series)
{
    for (size_t i = 0; i < series->shape->line_count; i++)
        if (series->alive[i])
            spread(prometheus, series, i, wire_stale(), series->last_ms + 1);
}

static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    struct prometheus *prometheus = data;
    struct shape *shape = shapes_get(&prometheus->shapes, info);
    bool shown = filter_takes(gw_options(self), info->measurement);
    struct series *series = shape ? series_new(shape, info, shown) : NULL;
    struct series *before = info->mine;
    if (before) {
        end_lines(prometheus, before);
        series_free(before);
        prometheus->series_count--;
    }
    info->mine = series;
    if (!series) {
        gw_fail(self, -ENOMEM, "series %s is left out: no memory", info->key);
        return;
    }
    prometheus->series_count++;
    for (size_t i = 0; i < prometheus->target_count; i++)
        series->wires[i] = target_wire(&prometheus->targets[i], shape, info);
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    (void)self;
    struct prometheus *prometheus = data;
    struct series *series = info->mine;
    if (!series)
        return;
    series->every_ms = info->every_ms;
    series_take(series, time_ms, values);
    if (!prometheus->target_count)
        return;
    for (size_t i = 0; i < series->shape->line_count; i++) {
        double value = rule_value(&series->shape->lines[i].rule, values);
        bool is = !isnan(value);
        if (is || series->alive[i])
            spread(prometheus, series, i, is ? value : wire_stale(), time_ms);
        series->alive[i] = is;
    }
}

static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    struct prometheus *prometheus = data;
    struct series *series = info->mine;
    if (!series)
        return;
    if (!info->live) /* else only we end */
        end_lines(prometheus, series);
    series_free(series);
    info->mine = NULL;
    prometheus->series_count--;
}

static void on_turn(struct gw_plugin *self, void *data)
{
    (void)self;
    struct prometheus *prometheus = data;
    for (size_t i = 0; i < prometheus->target_count; i++)
        target_flush(&prometheus->targets[i]);
}

/* ---- The page -------------------------------------------------------------------------------- */

static int run_metrics(struct gw_plugin *self, struct gw_call *call)
{
    struct prometheus *prometheus = gw_data(self);
    struct timespec from, to;
    enum format format = accept_format(gw_call_accept(call));
    clock_gettime(CLOCK_MONOTONIC, &from);
    bytes_reset(&prometheus->page);
    size_t samples = page_write(&prometheus->page, &prometheus->shapes, format, gw_now_ms(self));
    if (prometheus->page.failed)
        return gw_refuse(call, -EMSGSIZE,
                         "the page would be larger than %d MiB: leave something out with `include` "
                         "or `exclude`",
                         PAGE_MAX_BYTES >> 20);
    int error = gw_reply_as(call, format == FORMAT_TEXT ? TYPE_TEXT : TYPE_OPENMETRICS,
                            prometheus->page.data, prometheus->page.len);
    clock_gettime(CLOCK_MONOTONIC, &to);
    prometheus->scrapes++;
    prometheus->samples = (double)samples;
    prometheus->page_bytes = (double)prometheus->page.len;
    prometheus->took_ms =
        (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    return error == -ECANCELED ? 0 : error;
}

static const struct gw_field scrape_fields[] = {
    {"scrapes", GW_COUNTER, "1", "How often /metrics was read"},
    {"samples", GW_GAUGE, "1", "Samples on the last page"},
    {"bytes", GW_GAUGE, "By", "Size of the last page"},
    {"took_ms", GW_GAUGE, "ms", "Time it took to write it"},
    {"series", GW_GAUGE, "1", "Live series"},
    {"lost_rows", GW_COUNTER, "1", "Rows that were overwritten before they could be read"},
    {0},
};

static void set_row(struct prometheus *prometheus)
{
    double row[] = {prometheus->scrapes,
                    prometheus->samples,
                    prometheus->page_bytes,
                    prometheus->took_ms,
                    (double)prometheus->series_count,
                    (double)prometheus->lost};
    gw_set(gw_series_get(prometheus->self, "prometheus.scrape", NULL, scrape_fields, 0), row);
}

/* ---- Commands -------------------------------------------------------------------------------- */

static int run_retry(struct gw_plugin *self, struct gw_call *call)
{
    struct prometheus *prometheus = gw_data(self);
    const char *id = gw_string(gw_call_params(call), "id");
    for (size_t i = 0; i < prometheus->target_count; i++) {
        struct target *target = &prometheus->targets[i];
        if (strcmp(target->name, id) != 0)
            continue;
        char reply[64];
        snprintf(reply, sizeof reply, "{\"blocks\":%lld}", (long long)target_revive(target));
        return gw_reply(call, reply);
    }
    return gw_refuse(call, -ENOENT, "there is no target '%s' in the file", id);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static bool is_target(const struct prometheus *prometheus, const char *name)
{
    for (size_t i = 0; i < prometheus->target_count; i++)
        if (strcmp(prometheus->targets[i].name, name) == 0)
            return true;
    return false;
}

/* Objects survive us; targets that were taken out of the file do not. */
static void forget_others(struct prometheus *prometheus)
{
    char *text = gw_object_list(prometheus->self, "prometheus.target");
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *doc;
    size_t i;
    gw_free(text);
    json_array_foreach(list, i, doc)
    {
        const char *id = json_string_value(json_object_get(doc, "id"));
        if (id && !is_target(prometheus, id))
            gw_object_delete(prometheus->self, "prometheus.target", id);
    }
    json_decref(list);
}

static int prometheus_start(struct gw_plugin *self, void **data)
{
    struct prometheus *prometheus = calloc(1, sizeof *prometheus);
    if (!prometheus)
        return -ENOMEM;
    *data = prometheus;
    prometheus->self = self;
    prometheus->page.max = PAGE_MAX_BYTES;
    prometheus->samples = prometheus->page_bytes = prometheus->took_ms = NAN;
    size_t count = gw_count(gw_options(self), "targets");
    for (size_t i = 0; i < count && i < TARGETS_MAX; i++) {
        prometheus->target_count = i + 1;
        int error = target_init(&prometheus->targets[i], self,
                                gw_table_at(gw_options(self), "targets", i), (unsigned)i);
        if (error)
            return error;
    }
    forget_others(prometheus);
    prometheus->follow =
        gw_follow_start(self, &(struct gw_follow_options){.size = sizeof(struct gw_follow_options),
                                                          .match = {.measurement = "*"},
                                                          .raw = true,
                                                          .on_row = on_row,
                                                          .on_series = on_series,
                                                          .on_end = on_end,
                                                          .on_turn = on_turn,
                                                          .data = prometheus});
    return prometheus->follow ? 0 : gw_fail(self, -ENOMEM, "the series cannot be followed");
}

static int prometheus_tick(struct gw_plugin *self, void *data)
{
    struct prometheus *prometheus = data;
    uint64_t lost = gw_follow_lost(prometheus->follow);
    if (lost > prometheus->lost)
        gw_fail(self, -ENOBUFS, "%llu rows were overwritten before they could be read",
                (unsigned long long)(lost - prometheus->lost));
    prometheus->lost = lost;
    for (size_t i = 0; i < prometheus->target_count; i++)
        target_tick(&prometheus->targets[i]);
    set_row(prometheus);
    return 0;
}

static void prometheus_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct prometheus *prometheus = data;
    if (!prometheus)
        return;
    for (size_t i = 0; i < prometheus->target_count; i++)
        target_fini(&prometheus->targets[i]);
    shapes_fini(&prometheus->shapes);
    bytes_fini(&prometheus->page);
    free(prometheus);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

#define INCLUDE_ROW                                                                         \
    {                                                                                       \
        .name = "include", .type = GW_STRINGS, .max = 100,                                  \
        .help = "Only measurements that match one of these patterns, such as gns3.* ; all " \
                "without it"                                                                \
    }
#define EXCLUDE_ROW                                                     \
    {                                                                   \
        .name = "exclude", .type = GW_STRINGS, .max = 100,              \
        .help = "Without measurements that match one of these patterns" \
    }

static const struct gw_row target_rows[] = {
    {.name = "name",
     .type = GW_STRING,
     .min = 1,
     .max = 32,
     .flags = GW_REQUIRED | GW_UNIQUE,
     .help = "What it is called here, of a-z, 0-9 and _; its queue goes by this name"},
    {.name = "url",
     .type = GW_STRING,
     .min = 8,
     .max = 2000,
     .flags = GW_REQUIRED,
     .help = "Where it takes remote write, such as http://127.0.0.1:9090/api/v1/write"},
    {.name = "user", .type = GW_STRING, .help = "For HTTP basic authentication"},
    {.name = "password", .type = GW_SECRET, .help = "Of this user"},
    {.name = "token", .type = GW_SECRET, .help = "Sent as Authorization: Bearer"},
    {.name = "ca_file", .type = GW_STRING, .help = "PEM of a certificate authority of your own"},
    {.name = "insecure",
     .type = GW_BOOL,
     .def = "no",
     .help = "Do not check who answers by TLS: only for trying out"},
    {.name = "headers",
     .type = GW_STRINGS,
     .max = 20,
     .help = "Further headers, as Name: value, such as X-Scope-OrgID: lab; not for secrets"},
    {.name = "external_labels",
     .type = GW_JSON,
     .help = "Labels that all samples get unless they have them, as a map {site: lab}"},
    INCLUDE_ROW,
    EXCLUDE_ROW,
    {.name = "batch",
     .type = GW_INT,
     .def = "5000",
     .min = 1,
     .max = 100000,
     .help = "Samples in a request at most"},
    {.name = "queue_bytes",
     .type = GW_SIZE,
     .unit = "By",
     .def = "256MiB",
     .min = 65536,
     .max = 1099511627776,
     .help = "Room on disk for samples that wait; the oldest go when it is full"},
    {.name = "timeout",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30s",
     .min = 1000,
     .max = 300000,
     .help = "Of one request"},
    {.name = "retry_longest",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30s",
     .min = 100,
     .max = 3600000,
     .help = "The longest pause between two tries; pauses double, with full jitter"},
    {.name = "metadata",
     .type = GW_BOOL,
     .def = "yes",
     .help = "Send type, help and unit of each metric once after a start"},
    {0},
};

static const struct gw_row options[] = {
    INCLUDE_ROW,
    EXCLUDE_ROW,
    {.name = "targets",
     .type = GW_TABLES,
     .max = TARGETS_MAX,
     .rows = target_rows,
     .help = "Who gets every sample by remote write"},
    {0},
};

static const struct gw_row target_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Its name"},
    {.name = "url", .type = GW_STRING, .help = "Where to"},
    {.name = "state",
     .type = GW_ENUM,
     .choices = "starting|up|down",
     .help = "down: it does not answer, or asks for later"},
    {.name = "waiting",
     .type = GW_INT,
     .help = "Blocks of samples that wait for longer than usual"},
    {.name = "bytes", .type = GW_INT, .unit = "By", .help = "Their size on disk"},
    {.name = "oldest",
     .type = GW_TIME,
     .unit = "ms",
     .help = "Since when the oldest waits; null: none does"},
    {.name = "dead", .type = GW_INT, .help = "Blocks it refused for ever that are kept"},
    {.name = "last_error", .type = GW_STRING, .help = "What went wrong; null: nothing lately"},
    {0},
};

static const struct gw_kind kinds[] = {
    {"prometheus.target", "targets", "A receiver of remote write", target_fields},
    {0},
};

static const struct gw_row retry_params[] = {
    {.name = "id",
     .type = GW_STRING,
     .flags = GW_REQUIRED,
     .min = 1,
     .max = 32,
     .help = "Its name"},
    {0},
};

static const struct gw_row retry_result[] = {
    {.name = "blocks", .type = GW_INT, .help = "How many refused blocks are tried again"},
    {0},
};

static const struct gw_command commands[] = {
    {.name = "prometheus.target.retry",
     .help = "Sends to a target now, also the blocks it has refused",
     .role = GW_OPERATOR,
     .params = retry_params,
     .result = retry_result,
     .run = run_retry},
    {0},
};

static const struct gw_page pages[] = {
    {.path = "/metrics",
     .help = "All series for Prometheus, as text or OpenMetrics",
     .role = GW_VIEWER,
     .types = "text/plain|application/openmetrics-text",
     .run = run_metrics},
    {0},
};

GW_PLUGIN(.name = "prometheus", .version = "0.1.0",
          .summary = "/metrics for Prometheus, and remote write", .options = options,
          .kinds = kinds, .commands = commands, .every_ms = EVERY_MS, .start = prometheus_start,
          .tick = prometheus_tick, .stop = prometheus_stop, .pages = pages);

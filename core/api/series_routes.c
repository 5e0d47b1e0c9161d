/* The list of series. Their values are in query_routes.c. */
#include "api/query_routes.h"
#include "api/route.h"
#include "api/series_pick.h"
#include "api/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static bool get_series(struct request *request)
{
    static const char *const words[] = {"measurement", "search", "offset", "limit", NULL};
    struct metric *metric = request->api->parts.metric;
    struct series_pick pick = {0};
    int64_t offset, limit;
    if (!request_int(request, "offset", 0, 1000000000, 0, &offset) ||
        !request_int(request, "limit", 1, 1000, 100, &limit) ||
        !series_pick_read(&pick, request, words))
        return true;
    pick.offset = (size_t)offset;
    pick.limit = (size_t)limit;
    if (series_pick_run(&pick, metric))
        return request_errno(request, -ENOMEM, "Out of memory");
    struct buf *out = &request->out;
    buf_adds(out, "{\"items\":[");
    bool first = true;
    for (size_t i = 0; i < pick.count; i++) {
        char name[16];
        struct series_info info;
        snprintf(name, sizeof(name), "%" PRIu32, pick.ids[i]);
        if (metric_find(metric, name, &info))
            continue; /* forgotten meanwhile */
        if (!first)
            buf_addc(out, ',');
        first = false;
        series_json(metric, &info, out);
        series_info_fini(&info);
    }
    buf_printf(out, "],\"total\":%zu,\"offset\":%" PRId64 ",\"limit\":%" PRId64 "}", pick.total,
               offset, limit);
    series_pick_fini(&pick);
    return request_json(request, 200);
}

static const struct gw_row series_query[] = {
    {.name = "measurement",
     .type = GW_STRING,
     .help = "Its name, for example gns3.node; * matches "
             "any text"},
    {.name = "search", .type = GW_STRING, .help = "Part of the key, without case"},
    {.name = "offset",
     .type = GW_INT,
     .def = "0",
     .min = 0,
     .max = 1e9,
     .help = "How many to leave out"},
    {.name = "limit",
     .type = GW_INT,
     .def = "100",
     .min = 1,
     .max = 1000,
     .help = "How many at most"},
    {0},
};
static const struct gw_row query_query[] = {
    {.name = "series",
     .type = GW_STRINGS,
     .max = QUERY_SERIES_MAX,
     .help = "Ids or keys; may be repeated, ids may be a list with commas"},
    {.name = "measurement",
     .type = GW_STRING,
     .help = "Instead of series: all of a measurement, with labels as further parameters"},
    {.name = "from",
     .type = GW_STRING,
     .def = "-1h",
     .help = "Milliseconds since 1970, RFC 3339, now, or a time ago: -90s, -15m, -1h, -7d, -4w"},
    {.name = "to", .type = GW_STRING, .def = "now", .help = "As from"},
    {.name = "points",
     .type = GW_INT,
     .def = "300",
     .min = 1,
     .max = 10000,
     .help = "How many points at most"},
    {.name = "as",
     .type = GW_ENUM,
     .def = "average",
     .choices = "average|min|max",
     .help = "What a point is of the rows it stands for"},
    {0},
};
static const struct gw_row field_rows[] = {
    {.name = "name", .type = GW_STRING, .help = "Name"},
    {.name = "kind",
     .type = GW_ENUM,
     .choices = "gauge|counter",
     .help = "Counters are shown as rates a second"},
    {.name = "unit", .type = GW_JSON, .help = "UCUM unit, or null"},
    {.name = "help", .type = GW_JSON, .help = "What it says"},
    {0},
};
static const struct gw_row series_item[] = {
    {.name = "id", .type = GW_INT, .help = "Number, kept over restarts"},
    {.name = "key", .type = GW_STRING, .help = "Measurement and labels"},
    {.name = "measurement", .type = GW_STRING, .help = "Measurement"},
    {.name = "labels", .type = GW_JSON, .help = "Labels"},
    {.name = "fields", .type = GW_TABLES, .rows = field_rows, .help = "Fields"},
    {.name = "every_ms", .type = GW_INT, .unit = "ms", .help = "How often a row is expected"},
    {.name = "live", .type = GW_BOOL, .help = "Whether something writes it now"},
    {.name = "last", .type = GW_JSON, .help = "{time, values} of the last row, or null"},
    {0},
};
static const struct gw_row series_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = series_item, .help = "Series"},
    {.name = "total", .type = GW_INT, .help = "How many match"},
    {.name = "offset", .type = GW_INT, .help = "How many were left out"},
    {.name = "limit", .type = GW_INT, .help = "How many were asked for"},
    {0},
};
static const struct gw_row query_item[] = {
    {.name = "id", .type = GW_INT, .help = "Number of the series"},
    {.name = "key", .type = GW_STRING, .help = "Its key"},
    {.name = "step_ms", .type = GW_INT, .unit = "ms", .help = "Time between points"},
    {.name = "times", .type = GW_JSON, .help = "Milliseconds since 1970, in regular steps"},
    {.name = "fields", .type = GW_JSON, .help = "Values by field; null is a gap"},
    {.name = "units", .type = GW_JSON, .help = "Units by field"},
    {0},
};
static const struct gw_row query_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = query_item, .help = "One a series"},
    {0},
};

const struct route series_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/series",
     .handle = get_series,
     .role = GW_VIEWER,
     .id = "listSeries",
     .tag = "series",
     .help = "Series; further parameters are labels",
     .query = series_query,
     .answer = series_answer,
     .open_query = true},
    {.method = METHOD_GET,
     .path = "/api/v1/query",
     .handle = query_answer_route,
     .role = GW_VIEWER,
     .id = "query",
     .tag = "series",
     .help = "Values of series over time",
     .query = query_query,
     .answer = query_answer,
     .open_query = true},
    {0},
};

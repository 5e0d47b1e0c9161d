/* The timeline. */
#include "api/object_routes.h"
#include "api/route.h"
#include "api/server.h"

#include "base/log.h" /* severity_parse */

static bool get_events(struct request *request)
{
    int64_t now_ms = clock_wall_ms(request->api->clock), limit;
    struct store_events_query query = {.topic = request_parameter(request, "topic"),
                                       .kind = request_parameter(request, "kind"),
                                       .id = request_parameter(request, "id"),
                                       .search = request_parameter(request, "search")};
    const char *severity = request_parameter(request, "severity");
    query.severity_least = severity ? severity_parse(severity) : 0;
    if (query.severity_least < 0)
        return request_problem(request, 400,
                               "severity is debug, info, notice, warning, error or critical, not "
                               "'%.40s'",
                               severity);
    if (!request_time(request, "from", now_ms, 0, &query.from_ms) ||
        !request_time(request, "to", now_ms, 0, &query.to_ms) ||
        !request_int(request, "before", 0, INT64_MAX, 0, &query.before_sequence) ||
        !request_int(request, "limit", 1, 1000, 100, &limit))
        return true;
    query.limit = (size_t)limit;
    return answer_from_store(request, STORE_ASK_EVENTS, NULL, query.limit, &query);
}

static const struct gw_row events_query[] = {
    {.name = "topic", .type = GW_STRING, .help = "Topic; * matches any text: gns3.node.*"},
    {.name = "severity",
     .type = GW_ENUM,
     .choices = "debug|info|notice|warning|error|critical",
     .help = "This severity and those above"},
    {.name = "kind", .type = GW_STRING, .help = "Kind of the subject object"},
    {.name = "id", .type = GW_STRING, .help = "Id of the subject object"},
    {.name = "search", .type = GW_STRING, .help = "Words of the sentence"},
    {.name = "from",
     .type = GW_STRING,
     .help = "Milliseconds since 1970, RFC 3339, now, or a time ago: -90s, -15m, -1h, -7d"},
    {.name = "to", .type = GW_STRING, .help = "As from"},
    {.name = "before",
     .type = GW_INT,
     .min = 0,
     .max = 9e15,
     .help = "Only those with a lower sequence: the next page"},
    {.name = "limit",
     .type = GW_INT,
     .def = "100",
     .min = 1,
     .max = 1000,
     .help = "How many at most"},
    {0},
};
static const struct gw_row event_item[] = {
    {.name = "sequence", .type = GW_INT, .help = "Grows by one; kept over restarts"},
    {.name = "time", .type = GW_INT, .help = "Milliseconds since 1970"},
    {.name = "topic", .type = GW_STRING, .help = "Topic"},
    {.name = "severity",
     .type = GW_ENUM,
     .choices = "debug|info|notice|warning|error|critical",
     .help = "Severity"},
    {.name = "source", .type = GW_JSON, .help = "Instance that said it"},
    {.name = "kind", .type = GW_JSON, .help = "Kind of the subject object, or null"},
    {.name = "id", .type = GW_JSON, .help = "Id of the subject object, or null"},
    {.name = "text", .type = GW_JSON, .help = "A sentence"},
    {.name = "data", .type = GW_JSON, .help = "More, by topic"},
    {0},
};
static const struct gw_row events_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = event_item, .help = "Events, the latest first"},
    {0},
};

const struct route event_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/events",
     .handle = get_events,
     .role = GW_VIEWER,
     .id = "listEvents",
     .tag = "events",
     .help = "The timeline, the latest first",
     .query = events_query,
     .answer = events_answer},
    {0},
};

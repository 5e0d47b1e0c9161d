/* Objects of any kind. The paths by plugin and plural are in thing_routes.c. */
#include "api/object_routes.h"
#include "api/route.h"
#include "api/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1000, LIST_DEFAULT = 100, HISTORY_DEFAULT = 50 };

const struct gw_row list_query[] = {
    {.name = "search", .type = GW_STRING, .help = "Part of any text value, without case"},
    {.name = "sort", .type = GW_STRING, .help = "A member; with a leading - from high to low"},
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
     .max = LIST_MAX,
     .help = "How many at most"},
    {0},
};

static bool is_list_word(const char *name)
{
    for (const struct gw_row *row = list_query; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

static bool has_member(const struct gw_kind *kind, const char *name)
{
    for (const struct gw_row *row = kind->fields; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return strcmp(name, "id") == 0;
}

/* Filters out of the parameters; false: answered with what is wrong. */
static bool read_filters(struct request *request, const struct gw_kind *kind,
                         struct object_query *query)
{
    struct problems problems;
    problems_init(&problems);
    size_t most = sizeof(query->filters) / sizeof(query->filters[0]);
    for (size_t i = 0; i < request->parameter_count; i++) {
        const struct parameter *parameter = &request->parameters[i];
        if (is_list_word(parameter->name))
            continue;
        if (!has_member(kind, parameter->name)) {
            problems_add(&problems, parameter->name, NULL, "%s has no such member to filter by",
                         kind->name);
        } else if (query->filter_count == most) {
            problems_add(&problems, parameter->name, NULL, "at most %zu filters", most);
        } else {
            query->filters[query->filter_count].member = parameter->name;
            query->filters[query->filter_count++].value = parameter->value;
        }
    }
    const char *member = query->sort && query->sort[0] == '-' ? query->sort + 1 : query->sort;
    if (member && !has_member(kind, member))
        problems_add(&problems, "sort", NULL, "%s has no member '%.60s'", kind->name, member);
    bool fine = problems.count == 0;
    if (!fine)
        request_problems(request, &problems);
    problems_fini(&problems);
    return fine;
}

/* What makes two requests the same, for the tag. */
static uint64_t query_hash(const struct request *request)
{
    uint64_t hash = hash_bytes(request->path, strlen(request->path));
    for (size_t i = 0; i < request->parameter_count; i++) {
        const struct parameter *parameter = &request->parameters[i];
        hash = hash * 31 + hash_bytes(parameter->name, strlen(parameter->name));
        hash = hash * 31 + hash_bytes(parameter->value, strlen(parameter->value));
    }
    return hash;
}

bool objects_answer_list(struct request *request, const struct gw_kind *kind)
{
    struct object_query query = {.kind = kind->name,
                                 .search = request_parameter(request, "search"),
                                 .sort = request_parameter(request, "sort")};
    int64_t offset, limit;
    if (!request_int(request, "offset", 0, 1000000000, 0, &offset) ||
        !request_int(request, "limit", 1, LIST_MAX, LIST_DEFAULT, &limit) ||
        !read_filters(request, kind, &query))
        return true;
    query.offset = (size_t)offset;
    query.limit = (size_t)limit;
    struct buf *out = &request->out;
    buf_adds(out, "{\"items\":");
    size_t total = 0;
    int64_t version = 0;
    int error = objects_query(request->api->parts.objects, &query, out, &total, &version);
    if (error)
        return request_errno(request, error, "The objects could not be read");
    buf_printf(out, ",\"total\":%zu,\"offset\":%" PRId64 ",\"limit\":%" PRId64 "}", total, offset,
               limit);
    request_json(request, 200);
    request_tag(request, request->api->boot + (uint64_t)version, query_hash(request));
    request_matches_tag(request);
    return true;
}

bool objects_answer_one(struct request *request, const struct gw_kind *kind, const char *id)
{
    char *document = objects_get(request->api->parts.objects, kind->name, id);
    if (!document)
        return request_problem(request, 404, "There is no %s with the id '%.255s'", kind->name, id);
    buf_adds(&request->out, document);
    free(document);
    return request_json_tagged(request);
}

static const struct gw_kind *kind_of(struct request *request)
{
    const char *name = request->captures[0];
    const struct gw_kind *kind = objects_kind(request->api->parts.objects, name);
    if (!kind)
        request_problem(request, 404, "There is no kind '%.100s'; GET /api/v1/objects lists them",
                        name);
    return kind;
}

static bool get_list(struct request *request)
{
    const struct gw_kind *kind = kind_of(request);
    return kind ? objects_answer_list(request, kind) : true;
}

static bool get_one(struct request *request)
{
    const struct gw_kind *kind = kind_of(request);
    return kind ? objects_answer_one(request, kind, request->captures[1]) : true;
}

static void add_kind(void *data, const struct gw_kind *kind)
{
    struct buf *out = data;
    buf_adds(out, out->data[out->len - 1] == '[' ? "{\"kind\":" : ",{\"kind\":");
    buf_json_string(out, kind->name);
    buf_adds(out, ",\"plural\":");
    buf_json_string(out, kind->plural);
    buf_adds(out, ",\"path\":\"/api/");
    buf_add(out, kind->name, strcspn(kind->name, "."));
    buf_printf(out, "/%s\",\"help\":", kind->plural);
    buf_json_string(out, kind->help);
    buf_adds(out, ",\"schema\":");
    table_schema(kind->fields, false, out);
    buf_addc(out, '}');
}

static bool get_kinds(struct request *request)
{
    buf_adds(&request->out, "{\"items\":[");
    objects_each_kind(request->api->parts.objects, add_kind, &request->out);
    buf_adds(&request->out, "]}");
    return request_json_tagged(request);
}

static bool get_history(struct request *request)
{
    const struct gw_kind *kind = kind_of(request);
    int64_t limit;
    if (!kind || !request_int(request, "limit", 1, LIST_MAX, HISTORY_DEFAULT, &limit))
        return true;
    return answer_from_store(request, STORE_ASK_HISTORY, kind->name, (size_t)limit, NULL);
}

static const struct gw_row history_query[] = {
    {.name = "limit",
     .type = GW_INT,
     .def = "50",
     .min = 1,
     .max = LIST_MAX,
     .help = "How many changes at most, the latest first"},
    {0},
};
static const struct gw_row history_item[] = {
    {.name = "time", .type = GW_INT, .help = "Milliseconds since 1970"},
    {.name = "change", .type = GW_STRING, .help = "put or delete"},
    {.name = "changed", .type = GW_JSON, .help = "Members that differ: [before, after]"},
    {0},
};
static const struct gw_row history_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = history_item, .help = "Changes"},
    {0},
};
static const struct gw_row kind_item[] = {
    {.name = "kind", .type = GW_STRING, .help = "Name of the kind"},
    {.name = "plural", .type = GW_STRING, .help = "Last part of its path"},
    {.name = "path", .type = GW_STRING, .help = "Where its objects are"},
    {.name = "help", .type = GW_STRING, .help = "What it is"},
    {.name = "schema", .type = GW_JSON, .help = "JSON Schema of its documents"},
    {0},
};
static const struct gw_row kinds_answer[] = {
    {.name = "items", .type = GW_TABLES, .rows = kind_item, .help = "Kinds"},
    {0},
};
const struct gw_row list_answer[] = {
    {.name = "items", .type = GW_JSON, .help = "Documents of the kind, a list"},
    {.name = "total", .type = GW_INT, .help = "How many match"},
    {.name = "offset", .type = GW_INT, .help = "How many were left out"},
    {.name = "limit", .type = GW_INT, .help = "How many were asked for"},
    {0},
};

#define KIND_HELP "Name of a kind, for example gns3.node"
#define ID_HELP   "Id of the object; a slash in it is written %2F or as it is"

const struct route object_routes[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/objects",
     .handle = get_kinds,
     .role = GW_VIEWER,
     .id = "listKinds",
     .tag = "objects",
     .help = "Kinds of objects",
     .answer = kinds_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/objects/{kind}",
     .handle = get_list,
     .role = GW_VIEWER,
     .id = "listObjects",
     .tag = "objects",
     .help = "Objects of a kind; any member of the kind is a filter",
     .captures = {KIND_HELP},
     .query = list_query,
     .answer = list_answer,
     .open_query = true},
    {.method = METHOD_GET,
     .path = "/api/v1/objects/{kind}/{id*}/history",
     .handle = get_history,
     .role = GW_VIEWER,
     .id = "getObjectHistory",
     .tag = "objects",
     .help = "How an object changed",
     .captures = {KIND_HELP, ID_HELP},
     .query = history_query,
     .answer = history_answer},
    {.method = METHOD_GET,
     .path = "/api/v1/objects/{kind}/{id*}",
     .handle = get_one,
     .role = GW_VIEWER,
     .id = "getObject",
     .tag = "objects",
     .help = "One object",
     .captures = {KIND_HELP, ID_HELP}},
    {0},
};

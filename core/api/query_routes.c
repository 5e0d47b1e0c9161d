/* Values of series: up to 50 questions to the store at once, one answer.
 *
 * Each series' part of the answer is written on the thread on which the store answers: mostly the
 * service thread itself, at once; what comes later comes by the inbox. */
#include "api/query_routes.h"

#include "api/rows.h"
#include "api/series_pick.h"
#include "api/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct query;

struct part {
    struct query *query;
    struct series_info info; /* owned */
    struct buf text;
    int error;
};

struct query {
    struct inbox_item item;
    struct inbox *inbox;
    struct request *request;
    _Atomic size_t waiting; /* parts, and one while the questions are asked */
    size_t count;
    struct part *parts[QUERY_SERIES_MAX]; /* owned */
};

static void query_free(struct query *query)
{
    if (!query)
        return;
    for (size_t i = 0; i < query->count; i++) {
        series_info_fini(&query->parts[i]->info);
        buf_fini(&query->parts[i]->text);
        free(query->parts[i]);
    }
    inbox_unref(query->inbox);
    free(query);
}

static void drop(void *data)
{
    struct query *query = data;
    request_free(query->request);
    query_free(query);
}

/* ---- One part ------------------------------------------------------------------------------- */

static void add_units(struct buf *out, const struct series_info *info)
{
    buf_adds(out, "},\"units\":{");
    for (size_t f = 0; f < info->field_count; f++) {
        if (f)
            buf_addc(out, ',');
        buf_json_string(out, info->fields[f].name);
        buf_addc(out, ':');
        buf_json_string(out, info->fields[f].unit);
    }
    buf_adds(out, "}}");
}

static void write_part(struct part *part, const struct store_rows *rows)
{
    struct buf *out = &part->text;
    const struct series_info *info = &part->info;
    buf_reserve(out, 1024 + rows->count * (32 + rows->fields * 12));
    buf_adds(out, "{\"id\":");
    buf_json_int(out, info->id);
    buf_adds(out, ",\"key\":");
    buf_json_string(out, info->key);
    buf_adds(out, ",\"step_ms\":");
    buf_json_int(out, rows->step_ms);
    buf_adds(out, ",\"times\":[");
    json_times(out, rows->times_ms, rows->count);
    buf_adds(out, "],\"fields\":{");
    for (size_t f = 0; f < info->field_count && f < rows->fields; f++) {
        if (f)
            buf_addc(out, ',');
        buf_json_string(out, info->fields[f].name);
        buf_adds(out, ":[");
        json_values(out, rows->values + f * rows->count, rows->count);
        buf_addc(out, ']');
    }
    add_units(out, info);
}

/* ---- The whole ------------------------------------------------------------------------------ */

static void answer(struct query *query)
{
    struct request *request = query->request;
    struct buf *out = &request->out;
    buf_adds(out, "{\"items\":[");
    for (size_t i = 0; i < query->count; i++) {
        const struct part *part = query->parts[i];
        int error = part->error ? part->error : buf_error(&part->text);
        if (error) {
            request_errno(request, error == -ENOENT ? -EIO : error,
                          error == -ETIMEDOUT ? "The store did not answer in time"
                                              : "The store could not answer");
            return;
        }
        if (i)
            buf_addc(out, ',');
        buf_add(out, part->text.data, part->text.len);
    }
    buf_adds(out, "]}");
    request_json(request, 200);
}

static void run(struct api *api, void *data)
{
    (void)api;
    struct query *query = data;
    answer(query);
    request_done(query->request);
    query_free(query);
}

static void part_done(struct query *query)
{
    if (--query->waiting == 0)
        inbox_post(query->inbox, &query->item, run, drop, query);
}

static void on_rows(void *data, const struct store_rows *rows)
{
    struct part *part = data;
    part->error = rows->error;
    if (rows->error == -ENOENT) { /* nothing on disk yet is an empty answer */
        const struct store_rows none = {.step_ms = part->info.every_ms};
        part->error = 0;
        write_part(part, &none);
    } else if (!rows->error) {
        write_part(part, rows);
    }
    part_done(part->query);
}

/* true: all was answered at once, on this thread; else the inbox gets the answer. */
static bool ask(struct query *query, const struct store_read *like)
{
    query->waiting = 1 + query->count;
    for (size_t i = 0; i < query->count; i++) {
        struct part *part = query->parts[i];
        struct store_read read = *like;
        read.series_id = part->info.id;
        int error = store_query(query->request->api->parts.store, &read, on_rows, part);
        if (error) {
            part->error = error;
            part_done(query);
        }
    }
    return --query->waiting == 0;
}

/* ---- What is asked for ---------------------------------------------------------------------- */

static bool add_series(struct query *query, struct request *request, const char *key)
{
    if (query->count == QUERY_SERIES_MAX) {
        request_problem(request, 400, "At most %d series at once", QUERY_SERIES_MAX);
        return false;
    }
    struct part *part = malloc(sizeof(*part));
    if (!part) {
        request_errno(request, -ENOMEM, "Out of memory");
        return false;
    }
    part->error = 0;
    int error = metric_find(request->api->parts.metric, key, &part->info);
    if (error) {
        free(part);
        request_problem(request, status_of_errno(error),
                        "There is no series '%.200s'; GET /api/v1/series lists them", key);
        return false;
    }
    part->query = query;
    buf_init(&part->text, ANSWER_MAX_BYTES);
    query->parts[query->count++] = part;
    return true;
}

/* "12", "12,13", or a key. */
static bool add_list(struct query *query, struct request *request, const char *list)
{
    if (!list[0] || strspn(list, "0123456789,") != strlen(list))
        return add_series(query, request, list);
    while (*list) {
        char id[24];
        size_t bytes = strcspn(list, ",");
        snprintf(id, sizeof(id), "%.*s", (int)(bytes < 20 ? bytes : 20), list);
        if (!add_series(query, request, id))
            return false;
        list += bytes + (list[bytes] == ',');
    }
    return true;
}

static bool add_picked(struct query *query, struct request *request)
{
    static const char *const words[] = {"series", "measurement", "search", "from",
                                        "to",     "points",      "as",     NULL};
    struct series_pick pick = {.limit = QUERY_SERIES_MAX + 1};
    if (!series_pick_read(&pick, request, words))
        return false;
    bool fine = series_pick_run(&pick, request->api->parts.metric) == 0;
    for (size_t i = 0; fine && i < pick.count; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%" PRIu32, pick.ids[i]);
        fine = add_series(query, request, id);
    }
    series_pick_fini(&pick);
    return fine;
}

static bool choose(struct query *query, struct request *request)
{
    bool named = false;
    for (size_t i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, "series") != 0)
            continue;
        named = true;
        if (!add_list(query, request, request->parameters[i].value))
            return false;
    }
    if (named)
        return true;
    if (!request_parameter(request, "measurement")) {
        request_problem(request, 400, "Say which: series=ID, or measurement=NAME and labels");
        return false;
    }
    return add_picked(query, request);
}

static bool read_window(struct request *request, struct store_read *read)
{
    int64_t now_ms = clock_wall_ms(request->api->clock), points;
    if (!request_time(request, "from", now_ms, now_ms - 3600000, &read->from_ms) ||
        !request_time(request, "to", now_ms, now_ms, &read->to_ms) ||
        !request_int(request, "points", 1, 10000, 300, &points))
        return false;
    read->points_max = (size_t)points;
    const char *as = request_parameter(request, "as");
    read->as = !as || strcmp(as, "average") == 0 ? STORE_AVERAGE
               : strcmp(as, "min") == 0          ? STORE_MIN
               : strcmp(as, "max") == 0          ? STORE_MAX
                                                 : 0;
    if (!read->as)
        request_problem(request, 400, "as is average, min or max");
    else if (read->from_ms >= read->to_ms || read->from_ms < 0)
        request_problem(request, 400, "from must be before to, and not before 1970");
    return request->status == 0;
}

bool query_answer_route(struct request *request)
{
    struct store_read read = {0};
    if (!read_window(request, &read))
        return true;
    if (!request->api->parts.store)
        return request_problem(request, 503, "The store is not running");
    struct query *query = calloc(1, sizeof(*query));
    if (!query)
        return request_errno(request, -ENOMEM, "Out of memory");
    query->request = request;
    query->inbox = inbox_ref(request->api->inbox);
    if (!choose(query, request)) {
        query_free(query);
        return true;
    }
    bool at_once = ask(query, &read);
    if (at_once) {
        answer(query);
        query_free(query);
    }
    return at_once; // NOLINT(clang-analyzer-unix.Malloc): else the answer brings `query` back
}

/* What the feed says by the clock: rows, plugins, jobs. */
#include "api/live_internal.h"
#include "api/rows.h"
#include "metric/rates.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { TIMED_MAX_BYTES = LIVE_QUEUE_BYTES };

struct message *live_rows(struct live *live, uint32_t id, int64_t *last_ms)
{
    struct rates rates;
    if (rates_read(&rates, live->parts->metric, id, *last_ms, INT64_MAX))
        return NULL;
    struct buf text;
    buf_init(&text, TIMED_MAX_BYTES);
    buf_printf(&text, "{\"type\":\"rows\",\"series\":%" PRIu32 ",\"rows\":[", id);
    for (size_t row = 0; row < rates.count; row++) {
        buf_adds(&text, row ? ",[" : "[");
        buf_json_int(&text, rates_time(&rates, row));
        for (size_t field = 0; field < rates.fields; field++) {
            buf_addc(&text, ',');
            json_value(&text, rates_value(&rates, row, field));
        }
        buf_addc(&text, ']');
    }
    buf_adds(&text, "]}");
    struct message *message = rates.count ? message_new(&text, 0, NULL) : NULL;
    if (rates.count)
        *last_ms = rates_time(&rates, rates.count - 1);
    buf_fini(&text);
    rates_fini(&rates);
    return message;
}

static void push_rows(struct live *live, uint32_t id, struct message *message)
{
    for (struct live_client *client = live->clients; client; client = client->following) {
        for (size_t i = 0; i < client->series_count; i++) {
            if (client->series[i] == id) {
                live_push(client, message);
                break;
            }
        }
    }
}

void live_say_rows(struct live *live)
{
    for (size_t i = 0; i < live->series.count; i++) {
        struct live_series *series = live->series.entries[i].value;
        struct message *message = live_rows(live, series->id, &series->last_ms);
        if (message)
            push_rows(live, series->id, message);
        message_unref(message);
    }
}

void live_say_plugins(struct live *live)
{
    bool anyone = false;
    for (struct live_client *client = live->clients; client; client = client->following)
        anyone = anyone || client->plugins;
    if (!anyone || !live->parts->host)
        return;
    struct buf text;
    buf_init(&text, TIMED_MAX_BYTES);
    buf_adds(&text, "{\"type\":\"plugins\",\"items\":");
    host_json(live->parts->host, &text);
    buf_addc(&text, '}');
    struct message *message = message_new(&text, 0, NULL);
    buf_fini(&text);
    for (struct live_client *client = live->clients; message && client;
         client = client->following) {
        if (client->plugins)
            live_push(client, message);
    }
    message_unref(message);
}

/* ---- Jobs ----------------------------------------------------------------------------------- */

static bool anyone_wants_jobs(const struct live *live)
{
    for (struct live_client *client = live->clients; client; client = client->following) {
        if (client->jobs)
            return true;
    }
    return false;
}

void live_say_job(struct live *live, const char *job_json)
{
    if (!anyone_wants_jobs(live))
        return;
    struct buf text;
    buf_init(&text, TIMED_MAX_BYTES);
    buf_printf(&text, "{\"type\":\"job\",\"job\":%s}", job_json);
    struct message *message = message_new(&text, 0, NULL);
    buf_fini(&text);
    for (struct live_client *client = live->clients; message && client;
         client = client->following) {
        if (client->jobs)
            live_push(client, message);
    }
    message_unref(message);
}

static bool is_active(const char *state)
{
    return state && (strcmp(state, "running") == 0 || strcmp(state, "waiting") == 0);
}

/* Says `job` when it differs from what was said of it, and remembers active ones. */
static void look_at_job(struct live *live, const json_t *job)
{
    const char *id = json_string_value(json_object_get(job, "id"));
    bool active = is_active(json_string_value(json_object_get(job, "state")));
    const char *before = id ? map_get(&live->jobs, id) : NULL;
    if (!id || (!active && !before))
        return;
    char *text = json_dumps(job, JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (text && (!before || strcmp(text, before) != 0))
        live_say_job(live, text);
    free(map_remove(&live->jobs, id));
    if (!text || !active || map_put(&live->jobs, id, text))
        free(text);
}

void live_say_jobs(struct live *live)
{
    if (!anyone_wants_jobs(live))
        return;
    struct buf text;
    buf_init(&text, 8 << 20);
    commands_jobs(live->parts->commands, &text);
    bool worth = !buf_error(&text) && text.len > 2 &&
                 (live->jobs.count > 0 || strstr(text.data, "\"state\":\"running\"") ||
                  strstr(text.data, "\"state\":\"waiting\""));
    json_t *jobs = worth ? json_loadb(text.data, text.len, 0, NULL) : NULL;
    buf_fini(&text);
    size_t i;
    json_t *job;
    json_array_foreach(jobs, i, job) look_at_job(live, job);
    json_decref(jobs);
}

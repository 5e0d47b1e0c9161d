/* target.c - see target.h: settings, blocks, what is shown. */
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_MAX_BYTES = 4 << 20,
    BLOCK_FULL_BYTES = 1 << 20,
    ITEMS_MAX = 10000000, /* the bytes are the limit */
    DEAD_MAX = 1000,
    COMMIT_MS = 1000,
    SETTLE_MS = 10000, /* what waits for less is on its way */
    WHY_KEEP_MS = 600000,
    NAME_MAX_BYTES = 32,
};

/* ---- Settings -------------------------------------------------------------------------------- */

static bool name_is_sound(const char *name)
{
    size_t bytes = strlen(name);
    return bytes <= NAME_MAX_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == bytes;
}

static bool label_is_sound(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return *name && strspn(name, letters) == strlen(name) && !(*name >= '0' && *name <= '9') &&
           strncmp(name, "__", 2) != 0 && strlen(name) < LABEL_NAME_BYTES;
}

static int read_externals(struct target *target)
{
    const char *text = gw_string(target->values, "external_labels");
    target->external_json = text ? json_loads(text, 0, NULL) : NULL;
    if (text && !json_is_object(target->external_json))
        return gw_fail(target->self, -EINVAL,
                       "target %s: `external_labels` must be a map: {site: lab}", target->name);
    const char *name;
    json_t *value;
    size_t count = 0;
    json_object_foreach(target->external_json, name, value)
    {
        if (!label_is_sound(name) || !json_is_string(value))
            return gw_fail(target->self, -EINVAL,
                           "target %s: external label '%.60s': a name is letters, digits and _, a "
                           "value is text",
                           target->name, name);
        if (count == EXTERNALS_MAX)
            return gw_fail(target->self, -EINVAL, "target %s: more than %d external labels",
                           target->name, EXTERNALS_MAX);
        target->externals[count++] = (struct gw_label){name, json_string_value(value)};
    }
    return 0;
}

static bool header_is_sound(const char *line)
{
    const char *colon = strchr(line, ':');
    return colon && colon != line && !strpbrk(line, "\r\n") && strlen(line) < 4096;
}

static int header_add(struct target *target, size_t *count, const char *name, const char *value)
{
    char *line = NULL;
    if (*count == HEADERS_MAX || asprintf(&line, "%s%s", name, value) < 0)
        return gw_fail(target->self, -ENOMEM, "target %s: too many headers", target->name);
    target->headers[(*count)++] = line;
    return header_is_sound(line) ? 0
                                 : gw_fail(target->self, -EINVAL,
                                           "target %s: header %zu is not of the form Name: value",
                                           target->name, *count);
}

static int make_headers(struct target *target)
{
    const char *token = gw_string(target->values, "token");
    size_t count = 0;
    int error = header_add(target, &count, "Content-Type: ", "application/x-protobuf");
    if (!error)
        error = header_add(target, &count, "Content-Encoding: ", "snappy");
    if (!error)
        error = header_add(target, &count, "X-Prometheus-Remote-Write-Version: ", "0.1.0");
    if (!error)
        error = header_add(target, &count, "User-Agent: ", "gnswatch");
    if (!error && token)
        error = header_add(target, &count, "Authorization: Bearer ", token);
    for (size_t i = 0; !error && i < gw_count(target->values, "headers"); i++)
        error = header_add(target, &count, "", gw_string_at(target->values, "headers", i));
    return error;
}

/* An address with a user would be shown with its password. */
static bool has_user(const char *url)
{
    const char *host = strstr(url, "://");
    return host && memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

static int open_http(struct target *target)
{
    const struct gw_values *values = target->values;
    const char *url = gw_string(values, "url");
    if (has_user(url))
        return gw_fail(target->self, -EINVAL,
                       "target %s: `url` must not hold a user: `user` and `password_file` are "
                       "settings of their own",
                       target->name);
    const char *host = strstr(url, "://");
    size_t origin = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : strlen(url);
    char *base = strndup(url, origin);
    target->path = url[origin] ? url + origin : "/";
    struct gw_http_options options = {.size = sizeof options,
                                      .base = base,
                                      .user = gw_string(values, "user"),
                                      .password = gw_string(values, "password"),
                                      .ca_file = gw_string(values, "ca_file"),
                                      .insecure = gw_bool(values, "insecure"),
                                      .connections_max = 1,
                                      .answer_max_bytes = 64 * 1024};
    bool sound = base && *target->path == '/' && !strpbrk(target->path, " \t\r\n#");
    target->http = sound ? gw_http_new(target->self, &options) : NULL;
    free(base);
    return target->http
               ? 0
               : gw_fail(target->self, -EINVAL,
                         "target %s: `url` must be http:// or https://, a host and a path, "
                         "without blanks and #",
                         target->name);
}

static int open_queue(struct target *target)
{
    char name[NAME_MAX_BYTES + 8];
    snprintf(name, sizeof name, "write_%s", target->name);
    target->queue = gw_queue_open(
        target->self, &(struct gw_queue_options){.size = sizeof(struct gw_queue_options),
                                                 .name = name,
                                                 .items_max = ITEMS_MAX,
                                                 .bytes_max = gw_int(target->values, "queue_bytes"),
                                                 .dead_max = DEAD_MAX,
                                                 .drop_oldest = true,
                                                 .commit_ms = COMMIT_MS});
    return target->queue ? 0 : -EIO; /* the queue has said why */
}

int target_init(struct target *target, struct gw_plugin *self, const struct gw_values *values,
                unsigned index)
{
    *target = (struct target){.self = self,
                              .values = values,
                              .name = gw_string(values, "name"),
                              .index = index,
                              .state = TARGET_STARTING,
                              .block = {.max = BLOCK_MAX_BYTES}};
    dice_init(&target->dice);
    if (!name_is_sound(target->name))
        return gw_fail(self, -EINVAL, "target '%s': a name is at most %d of a-z, 0-9 and _",
                       target->name, NAME_MAX_BYTES);
    int error = read_externals(target);
    if (!error)
        error = make_headers(target);
    if (!error)
        error = open_http(target);
    if (!error)
        error = open_queue(target);
    if (error)
        return error;
    target_show(target);
    target_pump(target);
    return 0;
}

void target_fini(struct target *target)
{
    target->stopping = true;
    if (target->queue)
        target_flush(target);
    gw_timer_stop(target->timer);
    gw_http_free(target->http);
    gw_queue_close(target->queue);
    for (size_t i = 0; target->headers[i]; i++) {
        explicit_bzero(target->headers[i], strlen(target->headers[i]));
        free(target->headers[i]);
    }
    json_decref(target->external_json);
    bytes_fini(&target->block);
    bytes_fini(&target->request);
    bytes_fini(&target->packed);
    *target = (struct target){0};
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static void announce(struct target *target, struct family *family)
{
    char name[NAME_BYTES + 8];
    enum wire_type type = family->type == FAMILY_COUNTER     ? WIRE_COUNTER
                          : family->type == FAMILY_HISTOGRAM ? WIRE_HISTOGRAM
                                                             : WIRE_GAUGE;
    if (family->announced & 1u << target->index)
        return;
    family->announced |= 1u << target->index;
    snprintf(name, sizeof name, "%s%s", family->name,
             family->type == FAMILY_COUNTER ? "_total" : "");
    size_t before = target->block.len;
    wire_metadata(&target->block, type, name, family->help, family->unit);
    if (target->block.failed) {
        target->block.failed = false;
        target->block.len = before;
    }
}

struct wire_labels *target_wire(struct target *target, const struct shape *shape,
                                const struct gw_series_info *info)
{
    if (!filter_takes(target->values, info->measurement))
        return NULL;
    if (gw_bool(target->values, "metadata"))
        for (size_t i = 0; i < shape->line_count; i++)
            announce(target, shape->lines[i].family);
    return series_wire(shape, info, target->externals);
}

void target_add(struct target *target, const struct wire_labels *wires, size_t line, double value,
                int64_t time_ms)
{
    uint32_t from = line ? wires->ends[line - 1] : 0;
    size_t before = target->block.len;
    wire_sample(&target->block, wires->bytes.data + from, wires->ends[line] - from, value, time_ms);
    if (target->block.failed) { /* as if it had not been said: a torn block would cost all of it */
        target->block.failed = false;
        target->block.len = before;
        target->samples_lost++;
        return;
    }
    target->block_samples++;
    if (target->block_samples >= (uint32_t)gw_int(target->values, "batch") ||
        target->block.len >= BLOCK_FULL_BYTES)
        target_flush(target);
}

/* An item is the number of its samples, four bytes, and the request in snappy. */
void target_flush(struct target *target)
{
    struct bytes item = {0};
    uint32_t samples = target->block_samples;
    if (!target->block.len)
        return;
    bytes_add(&item, &samples, sizeof samples);
    int error = wire_compress(&item, target->block.data, target->block.len);
    if (!error)
        error = gw_queue_put(target->queue, NULL, item.data, item.len, NULL);
    bytes_fini(&item);
    bytes_reset(&target->block);
    target->block_samples = 0;
    if (error) {
        target->samples_lost += samples;
        gw_fail(target->self, error, "target %s: samples cannot be kept: %s", target->name,
                strerror(-error));
        return;
    }
    target_pump(target);
}

int64_t target_revive(struct target *target)
{
    struct gw_queue_counts counts;
    gw_queue_count(target->queue, &counts);
    gw_queue_revive(target->queue, 0);
    target->again_ms = 0;
    target_pump(target);
    return counts.dead;
}

/* ---- What is shown --------------------------------------------------------------------------- */

static const struct gw_field queue_fields[] = {
    {"waiting", GW_GAUGE, "1", "Blocks of samples that wait for the target"},
    {"bytes", GW_GAUGE, "By", "Their size on disk"},
    {"dead", GW_GAUGE, "1", "Blocks the target refused that are kept"},
    {"oldest_s", GW_GAUGE, "s", "How long the oldest has waited"},
    {"sent", GW_COUNTER, "1", "Blocks the target took"},
    {"failed", GW_COUNTER, "1", "Blocks the target refused"},
    {"dropped", GW_COUNTER, "1", "Blocks dropped because the queue was full"},
    {"samples_sent", GW_COUNTER, "1", "Samples the target took"},
    {"samples_failed", GW_COUNTER, "1", "Samples in refused blocks"},
    {"samples_lost", GW_COUNTER, "1", "Samples that could not be queued"},
    {0},
};

static void set_row(struct target *target, const struct gw_queue_counts *counts, double oldest_s)
{
    const struct gw_label labels[] = {{"target", target->name}, {0}};
    double row[] = {(double)counts->items,
                    (double)counts->bytes,
                    (double)counts->dead,
                    oldest_s,
                    target->sent,
                    target->failed,
                    (double)counts->dropped,
                    target->samples_sent,
                    target->samples_failed,
                    target->samples_lost};
    if (!target->series)
        target->series = gw_series_get(target->self, "prometheus.queue", labels, queue_fields, 0);
    gw_set(target->series, row);
}

static const char *state_name(enum target_state state)
{
    return state == TARGET_UP ? "up" : state == TARGET_DOWN ? "down" : "starting";
}

/* Without what may stand for a secret. */
static json_t *shown_url(const struct target *target)
{
    const char *url = gw_string(target->values, "url");
    return json_stringn(url, strcspn(url, "?#"));
}

void target_show(struct target *target)
{
    struct gw_queue_counts counts;
    int64_t now_ms = gw_now_ms(target->self);
    gw_queue_count(target->queue, &counts);
    bool waits =
        counts.oldest_ms && (target->state != TARGET_UP || now_ms - counts.oldest_ms > SETTLE_MS);
    bool why =
        target->why_ms && (target->state != TARGET_UP || now_ms - target->why_ms <= WHY_KEEP_MS);
    json_t *doc = json_pack(
        "{s:s, s:o, s:s, s:I, s:I, s:o, s:I, s:o}", "name", target->name, "url", shown_url(target),
        "state", state_name(target->state), "waiting", (json_int_t)(waits ? counts.items : 0),
        "bytes", (json_int_t)(waits ? counts.bytes : 0), "oldest",
        waits ? json_integer(counts.oldest_ms) : json_null(), "dead", (json_int_t)counts.dead,
        "last_error", why ? json_string(target->why) : json_null());
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(target->self, "prometheus.target", target->name, text);
    free(text);
    json_decref(doc);
}

void target_tick(struct target *target)
{
    struct gw_queue_counts counts;
    target_flush(target);
    gw_queue_count(target->queue, &counts);
    int64_t oldest_ms = counts.oldest_ms ? gw_now_ms(target->self) - counts.oldest_ms : 0;
    set_row(target, &counts, oldest_ms > 0 ? (double)oldest_ms / 1000 : 0);
    target_show(target);
}

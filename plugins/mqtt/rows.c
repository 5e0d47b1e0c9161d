/* rows.c - series as messages: what came in an interval, one message a measurement or one a series.
 * Not kept while the broker is away: there will be newer ones. */
#include "mqtt.h"

#include "message.h"

#include <errno.h>
#include <gnswatch/series.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 300,     /* of a series and an interval */
    MESSAGE_ROWS = 200, /* of a message of many series */
    FLYING_MAX = 200,   /* not acknowledged */
};

struct feed { /* a pattern of the option `series` */
    struct rows *rows;
    const char *pattern;
    size_t index;
    struct gw_follow *follow;
};

struct line {          /* a series */
    struct line *next; /* of those with rows */
    bool listed;
    const char *measurement; /* the series' */
    json_t *labels, *list;
    char topic[TOPIC_BYTES]; /* of a message of its own */
};

struct rows {
    struct mqtt *mqtt;
    struct feed *feeds; /* owned */
    size_t feed_count;
    bool single;        /* a message a series */
    struct line *first; /* with rows */
    size_t flying;
    struct rows_counts counts;
};

/* ---- Publishing ------------------------------------------------------------------------------ */

static void on_done(void *owner, int64_t token, int outcome, const char *why)
{
    struct rows *rows = owner;
    rows->flying--;
    if (!outcome) {
        rows->counts.sent += (uint64_t)token;
        return;
    }
    rows->counts.dropped += (uint64_t)token;
    if (outcome > 0)
        gw_fail(rows->mqtt->self, 0, "the broker refused series: %s", why);
}

static void publish(struct rows *rows, const char *topic, const json_t *doc, size_t count)
{
    char why[BROKER_WHY_BYTES];
    struct broker *broker = rows->mqtt->broker;
    bool may = broker && broker_is_up(broker) && rows->flying < FLYING_MAX;
    char *text = may ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    struct broker_post post = {.topic = topic,
                               .payload = text,
                               .bytes = text ? strlen(text) : 0,
                               .done = on_done,
                               .owner = rows,
                               .token = (int64_t)count};
    if (text && broker_publish(broker, &post, why) == 0)
        rows->flying++;
    else
        rows->counts.dropped += count;
    free(text);
}

/* {"measurement","labels","rows"}, or without the measurement in a message of many. */
static json_t *line_take(struct line *line, bool single)
{
    json_t *doc = json_pack("{s:O, s:o}", "labels", line->labels, "rows", line->list);
    line->list = NULL;
    line->listed = false;
    if (single)
        json_object_set_new(doc, "measurement", json_string(line->measurement));
    return doc;
}

static void publish_single(struct rows *rows, struct line *line)
{
    size_t count = json_array_size(line->list);
    json_t *doc = line_take(line, true);
    publish(rows, line->topic, doc, count);
    json_decref(doc);
}

/* All lines of the first one's measurement, as many as fit into one message. */
static void publish_batch(struct rows *rows)
{
    const char *measurement = rows->first->measurement;
    json_t *list = json_array();
    size_t count = 0;
    struct line **at = &rows->first;
    while (*at && count < MESSAGE_ROWS) {
        struct line *line = *at;
        if (strcmp(line->measurement, measurement) != 0) {
            at = &line->next;
            continue;
        }
        *at = line->next;
        count += json_array_size(line->list);
        json_array_append_new(list, line_take(line, false));
    }
    struct topic topic;
    topic_begin(&topic, rows->mqtt->prefix);
    topic_add(&topic, "series");
    topic_add_name(&topic, measurement);
    json_t *doc = json_pack("{s:s, s:o}", "measurement", measurement, "series", list);
    publish(rows, topic.text, doc, count);
    json_decref(doc);
}

static void on_turn(struct gw_plugin *self, void *data)
{
    (void)self;
    struct rows *rows = ((struct feed *)data)->rows;
    while (rows->first) {
        struct line *line = rows->first;
        if (!rows->single) {
            publish_batch(rows);
            continue;
        }
        rows->first = line->next;
        publish_single(rows, line);
    }
}

/* ---- Following ------------------------------------------------------------------------------- */

static struct line *line_new(const struct rows *rows, const struct gw_series_info *info)
{
    struct line *line = calloc(1, sizeof *line);
    if (!line)
        return NULL;
    struct topic topic;
    topic_begin(&topic, rows->mqtt->prefix);
    topic_add(&topic, "series");
    topic_add_name(&topic, info->measurement);
    for (size_t i = 0; i < info->label_count; i++)
        topic_add_name(&topic, info->labels[i].value);
    memcpy(line->topic, topic.text, topic.length + 1);
    line->measurement = info->measurement;
    line->labels = message_labels(info->labels, info->label_count);
    if (!topic.too_long && line->labels)
        return line;
    json_decref(line->labels);
    free(line);
    return NULL;
}

/* An earlier pattern has it already. */
static bool is_twice(const struct feed *feed, const char *measurement)
{
    for (size_t i = 0; i < feed->index; i++)
        if (topic_fits(feed->rows->feeds[i].pattern, measurement))
            return true;
    return false;
}

static void line_free(struct rows *rows, struct line *line)
{
    if (!line)
        return;
    struct line **at = &rows->first;
    while (*at && *at != line)
        at = &(*at)->next;
    if (*at)
        *at = line->next;
    json_decref(line->labels);
    json_decref(line->list);
    free(line);
}

/* It is new, or has another name. */
static void on_series(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    const struct feed *feed = data;
    line_free(feed->rows, info->mine);
    info->mine = is_twice(feed, info->measurement) ? NULL : line_new(feed->rows, info);
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    (void)self;
    struct rows *rows = ((struct feed *)data)->rows;
    struct line *line = info->mine;
    if (!line)
        return;
    if (!line->listed) {
        line->listed = true;
        line->list = json_array();
        line->next = rows->first;
        rows->first = line;
    }
    if (json_array_size(line->list) < ROWS_MAX)
        json_array_append_new(line->list,
                              message_row(time_ms, info->fields, info->field_count, values));
    else
        rows->counts.dropped++;
}

static void on_end(struct gw_plugin *self, struct gw_series_info *info, void *data)
{
    (void)self;
    line_free(((struct feed *)data)->rows, info->mine);
    info->mine = NULL;
}

struct rows_counts rows_count(const struct rows *rows)
{
    return rows->counts;
}

struct rows *rows_new(struct mqtt *mqtt)
{
    const struct gw_values *options = mqtt->options;
    size_t count = gw_count(options, "series");
    struct rows *rows = calloc(1, sizeof *rows);
    if (!rows || !(rows->feeds = calloc(count ? count : 1, sizeof *rows->feeds))) {
        free(rows);
        return NULL;
    }
    rows->mqtt = mqtt;
    rows->single = strcmp(gw_string(options, "series_batch"), "series") == 0;
    for (size_t i = 0; i < count; i++) {
        struct feed *feed = &rows->feeds[rows->feed_count++];
        *feed =
            (struct feed){.rows = rows, .index = i, .pattern = gw_string_at(options, "series", i)};
        struct gw_follow_options follow = {.size = sizeof follow,
                                           .match = {.measurement = feed->pattern},
                                           .every_ms = gw_int(options, "series_every"),
                                           .on_row = on_row,
                                           .on_series = on_series,
                                           .on_end = on_end,
                                           .on_turn = on_turn,
                                           .data = feed};
        feed->follow = gw_follow_start(mqtt->self, &follow);
    }
    return rows;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->feed_count; i++)
        gw_follow_stop(rows->feeds[i].follow);
    free(rows->feeds);
    free(rows);
}

/* outbox.c - what must not get lost, in the sink's queue: an item is a topic, an id and a message,
 * and it is done when the broker has acknowledged it. Events come from where the last run stopped:
 * their key is their sequence, so that asking for too many of them doubles nothing. */
#include "mqtt.h"

#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 100,
    COMMIT_MS = 1000,
    CURSOR_BYTES = 32,
    RETRY_MS = 1000,
    RETRY_LONGEST_MS = 5 * 60 * 1000,
};

struct outbox {
    struct mqtt *mqtt;
    struct sink *sink;
    int64_t parked[AT_ONCE]; /* given to us while there was no connection */
    size_t parked_count;
    int64_t sequence;         /* of the last event that was dealt with */
    int64_t settled, written; /* one that is surely on disk; the one in the file */
    int64_t since_ms;         /* without a file: older events are not ours */
    uint64_t dropped;
};

/* ---- Items ----------------------------------------------------------------------------------- */

struct item {
    const char *topic, *id, *payload;
    size_t bytes; /* of the payload */
};

static bool item_read(const void *bytes, size_t count, struct item *out)
{
    const char *topic = bytes, *end = topic + count;
    const char *id = memchr(topic, '\0', count);
    const char *payload = id ? memchr(id + 1, '\0', (size_t)(end - id - 1)) : NULL;
    if (!payload)
        return false;
    *out = (struct item){topic, id + 1, payload + 1, (size_t)(end - payload - 1)};
    return true;
}

/* The caller frees it; NULL: out of memory. */
static char *item_make(const char *topic, const char *id, const char *payload, size_t *count)
{
    size_t topic_bytes = strlen(topic) + 1, id_bytes = strlen(id) + 1, bytes = strlen(payload);
    *count = topic_bytes + id_bytes + bytes;
    char *item = malloc(*count + 1);
    if (!item)
        return NULL;
    memcpy(item, topic, topic_bytes);
    memcpy(item + topic_bytes, id, id_bytes);
    memcpy(item + topic_bytes + id_bytes, payload, bytes + 1);
    return item;
}

static json_t *item_describe(void *data, const struct gw_queue_item *queued)
{
    (void)data;
    struct item item;
    if (!item_read(queued->bytes, queued->count, &item))
        return NULL;
    return json_pack("{s:s}", "topic", item.topic);
}

/* ---- Sending --------------------------------------------------------------------------------- */

static void on_done(void *owner, int64_t token, int outcome, const char *why)
{
    struct outbox *outbox = owner;
    if (!outcome)
        sink_outcome(outbox->sink, token, SINK_SENT, NULL, 0);
    else if (outcome == -ECONNRESET)
        sink_outcome(outbox->sink, token, SINK_LATER, why, 0);
    else if (outcome < 0)
        sink_outcome(outbox->sink, token, SINK_AGAIN, NULL, 0);
    else
        sink_outcome(outbox->sink, token, broker_is_passing(outcome) ? SINK_LATER : SINK_REFUSED,
                     why, 0);
}

static void item_send(struct sink *sink, const struct gw_queue_item *queued, void *data)
{
    struct outbox *outbox = data;
    struct broker *broker = outbox->mqtt->broker;
    struct item item;
    char why[BROKER_WHY_BYTES] = "it is damaged";
    int64_t id = queued->id;
    if ((!broker || !broker_is_up(broker)) && outbox->parked_count < AT_ONCE) {
        outbox->parked[outbox->parked_count++] = id;
        return;
    }
    int error = -EINVAL;
    if (item_read(queued->bytes, queued->count, &item))
        error = broker_publish(broker,
                               &(struct broker_post){.topic = item.topic,
                                                     .payload = item.payload,
                                                     .bytes = item.bytes,
                                                     .id = item.id,
                                                     .done = on_done,
                                                     .owner = outbox,
                                                     .token = id},
                               why);
    if (error == -ENOTCONN || error == -EAGAIN)
        sink_outcome(sink, id, SINK_AGAIN, NULL, 0);
    else if (error)
        sink_outcome(sink, id, SINK_REFUSED, why, 0);
}

static void unpark(struct outbox *outbox)
{
    while (outbox->parked_count)
        sink_outcome(outbox->sink, outbox->parked[--outbox->parked_count], SINK_AGAIN, NULL, 0);
}

void outbox_up(struct outbox *outbox)
{
    sink_open(outbox->sink, NULL);
    unpark(outbox);
}

void outbox_down(struct outbox *outbox, const char *why, unsigned failures)
{
    if (!failures)
        return; /* it is tried again at once */
    sink_hold(outbox->sink, NULL, why);
    unpark(outbox);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static bool is_wanted(const struct outbox *outbox, const struct gw_event *event)
{
    const struct gw_values *options = outbox->mqtt->options;
    if (strcmp(event->topic, "mqtt.failed") == 0)
        return false; /* else what is refused would beget what is refused, for ever */
    if (!outbox->written && event->time_ms < outbox->since_ms)
        return false;
    for (size_t i = 0; i < gw_count(options, "events"); i++)
        if (topic_fits(gw_string_at(options, "events", i), event->topic))
            return true;
    return false;
}

/* A tenth of the queue is kept for notifications. */
static bool is_full(const struct outbox *outbox)
{
    const struct gw_values *options = outbox->mqtt->options;
    struct gw_queue_counts counts;
    sink_count(outbox->sink, &counts);
    return counts.items >= gw_int(options, "queue_max") / 10 * 9 ||
           counts.bytes >= gw_int(options, "queue_bytes") / 10 * 9;
}

static int put_event(struct outbox *outbox, const struct gw_event *event)
{
    char id[40];
    struct topic topic;
    size_t count = 0;
    snprintf(id, sizeof id, "event-%lld", (long long)event->sequence);
    topic_begin(&topic, outbox->mqtt->prefix);
    topic_add(&topic, "events");
    topic_add_dotted(&topic, event->topic);
    char *text = topic.too_long ? NULL : message_of_event(event);
    char *item = text ? item_make(topic.text, id, text, &count) : NULL;
    int error = !item             ? -EINVAL
                : is_full(outbox) ? -ENOSPC
                                  : sink_put(outbox->sink, id, item, count, NULL);
    free(item);
    free(text);
    return error == -EEXIST ? 0 : error;
}

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct outbox *outbox = data;
    int error = is_wanted(outbox, event) ? put_event(outbox, event) : 0;
    if (error) {
        outbox->dropped++;
        gw_fail(self, error, "an event is not published: %s",
                error == -ENOSPC ? "too many wait, or the disk is full" : strerror(-error));
    }
    if (event->sequence > outbox->sequence)
        outbox->sequence = event->sequence;
}

static void cursor_path(const struct outbox *outbox, char path[4096])
{
    snprintf(path, 4096, "%s/events", gw_state_dir(outbox->mqtt->self));
}

static int64_t cursor_read(const struct outbox *outbox)
{
    char path[4096], text[CURSOR_BYTES] = "";
    cursor_path(outbox, path);
    FILE *file = fopen(path, "re");
    if (file && !fgets(text, sizeof text, file))
        *text = '\0';
    if (file)
        fclose(file);
    long long sequence = strtoll(text, NULL, 10);
    return sequence > 0 ? sequence : 0;
}

/* Never ahead of the queue: what is written now was put before the queue's last commit. */
static void cursor_write(struct outbox *outbox)
{
    int64_t settled = outbox->settled;
    outbox->settled = outbox->sequence;
    if (settled <= outbox->written)
        return;
    char path[4096], fresh[4200];
    cursor_path(outbox, path);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *file = fopen(fresh, "we");
    bool written = file && fprintf(file, "%lld\n", (long long)settled) > 0;
    if (file && fclose(file))
        written = false;
    if (written && rename(fresh, path) == 0)
        outbox->written = settled;
    else
        gw_fail(outbox->mqtt->self, -errno, "%s: %s", path, strerror(errno));
}

/* ---- Commands -------------------------------------------------------------------------------- */

static const char *call_topic(const struct outbox *outbox, struct gw_call *call, struct topic *own)
{
    const char *topic = gw_string(gw_call_params(call), "topic");
    topic_begin(own, outbox->mqtt->prefix);
    topic_add(own, "notifications");
    if (!topic)
        return own->text;
    if (topic_is_sound(topic))
        return topic;
    gw_refuse(call, -EINVAL,
              "`topic` must be a topic to publish to: no +, #, control characters, or $ at its "
              "beginning");
    return NULL;
}

int outbox_send(struct gw_plugin *self, struct gw_call *call)
{
    const struct mqtt *mqtt = gw_data(self);
    struct outbox *outbox = mqtt->outbox;
    struct topic own;
    if (!mqtt->broker)
        return gw_refuse(call, -EINVAL, "no broker is set: see `host` in conf.d");
    const char *topic = call_topic(outbox, call, &own);
    if (!topic)
        return 0;
    const char *text = gw_string(gw_call_params(call), "notification");
    json_t *doc = json_loads(text, 0, NULL);
    const char *id = json_string_value(json_object_get(doc, "id"));
    char key[SINK_KEY_BYTES];
    size_t count = 0;
    char *item = id && *id ? item_make(topic, id, text, &count) : NULL;
    int error;
    if (item) {
        sink_key(key, NULL, id, topic);
        error = sink_accept(outbox->sink, call, key, item, count);
    } else {
        error = gw_refuse(call, -EINVAL, "`notification` must be an object with an id");
    }
    free(item);
    json_decref(doc);
    return error;
}

struct test {
    struct gw_plugin *self;
    struct gw_call *call;
    int64_t begun_ms;
};

static void on_tested(void *owner, int64_t token, int outcome, const char *why)
{
    (void)token;
    struct test *test = owner;
    char reply[64];
    if (outcome) {
        gw_refuse(test->call, -EIO, "the broker did not take it: %s", why);
    } else {
        snprintf(reply, sizeof reply, "{\"took_ms\":%lld}",
                 (long long)(gw_monotonic_ms(test->self) - test->begun_ms));
        gw_reply(test->call, reply);
    }
    free(test);
}

int outbox_test(struct gw_plugin *self, struct gw_call *call)
{
    const struct mqtt *mqtt = gw_data(self);
    struct topic own;
    char why[BROKER_WHY_BYTES], text[200];
    if (!mqtt->broker)
        return gw_refuse(call, -EINVAL, "no broker is set: see `host` in conf.d");
    const char *topic = call_topic(mqtt->outbox, call, &own);
    struct test *test = topic ? calloc(1, sizeof *test) : NULL;
    if (!test)
        return topic ? -ENOMEM : 0;
    *test = (struct test){self, call, gw_monotonic_ms(self)};
    snprintf(text, sizeof text,
             "{\"id\":\"test-%lld\",\"kind\":\"test\",\"status\":\"firing\",\"severity\":\"info\","
             "\"title\":\"A test from gnswatch\",\"time\":%lld,\"alerts\":[]}",
             (long long)gw_now_ms(self), (long long)gw_now_ms(self));
    int error = broker_publish(mqtt->broker,
                               &(struct broker_post){.topic = topic,
                                                     .payload = text,
                                                     .bytes = strlen(text),
                                                     .done = on_tested,
                                                     .owner = test},
                               why);
    if (!error)
        return 0;
    free(test);
    return gw_refuse(call, -EIO, "%s", why);
}

int outbox_retry(struct gw_plugin *self, struct gw_call *call)
{
    const struct mqtt *mqtt = gw_data(self);
    return sink_run_retry(mqtt->outbox->sink, call);
}

int outbox_delete(struct gw_plugin *self, struct gw_call *call)
{
    const struct mqtt *mqtt = gw_data(self);
    return sink_run_delete(mqtt->outbox->sink, call);
}

/* ---- Life ------------------------------------------------------------------------------------ */

void outbox_tick(struct outbox *outbox)
{
    sink_tick(outbox->sink);
    if (outbox->mqtt->broker)
        cursor_write(outbox);
}

uint64_t outbox_dropped(const struct outbox *outbox)
{
    return outbox->dropped;
}

struct outbox *outbox_new(struct mqtt *mqtt)
{
    const struct gw_values *options = mqtt->options;
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        return NULL;
    outbox->mqtt = mqtt;
    outbox->sink =
        sink_new(mqtt->self, &(struct sink_options){.plugin = "mqtt",
                                                    .queue = "messages",
                                                    .kind = "mqtt.message",
                                                    .noun = "message",
                                                    .receiver = "the broker",
                                                    .items_max = gw_int(options, "queue_max"),
                                                    .bytes_max = gw_int(options, "queue_bytes"),
                                                    .commit_ms = COMMIT_MS,
                                                    .tries_max = 30,
                                                    .retry_ms = RETRY_MS,
                                                    .retry_longest_ms = RETRY_LONGEST_MS,
                                                    .age_max_ms = gw_int(options, "age_max"),
                                                    .at_once = AT_ONCE,
                                                    .send = item_send,
                                                    .describe = item_describe,
                                                    .data = outbox});
    if (!outbox->sink) {
        outbox_free(outbox);
        return NULL;
    }
    if (!gw_string(options, "host"))
        return outbox;
    outbox->since_ms = gw_now_ms(mqtt->self);
    outbox->written = outbox->sequence = outbox->settled = cursor_read(outbox);
    if (gw_count(options, "events"))
        gw_subscribe_since(mqtt->self, "*", outbox->sequence, on_event, outbox);
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox)
        return;
    sink_free(outbox->sink);
    free(outbox);
}

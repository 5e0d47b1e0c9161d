/* mqtt - events, alerts, objects, series and notifications on an MQTT broker, and commands from it.
 *
 * What must not get lost goes through the outbox, what is a state through states, numbers through
 * rows; broker.h has the one connection they share. */
#include "mqtt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gw_field connection_fields[] = {
    {"connected", GW_GAUGE, "1", "Whether there is a connection to the broker"},
    {"topics", GW_GAUGE, "1", "Retained topics"},
    {"topics_waiting", GW_GAUGE, "1", "Of these, what the broker does not have yet"},
    {"connects", GW_COUNTER, "1", "Connections made"},
    {"states", GW_COUNTER, "1", "Retained messages published"},
    {"rows", GW_COUNTER, "1", "Rows of series published"},
    {"refused", GW_COUNTER, "1", "Retained messages the broker refused"},
    {"rows_dropped", GW_COUNTER, "1", "Rows that came while the broker was away or too slow"},
    {"events_dropped", GW_COUNTER, "1", "Events that came while the queue was full"},
    {"topics_dropped", GW_COUNTER, "1", "Objects without a topic, since there are too many"},
    {0},
};

/* ---- The broker's state ---------------------------------------------------------------------- */

static void show_broker(struct mqtt *mqtt, const char *state, const char *why)
{
    char id[320];
    snprintf(id, sizeof id, "%s:%d", gw_string(mqtt->options, "host"), mqtt->port);
    json_t *doc = json_pack("{s:s, s:s, s:s?, s:I, s:s, s:s, s:s}", "name", id, "state", state,
                            "why", why, "since", (json_int_t)mqtt->since_ms, "version",
                            gw_string(mqtt->options, "version"), "client_id", mqtt->client_id,
                            "prefix", mqtt->prefix);
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(mqtt->self, "mqtt.broker", "broker", text);
    free(text);
    json_decref(doc);
}

static void on_up(void *data)
{
    struct mqtt *mqtt = data;
    mqtt->since_ms = gw_now_ms(mqtt->self);
    mqtt->away = false;
    show_broker(mqtt, "connected", NULL);
    if (mqtt->orders)
        orders_up(mqtt->orders);
    outbox_up(mqtt->outbox);
    states_up(mqtt->states, mqtt->broker);
}

static void on_down(void *data, const char *why, unsigned failures)
{
    struct mqtt *mqtt = data;
    if (!mqtt->away)
        mqtt->since_ms = gw_now_ms(mqtt->self);
    mqtt->away = true;
    show_broker(mqtt, failures ? "away" : "connecting", why);
    outbox_down(mqtt->outbox, why, failures);
    states_down(mqtt->states);
}

static void on_message(void *data, const struct broker_message *message)
{
    struct mqtt *mqtt = data;
    if (mqtt->orders)
        orders_message(mqtt->orders, message);
}

/* ---- Start ----------------------------------------------------------------------------------- */

static int check_file(const struct mqtt *mqtt, const char *option)
{
    const char *path = gw_string(mqtt->options, option);
    if (!path || access(path, R_OK) == 0)
        return 0;
    return gw_fail(mqtt->self, -errno, "`%s`: %s: %s", option, path, strerror(errno));
}

static int check(const struct mqtt *mqtt)
{
    const struct gw_values *o = mqtt->options;
    static const char *const files[] = {"ca_file", "cert_file", "key_file"};
    static const char *const prefixes[] = {"prefix", "discovery_prefix"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const char *text = gw_string(o, prefixes[i]);
        if (!topic_is_sound(text) || *text == '/' || text[strlen(text) - 1] == '/')
            return gw_fail(mqtt->self, -EINVAL,
                           "`%s` must be the beginning of a topic, without +, #, control "
                           "characters, and / at its ends",
                           prefixes[i]);
    }
    if (gw_string(o, "password") && !gw_string(o, "user"))
        return gw_fail(mqtt->self, -EINVAL, "`password` needs a `user`");
    if (!gw_string(o, "cert_file") != !gw_string(o, "key_file"))
        return gw_fail(mqtt->self, -EINVAL, "`cert_file` and `key_file` belong together");
    if (gw_string(o, "ca_file") && !gw_bool(o, "tls"))
        return gw_fail(mqtt->self, -EINVAL, "`ca_file` needs `tls: yes`");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int error = check_file(mqtt, files[i]);
        if (error)
            return error;
    }
    return 0;
}

/* The same after each restart, and another one for another gnswatch of this or any machine. */
static void make_ids(struct mqtt *mqtt)
{
    char place[4400], host[256] = "", hash[TOPIC_HASH_BYTES];
    const char *own = gw_string(mqtt->options, "client_id");
    gethostname(host, sizeof host - 1);
    snprintf(place, sizeof place, "%s %s", host, gw_state_dir(mqtt->self));
    topic_hash(place, hash);
    if (own)
        snprintf(mqtt->client_id, sizeof mqtt->client_id, "%s", own);
    else
        snprintf(mqtt->client_id, sizeof mqtt->client_id, "gnswatch-%.12s", hash);
    topic_hash(mqtt->prefix, hash);
    snprintf(mqtt->home_id, sizeof mqtt->home_id, "gnswatch_%.8s", hash);
}

static struct broker *connect_to(struct mqtt *mqtt)
{
    const struct gw_values *o = mqtt->options;
    struct broker_options options = {.host = gw_string(o, "host"),
                                     .port = mqtt->port,
                                     .client_id = mqtt->client_id,
                                     .v5 = strcmp(gw_string(o, "version"), "5") == 0,
                                     .user = gw_string(o, "user"),
                                     .password = gw_string(o, "password"),
                                     .tls = gw_bool(o, "tls"),
                                     .insecure = gw_bool(o, "insecure"),
                                     .ca_file = gw_string(o, "ca_file"),
                                     .cert_file = gw_string(o, "cert_file"),
                                     .key_file = gw_string(o, "key_file"),
                                     .keepalive_s = (int)(gw_int(o, "keepalive") / 1000),
                                     .timeout_ms = gw_int(o, "timeout"),
                                     .session_s = (gw_int(o, "session") + 999) / 1000,
                                     .retry_longest_ms = gw_int(o, "retry_longest"),
                                     .status_topic = mqtt->status_topic};
    struct broker_calls calls = {on_up, on_down, on_message, mqtt};
    return broker_new(mqtt->self, &options, &calls);
}

static int mqtt_start(struct gw_plugin *self, void **data)
{
    const struct gw_values *options = gw_options(self);
    struct mqtt *mqtt = calloc(1, sizeof *mqtt);
    if (!mqtt)
        return -ENOMEM;
    *data = mqtt;
    mqtt->self = self;
    mqtt->options = options;
    mqtt->prefix = gw_string(options, "prefix");
    mqtt->port = gw_has(options, "port")   ? (int)gw_int(options, "port")
                 : gw_bool(options, "tls") ? 8883
                                           : 1883;
    snprintf(mqtt->status_topic, sizeof mqtt->status_topic, "%s/status", mqtt->prefix);
    make_ids(mqtt);
    int error = check(mqtt);
    if (error)
        return error;
    if (!(mqtt->outbox = outbox_new(mqtt)))
        return -EIO;
    if (!gw_string(options, "host")) {
        gw_object_delete(self, "mqtt.broker", "broker");
        return 0;
    }
    if (!(mqtt->states = states_new(self, (size_t)gw_int(options, "topics_max"))))
        return -EIO;
    mqtt->since_ms = gw_now_ms(self);
    show_broker(mqtt, "connecting", NULL);
    bool ready = (!gw_bool(options, "discovery") || (mqtt->home = home_new(mqtt))) &&
                 (!gw_count(options, "commands") || (mqtt->orders = orders_new(mqtt))) &&
                 (mqtt->things = things_new(mqtt)) && (mqtt->rows = rows_new(mqtt)) &&
                 (mqtt->broker = connect_to(mqtt));
    return ready ? 0 : -ENOMEM;
}

static int mqtt_tick(struct gw_plugin *self, void *data)
{
    struct mqtt *mqtt = data;
    outbox_tick(mqtt->outbox);
    if (!mqtt->broker)
        return 0;
    struct states_counts states;
    states_count(mqtt->states, &states);
    struct rows_counts rows = rows_count(mqtt->rows);
    const double values[] = {broker_is_up(mqtt->broker),
                             (double)states.topics,
                             (double)states.waiting,
                             (double)broker_connects(mqtt->broker),
                             (double)states.published,
                             (double)rows.sent,
                             (double)states.refused,
                             (double)rows.dropped,
                             (double)outbox_dropped(mqtt->outbox),
                             (double)states.dropped};
    return gw_set(gw_series_get(self, "mqtt.connection", NULL, connection_fields, 0), values);
}

static void mqtt_stop(struct gw_plugin *self, void *data)
{
    (void)self;
    struct mqtt *mqtt = data;
    if (!mqtt)
        return;
    broker_free(mqtt->broker); /* first: it ends what flies with those who sent it */
    rows_free(mqtt->rows);
    things_free(mqtt->things);
    orders_free(mqtt->orders);
    home_free(mqtt->home);
    states_free(mqtt->states);
    outbox_free(mqtt->outbox);
    free(mqtt);
}

GW_PLUGIN(.name = "mqtt", .version = "1.0",
          .summary = "Events, alerts, objects, series and notifications on an MQTT broker",
          .options = mqtt_options, .kinds = mqtt_kinds, .commands = mqtt_commands, .every_ms = 2000,
          .start = mqtt_start, .tick = mqtt_tick, .stop = mqtt_stop);

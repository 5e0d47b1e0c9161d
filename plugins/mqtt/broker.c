/* broker.c - see broker.h. A new handle of libmosquitto for each connection: what flew on the old
 * one is published again by who wanted it, not by the library behind our back. */
#include "broker.h"

#include "dial.h"
#include "handle.h"

#include <errno.h>
#include <gns3/retry.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum {
    MISC_MS = 1000,
    STEADY_MS = 10000, /* who was up for so long was no failure */
    RETRY_MS = 500,
    PACKETS_AT_ONCE = 100,
    GOODBYE_MS = 250,
};

struct flight {
    int mid;
    broker_done_fn *done;
    void *owner;
    int64_t token;
};

/* A message that came; at most as many as packets are read at once. */
struct arrival {
    STAILQ_ENTRY(arrival) entry;
    char *topic, *payload, *response; /* owned */
    void *correlation;                /* owned */
    size_t bytes;
    uint16_t correlation_bytes;
    bool retained;
};

STAILQ_HEAD(arrival_list, arrival);

struct broker {
    struct gw_plugin *self;
    struct broker_options options;
    struct broker_calls calls;
    struct dice dice;
    struct dial *dial;        /* connecting; NULL: not */
    struct mosquitto *client; /* owned, once dialled; NULL: there is none */
    int fd;                   /* a duplicate of its socket: it closes its own when it likes */
    struct gw_watch *watch;
    struct gw_timer *misc_timer, *retry_timer;
    bool up;
    int64_t begun_ms, up_ms;
    unsigned failures;
    uint64_t connects;
    char said[BROKER_WHY_BYTES / 2]; /* by the broker or the library about the end; "" */
    char why[BROKER_WHY_BYTES];
    struct flight flights[BROKER_FLYING_MAX];
    size_t flight_count;
    struct arrival_list arrivals;
};

static void dial(struct broker *broker);
static void lost(struct broker *broker, const char *why);

/* ---- What flies ------------------------------------------------------------------------------ */

static void flight_end(struct broker *broker, size_t i, int outcome, const char *why)
{
    struct flight flight = broker->flights[i];
    broker->flights[i] = broker->flights[--broker->flight_count];
    if (flight.done)
        flight.done(flight.owner, flight.token, outcome, why);
}

static void flights_end(struct broker *broker, int outcome, const char *why)
{
    while (broker->flight_count)
        flight_end(broker, broker->flight_count - 1, outcome, why);
}

/* ---- What the library tells ------------------------------------------------------------------ */

static void on_connack(struct mosquitto *client, void *data, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)client, (void)flags;
    struct broker *broker = data;
    if (!reason) {
        broker->up = true;
        return;
    }
    char text[140];
    if (broker->options.v5)
        handle_reason(broker->options.v5, reason, properties, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s", mosquitto_connack_string(reason));
    bool rights = reason == 4 || reason == 5 || reason == MQTT_RC_BAD_USERNAME_OR_PASSWORD ||
                  reason == MQTT_RC_NOT_AUTHORIZED;
    bool version = reason == 1 || reason == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION;
    snprintf(broker->said, sizeof broker->said, "it refused us: %s%s", text,
             rights    ? " (see `user` and `password`)"
             : version ? " (see `version`)"
                       : "");
}

static void on_disconnect(struct mosquitto *client, void *data, int reason,
                          const mosquitto_property *properties)
{
    (void)client;
    struct broker *broker = data;
    if (reason < 0x80 || *broker->said)
        return;
    char text[140];
    handle_reason(broker->options.v5, reason, properties, text, sizeof text);
    snprintf(broker->said, sizeof broker->said, "it ended the connection: %s", text);
}

static void on_puback(struct mosquitto *client, void *data, int mid, int reason,
                      const mosquitto_property *properties)
{
    (void)client;
    struct broker *broker = data;
    char why[200] = "";
    if (reason >= 0x80)
        handle_reason(broker->options.v5, reason, properties, why, sizeof why);
    for (size_t i = 0; i < broker->flight_count; i++)
        if (broker->flights[i].mid == mid) {
            flight_end(broker, i, reason >= 0x80 ? reason : 0, *why ? why : NULL);
            return;
        }
}

static void on_suback(struct mosquitto *client, void *data, int mid, int count, const int *granted,
                      const mosquitto_property *properties)
{
    (void)client, (void)mid;
    struct broker *broker = data;
    char why[200];
    for (int i = 0; i < count; i++)
        if (granted[i] >= 0x80) {
            handle_reason(broker->options.v5, granted[i], properties, why, sizeof why);
            gw_fail(broker->self, 0, "the broker lets us not subscribe to commands: %s", why);
            return;
        }
}

static void on_library_log(struct mosquitto *client, void *data, int level, const char *line)
{
    (void)client;
    struct broker *broker = data;
    if (level == MOSQ_LOG_ERR && !*broker->said)
        snprintf(broker->said, sizeof broker->said, "%s", line);
}

/* Kept for a moment: what is done about it may publish, which the library should not see while it
 * is on the stack. */
static void on_library_message(struct mosquitto *client, void *data,
                               const struct mosquitto_message *message,
                               const mosquitto_property *properties)
{
    (void)client;
    struct broker *broker = data;
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (!arrival)
        return;
    size_t bytes = (size_t)message->payloadlen;
    arrival->topic = strdup(message->topic);
    arrival->payload = strndup(bytes ? message->payload : "", bytes);
    arrival->bytes = bytes;
    arrival->retained = message->retain;
    if (broker->options.v5 && properties) {
        mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &arrival->response,
                                       false);
        mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA,
                                       &arrival->correlation, &arrival->correlation_bytes, false);
    }
    STAILQ_INSERT_TAIL(&broker->arrivals, arrival, entry);
}

static void arrival_end(struct broker *broker, bool tell)
{
    struct arrival *arrival = STAILQ_FIRST(&broker->arrivals);
    STAILQ_REMOVE_HEAD(&broker->arrivals, entry);
    struct broker_message message = {.topic = arrival->topic,
                                     .payload = arrival->payload,
                                     .bytes = arrival->bytes,
                                     .retained = arrival->retained,
                                     .response_topic = arrival->response,
                                     .correlation = arrival->correlation,
                                     .correlation_bytes = arrival->correlation_bytes};
    if (tell && message.topic && message.payload)
        broker->calls.on_message(broker->calls.data, &message);
    free(arrival->topic);
    free(arrival->payload);
    free(arrival->response);
    free(arrival->correlation);
    free(arrival);
}

/* ---- Turning it ------------------------------------------------------------------------------ */

static void arm(struct broker *broker)
{
    if (!broker->watch)
        return;
    /* Before it is up a TLS handshake is under way, in which each step follows a reading one;
     * want_write would be true all the time. */
    bool write = broker->up && mosquitto_want_write(broker->client);
    gw_watch_change(broker->watch, write ? GW_READ | GW_WRITE : GW_READ);
}

static void birth_done(void *owner, int64_t token, int outcome, const char *why)
{
    (void)token;
    struct broker *broker = owner;
    if (outcome > 0)
        gw_fail(broker->self, 0, "the broker refused '%s': %s", broker->options.status_topic, why);
}

static void became_up(struct broker *broker)
{
    char why[BROKER_WHY_BYTES];
    broker->up_ms = gw_monotonic_ms(broker->self);
    broker->connects++;
    *broker->why = '\0';
    gw_log(broker->self, GW_INFO, "connected to %s:%d by MQTT %s", broker->options.host,
           broker->options.port, broker->options.v5 ? "5" : "3.1.1");
    broker_publish(broker,
                   &(struct broker_post){.topic = broker->options.status_topic,
                                         .payload = "online",
                                         .bytes = 6,
                                         .retain = true,
                                         .done = birth_done,
                                         .owner = broker},
                   why);
    broker->calls.on_up(broker->calls.data);
}

/* After each call of the library that may read or write. False: the connection is lost. */
static bool after(struct broker *broker, int error, bool was_up)
{
    while (!STAILQ_EMPTY(&broker->arrivals))
        arrival_end(broker, true);
    if (error || mosquitto_socket(broker->client) < 0) {
        char why[BROKER_WHY_BYTES];
        const char *words = error == MOSQ_ERR_KEEPALIVE ? "it does not answer any more"
                            : error                     ? mosquitto_strerror(error)
                                                        : "it closed the connection";
        snprintf(why, sizeof why, "%s", *broker->said ? broker->said : words);
        if (*why && why[strlen(why) - 1] == '.')
            why[strlen(why) - 1] = '\0';
        lost(broker, why);
        return false;
    }
    if (broker->up && !was_up)
        became_up(broker);
    if (!broker->client)
        return false;
    arm(broker);
    return true;
}

static void on_ready(struct gw_plugin *self, int fd, unsigned flags, void *data)
{
    (void)self, (void)fd;
    struct broker *broker = data;
    bool was_up = broker->up;
    int error = 0;
    if (flags & (GW_READ | GW_HANGUP))
        error = mosquitto_loop_read(broker->client, PACKETS_AT_ONCE);
    if (!error && mosquitto_socket(broker->client) >= 0 && mosquitto_want_write(broker->client))
        error = mosquitto_loop_write(broker->client, PACKETS_AT_ONCE);
    after(broker, error, was_up);
}

static void on_dialled(struct gw_plugin *self, void *data);

static void on_misc(struct gw_plugin *self, void *data)
{
    struct broker *broker = data;
    if (broker->dial)
        on_dialled(self, broker);
    if (!broker->client)
        return;
    if (!broker->up && gw_monotonic_ms(self) - broker->begun_ms >= broker->options.timeout_ms) {
        char why[BROKER_WHY_BYTES];
        snprintf(why, sizeof why, "it took the connection and said nothing within %lld s",
                 (long long)broker->options.timeout_ms / 1000);
        lost(broker, why);
        return;
    }
    bool was_up = broker->up;
    int error = mosquitto_loop_misc(broker->client);
    after(broker, error, was_up);
}

/* ---- Connecting ------------------------------------------------------------------------------ */

static void drop(struct broker *broker)
{
    gw_watch_stop(broker->watch);
    broker->watch = NULL;
    if (broker->fd >= 0)
        close(broker->fd);
    broker->fd = -1;
    mosquitto_destroy(broker->client);
    broker->client = NULL;
    broker->up = false;
}

static void on_retry(struct gw_plugin *self, void *data)
{
    (void)self;
    struct broker *broker = data;
    broker->retry_timer = NULL;
    dial(broker);
}

static void lost(struct broker *broker, const char *words)
{
    char why[BROKER_WHY_BYTES];
    snprintf(why, sizeof why, "%s:%d: %s", broker->options.host, broker->options.port, words);
    bool steady = broker->up && gw_monotonic_ms(broker->self) - broker->up_ms >= STEADY_MS;
    drop(broker);
    snprintf(broker->why, sizeof broker->why, "%s", why);
    broker->failures = steady ? 0 : broker->failures + 1;
    flights_end(broker, steady ? -ENOTCONN : -ECONNRESET, why);
    if (broker->failures)
        gw_fail(broker->self, 0, "%s", why);
    else
        gw_log(broker->self, GW_WARNING, "%s", why);
    broker->calls.on_down(broker->calls.data, why, broker->failures);
    unsigned tries = broker->failures < 30 ? broker->failures : 30;
    int64_t pause_ms = retry_pause_ms(RETRY_MS, broker->options.retry_longest_ms, (int)tries,
                                      dice_roll(&broker->dice));
    broker->retry_timer =
        gw_timer_start(broker->self, pause_ms < 100 ? 100 : pause_ms, 0, on_retry, broker);
}

static void on_dialled(struct gw_plugin *self, void *data)
{
    struct broker *broker = data;
    char why[200] = "";
    int error = 0;
    if (!broker->dial || !dial_take(broker->dial, &broker->client, &error, why, sizeof why))
        return;
    broker->dial = NULL;
    int fd = error ? -1 : mosquitto_socket(broker->client);
    broker->fd = fd < 0 ? -1 : dup(fd);
    if (broker->fd < 0) {
        lost(broker, *why ? why : "no connection");
        return;
    }
    struct mosquitto *client = broker->client;
    broker->begun_ms = gw_monotonic_ms(self);
    *broker->said = '\0';
    mosquitto_user_data_set(client, broker);
    mosquitto_connect_v5_callback_set(client, on_connack);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_publish_v5_callback_set(client, on_puback);
    mosquitto_subscribe_v5_callback_set(client, on_suback);
    mosquitto_message_v5_callback_set(client, on_library_message);
    mosquitto_log_callback_set(client, on_library_log);
    broker->watch = gw_watch_start(self, broker->fd, GW_READ, on_ready, broker);
    if (!broker->watch)
        lost(broker, "its socket cannot be watched");
}

static void dial(struct broker *broker)
{
    const struct broker_options *o = &broker->options;
    struct mosquitto *client = mosquitto_new(o->client_id, !o->session_s, NULL);
    int error = client ? handle_set_up(client, o) : MOSQ_ERR_NOMEM;
    if (error) {
        mosquitto_destroy(client);
        lost(broker, error == MOSQ_ERR_INVAL
                         ? "`ca_file`, `cert_file`, `key_file` or another setting is not usable"
                         : mosquitto_strerror(error));
        return;
    }
    struct dial_to to = {.host = o->host,
                         .port = o->port,
                         .keepalive_s = o->keepalive_s,
                         .v5 = o->v5,
                         .session_s = o->session_s};
    broker->dial = dial_start(broker->self, client, &to, on_dialled, broker);
    if (!broker->dial)
        lost(broker, "there is no memory or no thread for a connection");
}

/* ---- Publishing ------------------------------------------------------------------------------ */

int broker_publish(struct broker *broker, const struct broker_post *post,
                   char why[BROKER_WHY_BYTES])
{
    snprintf(why, BROKER_WHY_BYTES, "%s", broker->up ? "too much is under way" : broker->why);
    if (!broker->up || !broker->client)
        return -ENOTCONN;
    if (broker->flight_count == BROKER_FLYING_MAX)
        return -EAGAIN;
    int mid = 0;
    mosquitto_property *properties = broker->options.v5 ? handle_properties(post) : NULL;
    int error = mosquitto_publish_v5(broker->client, &mid, post->topic, (int)post->bytes,
                                     post->payload, 1, post->retain, properties);
    mosquitto_property_free_all(&properties);
    arm(broker);
    if (error)
        return handle_refusal(error,
                              why); /* a broken connection shows at the next turn, by its socket */
    broker->flights[broker->flight_count++] =
        (struct flight){mid, post->done, post->owner, post->token};
    return 0;
}

int broker_subscribe(struct broker *broker, const char *filter)
{
    if (!broker->up)
        return -ENOTCONN;
    int options = broker->options.v5 ? MQTT_SUB_OPT_SEND_RETAIN_NEVER : 0;
    int error = mosquitto_subscribe_v5(broker->client, NULL, filter, 1, options, NULL);
    arm(broker);
    return error ? -EIO : 0;
}

/* ---- Life ------------------------------------------------------------------------------------ */

bool broker_is_up(const struct broker *broker)
{
    return broker->up;
}

const char *broker_why(const struct broker *broker)
{
    return broker->why;
}

uint64_t broker_connects(const struct broker *broker)
{
    return broker->connects;
}

struct broker *broker_new(struct gw_plugin *self, const struct broker_options *options,
                          const struct broker_calls *calls)
{
    struct broker *broker = calloc(1, sizeof *broker);
    if (!broker)
        return NULL;
    broker->self = self;
    broker->options = *options;
    broker->calls = *calls;
    broker->fd = -1;
    STAILQ_INIT(&broker->arrivals);
    dice_init(&broker->dice);
    snprintf(broker->why, sizeof broker->why, "%s:%d: connecting", options->host, options->port);
    broker->misc_timer = gw_timer_start(self, MISC_MS, MISC_MS, on_misc, broker);
    dial(broker);
    return broker;
}

/* The will would say it too, but only for those who go without a word. */
static void say_goodbye(struct broker *broker)
{
    struct mosquitto *client = broker->client;
    mosquitto_publish(client, NULL, broker->options.status_topic, 7, "offline", 1, true);
    mosquitto_disconnect(client);
    for (int waited_ms = 0; waited_ms < GOODBYE_MS && mosquitto_want_write(client);
         waited_ms += 50) {
        struct pollfd ready = {.fd = broker->fd, .events = POLLOUT};
        if (poll(&ready, 1, 50) > 0 && mosquitto_loop_write(client, PACKETS_AT_ONCE))
            return;
    }
}

void broker_free(struct broker *broker)
{
    if (!broker)
        return;
    gw_timer_stop(broker->misc_timer);
    gw_timer_stop(broker->retry_timer);
    dial_leave(broker->dial);
    if (broker->up)
        say_goodbye(broker);
    drop(broker);
    while (!STAILQ_EMPTY(&broker->arrivals))
        arrival_end(broker, false);
    flights_end(broker, -ENOTCONN, "the plugin stops");
    free(broker);
}

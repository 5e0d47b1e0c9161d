/* orders.c - commands that come as messages: PREFIX/command/NAME or PREFIX/command/NAME/CORRELATION
 * with the parameters as JSON.
 *
 * Who may publish there is the broker's affair. We ask with admin rights, so the role a command
 * needs is held against `commands_role` here, and its name against `commands`. */
#include "mqtt.h"

#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { UNDER_WAY_MAX = 32, SEEN_MAX = 128, CORRELATION_MAX = 256, NAME_MAX_BYTES = 128 };

struct order { /* under way */
    struct order *next;
    struct orders *orders;
    char name[NAME_MAX_BYTES];
    char topic[TOPIC_BYTES]; /* of the answer; "": nobody waits for it */
    unsigned char correlation[CORRELATION_MAX];
    size_t correlation_bytes;
};

struct orders {
    struct mqtt *mqtt;
    enum gw_role role_max;
    char base[TOPIC_BYTES];    /* PREFIX/command/ */
    char results[TOPIC_BYTES]; /* PREFIX/result */
    struct order *under_way;   /* owned */
    size_t count;
    uint64_t seen[SEEN_MAX]; /* correlations, a ring */
    size_t seen_next;
};

/* ---- Answers --------------------------------------------------------------------------------- */

static void on_answered(void *owner, int64_t token, int outcome, const char *why)
{
    (void)token;
    const struct orders *orders = owner;
    if (outcome > 0)
        gw_fail(orders->mqtt->self, 0, "the broker refused the answer to a command: %s", why);
}

static void answer(const struct order *order, int error, const char *json)
{
    struct orders *orders = order->orders;
    char why[BROKER_WHY_BYTES];
    if (!*order->topic)
        return;
    json_t *body = json_loads(json ? json : "{}", 0, NULL);
    json_t *detail = json_incref(json_object_get(body, "detail"));
    json_t *doc = error ? json_pack("{s:s, s:b, s:s, s:o*}", "command", order->name, "ok", 0,
                                    "error", strerror(-error), "detail", detail)
                        : json_pack("{s:s, s:b, s:o}", "command", order->name, "ok", 1, "result",
                                    json_incref(body));
    if (!error)
        json_decref(detail);
    char *text = doc ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    struct broker_post post = {.topic = order->topic,
                               .payload = text,
                               .bytes = text ? strlen(text) : 0,
                               .correlation = order->correlation,
                               .correlation_bytes = order->correlation_bytes,
                               .done = on_answered,
                               .owner = orders};
    if (text && broker_publish(orders->mqtt->broker, &post, why))
        gw_log(orders->mqtt->self, GW_WARNING, "the answer to '%s' is lost: %s", order->name, why);
    free(text);
    json_decref(doc);
    json_decref(body);
}

static void refuse(const struct order *order, int error, const char *sentence)
{
    json_t *doc = json_pack("{s:s}", "detail", sentence);
    char *text = doc ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    gw_log(order->orders->mqtt->self, GW_WARNING, "command '%s' by message is refused: %s",
           order->name, sentence);
    answer(order, error, text);
    free(text);
    json_decref(doc);
}

static void order_end(struct order *order)
{
    struct order **at = &order->orders->under_way;
    while (*at != order)
        at = &(*at)->next;
    *at = order->next;
    order->orders->count--;
    free(order);
}

static void on_result(struct gw_plugin *self, int error, const char *json, void *data)
{
    (void)self;
    struct order *order = data;
    answer(order, error, json);
    order_end(order);
}

/* ---- Orders ---------------------------------------------------------------------------------- */

static bool is_allowed(const struct orders *orders, const char *name)
{
    const struct gw_values *options = orders->mqtt->options;
    for (size_t i = 0; i < gw_count(options, "commands"); i++)
        if (topic_fits(gw_string_at(options, "commands", i), name))
            return true;
    return false;
}

static const char *role_name(enum gw_role role)
{
    return role == GW_ADMIN ? "admin" : role == GW_OPERATOR ? "operator" : "viewer";
}

/* QoS 1 may bring a message twice: a correlation is run once. */
static bool seen_before(struct orders *orders, const struct order *order)
{
    if (!order->correlation_bytes)
        return false;
    XXH64_hash_t hash = XXH3_64bits_withSeed(order->correlation, order->correlation_bytes,
                                             XXH3_64bits(order->name, strlen(order->name)));
    for (size_t i = 0; i < SEEN_MAX; i++)
        if (orders->seen[i] == hash)
            return true;
    orders->seen[orders->seen_next++ % SEEN_MAX] = hash;
    return false;
}

/* What speaks against it: 0, or an error with a sentence. */
static int judge(struct orders *orders, const struct order *order,
                 const struct broker_message *message, char *why, size_t why_bytes)
{
    if (!is_allowed(orders, order->name)) {
        snprintf(why, why_bytes, "it is not in `commands` of %s", gw_name(orders->mqtt->self));
        return -EPERM;
    }
    int role = gw_command_role(orders->mqtt->self, order->name);
    if (role < 0) {
        snprintf(why, why_bytes, "there is no such command");
        return -ENOENT;
    }
    if (role > (int)orders->role_max) {
        snprintf(why, why_bytes, "it needs the role %s; messages may have %s (`commands_role`)",
                 role_name((enum gw_role)role), role_name(orders->role_max));
        return -EPERM;
    }
    if (message->retained) {
        snprintf(why, why_bytes, "a retained message would be run again and again");
        return -EINVAL;
    }
    if (orders->count >= UNDER_WAY_MAX) {
        snprintf(why, why_bytes, "%d commands are under way", UNDER_WAY_MAX);
        return -EBUSY;
    }
    return 0;
}

/* An answer may go anywhere but among our own messages, where it could pass for one. */
static bool may_answer_to(const struct orders *orders, const char *topic)
{
    const struct mqtt *mqtt = orders->mqtt;
    return topic_is_sound(topic) &&
           (!topic_is_below(topic, mqtt->prefix) || topic_is_below(topic, orders->results)) &&
           !topic_is_below(topic, gw_string(mqtt->options, "discovery_prefix"));
}

static void set_correlation(struct order *order, const void *bytes, size_t count)
{
    order->correlation_bytes = count < CORRELATION_MAX ? count : CORRELATION_MAX;
    memcpy(order->correlation, bytes, order->correlation_bytes);
}

/* False: its topic is none of ours. */
static bool read_order(const struct orders *orders, const struct broker_message *message,
                       struct order *order)
{
    size_t base = strlen(orders->base);
    if (strncmp(message->topic, orders->base, base) != 0)
        return false;
    const char *name = message->topic + base, *slash = strchr(name, '/');
    size_t length = slash ? (size_t)(slash - name) : strlen(name);
    if (!length || length >= sizeof order->name)
        return false;
    memcpy(order->name, name, length);
    if (slash && slash[1]) {
        struct topic topic;
        topic_begin(&topic, orders->results);
        topic_add_name(&topic, slash + 1);
        if (!topic.too_long)
            memcpy(order->topic, topic.text, topic.length + 1);
        set_correlation(order, slash + 1, strlen(slash + 1));
    }
    if (message->correlation_bytes)
        set_correlation(order, message->correlation, message->correlation_bytes);
    if (message->response_topic && may_answer_to(orders, message->response_topic))
        snprintf(order->topic, sizeof order->topic, "%s", message->response_topic);
    return true;
}

void orders_message(struct orders *orders, const struct broker_message *message)
{
    struct order *order = calloc(1, sizeof *order);
    if (!order)
        return;
    order->orders = orders;
    char why[300];
    if (!read_order(orders, message, order)) {
        free(order);
        return;
    }
    int error = judge(orders, order, message, why, sizeof why);
    if (!error && strlen(message->payload) != message->bytes) {
        error = -EINVAL;
        snprintf(why, sizeof why, "the parameters are not JSON");
    }
    if (error || seen_before(orders, order)) {
        if (error)
            refuse(order, error, why);
        free(order);
        return;
    }
    order->next = orders->under_way;
    orders->under_way = order;
    orders->count++;
    gw_log(orders->mqtt->self, GW_INFO, "command '%s' by message", order->name);
    error = gw_ask(orders->mqtt->self, order->name, message->bytes ? message->payload : "{}",
                   on_result, order);
    if (!error)
        return;
    refuse(order, error,
           error == -EINVAL ? "the parameters must be a JSON object"
                            : "it cannot be asked for now");
    order_end(order);
}

/* ---- Life ------------------------------------------------------------------------------------ */

void orders_up(struct orders *orders)
{
    char filter[TOPIC_BYTES + 8];
    snprintf(filter, sizeof filter, "%s+", orders->base);
    broker_subscribe(orders->mqtt->broker, filter);
    snprintf(filter, sizeof filter, "%s+/+", orders->base);
    broker_subscribe(orders->mqtt->broker, filter);
}

struct orders *orders_new(struct mqtt *mqtt)
{
    struct orders *orders = calloc(1, sizeof *orders);
    if (!orders)
        return NULL;
    const char *role = gw_string(mqtt->options, "commands_role");
    orders->mqtt = mqtt;
    orders->role_max = strcmp(role, "admin") == 0      ? GW_ADMIN
                       : strcmp(role, "operator") == 0 ? GW_OPERATOR
                                                       : GW_VIEWER;
    snprintf(orders->base, sizeof orders->base, "%s/command/", mqtt->prefix);
    snprintf(orders->results, sizeof orders->results, "%s/result", mqtt->prefix);
    return orders;
}

void orders_free(struct orders *orders)
{
    if (!orders)
        return;
    for (struct order *order = orders->under_way, *next; order; order = next) {
        next = order->next;
        free(order);
    }
    free(orders);
}

/* Who listens, to what, and what waits for them. */
#include "api/live_internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct live_client *live_client_new(struct live *live, live_wake_fn *wake, void *data)
{
    struct live_client *client = calloc(1, sizeof(*client));
    if (!client)
        return NULL;
    *client = (struct live_client){.live = live, .wake = wake, .data = data, .at = live->next};
    client->series = calloc(LIVE_SERIES_MAX, sizeof(*client->series));
    if (!client->series) {
        free(client);
        return NULL;
    }
    client->following = live->clients;
    if (live->clients)
        live->clients->previous = client;
    live->clients = client;
    live->counts.clients++;
    return client;
}

/* ---- Its queue ------------------------------------------------------------------------------ */

static void drop_oldest(struct live_client *client)
{
    struct message *message = client->queue[client->queue_first];
    client->queue_first = (client->queue_first + 1) % LIVE_QUEUE_MESSAGES;
    client->queue_count--;
    client->queue_bytes -= message->bytes;
    message_unref(message);
}

void live_push(struct live_client *client, struct message *message)
{
    while (client->queue_count > 0 && (client->queue_count == LIVE_QUEUE_MESSAGES ||
                                       client->queue_bytes + message->bytes > LIVE_QUEUE_BYTES)) {
        drop_oldest(client);
        client->dropped++;
        client->live->counts.dropped++;
    }
    message->references++;
    client->queue[(client->queue_first + client->queue_count++) % LIVE_QUEUE_MESSAGES] = message;
    client->queue_bytes += message->bytes;
    client->wake(client->data);
}

static void push_text(struct live_client *client, struct buf *text)
{
    struct message *message = message_new(text, 0, NULL);
    if (message)
        live_push(client, message);
    message_unref(message);
    buf_fini(text);
}

static bool wants(const struct live_client *client, const struct message *message)
{
    if (!message->kind)
        return client->events;
    if (client->all_objects)
        return true;
    for (size_t i = 0; i < client->kind_count; i++) {
        if (strcmp(client->kinds[i], message->kind) == 0)
            return true;
    }
    return false;
}

static struct message *dropped_message(struct live_client *client)
{
    struct buf text;
    buf_init(&text, 256);
    buf_printf(&text, "{\"type\":\"dropped\",\"count\":%" PRIu64 "}", client->dropped);
    struct message *message = message_new(&text, 0, NULL);
    buf_fini(&text);
    if (message)
        client->dropped = 0;
    return message;
}

/* The client's place has left the ring: what it missed is counted, whatever it listened to. */
static void catch_up(struct live_client *client)
{
    struct live *live = client->live;
    if (client->at >= live->first)
        return;
    if (client->events || client->all_objects || client->kind_count > 0) {
        client->dropped += (uint64_t)(live->first - client->at);
        live->counts.dropped += (uint64_t)(live->first - client->at);
    }
    client->at = live->first;
}

struct message *live_client_take(struct live_client *client)
{
    struct live *live = client->live;
    catch_up(client);
    if (client->dropped)
        return dropped_message(client);
    if (client->queue_count > 0) {
        struct message *message = client->queue[client->queue_first];
        message->references++;
        drop_oldest(client);
        return message;
    }
    while (client->at < live->next) {
        struct message *message = live->ring[client->at++ % LIVE_RING_MESSAGES];
        if (!message) {
            client->dropped++;
            return dropped_message(client);
        }
        if (!wants(client, message))
            continue;
        message->references++;
        return message;
    }
    return NULL;
}

/* ---- Its topics ----------------------------------------------------------------------------- */

static void forget_series(struct live_client *client, size_t i)
{
    struct live *live = client->live;
    char name[16];
    snprintf(name, sizeof(name), "%" PRIu32, client->series[i]);
    struct live_series *series = map_get(&live->series, name);
    if (series && --series->listeners == 0)
        free(map_remove(&live->series, name));
    client->series[i] = client->series[--client->series_count];
}

static bool listens_to_series(const struct live_client *client, uint32_t id)
{
    for (size_t i = 0; i < client->series_count; i++) {
        if (client->series[i] == id)
            return true;
    }
    return false;
}

/* The rows of the last ten seconds too, so that none falls between a query and this. */
static void push_last_rows(struct live_client *client, uint32_t id)
{
    int64_t since_ms = clock_wall_ms(client->live->parts->clock) - 10000;
    struct message *message = live_rows(client->live, id, &since_ms);
    if (message)
        live_push(client, message);
    message_unref(message);
}

static void add_series(struct live_client *client, uint32_t id)
{
    struct live *live = client->live;
    if (id == 0 || client->series_count == LIVE_SERIES_MAX || listens_to_series(client, id))
        return;
    char name[16];
    snprintf(name, sizeof(name), "%" PRIu32, id);
    struct live_series *series = map_get(&live->series, name);
    if (!series) {
        series = calloc(1, sizeof(*series));
        if (!series || map_put(&live->series, name, series)) {
            free(series);
            return;
        }
        series->id = id;
        series->last_ms = clock_wall_ms(live->parts->clock) - 10000;
    } else {
        push_last_rows(client, id);
    }
    series->listeners++;
    client->series[client->series_count++] = id;
}

/* "12,57" */
static void change_series(struct live_client *client, const char *list, bool add)
{
    while (*list) {
        char *end;
        unsigned long id = strtoul(list, &end, 10);
        if (end == list || id > UINT32_MAX)
            return;
        if (add)
            add_series(client, (uint32_t)id);
        for (size_t i = 0; !add && i < client->series_count; i++) {
            if (client->series[i] == id) {
                forget_series(client, i);
                break;
            }
        }
        list = *end == ',' ? end + 1 : end;
        if (end == list && *end)
            return;
    }
}

static void change_kind(struct live_client *client, const char *kind, bool add)
{
    size_t i = 0;
    while (i < client->kind_count && strcmp(client->kinds[i], kind) != 0)
        i++;
    if (add && i == client->kind_count && i < LIVE_KINDS_MAX) {
        client->kinds[i] = strdup(kind);
        client->kind_count += client->kinds[i] != NULL;
    } else if (!add && i < client->kind_count) {
        free(client->kinds[i]);
        client->kinds[i] = client->kinds[--client->kind_count];
    }
}

/* False: unknown topic. */
static bool change_topic(struct live_client *client, const char *topic, bool add)
{
    if (strcmp(topic, "object:*") == 0)
        client->all_objects = add;
    else if (strncmp(topic, "object:", 7) == 0)
        change_kind(client, topic + 7, add);
    else if (strcmp(topic, "events") == 0)
        client->events = add;
    else if (strncmp(topic, "series:", 7) == 0)
        change_series(client, topic + 7, add);
    else if (strcmp(topic, "plugins") == 0)
        client->plugins = add;
    else if (strcmp(topic, "jobs") == 0)
        client->jobs = add;
    else
        return false;
    return true;
}

static void push_hello(struct live_client *client, bool resumed)
{
    struct buf text;
    buf_init(&text, 256);
    buf_printf(&text, "{\"type\":\"%s\",\"sequence\":%" PRId64,
               client->greeted ? "subscribed" : "hello", client->at - 1);
    buf_printf(&text, client->greeted ? "}" : ",\"resumed\":%s}", resumed ? "true" : "false");
    client->greeted = true;
    push_text(client, &text);
}

static void push_error(struct live_client *client, const char *what, const char *which)
{
    struct buf text;
    buf_init(&text, 1024);
    buf_adds(&text, "{\"type\":\"error\",\"detail\":");
    char detail[400];
    snprintf(detail, sizeof(detail), "%s '%.200s'", what, which);
    buf_json_string(&text, detail);
    buf_addc(&text, '}');
    push_text(client, &text);
}

void live_client_subscribe(struct live_client *client, const char *const *topics, size_t count,
                           int64_t since)
{
    struct live *live = client->live;
    bool resumed = since >= live->first - 1 && since < live->next;
    if (resumed)
        client->at = since + 1;
    push_hello(client, resumed);
    for (size_t i = 0; i < count; i++) {
        if (!change_topic(client, topics[i], true))
            push_error(client, "There is no topic", topics[i]);
    }
    client->wake(client->data);
}

static void ask_topics(struct live_client *client, const json_t *ask, bool add)
{
    const char *topics[256];
    size_t count = 0, i;
    json_t *value;
    json_array_foreach(json_object_get(ask, "topics"), i, value)
    {
        if (json_is_string(value) && count < sizeof(topics) / sizeof(topics[0]))
            topics[count++] = json_string_value(value);
    }
    if (add) {
        json_t *since = json_object_get(ask, "since");
        live_client_subscribe(client, topics, count,
                              json_is_integer(since) ? json_integer_value(since) : -1);
        return;
    }
    for (i = 0; i < count; i++)
        change_topic(client, topics[i], false);
}

bool live_client_ask(struct live_client *client, const char *text, size_t bytes)
{
    json_error_t error;
    json_t *ask = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    bool fine = json_is_object(ask);
    const char *op = fine ? json_string_value(json_object_get(ask, "op")) : NULL;
    if (op && strcmp(op, "subscribe") == 0) {
        ask_topics(client, ask, true);
    } else if (op && strcmp(op, "unsubscribe") == 0) {
        ask_topics(client, ask, false);
    } else if (op && strcmp(op, "ping") == 0) {
        struct buf pong;
        buf_init(&pong, 64);
        buf_adds(&pong, "{\"type\":\"pong\"}");
        push_text(client, &pong);
    } else if (fine) {
        push_error(client, "There is no op", op ? op : "");
    }
    json_decref(ask);
    return fine;
}

void live_client_free(struct live_client *client)
{
    if (!client)
        return;
    struct live *live = client->live;
    while (client->series_count > 0)
        forget_series(client, 0);
    while (client->queue_count > 0)
        drop_oldest(client);
    for (size_t i = 0; i < client->kind_count; i++)
        free(client->kinds[i]);
    if (client->previous)
        client->previous->following = client->following;
    else
        live->clients = client->following;
    if (client->following)
        client->following->previous = client->previous;
    live->counts.clients--;
    free(client->series);
    free(client);
}

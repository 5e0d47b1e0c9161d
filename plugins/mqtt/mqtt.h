/* mqtt.h - what the files of the plugin share. */
#ifndef MQTT_MQTT_H
#define MQTT_MQTT_H

#include "broker.h"
#include "states.h"
#include "topic.h"

#include <gnswatch/plugin.h>
#include <jansson.h>
#include <sink/sink.h>

struct outbox;
struct things;
struct rows;
struct home;
struct orders;

struct mqtt {
    struct gw_plugin *self;
    const struct gw_values *options;
    const char *prefix; /* the options' */
    char status_topic[TOPIC_BYTES];
    char client_id[64];
    char home_id[64];      /* begins the ids in Home Assistant */
    struct broker *broker; /* NULL: no `host`, and nothing of what follows but the outbox */
    struct outbox *outbox;
    struct states *states;
    struct things *things;
    struct rows *rows;
    struct home *home;     /* NULL: not wanted */
    struct orders *orders; /* NULL: no commands are allowed */
    int port;
    int64_t since_ms; /* of the broker's state */
    bool away;
};

/* outbox.c: what must not get lost, in a queue on disk: events, notifications. */
struct outbox *outbox_new(struct mqtt *mqtt);
void outbox_free(struct outbox *outbox); /* NULL is fine */
void outbox_up(struct outbox *outbox);
void outbox_down(struct outbox *outbox, const char *why, unsigned failures);
void outbox_tick(struct outbox *outbox);
uint64_t outbox_dropped(const struct outbox *outbox); /* events, since the queue was full */
int outbox_send(struct gw_plugin *self, struct gw_call *call);   /* mqtt.send */
int outbox_test(struct gw_plugin *self, struct gw_call *call);   /* mqtt.test */
int outbox_retry(struct gw_plugin *self, struct gw_call *call);  /* mqtt.message.retry */
int outbox_delete(struct gw_plugin *self, struct gw_call *call); /* mqtt.message.delete */

/* things.c: objects and alerts as retained messages. */
struct things *things_new(struct mqtt *mqtt);
void things_free(struct things *things); /* NULL is fine */
bool things_are_published(const struct mqtt *mqtt, const char *kind);

/* rows.c: series, batched. */
struct rows *rows_new(struct mqtt *mqtt);
void rows_free(struct rows *rows); /* NULL is fine */
struct rows_counts {
    uint64_t sent, dropped; /* rows */
};
struct rows_counts rows_count(const struct rows *rows);

/* homes.c: Home Assistant's view of objects. */
struct home *home_new(struct mqtt *mqtt);
void home_free(struct home *home); /* NULL is fine */
/* An object is there, or has gone (`doc` NULL). */
void home_object(struct home *home, const char *kind, const char *id, const json_t *doc);
void home_keep(struct home *home); /* what belongs to no object, in a sweep */

/* orders.c: commands that come as messages. */
struct orders *orders_new(struct mqtt *mqtt);
void orders_free(struct orders *orders); /* NULL is fine */
void orders_up(struct orders *orders);
void orders_message(struct orders *orders, const struct broker_message *message);

/* tables.c */
extern const struct gw_row mqtt_options[];
extern const struct gw_kind mqtt_kinds[];
extern const struct gw_command mqtt_commands[];

#endif

/* mqtt_broker.h - a broker the tests play: MQTT 3.1.1 over TCP, one client at a time. It takes all
 * that is published and remembers the last of each topic. */
#ifndef GW_TEST_MQTT_BROKER_H
#define GW_TEST_MQTT_BROKER_H

#include <stdbool.h>
#include <stddef.h>

struct mqtt_broker;

struct mqtt_broker *mqtt_broker_new(void);
void mqtt_broker_free(struct mqtt_broker *broker);
int mqtt_broker_port(const struct mqtt_broker *broker);
/* What CONNACK says from now on: 0 welcome, 5 not authorized; and those that are connected go. */
void mqtt_broker_greet(struct mqtt_broker *broker, int code);
/* The newest message of a topic, until the next call; NULL: there was none. */
const char *mqtt_broker_last(struct mqtt_broker *broker, const char *topic);
size_t mqtt_broker_count(struct mqtt_broker *broker, const char *topic); /* how many there were */
size_t mqtt_broker_connects(struct mqtt_broker *broker);
/* To the client, as if somebody had published it. */
void mqtt_broker_publish(struct mqtt_broker *broker, const char *topic, const char *payload);

#endif

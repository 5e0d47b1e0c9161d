/* handle.h - between our words and libmosquitto's: what a new handle is told, the properties of a
 * message, what errors mean. Keeps nothing. */
#ifndef MQTT_HANDLE_H
#define MQTT_HANDLE_H

#include "broker.h"

#include <mosquitto.h>

/* 0 or a MOSQ_ERR. */
int handle_set_up(struct mosquitto *client, const struct broker_options *options);
/* The caller frees them with mosquitto_property_free_all. */
mosquitto_property *handle_properties(const struct broker_post *post);
/* "Not authorized: no such user": a reason code, with what the broker says itself. */
void handle_reason(bool v5, int reason, const mosquitto_property *properties, char *out,
                   size_t size);
/* What mosquitto_publish answered, as broker_publish does. */
int handle_refusal(int error, char why[BROKER_WHY_BYTES]);

#endif

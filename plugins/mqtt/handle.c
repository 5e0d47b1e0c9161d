/* handle.c - see handle.h. */
#include "handle.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>

/* Not acknowledged; brokers may allow fewer, then the library holds back. */
enum { IN_FLIGHT_MAX = 100 };

/* Asked for by OpenSSL for an encrypted key; without this it would ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *data)
{
    (void)buffer, (void)size, (void)writing, (void)data;
    return 0;
}

int handle_set_up(struct mosquitto *client, const struct broker_options *o)
{
    int error = mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
                                     o->v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    if (!error)
        error = mosquitto_max_inflight_messages_set(client, IN_FLIGHT_MAX);
    if (!error)
        error = mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    if (!error && o->user)
        error = mosquitto_username_pw_set(client, o->user, o->password);
    if (!error)
        error = mosquitto_will_set(client, o->status_topic, 7, "offline", 1, true);
    if (error || !o->tls)
        return error;
    if (!o->ca_file)
        mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    if (o->ca_file || o->cert_file)
        error = mosquitto_tls_set(client, o->ca_file, o->ca_file ? NULL : "/etc/ssl/certs",
                                  o->cert_file, o->key_file, no_password);
    if (!error && o->insecure) {
        error = mosquitto_tls_insecure_set(client, true);
        if (!error)
            error = mosquitto_tls_opts_set(client, 0, NULL, NULL);
    }
    return error;
}

int handle_refusal(int error, char why[BROKER_WHY_BYTES])
{
    snprintf(why, BROKER_WHY_BYTES, "%s", mosquitto_strerror(error));
    switch (error) {
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_OVERSIZE_PACKET:
        snprintf(why, BROKER_WHY_BYTES, "the message is larger than the broker takes");
        return -EMSGSIZE;
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED:
        return -ENOTSUP;
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
        snprintf(why, BROKER_WHY_BYTES, "the broker takes no QoS 1");
        return -ENOTSUP;
    case MOSQ_ERR_NOMEM:
        return -EAGAIN;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
        return -EINVAL;
    default:
        return -ENOTCONN;
    }
}

mosquitto_property *handle_properties(const struct broker_post *post)
{
    mosquitto_property *list = NULL;
    mosquitto_property_add_byte(&list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
    if (post->bytes)
        mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, "application/json");
    if (post->id)
        mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, "id", post->id);
    if (post->correlation_bytes)
        mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA, post->correlation,
                                      (uint16_t)post->correlation_bytes);
    return list;
}

bool broker_is_passing(int reason)
{
    return reason == MQTT_RC_QUOTA_EXCEEDED || reason == MQTT_RC_SERVER_BUSY ||
           reason == MQTT_RC_UNSPECIFIED || reason == MQTT_RC_IMPLEMENTATION_SPECIFIC ||
           reason == MQTT_RC_PACKET_ID_IN_USE;
}

void handle_reason(bool v5, int reason, const mosquitto_property *properties, char *out,
                   size_t size)
{
    char *own = NULL;
    if (v5 && properties)
        mosquitto_property_read_string(properties, MQTT_PROP_REASON_STRING, &own, false);
    snprintf(out, size, "%s%s%s", mosquitto_reason_string(reason), own ? ": " : "", own ? own : "");
    free(own);
}

/* libmosquitto counts its users without a lock; here the loader holds one. */
__attribute__((constructor)) static void library_begin(void)
{
    mosquitto_lib_init();
}

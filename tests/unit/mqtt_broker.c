/* mqtt_broker.c - see mqtt_broker.h. Packets are those of MQTT 3.1.1, section 3. */
#include "mqtt_broker.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT = 1, CONNACK, PUBLISH, PUBACK, SUBSCRIBE = 8, SUBACK, PINGREQ = 12, PINGRESP };

struct mqtt_broker {
    pthread_t thread;
    pthread_mutex_t lock;
    int listener, client, port, greeting;
    bool over;
    size_t connects;
    json_t *topics; /* topic -> list of payloads */
    char *last;
};

static bool read_all(int fd, void *bytes, size_t count)
{
    for (size_t got = 0; got < count;) {
        ssize_t now = read(fd, (char *)bytes + got, count - got);
        if (now <= 0)
            return false;
        got += (size_t)now;
    }
    return true;
}

static void send_all(int fd, const void *bytes, size_t count)
{
    (void)!send(fd, bytes, count, MSG_NOSIGNAL);
}

/* Its first byte, or -1; the caller frees *body. */
static int read_packet(int fd, unsigned char **body, size_t *length)
{
    unsigned char first, byte;
    *length = 0;
    *body = NULL;
    if (!read_all(fd, &first, 1))
        return -1;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (!read_all(fd, &byte, 1))
            return -1;
        *length |= (size_t)(byte & 127) << shift;
        if (!(byte & 128))
            break;
    }
    *body = malloc(*length + 1);
    return *body && read_all(fd, *body, *length) ? first : -1;
}

static void take_publish(struct mqtt_broker *broker, int fd, const unsigned char *body,
                         size_t length)
{
    size_t topic_bytes = (size_t)body[0] << 8 | body[1];
    char *topic = strndup((const char *)body + 2, topic_bytes);
    const unsigned char *mid = body + 2 + topic_bytes;
    pthread_mutex_lock(&broker->lock);
    json_t *list = json_object_get(broker->topics, topic);
    if (!list) {
        list = json_array();
        json_object_set_new(broker->topics, topic, list);
    }
    json_array_append_new(list, json_stringn((const char *)mid + 2, length - topic_bytes - 4));
    pthread_mutex_unlock(&broker->lock);
    send_all(fd, (unsigned char[]){PUBACK << 4, 2, mid[0], mid[1]}, 4);
    free(topic);
}

/* False: the client goes. */
static bool take(struct mqtt_broker *broker, int fd, int first, const unsigned char *body,
                 size_t length)
{
    switch (first >> 4) {
    case CONNECT:
        pthread_mutex_lock(&broker->lock);
        unsigned char code = (unsigned char)broker->greeting;
        broker->connects += code == 0;
        pthread_mutex_unlock(&broker->lock);
        send_all(fd, (unsigned char[]){CONNACK << 4, 2, 0, code}, 4);
        return code == 0;
    case PUBLISH:
        take_publish(broker, fd, body, length);
        return true;
    case SUBSCRIBE:
        send_all(fd, (unsigned char[]){SUBACK << 4, 3, body[0], body[1], 1}, 5);
        return true;
    case PINGREQ:
        send_all(fd, (unsigned char[]){PINGRESP << 4, 0}, 2);
        return true;
    default:
        return first >> 4 == PUBACK;
    }
}

static void serve(struct mqtt_broker *broker, int fd)
{
    bool more = true;
    while (more) {
        unsigned char *body;
        size_t length;
        int first = read_packet(fd, &body, &length);
        more = first >= 0 && take(broker, fd, first, body, length);
        free(body);
    }
}

static void *run(void *data)
{
    struct mqtt_broker *broker = data;
    for (;;) {
        int fd = accept(broker->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&broker->lock);
        broker->client = fd;
        pthread_mutex_unlock(&broker->lock);
        serve(broker, fd);
        pthread_mutex_lock(&broker->lock);
        broker->client = -1;
        close(fd);
        bool over = broker->over;
        pthread_mutex_unlock(&broker->lock);
        if (over)
            return NULL;
    }
}

struct mqtt_broker *mqtt_broker_new(void)
{
    struct mqtt_broker *broker = calloc(1, sizeof *broker);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    if (!broker)
        abort();
    pthread_mutex_init(&broker->lock, NULL);
    broker->client = -1;
    broker->topics = json_object();
    broker->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(broker->listener, (struct sockaddr *)&place, sizeof place) ||
        listen(broker->listener, 8) ||
        getsockname(broker->listener, (struct sockaddr *)&place, &size) ||
        pthread_create(&broker->thread, NULL, run, broker))
        abort();
    broker->port = ntohs(place.sin_port);
    return broker;
}

void mqtt_broker_free(struct mqtt_broker *broker)
{
    pthread_mutex_lock(&broker->lock);
    broker->over = true;
    shutdown(broker->listener, SHUT_RDWR);
    if (broker->client >= 0)
        shutdown(broker->client, SHUT_RDWR);
    pthread_mutex_unlock(&broker->lock);
    pthread_join(broker->thread, NULL);
    close(broker->listener);
    pthread_mutex_destroy(&broker->lock);
    json_decref(broker->topics);
    free(broker->last);
    free(broker);
}

int mqtt_broker_port(const struct mqtt_broker *broker)
{
    return broker->port;
}

void mqtt_broker_greet(struct mqtt_broker *broker, int code)
{
    pthread_mutex_lock(&broker->lock);
    broker->greeting = code;
    if (broker->client >= 0)
        shutdown(broker->client, SHUT_RDWR);
    pthread_mutex_unlock(&broker->lock);
}

const char *mqtt_broker_last(struct mqtt_broker *broker, const char *topic)
{
    pthread_mutex_lock(&broker->lock);
    const json_t *list = json_object_get(broker->topics, topic);
    size_t count = json_array_size(list);
    const char *text = count ? json_string_value(json_array_get(list, count - 1)) : NULL;
    free(broker->last);
    broker->last = text ? strdup(text) : NULL;
    pthread_mutex_unlock(&broker->lock);
    return broker->last;
}

size_t mqtt_broker_count(struct mqtt_broker *broker, const char *topic)
{
    pthread_mutex_lock(&broker->lock);
    size_t count = json_array_size(json_object_get(broker->topics, topic));
    pthread_mutex_unlock(&broker->lock);
    return count;
}

size_t mqtt_broker_connects(struct mqtt_broker *broker)
{
    pthread_mutex_lock(&broker->lock);
    size_t connects = broker->connects;
    pthread_mutex_unlock(&broker->lock);
    return connects;
}

void mqtt_broker_publish(struct mqtt_broker *broker, const char *topic, const char *payload)
{
    unsigned char packet[128];
    size_t topic_bytes = strlen(topic), bytes = strlen(payload);
    packet[0] = PUBLISH << 4;
    packet[1] = (unsigned char)(2 + topic_bytes + bytes); /* below 128 */
    packet[2] = 0;
    packet[3] = (unsigned char)topic_bytes;
    memcpy(packet + 4, topic, topic_bytes);
    memcpy(packet + 4 + topic_bytes, payload, bytes);
    pthread_mutex_lock(&broker->lock);
    send_all(broker->client, packet, 4 + topic_bytes + bytes);
    pthread_mutex_unlock(&broker->lock);
}

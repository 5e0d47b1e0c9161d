/* broker.h - one connection to an MQTT broker, kept up: libmosquitto turned by the instance's loop.
 *
 * What blocks (names, TCP, reading certificates) is done by a thread of its own that does nothing
 * else (dial.h). Everything is published with QoS 1, and each publication ends with one call of its
 * `done`. Birth ("online") and will ("offline") are the broker's own affair. Knows nothing of what
 * is published. All of it on the instance's thread. */
#ifndef MQTT_BROKER_H
#define MQTT_BROKER_H

#include <gnswatch/plugin.h>

struct broker;

enum { BROKER_WHY_BYTES = 400, BROKER_FLYING_MAX = 600 };

struct broker_options { /* texts are borrowed and must outlive the broker */
    const char *host;
    int port;
    const char *client_id;
    bool v5;                          /* else 3.1.1 */
    const char *user, *password;      /* NULL: none */
    bool tls, insecure;               /* insecure: who answers is not checked */
    const char *ca_file;              /* NULL: the system's */
    const char *cert_file, *key_file; /* of the client; NULL: none */
    int keepalive_s;
    int64_t timeout_ms;       /* from TCP to the broker's word */
    int64_t session_s;        /* how long the broker keeps what we subscribed to; 0: not */
    int64_t retry_longest_ms; /* between two tries */
    const char *status_topic; /* of birth and will, retained */
};

struct broker_message { /* that came; borrowed for the call */
    const char *topic;
    const char *payload; /* `bytes` of it, with a zero behind */
    size_t bytes;
    bool retained;
    const char *response_topic; /* v5; NULL: none */
    const void *correlation;
    size_t correlation_bytes;
};

struct broker_calls {
    void (*on_up)(void *data);
    /* The connection is lost, or could not be made: `failures` times in a row (0: it had been up
     * for a while, and is tried again at once). All that flew is done before. */
    void (*on_down)(void *data, const char *why, unsigned failures);
    void (*on_message)(void *data, const struct broker_message *message);
    void *data;
};

/* Begins to connect. NULL: out of memory. Calls are copied. */
struct broker *broker_new(struct gw_plugin *self, const struct broker_options *options,
                          const struct broker_calls *calls);
/* Says "offline" and goodbye when it can at once. What flies is done with -ENOTCONN. NULL is fine.
 */
void broker_free(struct broker *broker);

bool broker_is_up(const struct broker *broker);
const char *broker_why(const struct broker *broker); /* it is not up; "" */
uint64_t broker_connects(const struct broker *broker);

/* How a publication ended: 0, -ENOTCONN (the connection was lost: nobody knows), -ECONNRESET (so it
 * was, soon after it was made, perhaps because of this: some brokers hang up on what they forbid),
 * or a reason code of MQTT 5 from 0x80 on, with a sentence. Not called from within broker_publish.
 */
typedef void broker_done_fn(void *owner, int64_t token, int outcome, const char *why);

struct broker_post {
    const char *topic;
    const char *payload;
    size_t bytes; /* 0 and retain: what is retained is removed */
    bool retain;
    const char *id; /* as user property "id" of v5; NULL: none */
    const void *correlation;
    size_t correlation_bytes;
    broker_done_fn *done; /* NULL: nobody wants to know */
    void *owner;
    int64_t token;
};

/* 0; -ENOTCONN, -EAGAIN (too many fly); or for ever: -EMSGSIZE (the broker takes no such), -EINVAL,
 * -ENOTSUP (it retains nothing). `why` says it. */
int broker_publish(struct broker *broker, const struct broker_post *post,
                   char why[BROKER_WHY_BYTES]);
/* To one filter, for as long as the connection is up: to be said in on_up. A refusal is reported as
 * the instance's error. */
int broker_subscribe(struct broker *broker, const char *filter);

/* Does it hold for the next try (it is full, it is busy) or for ever? */
bool broker_is_passing(int reason);

#endif

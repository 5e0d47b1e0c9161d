/* dial.h - mosquitto_connect in a thread that does nothing else, since names and TCP block.
 *
 * The thread has the handle until dial_done; whoever gives up leaves both to the thread. */
#ifndef MQTT_DIAL_H
#define MQTT_DIAL_H

#include <gnswatch/plugin.h>
#include <mosquitto.h>

struct dial;

struct dial_to {
    const char *host; /* copied */
    int port, keepalive_s;
    bool v5;
    int64_t session_s;
};

/* Takes `client`, also on failure (NULL). `on_done` comes soon on the instance's thread when the
 * thread has ended; it may come in vain, so ask dial_take. */
struct dial *dial_start(struct gw_plugin *self, struct mosquitto *client, const struct dial_to *to,
                        gw_timer_fn *on_done, void *data);
/* True when it has ended: then the handle is the caller's, `error` 0 or a MOSQ_ERR with a sentence,
 * and `dial` is freed. */
bool dial_take(struct dial *dial, struct mosquitto **client, int *error, char *why,
               size_t why_bytes);
void dial_leave(struct dial *dial); /* NULL is fine; the thread frees what there is */

#endif

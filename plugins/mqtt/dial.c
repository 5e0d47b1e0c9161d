/* dial.c - see dial.h. */
#include "dial.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dial {
    struct gw_plugin *self;
    gw_timer_fn *on_done;
    void *data;
    char *host; /* owned */
    int port, keepalive_s;
    mosquitto_property *properties; /* owned */

    pthread_mutex_t lock; /* below */
    bool left, ended;
    struct mosquitto *client; /* the thread's until it has ended */
    int error;
    char why[200];
};

static void dial_free(struct dial *dial)
{
    if (!dial)
        return;
    mosquitto_destroy(dial->client);
    mosquitto_property_free_all(&dial->properties);
    pthread_mutex_destroy(&dial->lock);
    free(dial->host);
    free(dial);
}

/* libmosquitto logs what is wrong with certificates and tells it in no other way. */
static void on_log(struct mosquitto *client, void *data, int level, const char *line)
{
    (void)client;
    struct dial *dial = data;
    if (level == MOSQ_LOG_ERR)
        snprintf(dial->why, sizeof dial->why, "%s", line);
}

static void connect_now(struct dial *dial)
{
    mosquitto_user_data_set(dial->client, dial);
    mosquitto_log_callback_set(dial->client, on_log);
    errno = 0;
    int error = mosquitto_connect_bind_v5(dial->client, dial->host, dial->port, dial->keepalive_s,
                                          NULL, dial->properties);
    int number = errno;
    mosquitto_log_callback_set(dial->client, NULL);
    dial->error = error;
    if (error == MOSQ_ERR_EAI)
        snprintf(dial->why, sizeof dial->why, "its name is not known");
    else if (error == MOSQ_ERR_ERRNO && number)
        snprintf(dial->why, sizeof dial->why, "%s", strerror(number));
    else if (error && !*dial->why)
        snprintf(dial->why, sizeof dial->why, "%s", mosquitto_strerror(error));
}

static void *run(void *data)
{
    struct dial *dial = data;
    connect_now(dial);
    pthread_mutex_lock(&dial->lock);
    dial->ended = true;
    bool left = dial->left;
    if (!left)
        gw_post(dial->self, dial->on_done, dial->data); /* when it is full, a timer looks too */
    pthread_mutex_unlock(&dial->lock);
    if (left)
        dial_free(dial);
    return NULL;
}

static int thread_start(struct dial *dial)
{
    sigset_t all, before;
    pthread_attr_t detached;
    pthread_t thread;
    sigfillset(&all);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, &detached, run, dial);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&detached);
    return -error;
}

struct dial *dial_start(struct gw_plugin *self, struct mosquitto *client, const struct dial_to *to,
                        gw_timer_fn *on_done, void *data)
{
    struct dial *dial = calloc(1, sizeof *dial);
    if (!dial) {
        mosquitto_destroy(client);
        return NULL;
    }
    *dial = (struct dial){.self = self,
                          .on_done = on_done,
                          .data = data,
                          .host = strdup(to->host),
                          .port = to->port,
                          .keepalive_s = to->keepalive_s,
                          .client = client};
    pthread_mutex_init(&dial->lock, NULL);
    if (to->v5 && to->session_s)
        mosquitto_property_add_int32(&dial->properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                     (uint32_t)to->session_s);
    if (dial->host && thread_start(dial) == 0)
        return dial;
    dial_free(dial);
    return NULL;
}

bool dial_take(struct dial *dial, struct mosquitto **client, int *error, char *why,
               size_t why_bytes)
{
    pthread_mutex_lock(&dial->lock);
    bool ended = dial->ended;
    pthread_mutex_unlock(&dial->lock);
    if (!ended)
        return false;
    *client = dial->client;
    *error = dial->error;
    snprintf(why, why_bytes, "%s", dial->why);
    dial->client = NULL;
    dial_free(dial);
    return true;
}

void dial_leave(struct dial *dial)
{
    if (!dial)
        return;
    pthread_mutex_lock(&dial->lock);
    dial->left = true;
    bool ended = dial->ended;
    pthread_mutex_unlock(&dial->lock);
    if (ended)
        dial_free(dial);
}

/* states.h - retained messages: for each topic the last word, published until the broker has it.
 *
 * Not a queue: what changes twice while the broker is away is published once. All are published
 * again after each connect, since the broker may have forgotten them. Knows nothing of what they
 * say. */
#ifndef MQTT_STATES_H
#define MQTT_STATES_H

#include "broker.h"

#include <stddef.h>

struct states;

struct states_counts {
    size_t topics;                        /* with a message */
    size_t waiting;                       /* not yet with the broker, also removals */
    uint64_t published, refused, dropped; /* dropped: there were too many topics */
};

/* At most `topics_max` topics. The ledger is in the instance's directory. NULL: gw_fail said why.
 */
struct states *states_new(struct gw_plugin *self, size_t topics_max);
void states_free(struct states *states); /* NULL is fine */

/* Says `text` on the topic from now on; NULL: nothing, what is there is removed. The same again is
 * nothing new. */
void states_set(struct states *states, const char *topic, const char *text);
/* It stays as it is in this sweep. */
void states_keep(struct states *states, const char *topic);
/* Between begin and sweep all that is wanted is set or kept again; sweep removes the rest. */
void states_begin(struct states *states);
void states_sweep(struct states *states);

void states_up(struct states *states, struct broker *broker); /* publishes everything */
void states_down(struct states *states);
void states_count(const struct states *states, struct states_counts *out);

#endif

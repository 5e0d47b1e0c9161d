/* topic.h - topics of MQTT: made out of names that may hold anything, and checked.
 *
 * A level made of a name keeps letters, digits and all other characters but those that mean
 * something in a topic ('/', '+', '#', a '$' at its beginning), '%', control characters and bytes
 * that are no UTF-8: these become %XX, as in URLs. Two names never make the same level: an empty
 * one is "%", a long one is cut and ends with "~" and a hash of all of it. Pure. */
#ifndef MQTT_TOPIC_H
#define MQTT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

enum {
    TOPIC_BYTES = 1024,     /* of a topic with its zero */
    TOPIC_LEVEL_MAX = 180,  /* bytes of a level made of a name */
    TOPIC_PREFIX_MAX = 100, /* bytes of the option `prefix` */
};

struct topic {
    char text[TOPIC_BYTES];
    size_t length;
    bool too_long; /* something did not fit: the topic must not be used */
};

void topic_begin(struct topic *topic, const char *prefix);  /* taken as it is */
void topic_add(struct topic *topic, const char *level);     /* "/" and a known word, as it is */
void topic_add_name(struct topic *topic, const char *name); /* "/" and the name as a level */
/* "/" and each part between dots as a level: "gns3.node.crashed" -> /gns3/node/crashed */
void topic_add_dotted(struct topic *topic, const char *dotted);

/* May something be published to it: UTF-8 without control characters, wildcards, or a '$' at its
 * beginning, from 1 to TOPIC_BYTES - 1 bytes? */
bool topic_is_sound(const char *text);
/* Is it `prefix`, or below it? */
bool topic_is_below(const char *text, const char *prefix);
/* "gns3.node.*" as in subscriptions; only * is special. */
bool topic_fits(const char *pattern, const char *text);

/* 16 hex digits that stand for a text. */
enum { TOPIC_HASH_BYTES = 17 };
void topic_hash(const char *text, char out[TOPIC_HASH_BYTES]);

#endif

/* discovery.h - documents of Home Assistant's MQTT discovery: what an entity is and where its state
 * is read. Pure. (home-assistant.io/integrations/mqtt, "MQTT Discovery") */
#ifndef MQTT_DISCOVERY_H
#define MQTT_DISCOVERY_H

#include "topic.h"

#include <jansson.h>

struct discovery {            /* what is the same for all of ours */
    const char *root;         /* "homeassistant" */
    const char *home_id;      /* [A-Za-z0-9_-]; begins all ids */
    const char *status_topic; /* availability: online, offline */
    const char *dashboard;    /* address of ours; NULL: none */
};

struct entity {
    const char *component; /* "binary_sensor", "sensor" */
    const char *what;      /* [a-z0-9_]: which of a thing's entities */
    const char *kind, *id; /* the thing; its id may be anything */
    const char *name;      /* for people */
    const char *state_topic;
    const char *template;     /* Jinja over value_json; for binary sensors ON or OFF */
    const char *device_class; /* NULL: none */
    const char *unit;         /* NULL: none */
    const char *attributes;   /* topic of a JSON object; NULL: none */
    const char *device_id, *device_name, *device_model; /* the thing it is shown at */
};

/* Where its document is: root/component/home_id/what_kind_hash/config. */
void discovery_topic(const struct discovery *discovery, const struct entity *entity,
                     struct topic *out);
/* The caller frees it; NULL: out of memory. */
char *discovery_document(const struct discovery *discovery, const struct entity *entity);

#endif

/* discovery.c - see discovery.h. */
#include "discovery.h"

#include <stdio.h>
#include <string.h>

enum { ID_BYTES = 200 };

/* Ids are hashed: what Home Assistant takes are few characters. */
static void entity_id(const struct entity *entity, char out[ID_BYTES])
{
    char hash[TOPIC_HASH_BYTES], both[2048];
    snprintf(both, sizeof both, "%s %s", entity->kind, entity->id);
    topic_hash(both, hash);
    snprintf(out, ID_BYTES, "%.100s_%s", entity->what, hash);
}

void discovery_topic(const struct discovery *discovery, const struct entity *entity,
                     struct topic *out)
{
    char id[ID_BYTES];
    entity_id(entity, id);
    topic_begin(out, discovery->root);
    topic_add(out, entity->component);
    topic_add(out, discovery->home_id);
    topic_add(out, id);
    topic_add(out, "config");
}

static json_t *device(const struct discovery *discovery, const struct entity *entity)
{
    char hash[TOPIC_HASH_BYTES];
    topic_hash(entity->device_id, hash);
    json_t *device =
        json_pack("{s:[s+++], s:s, s:s, s:s, s:s*}", "identifiers", discovery->home_id, "_", hash,
                  "", "name", entity->device_name, "manufacturer", "GNS3", "model",
                  entity->device_model, "configuration_url", discovery->dashboard);
    return device ? device : json_object();
}

char *discovery_document(const struct discovery *discovery, const struct entity *entity)
{
    char id[ID_BYTES];
    entity_id(entity, id);
    bool binary = strcmp(entity->component, "binary_sensor") == 0;
    json_t *doc = json_pack(
        "{s:s, s:s++, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:o, s:{s:s}}",
        "name", entity->name, "unique_id", discovery->home_id, "_", id, "state_topic",
        entity->state_topic, "value_template", entity->template, "availability_topic",
        discovery->status_topic, "payload_available", "online", "payload_not_available", "offline",
        "payload_on", binary ? "ON" : NULL, "payload_off", binary ? "OFF" : NULL, "device_class",
        entity->device_class, "unit_of_measurement", entity->unit, "state_class",
        entity->unit ? "measurement" : NULL, "json_attributes_topic", entity->attributes, "device",
        device(discovery, entity), "origin", "name", "gnswatch");
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    json_decref(doc);
    return text;
}

/* things.c - objects and open alerts as retained messages. Everything is read again at the start
 * and now and then, a kind a turn; in between changes are followed. */
#include "mqtt.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

enum { SCAN_EVERY_MS = 5 * 60 * 1000 };

static const char ALERTS[] = "alert.alert";
static const char *const home_kinds[] = {"gns3.server", "gns3.project", "gns3.node",
                                         "gns3.compute"};
enum { HOME_KINDS = sizeof home_kinds / sizeof home_kinds[0] };

struct things {
    struct mqtt *mqtt;
    size_t next; /* kind of the scan under way */
    struct gw_timer *timer;
};

/* ---- Kinds ----------------------------------------------------------------------------------- */

static bool is_listed(const struct gw_values *options, const char *kind)
{
    for (size_t i = 0; i < gw_count(options, "objects"); i++)
        if (strcmp(gw_string_at(options, "objects", i), kind) == 0)
            return true;
    return false;
}

static bool is_of_home(const struct mqtt *mqtt, const char *kind)
{
    for (size_t i = 0; mqtt->home && i < HOME_KINDS; i++)
        if (strcmp(home_kinds[i], kind) == 0)
            return true;
    return false;
}

bool things_are_published(const struct mqtt *mqtt, const char *kind)
{
    return is_listed(mqtt->options, kind) || is_of_home(mqtt, kind);
}

static bool is_followed(const struct mqtt *mqtt, const char *kind)
{
    return strcmp(kind, ALERTS) == 0 || things_are_published(mqtt, kind);
}

/* The i-th kind of a scan; NULL: there are no more. Some come twice, which does no harm. */
static const char *kind_at(const struct mqtt *mqtt, size_t i)
{
    size_t listed = gw_count(mqtt->options, "objects");
    if (i < listed)
        return gw_string_at(mqtt->options, "objects", i);
    i -= listed;
    if (mqtt->home && i < HOME_KINDS)
        return home_kinds[i];
    return i == (mqtt->home ? (size_t)HOME_KINDS : 0) ? ALERTS : NULL;
}

/* ---- One object ------------------------------------------------------------------------------ */

static bool is_open(const json_t *alert)
{
    const char *state = json_string_value(json_object_get(alert, "state"));
    return state && strcmp(state, "resolved") != 0;
}

/* `doc` NULL: it has gone. */
static void tell(const struct mqtt *mqtt, const char *kind, const char *id, const json_t *doc)
{
    struct topic topic;
    bool alert = strcmp(kind, ALERTS) == 0;
    topic_begin(&topic, mqtt->prefix);
    topic_add(&topic, alert ? "alerts" : "objects");
    if (!alert)
        topic_add_name(&topic, kind);
    topic_add_name(&topic, id);
    bool wanted = doc && (alert ? gw_bool(mqtt->options, "alerts") && is_open(doc)
                                : things_are_published(mqtt, kind));
    char *text = wanted ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    if (!topic.too_long)
        states_set(mqtt->states, topic.text, text);
    free(text);
    if (mqtt->home)
        home_object(mqtt->home, kind, id, doc);
}

static void on_object(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    const struct things *things = data;
    if (!event->kind || !event->id || !is_followed(things->mqtt, event->kind))
        return;
    char *text = gw_object_get(self, event->kind, event->id);
    json_t *doc = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    tell(things->mqtt, event->kind, event->id, doc);
    json_decref(doc);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void scan_kind(const struct mqtt *mqtt, const char *kind)
{
    char *text = gw_object_list(mqtt->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL, *doc;
    gw_free(text);
    size_t i;
    json_array_foreach(list, i, doc)
    {
        const char *id = json_string_value(json_object_get(doc, "id"));
        if (id)
            tell(mqtt, kind, id, doc);
    }
    json_decref(list);
}

static void on_scan(struct gw_plugin *self, void *data)
{
    struct things *things = data;
    const struct mqtt *mqtt = things->mqtt;
    const char *kind = kind_at(mqtt, things->next);
    if (things->next == 0)
        states_begin(mqtt->states);
    if (kind) {
        things->next++;
        scan_kind(mqtt, kind);
    } else {
        things->next = 0;
        if (mqtt->home)
            home_keep(mqtt->home);
        states_sweep(mqtt->states);
    }
    things->timer = gw_timer_start(self, kind ? 0 : SCAN_EVERY_MS, 0, on_scan, things);
}

struct things *things_new(struct mqtt *mqtt)
{
    struct things *things = calloc(1, sizeof *things);
    if (!things)
        return NULL;
    things->mqtt = mqtt;
    gw_subscribe(mqtt->self, "object.*", on_object, things);
    things->timer = gw_timer_start(mqtt->self, 0, 0, on_scan, things);
    return things;
}

void things_free(struct things *things)
{
    if (!things)
        return;
    gw_timer_stop(things->timer);
    free(things);
}

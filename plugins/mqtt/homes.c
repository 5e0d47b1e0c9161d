/* homes.c - Home Assistant's view: which entities there are for which object, and the states that
 * are no object's own: how many alerts there are, problems of projects, load of computes.
 *
 * A binary sensor reads the object's own topic; numbers of computes come from series and have
 * topics below PREFIX/state. */
#include "mqtt.h"

#include "discovery.h"
#include "message.h"

#include <gnswatch/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_IN_MS = 500 };

struct home {
    struct mqtt *mqtt;
    struct discovery discovery;
    struct gw_follow *follow;
    struct gw_timer *count_timer;
};

static void topic_of(const struct home *home, const char *first, const char *second,
                     const char *name, struct topic *out)
{
    topic_begin(out, home->mqtt->prefix);
    topic_add(out, first);
    topic_add_name(out, second);
    if (name)
        topic_add_name(out, name);
}

/* ---- Entities -------------------------------------------------------------------------------- */

/* What makes an entity of an object of this kind. */
struct recipe {
    const char *kind, *component, *what, *suffix, *device_class, *unit, *template;
    const char *state; /* level below PREFIX/state; NULL: the object's own topic */
};

static const struct recipe recipes[] = {
    {"gns3.server", "binary_sensor", "server", "", "connectivity", NULL,
     "{{ 'ON' if value_json.status == 'up' else 'OFF' }}", NULL},
    {"gns3.node", "binary_sensor", "node", "", "running", NULL,
     "{{ 'ON' if value_json.status == 'started' else 'OFF' }}", NULL},
    {"gns3.project", "binary_sensor", "problem", " problem", "problem", NULL,
     "{{ 'ON' if value_json.alerts > 0 else 'OFF' }}", "project"},
    {"gns3.compute", "sensor", "cpu", " CPU", NULL, "%", "{{ value_json.cpu }}", "compute"},
    {"gns3.compute", "sensor", "memory", " memory", NULL, "%", "{{ value_json.memory }}",
     "compute"},
    {"gns3.compute", "sensor", "disk", " disk", NULL, "%", "{{ value_json.disk }}", "compute"},
};

static const char *text_of(const json_t *doc, const char *member)
{
    const char *text = json_string_value(json_object_get(doc, member));
    return text ? text : "";
}

static void entity_set(const struct home *home, const struct entity *entity, bool there)
{
    struct topic topic;
    discovery_topic(&home->discovery, entity, &topic);
    char *text = there ? discovery_document(&home->discovery, entity) : NULL;
    if (!topic.too_long)
        states_set(home->mqtt->states, topic.text, text);
    free(text);
}

static void object_entity(const struct home *home, const struct recipe *recipe, const char *id,
                          const json_t *doc)
{
    char name[300], device[300];
    struct topic state, attributes;
    const char *project = text_of(doc, "project_name");
    const char *server = strcmp(recipe->kind, "gns3.server") ? text_of(doc, "server") : id;
    snprintf(name, sizeof name, "%s%s%s%s", project, *project ? " / " : "", text_of(doc, "name"),
             recipe->suffix);
    snprintf(device, sizeof device, "GNS3 %s", server);
    topic_of(home, recipe->state ? "state" : "objects",
             recipe->state ? recipe->state : recipe->kind, id, &state);
    topic_of(home, "objects", recipe->kind, id, &attributes);
    if (state.too_long || attributes.too_long)
        return;
    entity_set(home,
               &(struct entity){.component = recipe->component,
                                .what = recipe->what,
                                .kind = recipe->kind,
                                .id = id,
                                .name = name,
                                .state_topic = state.text,
                                .template = recipe->template,
                                .device_class = recipe->device_class,
                                .unit = recipe->unit,
                                .attributes = recipe->unit ? NULL : attributes.text,
                                .device_id = server,
                                .device_name = device,
                                .device_model = "GNS3 server"},
               doc != NULL);
    if (recipe->state && doc)
        states_keep(home->mqtt->states, state.text);
    else if (recipe->state)
        states_set(home->mqtt->states, state.text, NULL);
}

static void count_soon(struct home *home);

void home_object(struct home *home, const char *kind, const char *id, const json_t *doc)
{
    for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++)
        if (strcmp(recipes[i].kind, kind) == 0)
            object_entity(home, &recipes[i], id, doc);
    if (strcmp(kind, "alert.alert") == 0 || strcmp(kind, "gns3.project") == 0)
        count_soon(home);
}

/* ---- Alerts ---------------------------------------------------------------------------------- */

static bool concerns(const json_t *alert, const json_t *project)
{
    const json_t *labels = json_object_get(alert, "labels");
    const char *server = json_string_value(json_object_get(labels, "server"));
    return strcmp(text_of(labels, "project"), text_of(project, "name")) == 0 &&
           (!server || strcmp(server, text_of(project, "server")) == 0);
}

static json_t *list_of(const struct home *home, const char *kind)
{
    char *text = gw_object_list(home->mqtt->self, kind);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return list ? list : json_array();
}

/* Only those that fire. */
static json_t *firing_alerts(const struct home *home)
{
    json_t *all = list_of(home, "alert.alert"), *firing = json_array(), *alert;
    size_t i;
    json_array_foreach(all, i, alert)
    {
        if (strcmp(text_of(alert, "state"), "firing") == 0)
            json_array_append(firing, alert);
    }
    json_decref(all);
    return firing;
}

static void state_set(const struct home *home, const struct topic *topic, json_t *doc)
{
    char *text = doc ? json_dumps(doc, MESSAGE_DUMP) : NULL;
    if (text && !topic->too_long)
        states_set(home->mqtt->states, topic->text, text);
    free(text);
    json_decref(doc);
}

static void count_all(const struct home *home, const json_t *firing)
{
    size_t i, critical = 0;
    json_t *alert;
    json_array_foreach(firing, i, alert)
    {
        critical += strcmp(text_of(alert, "severity"), "critical") == 0;
    }
    struct topic topic;
    topic_of(home, "state", "alerts", NULL, &topic);
    state_set(home, &topic,
              json_pack("{s:I, s:I}", "firing", (json_int_t)json_array_size(firing), "critical",
                        (json_int_t)critical));
}

static void count_project(const struct home *home, const json_t *project, const json_t *firing)
{
    size_t i, count = 0;
    json_t *alert;
    json_array_foreach(firing, i, alert)
    {
        count += concerns(alert, project);
    }
    struct topic topic;
    topic_of(home, "state", "project", text_of(project, "id"), &topic);
    state_set(home, &topic, json_pack("{s:I}", "alerts", (json_int_t)count));
}

static void on_count(struct gw_plugin *self, void *data)
{
    (void)self;
    struct home *home = data;
    home->count_timer = NULL;
    json_t *firing = firing_alerts(home), *projects = list_of(home, "gns3.project"), *project;
    size_t i;
    count_all(home, firing);
    json_array_foreach(projects, i, project)
    {
        count_project(home, project, firing);
    }
    json_decref(projects);
    json_decref(firing);
}

static void count_soon(struct home *home)
{
    if (!home->count_timer)
        home->count_timer = gw_timer_start(home->mqtt->self, COUNT_IN_MS, 0, on_count, home);
}

void home_keep(struct home *home)
{
    struct topic topic;
    topic_of(home, "state", "alerts", NULL, &topic);
    states_keep(home->mqtt->states, topic.text);
    entity_set(home,
               &(struct entity){.component = "sensor",
                                .what = "alerts",
                                .kind = "gnswatch",
                                .id = "alerts",
                                .name = "Alerts",
                                .state_topic = topic.text,
                                .template = "{{ value_json.firing }}",
                                .unit = "alerts",
                                .attributes = topic.text,
                                .device_id = "",
                                .device_name = "gnswatch",
                                .device_model = "gnswatch"},
               true);
    count_soon(home);
}

/* ---- Computes -------------------------------------------------------------------------------- */

static const char *label_of(const struct gw_series_info *info, const char *name)
{
    for (size_t i = 0; i < info->label_count; i++)
        if (strcmp(info->labels[i].name, name) == 0)
            return info->labels[i].value;
    return "";
}

static void on_row(struct gw_plugin *self, struct gw_series_info *info, int64_t time_ms,
                   const double *values, void *data)
{
    (void)time_ms;
    const struct home *home = data;
    char id[600];
    struct topic topic;
    snprintf(id, sizeof id, "%s/%s", label_of(info, "server"), label_of(info, "compute"));
    char *object = gw_object_get(self, "gns3.compute", id);
    if (!object)
        return; /* it has gone; its topic too */
    gw_free(object);
    json_t *doc = json_object();
    for (size_t i = 0; i < info->field_count; i++) {
        const char *name = info->fields[i].name;
        if (strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0 || strcmp(name, "disk") == 0)
            json_object_set_new(doc, name, message_number(round(values[i] * 10) / 10));
    }
    topic_of(home, "state", "compute", id, &topic);
    state_set(home, &topic, doc);
}

/* ---- Life ------------------------------------------------------------------------------------ */

struct home *home_new(struct mqtt *mqtt)
{
    struct home *home = calloc(1, sizeof *home);
    if (!home)
        return NULL;
    home->mqtt = mqtt;
    home->discovery = (struct discovery){.root = gw_string(mqtt->options, "discovery_prefix"),
                                         .home_id = mqtt->home_id,
                                         .status_topic = mqtt->status_topic,
                                         .dashboard = gw_dashboard(mqtt->self)};
    struct gw_follow_options follow = {.size = sizeof follow,
                                       .match = {.measurement = "gns3.compute"},
                                       .every_ms = gw_int(mqtt->options, "series_every"),
                                       .on_row = on_row,
                                       .data = home};
    home->follow = gw_follow_start(mqtt->self, &follow);
    return home;
}

void home_free(struct home *home)
{
    if (!home)
        return;
    gw_follow_stop(home->follow);
    gw_timer_stop(home->count_timer);
    free(home);
}

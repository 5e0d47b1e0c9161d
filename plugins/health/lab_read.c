/* lab_read.c - objects of the gns3 plugin into what a score needs of them. */
#include "lab_internal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static bool is(const json_t *json, const char *name, const char *value)
{
    const char *text = text_of(json, name);
    return text && strcmp(text, value) == 0;
}

static void take_server(struct thing *thing, const json_t *json)
{
    thing->connecting = is(json, "status", "connecting");
    thing->up_known = !thing->connecting;
    thing->up = is(json, "status", "up");
    keep_text(&thing->why, is(json, "status", "unauthorized") ? "it refuses the credentials"
                                                              : text_of(json, "error"));
}

static void take_compute(struct thing *thing, const json_t *json)
{
    const json_t *connected = json_object_get(json, "connected");
    thing->up_known = json_is_boolean(connected);
    thing->up = json_is_true(connected);
    keep_text(&thing->why, text_of(json, "last_error"));
}

static int64_t whole_of(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static void take_project(struct thing *thing, const json_t *json)
{
    thing->run = is(json, "status", "opened") ? RUN_STARTED : RUN_CLOSED;
    thing->followed = json_is_true(json_object_get(json, "followed"));
    thing->nodes = whole_of(json, "node_count");
    thing->started = whole_of(json, "started_count");
}

static enum run run_of(const json_t *json)
{
    if (is(json, "status", "started"))
        return RUN_STARTED;
    if (is(json, "status", "suspended"))
        return RUN_SUSPENDED;
    return is(json, "status", "stopped") ? RUN_STOPPED : RUN_CLOSED;
}

static void take_node(struct lab *lab, struct thing *thing, const json_t *json)
{
    const char *compute = text_of(json, "compute_id");
    char id[320];
    thing->run = run_of(json);
    if (thing->run != RUN_STOPPED)
        thing->stop = STOP_ASKED;
    thing->virtual_machine = is(json, "node_type", "docker") ||
                             is(json, "node_type", "virtualbox") || is(json, "node_type", "vmware");
    snprintf(id, sizeof id, "%s/%s", thing->server ? thing->server : "", compute ? compute : "");
    if (compute && keep_text(&thing->compute_id, id)) {
        thing->compute = NULL;
        lab->orphans = true;
    }
}

static void take_link(struct thing *thing, const json_t *json)
{
    thing->run = is(json, "status", "closed") ? RUN_CLOSED : RUN_STARTED;
    thing->suspended = is(json, "status", "suspended");
}

/* What is below is seen through this thing. */
static void dirty_below(struct lab *lab, struct thing *thing)
{
    struct thing *child;
    TAILQ_FOREACH(child, &thing->below, below_entry)
    {
        thing_dirty(lab, child);
        dirty_below(lab, child);
    }
    if (thing->kind == THING_COMPUTE)
        TAILQ_FOREACH(child, &lab->of[THING_NODE], entry)
    if (child->compute == thing)
        thing_dirty(lab, child);
}

static void take_document(struct lab *lab, enum thing_kind kind, const char *id, const json_t *json)
{
    char key[320];
    snprintf(key, sizeof key, "%s/%s", thing_kind_name(kind), id);
    struct thing *thing = lab_find_key(lab, key);
    if (!thing)
        thing = lab_add(lab, kind, id);
    if (!thing)
        return;
    bool up = thing->up, up_known = thing->up_known;
    enum run run = thing->run;
    thing->seen = true;
    const char *name = text_of(json, "name");
    if (keep_text(&thing->name, name ? name : id))
        thing->renamed = thing->unpublished = lab->news = true;
    keep_text(&thing->server, kind == THING_SERVER ? id : text_of(json, "server"));
    if (keep_text(&thing->project_id, text_of(json, "project")))
        lab->orphans = true;
    if (kind == THING_SERVER)
        take_server(thing, json);
    else if (kind == THING_COMPUTE)
        take_compute(thing, json);
    else if (kind == THING_PROJECT)
        take_project(thing, json);
    else if (kind == THING_NODE)
        take_node(lab, thing, json);
    else
        take_link(thing, json);
    if (!thing->name)
        thing->name = strdup("");
    thing_dirty(lab, thing);
    if (up != thing->up || up_known != thing->up_known || run != thing->run)
        dirty_below(lab, thing);
}

void lab_take(struct lab *lab, const char *kind, const char *id, const char *json)
{
    enum thing_kind k = thing_kind_of(kind);
    if (k <= THING_ALL)
        return;
    json_t *document = json ? json_loads(json, 0, NULL) : NULL;
    if (document)
        take_document(lab, k, id, document);
    json_decref(document);
}

void lab_read(struct lab *lab)
{
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kind], entry)
        thing->seen = false;
        char *text = gw_object_list(lab->self, thing_kind_name(kind));
        json_t *list = text ? json_loads(text, 0, NULL) : NULL, *document;
        gw_free(text);
        size_t i;
        json_array_foreach(list, i, document)
        {
            const char *id = text_of(document, "id");
            if (id)
                take_document(lab, kind, id, document);
        }
        json_decref(list);
    }
    lab_drop_unseen(lab);
    lab_settle(lab);
}

bool lab_lacks(const struct lab *lab)
{
    const struct thing *project, *below;
    TAILQ_FOREACH(project, &lab->of[THING_PROJECT], entry)
    {
        int64_t nodes = 0, started = 0;
        TAILQ_FOREACH(below, &project->below, below_entry)
        {
            nodes += below->kind == THING_NODE;
            started += below->kind == THING_NODE && below->run == RUN_STARTED;
        }
        if (project->run == RUN_STARTED && project->nodes >= 0 &&
            (nodes != project->nodes || started != project->started))
            return true;
    }
    return false;
}

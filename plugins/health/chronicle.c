/* chronicle.c - see chronicle.h. */
#include "chronicle.h"

#include "judge.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOUR_MS = 3600000, HOURS_MAX = 24 * 40, TOPICS_MAX = 500, SAVE_MS = 60000 };

struct chronicle {
    struct lab *lab;
    json_t *hours; /* {"hour since 1970": {topic: count}}; owned */
    json_t *more;  /* what others keep; owned */
    int64_t sequence, saved_ms;
    bool news;
};

/* ---- What it counts -------------------------------------------------------------------------- */

static void forget_old(struct chronicle *chronicle, int64_t hour)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(chronicle->hours, next, key, value)
    {
        if (strtoll(key, NULL, 10) < hour - HOURS_MAX)
            json_object_del(chronicle->hours, key);
    }
}

static void count(struct chronicle *chronicle, const struct gw_event *event)
{
    int64_t hour = event->time_ms / HOUR_MS;
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)hour);
    json_t *topics = json_object_get(chronicle->hours, key);
    if (!topics) {
        forget_old(chronicle, hour);
        json_object_set_new(chronicle->hours, key, json_object());
        topics = json_object_get(chronicle->hours, key);
    }
    json_int_t before = json_integer_value(json_object_get(topics, event->topic));
    if (before || json_object_size(topics) < TOPICS_MAX)
        json_object_set_new(topics, event->topic, json_integer(before + 1));
}

json_t *chronicle_count(const struct chronicle *chronicle, int64_t from_ms, int64_t to_ms)
{
    json_t *sum = json_object(), *topics, *value;
    const char *hour, *topic;
    json_object_foreach(chronicle->hours, hour, topics)
    {
        int64_t at = strtoll(hour, NULL, 10) * HOUR_MS;
        if (at + HOUR_MS <= from_ms || at >= to_ms)
            continue;
        json_object_foreach(topics, topic, value)
        {
            json_int_t before = json_integer_value(json_object_get(sum, topic));
            json_object_set_new(sum, topic, json_integer(before + json_integer_value(value)));
        }
    }
    return sum;
}

int64_t chronicle_since(const struct chronicle *chronicle)
{
    int64_t first = 0;
    const char *hour;
    json_t *topics;
    json_object_foreach(chronicle->hours, hour, topics)
    {
        int64_t at = strtoll(hour, NULL, 10) * HOUR_MS;
        first = !first || at < first ? at : first;
    }
    return first;
}

/* ---- What it knows of things ----------------------------------------------------------------- */

/* A stop is a person's when a command of ours asked for it, or when GNS3 tells of crashes in this
 * project and did not tell of one. Docker and other machines GNS3 does not see die. */
static enum stop_mark mark_of(const struct gw_event *event, struct thing *thing)
{
    json_error_t error;
    json_t *data = event->data ? json_loads(event->data, 0, &error) : NULL;
    bool unasked = json_is_false(json_object_get(data, "asked"));
    const struct thing *project = thing_project(thing);
    json_decref(data);
    if (!unasked || (project && project->followed && !thing->virtual_machine))
        return STOP_ASKED;
    return STOP_UNASKED;
}

static void node_event(struct thing *thing, const struct gw_event *event)
{
    const char *what = event->topic + strlen("gns3.node.");
    bool crashed = strcmp(what, "crashed") == 0, stopped = strcmp(what, "stopped") == 0;
    if (!crashed && !stopped && strcmp(what, "started") != 0 && strcmp(what, "suspended") != 0)
        return;
    bool amiss = thing->stop == STOP_UNASKED || thing->stop == STOP_CRASHED;
    thing->stop = crashed ? STOP_CRASHED : stopped ? mark_of(event, thing) : STOP_ASKED;
    thing->stop_ms = event->time_ms;
    if (amiss || thing->stop != STOP_ASKED) /* what is planned, a snapshot's stop, does not flap */
        thing_changed(thing, event->time_ms);
}

static void project_event(struct lab *lab, struct thing *project)
{
    struct thing *below;
    TAILQ_FOREACH(below, &project->below, below_entry)
    {
        below->stop = STOP_ASKED;
        thing_dirty(lab, below);
    }
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void on_event(struct gw_plugin *self, const struct gw_event *event, void *data)
{
    struct chronicle *chronicle = data;
    struct lab *lab = chronicle->lab;
    (void)self;
    if (event->sequence <= chronicle->sequence)
        return;
    chronicle->sequence = event->sequence;
    chronicle->news = true;
    count(chronicle, event);
    struct thing *thing =
        begins(event->topic, "gns3.") ? lab_find(lab, event->kind, event->id) : NULL;
    if (!thing)
        return;
    if (begins(event->topic, "gns3.node."))
        node_event(thing, event);
    else if (strcmp(event->topic, "gns3.project.opened") == 0 ||
             strcmp(event->topic, "gns3.project.closed") == 0)
        project_event(lab, thing);
    else if (strcmp(event->topic, "gns3.server.up") == 0 ||
             strcmp(event->topic, "gns3.server.down") == 0 || begins(event->topic, "gns3.compute."))
        thing_changed(thing, event->time_ms);
    thing_dirty(lab, thing);
}

/* ---- The file -------------------------------------------------------------------------------- */

static const char *const mark_names[] = {
    [STOP_ASKED] = "asked", [STOP_UNASKED] = "unasked", [STOP_CRASHED] = "crashed"};

static void path_of(const struct chronicle *chronicle, const char *name, char *out, size_t bytes)
{
    snprintf(out, bytes, "%s/%s", gw_state_dir(chronicle->lab->self), name);
}

static json_t *thing_kept(const struct thing *thing)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < CHANGES_MAX; i++) {
        int64_t at = thing->changes[(thing->change_next + i) % CHANGES_MAX];
        if (at && thing->flaps)
            json_array_append_new(changes, json_integer(at));
    }
    return json_pack("{s:s, s:I, s:o}", "stop", mark_names[thing->stop], "at",
                     (json_int_t)thing->stop_ms, "changes", changes);
}

static json_t *things_kept(const struct lab *lab)
{
    json_t *all = json_object();
    for (enum thing_kind kind = THING_SERVER; kind <= THING_NODE; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kind], entry)
        if (thing->flaps || thing->stop != STOP_ASKED)
            json_object_set_new(all, thing->key, thing_kept(thing));
    }
    return all;
}

int chronicle_save(struct chronicle *chronicle, bool now)
{
    int64_t time = gw_monotonic_ms(chronicle->lab->self);
    if (!chronicle->news || (!now && time - chronicle->saved_ms < SAVE_MS))
        return 0;
    char path[PATH_MAX], fresh[PATH_MAX];
    path_of(chronicle, "chronicle.json", path, sizeof path);
    path_of(chronicle, "chronicle.new", fresh, sizeof fresh);
    json_t *doc =
        json_pack("{s:I, s:O, s:O, s:o}", "sequence", (json_int_t)chronicle->sequence, "hours",
                  chronicle->hours, "more", chronicle->more, "things", things_kept(chronicle->lab));
    int error = doc && json_dump_file(doc, fresh, JSON_COMPACT) == 0 ? 0 : -EIO;
    json_decref(doc);
    if (!error && rename(fresh, path) < 0)
        error = -errno;
    if (error)
        return gw_fail(chronicle->lab->self, error, "write %s", path);
    chronicle->saved_ms = time;
    chronicle->news = false;
    return 0;
}

static void thing_recall(struct lab *lab, const char *key, const json_t *kept)
{
    struct thing *thing = lab_find_key(lab, key);
    const char *stop = json_string_value(json_object_get(kept, "stop"));
    const json_t *changes = json_object_get(kept, "changes"), *at;
    size_t i;
    if (!thing)
        return;
    for (enum stop_mark mark = STOP_ASKED; stop && mark <= STOP_CRASHED; mark++)
        if (strcmp(mark_names[mark], stop) == 0)
            thing->stop = mark;
    thing->stop_ms = json_integer_value(json_object_get(kept, "at"));
    json_array_foreach(changes, i, at) thing_changed(thing, json_integer_value(at));
    thing_dirty(lab, thing);
}

static void chronicle_read(struct chronicle *chronicle)
{
    char path[PATH_MAX];
    path_of(chronicle, "chronicle.json", path, sizeof path);
    json_error_t error;
    json_t *doc = json_load_file(path, 0, &error);
    if (!doc && access(path, F_OK) == 0)
        gw_log(chronicle->lab->self, GW_WARNING,
               "%s cannot be read (%s) and is begun anew from the last events", path, error.text);
    json_t *hours = json_object_get(doc, "hours"), *more = json_object_get(doc, "more"), *kept;
    if (json_is_object(hours) && json_is_object(more)) {
        json_object_update(chronicle->hours, hours);
        json_object_update(chronicle->more, more);
        chronicle->sequence = json_integer_value(json_object_get(doc, "sequence"));
        const char *key;
        json_object_foreach(json_object_get(doc, "things"), key, kept)
            thing_recall(chronicle->lab, key, kept);
    }
    json_decref(doc);
}

void chronicle_set(struct chronicle *chronicle, const char *name, json_t *value)
{
    json_object_set_new(chronicle->more, name, value);
    chronicle->news = true;
}

json_t *chronicle_get(const struct chronicle *chronicle, const char *name)
{
    return json_object_get(chronicle->more, name);
}

/* ---- Life ------------------------------------------------------------------------------------ */

struct chronicle *chronicle_new(struct lab *lab)
{
    struct chronicle *chronicle = calloc(1, sizeof *chronicle);
    if (!chronicle)
        return NULL;
    chronicle->lab = lab;
    chronicle->hours = json_object();
    chronicle->more = json_object();
    if (!chronicle->hours || !chronicle->more) {
        chronicle_free(chronicle);
        return NULL;
    }
    return chronicle;
}

int chronicle_start(struct chronicle *chronicle)
{
    chronicle_read(chronicle);
    return gw_subscribe_since(chronicle->lab->self, "*", chronicle->sequence, on_event, chronicle);
}

void chronicle_free(struct chronicle *chronicle)
{
    if (!chronicle)
        return;
    json_decref(chronicle->hours);
    json_decref(chronicle->more);
    free(chronicle);
}

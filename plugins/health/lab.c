/* lab.c - things: how they come, go, and find what is above them. What GNS3 tells of them is read
 * by lab_read.c. */
#include "lab_internal.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [THING_ALL] = "all",
    [THING_SERVER] = "gns3.server",
    [THING_COMPUTE] = "gns3.compute",
    [THING_PROJECT] = "gns3.project",
    [THING_NODE] = "gns3.node",
    [THING_LINK] = "gns3.link",
};

bool keep_text(char **place, const char *text)
{
    if (*place == text || (*place && text && strcmp(*place, text) == 0))
        return false;
    free(*place);
    *place = text ? strdup(text) : NULL;
    return true;
}

enum thing_kind thing_kind_of(const char *kind)
{
    for (enum thing_kind k = THING_ALL; kind && k <= THING_LINK; k++)
        if (strcmp(kind_names[k], kind) == 0)
            return k;
    return 0;
}

const char *thing_kind_name(enum thing_kind kind)
{
    return kind_names[kind];
}

const struct factor_state *thing_factor(const struct thing *thing, enum factor factor)
{
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    for (size_t i = 0; i < count; i++)
        if (names[i] == factor)
            return &thing->factors[i];
    return NULL;
}

static int by_key(const void *a, const void *b)
{
    const struct thing *x = a, *y = b;
    return strcmp(x->key, y->key);
}

struct thing *lab_find_key(const struct lab *lab, const char *key)
{
    union {
        const char *in;
        char *out;
    } borrowed = {.in = key};
    struct thing wanted = {.key = borrowed.out};
    void *const *found = tfind(&wanted, &lab->by_key, by_key);
    return found ? *found : NULL;
}

static void make_key(char *out, size_t bytes, enum thing_kind kind, const char *id)
{
    snprintf(out, bytes, "%s%s%s", kind_names[kind], kind == THING_ALL ? "" : "/",
             kind == THING_ALL ? "" : id);
}

struct thing *lab_find(const struct lab *lab, const char *kind, const char *id)
{
    enum thing_kind k = thing_kind_of(kind);
    char key[320];
    if (!k || !id)
        return NULL;
    make_key(key, sizeof key, k, id);
    return lab_find_key(lab, key);
}

struct thing *lab_find_named(const struct lab *lab, const char *kind, const char *name)
{
    enum thing_kind k = thing_kind_of(kind);
    struct thing *thing, *found = NULL;
    if (!k || !name)
        return NULL;
    TAILQ_FOREACH(thing, &lab->of[k], entry)
    {
        if (!thing->name || strcmp(thing->name, name) != 0)
            continue;
        if (found)
            return NULL; /* which one is meant is not said */
        found = thing;
    }
    return found;
}

/* ---- One thing ------------------------------------------------------------------------------- */

static void thing_free(struct thing *thing)
{
    if (!thing)
        return;
    const enum factor *names;
    size_t count = factors_of((int)thing->kind, &names);
    for (size_t i = 0; thing->factors && i < count; i++)
        free(thing->factors[i].text);
    free(thing->factors);
    free(thing->points);
    free(thing->reasons);
    free(thing->key);
    free(thing->name);
    free(thing->server);
    free(thing->project_id);
    free(thing->compute_id);
    free(thing->why);
    free(thing);
}

static struct thing *thing_new(enum thing_kind kind, const char *id)
{
    struct thing *thing = calloc(1, sizeof *thing);
    const enum factor *names;
    size_t count = factors_of((int)kind, &names);
    char key[320];
    if (!thing)
        return NULL;
    make_key(key, sizeof key, kind, id);
    *thing = (struct thing){.kind = kind, .level = LEVEL_UNKNOWN, .run = RUN_CLOSED};
    thing->stop = STOP_ASKED;
    thing->weight = 1;
    TAILQ_INIT(&thing->below);
    TAILQ_INIT(&thing->alerts);
    thing->key = strdup(key);
    thing->name = strdup(kind == THING_ALL ? "everything" : id);
    thing->factors = calloc(count, sizeof *thing->factors);
    thing->points = calloc(count, sizeof *thing->points);
    if (!thing->key || !thing->name || !thing->factors || !thing->points) {
        thing_free(thing);
        return NULL;
    }
    thing->id = kind == THING_ALL ? thing->key : thing->key + strlen(kind_names[kind]) + 1;
    for (size_t i = 0; i < count; i++)
        thing->factors[i] = (struct factor_state){.value = (double)NAN, .applies = true};
    return thing;
}

void thing_dirty(struct lab *lab, struct thing *thing)
{
    lab->news = true;
    if (thing->dirty)
        return;
    thing->dirty = true;
    TAILQ_INSERT_TAIL(&lab->dirty[thing->kind], thing, dirty_entry);
}

struct thing *thing_project(struct thing *thing)
{
    while (thing && thing->kind != THING_PROJECT)
        thing = thing->above;
    return thing;
}

struct thing *thing_server(struct thing *thing)
{
    while (thing && thing->kind != THING_SERVER)
        thing = thing->above;
    return thing;
}

static void thing_put_below(struct lab *lab, struct thing *thing, struct thing *above)
{
    if (thing->above == above)
        return;
    if (thing->above) {
        TAILQ_REMOVE(&thing->above->below, thing, below_entry);
        thing_dirty(lab, thing->above);
    }
    thing->above = above;
    TAILQ_INSERT_TAIL(&above->below, thing, below_entry);
    thing_dirty(lab, above);
    thing_dirty(lab, thing);
}

/* ---- All of them ----------------------------------------------------------------------------- */

struct thing *lab_add(struct lab *lab, enum thing_kind kind, const char *id)
{
    struct thing *thing = thing_new(kind, id);
    if (!thing)
        return NULL;
    if (!tsearch(thing, &lab->by_key, by_key)) {
        thing_free(thing);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&lab->of[kind], thing, entry);
    lab->counts[kind]++;
    if (lab->whole)
        thing_put_below(lab, thing, lab->whole);
    lab->orphans = true;
    thing_dirty(lab, thing);
    if (lab->on_new)
        lab->on_new(thing, lab->data);
    return thing;
}

static void thing_remove(struct lab *lab, struct thing *thing)
{
    if (lab->on_gone)
        lab->on_gone(thing, lab->data);
    struct thing *child, *next;
    for (child = TAILQ_FIRST(&thing->below); child; child = next) {
        next = TAILQ_NEXT(child, below_entry);
        thing_put_below(lab, child, lab->whole);
        lab->orphans = true;
    }
    struct thing *node;
    if (thing->kind == THING_COMPUTE)
        TAILQ_FOREACH(node, &lab->of[THING_NODE], entry)
    node->compute = node->compute == thing ? NULL : node->compute;
    /* Reasons above point to this thing: they are made again before anyone looks at them. */
    for (struct thing *above = thing->above; above; above = above->above) {
        above->reason_count = 0;
        thing_dirty(lab, above);
    }
    if (thing->above)
        TAILQ_REMOVE(&thing->above->below, thing, below_entry);
    if (thing->dirty)
        TAILQ_REMOVE(&lab->dirty[thing->kind], thing, dirty_entry);
    TAILQ_REMOVE(&lab->of[thing->kind], thing, entry);
    lab->counts[thing->kind]--;
    tdelete(thing, &lab->by_key, by_key);
    thing_free(thing);
}

void lab_drop(struct lab *lab, const char *kind, const char *id)
{
    struct thing *thing = lab_find(lab, kind, id);
    if (thing && thing != lab->whole)
        thing_remove(lab, thing);
}

void lab_drop_unseen(struct lab *lab)
{
    for (enum thing_kind kind = THING_LINK; kind > THING_ALL; kind--) {
        struct thing *thing, *next;
        for (thing = TAILQ_FIRST(&lab->of[kind]); thing; thing = next) {
            next = TAILQ_NEXT(thing, entry);
            if (!thing->seen)
                thing_remove(lab, thing);
        }
    }
}

static struct thing *above_of(const struct lab *lab, const struct thing *thing)
{
    struct thing *above = lab->whole;
    if (thing->kind == THING_COMPUTE || thing->kind == THING_PROJECT)
        above = lab_find(lab, "gns3.server", thing->server);
    else if (thing->kind == THING_NODE || thing->kind == THING_LINK)
        above = lab_find(lab, "gns3.project", thing->project_id);
    return above ? above : lab->whole;
}

void lab_settle(struct lab *lab)
{
    if (!lab->orphans)
        return;
    lab->orphans = false;
    for (enum thing_kind kind = THING_SERVER; kind <= THING_LINK; kind++) {
        struct thing *thing;
        TAILQ_FOREACH(thing, &lab->of[kind], entry)
        {
            thing_put_below(lab, thing, above_of(lab, thing));
            if (kind == THING_NODE && !thing->compute && thing->compute_id) {
                thing->compute = lab_find(lab, "gns3.compute", thing->compute_id);
                thing_dirty(lab, thing);
            }
        }
    }
}

struct thing *lab_named_project(const struct lab *lab, const char *server, const char *name)
{
    struct thing *thing;
    TAILQ_FOREACH(thing, &lab->of[THING_PROJECT], entry)
    if (server && name && thing->server && strcmp(thing->server, server) == 0 &&
        strcmp(thing->name, name) == 0)
        return thing;
    return NULL;
}

struct thing *lab_named(const struct thing *project, enum thing_kind kind, const char *name)
{
    struct thing *thing;
    if (!project || !name)
        return NULL;
    TAILQ_FOREACH(thing, &project->below, below_entry)
    if (thing->kind == kind && strcmp(thing->name, name) == 0)
        return thing;
    return NULL;
}

int lab_init(struct lab *lab, struct gw_plugin *self, const struct health_options *options)
{
    *lab = (struct lab){.self = self, .options = options};
    for (enum thing_kind kind = THING_ALL; kind <= THING_LINK; kind++) {
        TAILQ_INIT(&lab->of[kind]);
        TAILQ_INIT(&lab->dirty[kind]);
    }
    lab->whole = lab_add(lab, THING_ALL, "all");
    return lab->whole ? 0 : -ENOMEM;
}

void lab_fini(struct lab *lab)
{
    lab->on_new = NULL;
    for (enum thing_kind kind = THING_LINK; kind >= THING_ALL; kind--)
        while (lab->of[kind].tqh_last && !TAILQ_EMPTY(&lab->of[kind]))
            thing_remove(lab, TAILQ_FIRST(&lab->of[kind]));
    lab->whole = NULL;
}

/* item.c - see item.h. */
#include "item.h"

#include <stdlib.h>
#include <string.h>

void items_init(struct items *items, size_t bytes, const char *kind)
{
    *items = (struct items){.bytes = bytes, .kind = kind};
    TAILQ_INIT(&items->list);
}

void items_begin(struct items *items)
{
    struct item *item;
    TAILQ_FOREACH(item, &items->list, entry)
    item->seen = item->fresh = false;
}

struct item *items_find(const struct items *items, const char *name)
{
    struct item *item;
    TAILQ_FOREACH(item, &items->list, entry)
    if (strcmp(item->name, name) == 0) /* NOLINT(clang-analyzer-unix.Malloc): freed ones left */
        return item;
    return NULL;
}

struct item *items_take(struct items *items, const char *name)
{
    struct item *item = items_find(items, name);
    if (!item) {
        if (items->count >= ITEMS_MAX || !(item = calloc(1, items->bytes)))
            return NULL;
        item->name = strdup(name);
        if (!item->name) {
            free(item);
            return NULL;
        }
        item->fresh = true;
        TAILQ_INSERT_TAIL(&items->list, item, entry);
        items->count++;
    }
    item->seen = true;
    return item;
}

static void drop(struct items *items, struct item *item)
{
    TAILQ_REMOVE(&items->list, item, entry);
    items->count--;
    if (items->fini)
        items->fini(item);
    free(item->name);
    free(item);
}

/* What was there before we were started and is no more. */
static void sweep(struct items *items, struct system *system)
{
    char *text = items->kind ? gw_object_list(system->self, items->kind) : NULL;
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *one;
    size_t i;
    gw_free(text);
    json_array_foreach(list, i, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));
        if (id && !items_find(items, id))
            gw_object_delete(system->self, items->kind, id);
    }
    json_decref(list);
}

void items_end(struct items *items, struct system *system)
{
    for (struct item *item = TAILQ_FIRST(&items->list), *next; item; item = next) {
        next = TAILQ_NEXT(item, entry);
        if (item->seen)
            continue;
        gw_series_end(item->series);
        if (items->kind)
            gw_object_delete(system->self, items->kind, item->name);
        drop(items, item);
    }
    if (!items->swept)
        sweep(items, system);
    items->swept = true;
}

void items_fini(struct items *items)
{
    while (!TAILQ_EMPTY(&items->list))
        drop(items, TAILQ_FIRST(&items->list)); /* NOLINT(clang-analyzer-unix.Malloc) */
}

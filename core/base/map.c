/* Open addressing over a dense array of entries: small, ordered, quick to walk. */
#include "base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* http://www.isthe.com/chongo/tech/comp/fnv/ */
uint64_t hash_bytes(const void *bytes, size_t count)
{
    const unsigned char *p = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash ^ (hash >> 32);
}

void map_init(struct map *map)
{
    *map = (struct map){0};
}

void map_fini(struct map *map)
{
    for (size_t i = 0; i < map->count; i++)
        free(map->entries[i].key);
    free(map->entries);
    free(map->slots);
    *map = (struct map){0};
}

/* The slot of `key`, or the free one where it would go. */
static size_t find_slot(const struct map *map, const char *key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t at = hash & mask;
    while (map->slots[at]) {
        const struct map_entry *entry = &map->entries[map->slots[at] - 1];
        if (entry->hash == hash && strcmp(entry->key, key) == 0)
            break;
        at = (at + 1) & mask;
    }
    return at;
}

static int grow(struct map *map)
{
    size_t cap = map->cap ? map->cap * 2 : 8;
    struct map_entry *entries = realloc(map->entries, cap * sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    map->entries = entries;
    uint32_t *slots = calloc(cap * 2, sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    free(map->slots);
    map->slots = slots;
    map->cap = cap;
    map->slot_count = cap * 2;
    for (size_t i = 0; i < map->count; i++)
        slots[find_slot(map, entries[i].key, entries[i].hash)] = (uint32_t)(i + 1);
    return 0;
}

int map_put(struct map *map, const char *key, void *value)
{
    if (map->count == map->cap && grow(map))
        return -ENOMEM;
    uint64_t hash = hash_bytes(key, strlen(key));
    size_t at = find_slot(map, key, hash);
    if (map->slots[at]) {
        map->entries[map->slots[at] - 1].value = value;
        return 0;
    }
    char *copy = strdup(key);
    if (!copy)
        return -ENOMEM;
    map->entries[map->count++] = (struct map_entry){copy, value, hash};
    map->slots[at] = (uint32_t)map->count;
    /* cppcheck-suppress memleak ; the entry owns the copy */
    return 0;
}

void *map_get(const struct map *map, const char *key)
{
    if (map->count == 0)
        return NULL;
    size_t at = find_slot(map, key, hash_bytes(key, strlen(key)));
    return map->slots[at] ? map->entries[map->slots[at] - 1].value : NULL;
}

/* Closes the gap in the probe sequence (Knuth, TAOCP 3, 6.4, algorithm R). */
static void free_slot(struct map *map, size_t gap)
{
    size_t mask = map->slot_count - 1;
    for (size_t at = (gap + 1) & mask; map->slots[at]; at = (at + 1) & mask) {
        size_t home = map->entries[map->slots[at] - 1].hash & mask;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            map->slots[gap] = map->slots[at];
            gap = at;
        }
    }
    map->slots[gap] = 0;
}

void *map_remove(struct map *map, const char *key)
{
    if (map->count == 0)
        return NULL;
    size_t at = find_slot(map, key, hash_bytes(key, strlen(key)));
    if (!map->slots[at])
        return NULL;
    size_t index = map->slots[at] - 1;
    void *value = map->entries[index].value;
    free_slot(map, at);
    free(map->entries[index].key);
    size_t last = --map->count;
    if (index != last) {
        struct map_entry moved = map->entries[last];
        map->entries[index] = moved;
        for (size_t i = moved.hash & (map->slot_count - 1);; i = (i + 1) & (map->slot_count - 1)) {
            if (map->slots[i] == last + 1) {
                map->slots[i] = (uint32_t)(index + 1);
                break;
            }
        }
    }
    return value;
}

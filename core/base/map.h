/* A hash map from text to pointers. Keys are copied; values belong to the caller. The order of
 * map_each is that of insertion until something is removed. Not for several threads. */
#ifndef GW_BASE_MAP_H
#define GW_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    char *key;
    void *value;
    uint64_t hash;
};

struct map {
    struct map_entry *entries; /* dense */
    uint32_t *slots;           /* open addressing: index + 1 into entries; 0 is free */
    size_t count, cap, slot_count;
};

void map_init(struct map *map);
void map_fini(struct map *map);                             /* values are left alone */
int map_put(struct map *map, const char *key, void *value); /* replaces; 0 or -ENOMEM */
void *map_get(const struct map *map, const char *key);      /* NULL: absent */
void *map_remove(struct map *map, const char *key);         /* the value that was there, or NULL */
uint64_t hash_bytes(const void *bytes, size_t count);       /* FNV-1a, 64 bits */

/* for (size_t i = 0; i < map.count; i++) use map.entries[i] */

#endif

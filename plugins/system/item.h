/* item.h - things of a kind that come and go, by name: disks, file systems, interfaces, sensors.
 * At most ITEMS_MAX; what is beyond is left out. On the instance's thread. */
#ifndef SYSTEM_ITEM_H
#define SYSTEM_ITEM_H

#include "system.h"

#include <sys/queue.h>

enum { ITEMS_MAX = 512 };

/* The first member of a disk, an interface, ... */
struct item {
    TAILQ_ENTRY(item) entry;
    char *name;               /* owned */
    struct gw_series *series; /* NULL: none yet */
    bool seen;                /* in this turn */
    bool fresh;               /* this turn is its first */
};

struct items {
    TAILQ_HEAD(, item) list;
    size_t count, bytes;             /* bytes: of the struct the item begins */
    const char *kind;                /* of its object; NULL: none */
    void (*fini)(struct item *item); /* what else it owns; NULL: nothing */
    bool swept;
};

void items_init(struct items *items, size_t bytes, const char *kind);
void items_begin(struct items *items);                                /* of a turn: none is seen */
struct item *items_find(const struct items *items, const char *name); /* NULL: none */
/* The item, zeroed and fresh when it is new, marked as seen; NULL: no room. */
struct item *items_take(struct items *items, const char *name);
/* Those not seen go: their series end, their objects too. After the first turn also objects of
 * things that went while nobody looked. */
void items_end(struct items *items, struct system *system);
void items_fini(struct items *items); /* series are the host's to release */

#endif

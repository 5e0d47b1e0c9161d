/* exec.h - the instance: all its items, and how many of them run at once. */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "census.h"
#include "item.h"

struct try; /* try.c: a command that somebody tries */

struct exec {
    struct gw_plugin *self;
    struct item *items; /* owned */
    size_t item_count;
    struct item *queue, **queue_end; /* those that are due and wait */
    unsigned active, at_once;
    struct gw_timer *second, *scan;
    struct census census;
    uint32_t mark;     /* what its processes bear, and no other instance's */
    struct try *tries; /* owned */
    int64_t ask_id;
};

enum { EXEC_ITEMS_MAX = 2000 };

struct item *exec_item(struct exec *exec, const char *name); /* NULL: none */
/* A turn for one of those that run at once. False: it waits, and item_start comes later. */
bool exec_enter(struct item *item);
void exec_leave(struct item *item);
void exec_unqueue(struct item *item);

/* directory.c: items for the programs of a row's directory; called again once a minute. */
void directory_scan(struct exec *exec, const struct gw_values *values);

/* commands.c, try.c */
extern const struct gw_command exec_commands[];
int exec_try(struct gw_plugin *self, struct gw_call *call);
void try_free_all(struct exec *exec);

/* tables.c */
extern const struct gw_row exec_options[];
extern const struct gw_kind exec_kinds[];
extern const struct gw_row try_params[], try_result[];

#endif

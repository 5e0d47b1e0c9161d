/* What queue_file.c (its life) and queue_items.c (its items) share. */
#ifndef GW_STORE_QUEUE_INSIDE_H
#define GW_STORE_QUEUE_INSIDE_H

#include "store/queue_db.h"
#include "store/queue_file.h"

enum { QUEUE_KEY_BYTES_MAX = 255, QUEUE_WHY_BYTES_MAX = 500 };

struct queue_limits {
    int64_t items, bytes, dead, item_bytes, keys, keys_keep_ms, commit_ms;
    bool drop_oldest;
};

struct queue_file {
    struct queue_db db;
    const struct clock *clock; /* borrowed */
    char *dir, *name, *path;   /* owned; `name` is "NAME.queue" */
    struct queue_limits limits;
    struct gw_queue_counts counts; /* oldest_ms is asked for */
    int64_t dead_bytes;
    int64_t unsynced_since_ms;  /* monotonic; 0: all is on disk */
    int64_t tidied_ms;          /* monotonic */
    struct gw_queue_item shown; /* what queue_file_next handed out; its texts are owned */
    char *note;                 /* owned */
};

int queue_load_counts(struct queue_file *file);
/* Puts a file that turned out damaged aside and begins a new one. */
void queue_heal(struct queue_file *file);
/* For every function that writes: a transaction. queue_end ends it well or, with `code`, takes it
 * back; it heals what is damaged and answers a negative errno. */
int queue_begin(struct queue_file *file);
int queue_end(struct queue_file *file, int code);

#endif

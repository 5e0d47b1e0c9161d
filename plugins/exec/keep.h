/* keep.h - what a dialect remembers between lines and runs: bounded in bytes, found by name. It
 * knows nothing of what it keeps. Not for several threads. */
#ifndef EXEC_KEEP_H
#define EXEC_KEEP_H

#include <stdbool.h>
#include <stddef.h>

struct keep { /* the caller's; zeroed but for max_bytes */
    size_t bytes, max_bytes;
};

void *keep_new(struct keep *keep, size_t bytes); /* zeroed; NULL: no memory, or over max_bytes */
void keep_free(struct keep *keep, void *memory, size_t bytes); /* NULL is fine */
char *keep_text(struct keep *keep, const char *text);          /* a copy; NULL as above */
void keep_free_text(struct keep *keep, char *text);            /* NULL is fine */
/* *text becomes a copy of `now` (NULL and "" are NULL); false: no room, and it stays as it was. */
bool keep_replace(struct keep *keep, char **text, const char *now);

/* Entries are structs that begin with their key, `char *`; both belong to the caller. A balanced
 * tree (tsearch), so names made to collide cost nothing. */
struct table {
    void *root;
};

void *table_find(const struct table *table, const char *key); /* NULL: absent */
bool table_add(struct table *table, void *entry);             /* false: no memory */
void table_remove(struct table *table, const char *key);
void table_clear(struct table *table); /* entries are left alone, but their keys must be there */

#endif

/* keep.c - see keep.h. */
#include "keep.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

void *keep_new(struct keep *keep, size_t bytes)
{
    if (bytes > keep->max_bytes - keep->bytes)
        return NULL;
    void *memory = calloc(1, bytes);
    keep->bytes += memory ? bytes : 0;
    return memory;
}

void keep_free(struct keep *keep, void *memory, size_t bytes)
{
    if (memory)
        keep->bytes -= bytes;
    free(memory);
}

char *keep_text(struct keep *keep, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = keep_new(keep, bytes);
    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}

void keep_free_text(struct keep *keep, char *text)
{
    if (text)
        keep_free(keep, text, strlen(text) + 1);
}

bool keep_replace(struct keep *keep, char **text, const char *now)
{
    char *copy = NULL;
    if (now && !*now)
        now = NULL;
    if (now && *text && strcmp(*text, now) == 0)
        return true;
    if (now) {
        copy = keep_text(keep, now);
        if (!copy)
            return false;
    }
    keep_free_text(keep, *text);
    *text = copy;
    return true;
}

struct keyed {
    char *key;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

void *table_find(const struct table *table, const char *key)
{
    union {
        const char *given;
        char *key;
    } text = {.given = key}; /* a key that is only looked at */
    struct keyed wanted = {text.key};
    void *const *found = tfind(&wanted, &table->root, by_key);
    return found ? *found : NULL;
}

bool table_add(struct table *table, void *entry)
{
    return tsearch(entry, &table->root, by_key) != NULL;
}

void table_remove(struct table *table, const char *key)
{
    void *entry = table_find(table, key);
    if (entry)
        tdelete(entry, &table->root, by_key);
}

static void leave(void *entry)
{
    (void)entry;
}

void table_clear(struct table *table)
{
    tdestroy(table->root, leave);
    table->root = NULL;
}

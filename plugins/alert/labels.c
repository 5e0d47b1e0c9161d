/* labels.c - see labels.h. */
#include "labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t labels_place(const struct labels *labels, const char *name)
{
    size_t i = 0;
    while (i < labels->count && strcmp(labels->at[i].name, name) < 0)
        i++;
    return i;
}

static void labels_remove(struct labels *labels, size_t i)
{
    free(labels->at[i].name);
    free(labels->at[i].value);
    labels->count--;
    memmove(&labels->at[i], &labels->at[i + 1], (labels->count - i) * sizeof labels->at[0]);
}

static int labels_insert(struct labels *labels, size_t i, const char *name, char *value)
{
    char *copy = labels->count < LABELS_MAX ? strndup(name, LABEL_BYTES_MAX) : NULL;
    if (!copy)
        return labels->count < LABELS_MAX ? -ENOMEM : -E2BIG;
    memmove(&labels->at[i + 1], &labels->at[i], (labels->count - i) * sizeof labels->at[0]);
    labels->at[i] = (struct label){copy, value};
    labels->count++;
    return 0;
}

int labels_set(struct labels *labels, const char *name, const char *value)
{
    size_t i = labels_place(labels, name);
    bool there = i < labels->count && strcmp(labels->at[i].name, name) == 0;
    if (!value || !*value) {
        if (there)
            labels_remove(labels, i);
        return 0;
    }
    if (there && strcmp(labels->at[i].value, value) == 0)
        return 0;
    char *copy = strndup(value, LABEL_BYTES_MAX);
    if (!copy)
        return -ENOMEM;
    if (there) {
        free(labels->at[i].value);
        labels->at[i].value = copy;
        return 0;
    }
    int error = labels_insert(labels, i, name, copy);
    if (error)
        free(copy);
    return error;
}

const char *labels_get(const struct labels *labels, const char *name)
{
    size_t i = labels_place(labels, name);
    return i < labels->count && strcmp(labels->at[i].name, name) == 0 ? labels->at[i].value : "";
}

int labels_copy(struct labels *to, const struct labels *from)
{
    int error = 0;
    for (size_t i = 0; i < from->count && !error; i++)
        error = labels_set(to, from->at[i].name, from->at[i].value);
    return error;
}

void labels_fini(struct labels *labels)
{
    while (labels->count)
        labels_remove(labels, labels->count - 1);
}

json_t *labels_json(const struct labels *labels)
{
    json_t *json = json_object();
    for (size_t i = 0; i < labels->count; i++)
        json_object_set_new(json, labels->at[i].name, json_string(labels->at[i].value));
    return json;
}

void labels_from_json(struct labels *labels, const json_t *json)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
        labels_set(labels, name, json_string_value(value));
}

uint64_t hash_text(uint64_t hash, const char *text)
{
    hash = hash ? hash : 0xcbf29ce484222325u;
    do {
        hash ^= (unsigned char)*text;
        hash *= 0x100000001b3u;
    } while (*text++);
    return hash;
}

uint64_t labels_hash(uint64_t hash, const struct labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        hash = hash_text(hash, labels->at[i].name);
        hash = hash_text(hash, labels->at[i].value);
    }
    return hash;
}

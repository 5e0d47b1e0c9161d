/* labels.h - the names and values an alert is known by. Sorted by name; knows nothing else. */
#ifndef ALERT_LABELS_H
#define ALERT_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LABELS_MAX = 24, LABEL_BYTES_MAX = 300 };

struct label {
    char *name, *value; /* owned */
};

struct labels {
    struct label at[LABELS_MAX];
    size_t count;
};

/* Replaces a value of the same name; an empty value takes the label away. -E2BIG, -ENOMEM. */
int labels_set(struct labels *labels, const char *name, const char *value);
const char *labels_get(const struct labels *labels, const char *name); /* "" when missing */
int labels_copy(struct labels *to, const struct labels *from);         /* to: empty */
void labels_fini(struct labels *labels);

json_t *labels_json(const struct labels *labels);
void labels_from_json(struct labels *labels, const json_t *json); /* adds */

/* FNV-1a over a text with its end; `hash` 0 begins. */
uint64_t hash_text(uint64_t hash, const char *text);
uint64_t labels_hash(uint64_t hash, const struct labels *labels);

#endif

/* What was written, before it is checked: one tree for YAML and for JSON.
 *
 * Lives in an arena. YAML's plain scalars stay text here ("yes", "5s", "10"): what they mean is the
 * table's to say. */
#ifndef GW_CONF_INPUT_H
#define GW_CONF_INPUT_H

#include "base/arena.h"
#include "base/buf.h"

#include <jansson.h>

enum input_kind {
    INPUT_NULL = 1,
    INPUT_BOOL,
    INPUT_INT,
    INPUT_REAL,
    INPUT_PLAIN, /* a YAML scalar without quotes */
    INPUT_TEXT,
    INPUT_LIST,
    INPUT_MAP,
    INPUT_REFUSED, /* YAML we do not read: `text` says what it is */
};

enum { INPUT_DEPTH_MAX = 32, INPUT_NODES_MAX = 100000 };

struct input {
    enum input_kind kind;
    const char *key;        /* within a map; NULL elsewhere */
    size_t key_at, key_end; /* where in the source, in bytes; YAML only */
    size_t at, end;
    const char *text; /* PLAIN, TEXT */
    bool truth;
    int64_t whole;
    double real;
    size_t count;
    const struct input *items; /* LIST, MAP */
};

/* 0, -ENOMEM, -ELOOP (too deep), -E2BIG (too many values), -EILSEQ (a NUL inside a text). */
int input_from_json(struct arena *arena, const json_t *json, struct input *out);

/* Reads the YAML of `source`, which may be empty: then `out` is INPUT_NULL. Problems are reported,
 * all that libfyaml finds. 0; -EINVAL: there were problems; -ENOMEM. */
struct source;
struct problems;
int input_from_yaml(struct arena *arena, struct source *source, struct problems *problems,
                    struct input *out);

/* The first part that is not read, or NULL. */
const struct input *input_refused(const struct input *input);

/* The first name that is set twice in one map, or NULL. Memory that ends finds none. */
const struct input *input_repeated(const struct input *input);

/* As JSON; plain scalars become what YAML's core schema takes them for. */
void input_json(const struct input *input, struct buf *out);

/* "a list", "text", "a number": what it is, for "expected …, not a list". */
const char *input_kind_name(const struct input *input);

/* True for YAML's words for nothing: an empty plain scalar, ~, null. */
bool input_is_null(const struct input *input);

#endif

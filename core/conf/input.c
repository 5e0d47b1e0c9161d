/* The tree of what was written, from JSON and to JSON. */
#include "conf/input.h"

#include "base/map.h"
#include "conf/scalar.h"

#include <errno.h>
#include <string.h>

struct reading {
    struct arena *arena;
    size_t nodes;
};

static int read_json(struct reading *reading, const json_t *json, int depth, struct input *out);

static int read_text(struct reading *reading, const json_t *json, struct input *out)
{
    const char *text = json_string_value(json);
    size_t bytes = json_string_length(json);
    if (memchr(text, '\0', bytes))
        return -EILSEQ;
    out->kind = INPUT_TEXT;
    out->text = arena_text(reading->arena, text, bytes);
    return out->text ? 0 : -ENOMEM;
}

static int read_list(struct reading *reading, const json_t *json, int depth, struct input *out)
{
    out->kind = INPUT_LIST;
    out->count = json_array_size(json);
    struct input *items = arena_array(reading->arena, out->count, sizeof(*items));
    if (!items)
        return -ENOMEM;
    out->items = items;
    for (size_t i = 0; i < out->count; i++) {
        int error = read_json(reading, json_array_get(json, i), depth + 1, &items[i]);
        if (error)
            return error;
    }
    return 0;
}

static int read_map(struct reading *reading, const json_t *json, int depth, struct input *out)
{
    json_t *object = (json_t *)json; /* iterators want it writable */
    out->kind = INPUT_MAP;
    out->count = json_object_size(json);
    struct input *items = arena_array(reading->arena, out->count, sizeof(*items));
    if (!items)
        return -ENOMEM;
    out->items = items;
    size_t i = 0;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at), i++) {
        int error = read_json(reading, json_object_iter_value(at), depth + 1, &items[i]);
        if (error)
            return error;
        const char *key = json_object_iter_key(at);
        items[i].key = arena_text(reading->arena, key, strlen(key));
        if (!items[i].key)
            return -ENOMEM;
    }
    return 0;
}

static int read_json(struct reading *reading, const json_t *json, int depth, struct input *out)
{
    *out = (struct input){.kind = INPUT_NULL};
    if (depth > INPUT_DEPTH_MAX)
        return -ELOOP;
    if (++reading->nodes > INPUT_NODES_MAX)
        return -E2BIG;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return read_map(reading, json, depth, out);
    case JSON_ARRAY:
        return read_list(reading, json, depth, out);
    case JSON_STRING:
        return read_text(reading, json, out);
    case JSON_INTEGER:
        out->kind = INPUT_INT;
        out->whole = json_integer_value(json);
        break;
    case JSON_REAL:
        out->kind = INPUT_REAL;
        out->real = json_real_value(json);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        out->kind = INPUT_BOOL;
        out->truth = json_is_true(json);
        break;
    case JSON_NULL:
        break;
    }
    return 0;
}

int input_from_json(struct arena *arena, const json_t *json, struct input *out)
{
    struct reading reading = {.arena = arena};
    return read_json(&reading, json, 0, out);
}

bool input_is_null(const struct input *input)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (input->kind == INPUT_NULL)
        return true;
    if (input->kind != INPUT_PLAIN)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(input->text, words[i]) == 0)
            return true;
    }
    return false;
}

/* YAML 1.2, section 10.3.2; also yes, no, on, off, as everywhere in our files. */
static void plain_json(const struct input *input, struct buf *out)
{
    bool truth;
    int64_t whole;
    double real;
    if (input_is_null(input))
        buf_adds(out, "null");
    else if (scalar_bool(input->text, &truth) == 0)
        buf_adds(out, truth ? "true" : "false");
    else if (scalar_int(input->text, &whole) == 0)
        buf_json_int(out, whole);
    else if (scalar_number(input->text, &real) == 0)
        buf_json_number(out, real);
    else
        buf_json_string(out, input->text);
}

static void items_json(const struct input *input, struct buf *out)
{
    bool map = input->kind == INPUT_MAP;
    buf_addc(out, map ? '{' : '[');
    for (size_t i = 0; i < input->count; i++) {
        if (i)
            buf_addc(out, ',');
        if (map) {
            buf_json_string(out, input->items[i].key);
            buf_addc(out, ':');
        }
        input_json(&input->items[i], out);
    }
    buf_addc(out, map ? '}' : ']');
}

void input_json(const struct input *input, struct buf *out)
{
    switch (input->kind) {
    case INPUT_NULL:
    case INPUT_REFUSED:
        buf_adds(out, "null");
        break;
    case INPUT_BOOL:
        buf_adds(out, input->truth ? "true" : "false");
        break;
    case INPUT_INT:
        buf_json_int(out, input->whole);
        break;
    case INPUT_REAL:
        buf_json_number(out, input->real);
        break;
    case INPUT_PLAIN:
        plain_json(input, out);
        break;
    case INPUT_TEXT:
        buf_json_string(out, input->text);
        break;
    case INPUT_LIST:
    case INPUT_MAP:
        items_json(input, out);
        break;
    }
}

const char *input_kind_name(const struct input *input)
{
    switch (input->kind) {
    case INPUT_NULL:
        return "nothing";
    case INPUT_BOOL:
        return input->truth ? "true" : "false";
    case INPUT_INT:
    case INPUT_REAL:
        return "a number";
    case INPUT_PLAIN:
    case INPUT_TEXT:
        return "text";
    case INPUT_LIST:
        return "a list";
    case INPUT_MAP:
        return "a map of names and values";
    case INPUT_REFUSED:
        return input->text;
    }
    return "something else";
}

const struct input *input_refused(const struct input *input)
{
    if (input->kind == INPUT_REFUSED)
        return input;
    for (size_t i = 0; i < input->count; i++) {
        const struct input *refused = input_refused(&input->items[i]);
        if (refused)
            return refused;
    }
    return NULL;
}

const struct input *input_repeated(const struct input *input)
{
    const struct input *repeated = NULL;
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < input->count && !repeated; i++) {
        const struct input *item = &input->items[i];
        if (input->kind == INPUT_MAP && map_get(&seen, item->key))
            repeated = item;
        else if (input->kind != INPUT_MAP || map_put(&seen, item->key, &seen) == 0)
            repeated = input_repeated(item);
    }
    map_fini(&seen);
    return repeated;
}

/* Member by member, with null for what one side lacks. */
#include "store/changed.h"

#include <jansson.h>
#include <string.h>

static void add_pair(json_t *out, const char *name, json_t *before, json_t *after)
{
    json_t *pair = json_array();
    json_array_append_new(pair, before ? json_incref(before) : json_null());
    json_array_append_new(pair, after ? json_incref(after) : json_null());
    json_object_set_new(out, name, pair);
}

static void compare(json_t *before, json_t *after, json_t *out)
{
    const char *name;
    json_t *value;
    json_object_foreach(before, name, value)
    {
        json_t *now = json_object_get(after, name);
        if (!now || !json_equal(value, now))
            add_pair(out, name, value, now);
    }
    json_object_foreach(after, name, value)
    {
        if (!json_object_get(before, name))
            add_pair(out, name, NULL, value);
    }
}

char *changed_members(const char *before, const char *after)
{
    if (!before || !after)
        return strdup("{}");
    json_t *old = json_loads(before, 0, NULL), *new = json_loads(after, 0, NULL);
    json_t *out = json_object();
    char *text = NULL;
    if (old && new &&out) {
        compare(old, new, out);
        text = json_dumps(out, JSON_COMPACT);
    }
    json_decref(old);
    json_decref(new);
    json_decref(out);
    return text;
}

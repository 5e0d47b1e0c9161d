/* Types come from the command's own schema, so that name=12 is text where text is wanted. */
#include "call_params.h"

#include <string.h>

static const json_t *property(const json_t *schema, const char *name, size_t bytes)
{
    const char *key;
    json_t *value;
    json_t *properties = json_object_get(schema, "properties");
    json_object_foreach(properties, key, value)
    {
        if (strlen(key) == bytes && memcmp(key, name, bytes) == 0)
            return value;
    }
    return NULL;
}

/* "type" is a name or a list of names. */
static int is_type(const json_t *property, const char *wanted)
{
    const json_t *type = json_object_get(property, "type");
    size_t i;
    json_t *item;
    if (json_is_string(type))
        return strcmp(json_string_value(type), wanted) == 0;
    json_array_foreach(type, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), wanted) == 0)
            return 1;
    }
    return 0;
}

static json_t *typed(const char *text, const json_t *property)
{
    if (is_type(property, "string"))
        return json_string(text);
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    return value ? value : json_string(text);
}

/* A list parameter may be said once for each of its items. */
static int put(json_t *object, const char *name, json_t *value)
{
    json_t *before = json_object_get(object, name);
    if (!before)
        return json_object_set_new(object, name, value);
    if (json_is_array(before))
        return json_array_append_new(before, value);
    json_t *list = json_array();
    json_array_append(list, before);
    json_array_append_new(list, value);
    return json_object_set_new(object, name, list);
}

json_t *call_params(const char *const *args, size_t count, const json_t *schema, const char **bad)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++) {
        char name[256];
        size_t bytes = strcspn(args[i], "=");
        json_t *value = NULL;
        if (args[i][bytes] == '=' && bytes > 0 && bytes < sizeof(name))
            value = typed(args[i] + bytes + 1, property(schema, args[i], bytes));
        if (!value) {
            *bad = args[i];
            json_decref(object);
            return NULL;
        }
        memcpy(name, args[i], bytes);
        name[bytes] = '\0';
        put(object, name, value);
    }
    return object;
}

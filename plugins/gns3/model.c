/* model.c - the small tools of model.h. Knows nothing of what is kept. */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void *list_add(void *list, size_t *count, void *item)
{
    void **items = list;
    /* Grows at powers of two, so the count alone says when. */
    if ((*count & (*count - 1)) == 0) {
        items = realloc(list, (*count ? *count * 2 : 1) * sizeof(void *));
        if (!items)
            return NULL;
    }
    items[(*count)++] = item;
    return items;
}

void list_remove(void *list, size_t *count, size_t i)
{
    void **items = list;
    memmove(items + i, items + i + 1, (*count - i - 1) * sizeof *items);
    (*count)--;
}

bool keep(char **place, const char *value)
{
    if (*place == value || (*place && value && strcmp(*place, value) == 0))
        return false;
    char *copy = value ? strdup(value) : NULL;
    if (value && !copy)
        return false;
    free(*place);
    *place = copy;
    return true;
}

const char *member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

const char *member_name(const json_t *object, const char *name)
{
    const char *text = member_text(object, name);
    if (!text || !*text || strlen(text) > GNS3_NAME_MAX)
        return NULL;
    return text;
}

const char *member_id(const json_t *object, const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *text = member_name(object, name);
    return text && text[strspn(text, allowed)] == '\0' && *text != '.' ? text : NULL;
}

int64_t member_whole(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_integer(value))
        return json_integer_value(value);
    double real = json_is_real(value) ? json_real_value(value) : NAN;
    return fabs(real) < 1e15 ? (int64_t)real : otherwise;
}

double member_real(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

bool member_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

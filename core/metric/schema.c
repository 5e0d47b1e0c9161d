/* A list is enough: there are as many schemas as measurements. */
#include "metric/schema.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_fields(const struct schema *schema, const struct gw_field *fields, size_t count)
{
    if (schema->field_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct gw_field *mine = &schema->fields[i];
        if (mine->kind != fields[i].kind || strcmp(mine->name, fields[i].name) != 0 ||
            !same_text(mine->unit, fields[i].unit))
            return false;
    }
    return true;
}

static void schema_free(struct schema *schema)
{
    for (size_t i = 0; schema->fields && i < schema->field_count; i++) {
        free((char *)(uintptr_t)schema->fields[i].name);
        free((char *)(uintptr_t)schema->fields[i].unit);
        free((char *)(uintptr_t)schema->fields[i].help);
    }
    free(schema->fields);
    free(schema->measurement);
    free(schema);
}

static char *copy(const char *text, bool *failed)
{
    if (!text)
        return NULL;
    char *made = strdup(text);
    if (!made)
        *failed = true;
    return made;
}

static struct schema *make(const char *measurement, const struct gw_field *fields, size_t count)
{
    bool failed = false;
    struct schema *schema = calloc(1, sizeof(*schema));
    if (!schema)
        return NULL;
    schema->measurement = copy(measurement, &failed);
    schema->fields = calloc(count + 1, sizeof(*fields));
    schema->field_count = count;
    for (size_t i = 0; schema->fields && i < count; i++) {
        schema->fields[i] =
            (struct gw_field){copy(fields[i].name, &failed), fields[i].kind,
                              copy(fields[i].unit, &failed), copy(fields[i].help, &failed)};
    }
    if (schema->fields && !failed)
        return schema;
    schema_free(schema);
    return NULL;
}

const struct schema *schema_for(struct schema **list, const char *measurement,
                                const struct gw_field *fields, size_t count)
{
    struct schema **at = list;
    for (; *at; at = &(*at)->next) {
        if (strcmp((*at)->measurement, measurement) == 0 && same_fields(*at, fields, count))
            return *at;
    }
    *at = make(measurement, fields, count);
    return *at;
}

void schemas_free(struct schema *list)
{
    while (list) {
        struct schema *next = list->next;
        schema_free(list);
        list = next;
    }
}

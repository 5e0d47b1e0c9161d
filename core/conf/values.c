/* Reading checked values, by name. Knows nothing of where they came from. */
#include "conf/values_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t table_count(const struct gw_row *table)
{
    size_t count = 0;
    while (table && table[count].name)
        count++;
    return count;
}

struct gw_values *values_new(void)
{
    struct gw_values *values = calloc(1, sizeof(*values));
    if (values)
        arena_init(&values->arena, VALUES_BYTES_MAX);
    return values;
}

void values_free(struct gw_values *values)
{
    if (!values)
        return;
    arena_fini(&values->arena);
    free(values);
}

/* The value of `name` when it is there and of one of `types` (bits 1 << enum gw_type). */
static const struct value *find(const struct gw_values *values, const char *name, unsigned types)
{
    for (size_t i = 0; values && name && i < values->count; i++) {
        if (strcmp(values->table[i].name, name) != 0)
            continue;
        bool fits = (types >> values->table[i].type) & 1;
        return fits && values->slots[i].present ? &values->slots[i] : NULL;
    }
    return NULL;
}

bool gw_has(const struct gw_values *values, const char *name)
{
    return find(values, name, ~0u) != NULL;
}

bool gw_bool(const struct gw_values *values, const char *name)
{
    const struct value *value = find(values, name, 1 << GW_BOOL);
    return value && value->whole;
}

int64_t gw_int(const struct gw_values *values, const char *name)
{
    const struct value *value =
        find(values, name, 1 << GW_INT | 1 << GW_DURATION | 1 << GW_SIZE | 1 << GW_TIME);
    return value ? value->whole : 0;
}

double gw_number(const struct gw_values *values, const char *name)
{
    const struct value *value = find(values, name, 1 << GW_NUMBER);
    if (value)
        return value->real;
    value = find(values, name, 1 << GW_INT);
    return value ? (double)value->whole : NAN;
}

const char *gw_string(const struct gw_values *values, const char *name)
{
    const struct value *value = find(values, name,
                                     1 << GW_STRING | 1 << GW_SECRET | 1 << GW_ENUM | 1 << GW_JSON |
                                         1 << GW_CRON | 1 << GW_ZONE);
    return value ? value->text : NULL;
}

size_t gw_count(const struct gw_values *values, const char *name)
{
    const struct value *value =
        find(values, name, 1 << GW_STRINGS | 1 << GW_TABLES | 1 << GW_TABLE);
    return value ? value->count : 0;
}

const char *gw_string_at(const struct gw_values *values, const char *name, size_t i)
{
    const struct value *value = find(values, name, 1 << GW_STRINGS);
    return value && i < value->count ? value->strings[i] : NULL;
}

const struct gw_values *gw_table_at(const struct gw_values *values, const char *name, size_t i)
{
    const struct value *value = find(values, name, 1 << GW_TABLES | 1 << GW_TABLE);
    return value && i < value->count ? &value->tables[i] : NULL;
}

static bool value_equal(const struct gw_row *row, const struct value *a, const struct value *b)
{
    if (a->present != b->present || a->count != b->count || a->whole != b->whole)
        return false;
    if (a->real < b->real || a->real > b->real)
        return false;
    if (!a->text != !b->text || (a->text && strcmp(a->text, b->text) != 0))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (row->type == GW_STRINGS ? strcmp(a->strings[i], b->strings[i]) != 0
                                    : !values_equal(&a->tables[i], &b->tables[i]))
            return false;
    }
    return true;
}

bool values_equal(const struct gw_values *a, const struct gw_values *b)
{
    if (!a || !b)
        return a == b;
    if (a->table != b->table || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!value_equal(&a->table[i], &a->slots[i], &b->slots[i]))
            return false;
    }
    return true;
}

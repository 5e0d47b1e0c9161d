/* layout.c - see layout.h. */
#include "layout.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Fields ---------------------------------------------------------------------------------- */

static void field_free(struct field *field)
{
    free(field->name);
    free(field->unit);
    free(field->title);
    free(field->warning);
    free(field->critical);
    free(field);
}

void group_free(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        field_free(group->fields[i]);
    free(group->fields);
    for (struct part *part = group->parts, *next; part; part = next) {
        next = part->next;
        free(part);
    }
    for (size_t i = 0; i < group->label_count; i++) {
        free((char *)(uintptr_t)group->labels[i].name);
        free((char *)(uintptr_t)group->labels[i].value);
    }
    free(group->key);
    free(group->series);
    free(group);
}

static bool is_it(const struct field *field, const char *name, const char *unit,
                  enum gw_field_kind kind)
{
    return field->kind == kind && strcmp(field->name, name) == 0 && strcmp(field->unit, unit) == 0;
}

struct field *group_find(struct group *group, const char *name, const char *unit,
                         enum gw_field_kind kind)
{
    for (size_t i = 0; i < group->count; i++) { /* they mostly come in the same order */
        size_t at = (group->hint + i) % group->count;
        if (!is_it(group->fields[at], name, unit, kind))
            continue;
        group->hint = at + 1;
        return group->fields[at];
    }
    return NULL;
}

struct field *group_add(struct group *group, const char *name, const char *unit,
                        enum gw_field_kind kind)
{
    struct field *field = calloc(1, sizeof *field);
    struct field **fields = realloc(group->fields, (group->count + 1) * sizeof *fields);
    if (fields)
        group->fields = fields;
    if (!field || !fields) {
        free(field);
        return NULL;
    }
    *field = (struct field){.name = strdup(name), .unit = strdup(unit), .kind = kind};
    field->min = field->max = field->value = field->last = NAN;
    if (!field->name || !field->unit) {
        field_free(field);
        return NULL;
    }
    group->fields[group->count++] = field;
    group->fresh++;
    return field;
}

/* "what: which" */
static bool says_both(const char *text, const char *what, const char *which)
{
    size_t length = strlen(what);
    return strncmp(text, what, length) == 0 && strncmp(text + length, ": ", 2) == 0 &&
           strcmp(text + length + 2, which) == 0;
}

static char *join(const char *what, const char *which)
{
    size_t size = strlen(what) + strlen(which) + 3;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s: %s", what, which);
    return text;
}

void field_describe(char **to, const char *what, const char *which)
{
    bool both = what && which && *which && strcmp(what, which) != 0;
    const char *one = what ? what : which;
    if (!one || (*to && (both ? says_both(*to, what, which) : strcmp(*to, one) == 0)))
        return;
    free(*to);
    *to = both ? join(what, which) : strdup(one);
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static struct part *part_add(struct group *group)
{
    struct part **at = &group->parts;
    unsigned number = 1;
    for (; *at; at = &(*at)->next)
        number++;
    *at = calloc(1, sizeof **at);
    if (*at)
        (*at)->number = number;
    return *at;
}

static void put(struct group *group, struct part *part, struct field *field)
{
    field->part = part;
    part->fields[part->count++] = field;
    group->fresh--;
}

static bool column_taken(const struct group *group, const char *column)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->fields[i]->part && strcmp(group->fields[i]->column, column) == 0)
            return true;
    return false;
}

/* Two names that look alike in small letters: the second is marked by its whole name. */
static void name_column(struct group *group, struct field *field)
{
    naming_field(field->column, field->name, false);
    if (column_taken(group, field->column))
        naming_field(field->column, field->name, true);
    for (unsigned i = 2; column_taken(group, field->column) && i < 1000; i++) {
        char other[64];
        snprintf(other, sizeof other, "%.40s %u %u", field->name, (unsigned)field->kind, i);
        naming_field(field->column, other, true);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct field *const *one = a, *const *other = b;
    int order = strcmp((*one)->name, (*other)->name);
    order = order ? order : strcmp((*one)->unit, (*other)->unit);
    return order ? order : (int)(*one)->kind - (int)(*other)->kind;
}

bool group_arrange(struct group *group)
{
    size_t count = 0;
    struct field **fresh = calloc(group->fresh + 1, sizeof *fresh);
    for (size_t i = 0; fresh && i < group->count; i++)
        if (!group->fields[i]->part)
            fresh[count++] = group->fields[i];
    if (count > 1)
        qsort(fresh, count, sizeof *fresh, by_name);
    struct part *part = NULL;
    bool good = fresh != NULL;
    for (size_t i = 0; good && i < count; i++) {
        if (i % GW_FIELDS_MAX == 0)
            good = (part = part_add(group)) != NULL;
        if (good) {
            name_column(group, fresh[i]);
            put(group, part, fresh[i]);
        }
    }
    free(fresh);
    return good;
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool plain(const char *column)
{
    size_t length = strlen(column);
    return length > 0 && length < NAMING_FIELD_BYTES &&
           strspn(column, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static bool apply_field(struct group *group, struct part *part, json_t *said)
{
    const char *name, *unit, *column;
    int kind;
    if (json_unpack(said, "[s, s, i, s]", &name, &unit, &kind, &column) ||
        (kind != GW_GAUGE && kind != GW_COUNTER) || !plain(column) ||
        part->count == GW_FIELDS_MAX || column_taken(group, column))
        return false;
    struct field *field = group_add(group, name, unit, (enum gw_field_kind)kind);
    if (!field)
        return false;
    snprintf(field->column, sizeof field->column, "%s", column);
    put(group, part, field);
    return true;
}

void layout_apply(const json_t *layout, struct group *group)
{
    json_t *parts = json_object_get(layout, group->series), *fields, *field;
    size_t i, j;
    json_array_foreach(parts, i, fields)
    {
        struct part *part = json_array_size(fields) ? part_add(group) : NULL;
        if (!part)
            return;
        json_array_foreach(fields, j, field) apply_field(group, part, field);
    }
}

/* One field that has no name of its own is where it is without being kept. */
static bool speaks_for_itself(const struct group *group)
{
    return group->count == 1 && strcmp(group->fields[0]->name, "value") == 0;
}

void layout_keep(json_t *layout, const struct group *group)
{
    if (speaks_for_itself(group))
        return;
    json_t *parts = json_array();
    for (const struct part *part = group->parts; part; part = part->next) {
        json_t *fields = json_array();
        for (size_t i = 0; i < part->count; i++) {
            const struct field *field = part->fields[i];
            json_array_append_new(fields, json_pack("[s, s, i, s]", field->name, field->unit,
                                                    (int)field->kind, field->column));
        }
        json_array_append_new(parts, fields);
    }
    json_object_set_new(layout, group->series, parts);
}

json_t *layout_load(const char *path)
{
    json_t *layout = path ? json_load_file(path, 0, NULL) : NULL;
    if (json_is_object(layout))
        return layout;
    json_decref(layout);
    return json_object();
}

int layout_save(const json_t *layout, const char *path)
{
    char made[4096];
    int length = snprintf(made, sizeof made, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof made)
        return -ENAMETOOLONG;
    if (json_dump_file(layout, made, JSON_COMPACT | JSON_SORT_KEYS))
        return -EIO;
    return rename(made, path) ? -errno : 0;
}

/* rows.c - see rows.h. */
#include "rows.h"
#include "layout.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD_MS = 300000,            /* a clock may be wrong by so much */
    BEHIND_MS = 7 * 24 * 3600000, /* and what was kept back so old */
    SILENT_MS = 3600000,          /* then a group is forgotten */
    SILENT_INTERVALS = 20,
    LABELS_SEEN_MAX = 64,
    FIELDS_A_SERIES = 8, /* in the mean; bounds memory */
    EVERY_MS_MIN = 1000, /* of what a program says; so does this, by the rows that are kept */
};

struct rows {
    struct rows_options options;
    void *by_key, *by_series; /* trees of struct group, by `key` and by `series` */
    struct group *groups, *dirty;
    size_t group_count;
    json_t *layout;
    bool layout_changed;
    struct rows_counts counts;
    char *key; /* owned: room for a key */
    size_t key_size;
};

/* ---- Finding --------------------------------------------------------------------------------- */

static int compare_key(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->key, ((const struct group *)b)->key);
}

static int compare_series(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->series, ((const struct group *)b)->series);
}

/* The labels of a metric in the order of their names, since the order they come in says nothing. */
static size_t sort_labels(const struct gw_label *labels,
                          const struct gw_label *out[LABELS_SEEN_MAX])
{
    size_t count = 0;
    for (; labels && labels->name && count < LABELS_SEEN_MAX; labels++) {
        size_t at = count++;
        for (; at > 0 && strcmp(out[at - 1]->name, labels->name) > 0; at--)
            out[at] = out[at - 1];
        out[at] = labels;
    }
    return count;
}

static bool key_add(struct rows *rows, size_t *used, const char *text, char end)
{
    size_t length = strlen(text), need = *used + length + 2;
    if (need > rows->key_size) {
        char *more = realloc(rows->key, need * 2);
        if (!more)
            return false;
        rows->key = more;
        rows->key_size = need * 2;
    }
    memcpy(rows->key + *used, text, length);
    *used += length;
    rows->key[(*used)++] = end;
    rows->key[*used] = '\0';
    return true;
}

static bool make_key(struct rows *rows, const struct metric *metric,
                     const struct gw_label *const *labels, size_t count)
{
    size_t used = 0;
    bool good = key_add(rows, &used, metric->group, '\x1f');
    for (size_t i = 0; good && i < count; i++)
        good = key_add(rows, &used, labels[i]->name, '\x1e') &&
               key_add(rows, &used, labels[i]->value ? labels[i]->value : "", '\x1f');
    return good;
}

/* ---- A new group ----------------------------------------------------------------------------- */

static bool label_add(struct group *group, const char *name, const char *value)
{
    struct gw_label *label = &group->labels[group->label_count];
    char cut[NAMING_VALUE_BYTES];
    naming_value(cut, value);
    *label = (struct gw_label){strdup(name), strdup(cut)};
    group->label_count++;
    return label->name && label->value;
}

static bool label_there(const struct group *group, const char *name)
{
    for (size_t i = 0; i < group->label_count; i++)
        if (strcmp(group->labels[i].name, name) == 0)
            return true;
    return strcmp(name, "part") == 0 || strcmp(name, "more") == 0;
}

/* What finds no place as a label of its own goes into the label `more`. */
static bool labels_join(struct group *group, const struct gw_label *const *labels, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; out && i < count; i++)
        fprintf(out, "%s%s=%s", i ? "," : "", labels[i]->name, labels[i]->value);
    bool good = out && fclose(out) == 0 && label_add(group, "more", text);
    free(text);
    return good;
}

static bool labels_make(const struct rows *rows, struct group *group,
                        const struct gw_label *const *labels, size_t count)
{
    bool good = label_add(group, "item", rows->options.item);
    for (size_t i = 0; good && i < rows->options.label_count; i++)
        good = label_add(group, rows->options.labels[i].name, rows->options.labels[i].value);
    for (size_t i = 0; good && i < count; i++) {
        char name[NAMING_LABEL_BYTES];
        size_t room = GW_LABELS_MAX - 1 - group->label_count; /* one is for `part` */
        if (room == 1 && count - i > 1)
            return labels_join(group, labels + i, count - i);
        naming_label(name, labels[i]->name);
        if (label_there(group, name) && strlen(name) + 6 < sizeof name)
            snprintf(name + strlen(name), 6, "_%04x",
                     (unsigned)(naming_hash(labels[i]->name) & 0xffff));
        good = label_add(group, name, labels[i]->value ? labels[i]->value : "");
    }
    return good;
}

static char *series_key(const struct group *group)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fputs(group->measurement, out);
    for (size_t i = 0; i < group->label_count; i++)
        fprintf(out, "\x1f%s\x1e%s", group->labels[i].name, group->labels[i].value);
    return fclose(out) ? NULL : text;
}

/* Two groups may come to look the same in small letters: the second is marked. */
static bool name_group(struct rows *rows, struct group *group, const char *said)
{
    naming_measurement(group->measurement, said, false);
    group->series = series_key(group);
    if (!group->series || !tfind(group, &rows->by_series, compare_series))
        return group->series != NULL;
    free(group->series);
    naming_measurement(group->measurement, said, true);
    group->series = series_key(group);
    return group->series && !tfind(group, &rows->by_series, compare_series);
}

static struct group *group_new(struct rows *rows, const struct metric *metric,
                               const struct gw_label *const *labels, size_t count)
{
    struct group *group = calloc(1, sizeof *group);
    if (!group)
        return NULL;
    group->key = strdup(rows->key);
    if (!group->key || !labels_make(rows, group, labels, count) ||
        !name_group(rows, group, metric->group)) {
        group_free(group);
        return NULL;
    }
    layout_apply(rows->layout, group);
    rows->counts.fields += group->count;
    group->written_ms = gw_monotonic_ms(rows->options.self);
    group->next = rows->groups;
    rows->groups = group;
    rows->group_count++;
    tsearch(group, &rows->by_key, compare_key);
    tsearch(group, &rows->by_series, compare_series);
    return group;
}

static struct group *group_of(struct rows *rows, const struct metric *metric, bool make)
{
    const struct gw_label *labels[LABELS_SEEN_MAX];
    size_t count = sort_labels(metric->labels, labels);
    if (!make_key(rows, metric, labels, count))
        return NULL;
    struct group probe = {.key = rows->key}, **found = tfind(&probe, &rows->by_key, compare_key);
    if (found)
        return *found;
    if (!make || rows->group_count >= rows->options.series_max)
        return NULL;
    return group_new(rows, metric, labels, count);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int64_t every_ms(const struct rows *rows, const struct group *group)
{
    if (!group->every_ms)
        return rows->options.every_ms;
    return group->every_ms < EVERY_MS_MIN ? EVERY_MS_MIN : group->every_ms;
}

static struct gw_series *series_of(struct rows *rows, struct group *group, struct part *part)
{
    if (part->series || part->refused)
        return part->series;
    if (rows->counts.series >= rows->options.series_max) {
        part->refused = true;
        return NULL;
    }
    struct gw_field fields[GW_FIELDS_MAX + 1] = {{0}};
    char units[GW_FIELDS_MAX][NAMING_UNIT_BYTES], number[16];
    for (size_t i = 0; i < part->count; i++) {
        const struct field *field = part->fields[i];
        naming_unit(units[i], field->unit, field->kind == GW_COUNTER);
        fields[i] = (struct gw_field){field->column, field->kind, *units[i] ? units[i] : NULL,
                                      field->title ? field->title : field->name};
    }
    struct gw_label labels[GW_LABELS_MAX + 1] = {{0}};
    memcpy(labels, group->labels, group->label_count * sizeof *labels);
    snprintf(number, sizeof number, "%u", part->number);
    if (part->number > 1)
        labels[group->label_count] = (struct gw_label){"part", number};
    part->series = gw_series_get(rows->options.self, group->measurement, labels, fields,
                                 every_ms(rows, group));
    part->refused = part->series == NULL;
    rows->counts.series += part->series ? 1 : 0;
    return part->series;
}

static void part_write(struct rows *rows, struct group *group, struct part *part)
{
    double row[GW_FIELDS_MAX];
    int64_t time_ms = 0;
    uint64_t count = 0;
    for (size_t i = 0; i < part->count; i++) {
        struct field *field = part->fields[i];
        row[i] = field->pending ? field->value : NAN;
        if (!field->pending)
            continue;
        field->pending = false;
        time_ms = field->time_ms;
        if (!isnan(field->value)) {
            field->last = field->value;
            count++;
        }
    }
    if (!count)
        return;
    struct gw_series *series = series_of(rows, group, part);
    if (!series) {
        rows->counts.refused += count;
        return;
    }
    int error = time_ms ? gw_set_at(series, time_ms, row) : gw_set(series, row);
    rows->counts.late += error == -EEXIST ? count : 0;
    rows->counts.values += error ? 0 : count;
}

static void group_write(struct rows *rows, struct group *group)
{
    if (group->fresh) {
        group_arrange(group);
        layout_keep(rows->layout, group);
        rows->layout_changed = true;
    }
    for (struct part *part = group->parts; part; part = part->next)
        part_write(rows, group, part);
    group->written_ms = gw_monotonic_ms(rows->options.self);
}

void rows_turn(struct rows *rows)
{
    struct group *group = rows->dirty;
    rows->dirty = NULL;
    for (struct group *next; group; group = next) {
        next = group->next_dirty;
        group->dirty = false;
        group_write(rows, group);
    }
}

/* ---- Values ---------------------------------------------------------------------------------- */

static struct field *field_of(struct rows *rows, struct group *group, const struct metric *metric)
{
    const char *name = metric->name && *metric->name ? metric->name : "value";
    const char *unit = metric->unit ? metric->unit : "";
    enum gw_field_kind kind = metric->kind == GW_COUNTER ? GW_COUNTER : GW_GAUGE;
    struct field *field = group_find(group, name, unit, kind);
    if (!field && rows->counts.fields < rows->options.series_max * FIELDS_A_SERIES) {
        field = group_add(group, name, unit, kind);
        rows->counts.fields += field ? 1 : 0;
    }
    return field;
}

int rows_value(struct rows *rows, const struct metric *metric, int64_t time_ms, double value)
{
    int64_t now_ms = gw_now_ms(rows->options.self);
    if (time_ms && (time_ms > now_ms + AHEAD_MS || time_ms < now_ms - BEHIND_MS))
        return -ERANGE;
    struct group *group = group_of(rows, metric, true);
    struct field *field = group ? field_of(rows, group, metric) : NULL;
    if (!field) {
        rows->counts.refused++;
        return -ENOSPC;
    }
    if (field->pending) /* the same again: a row of its own */
        group_write(rows, group);
    field_describe(&field->title, metric->title, metric->help);
    group->every_ms = metric->every_ms ? metric->every_ms : group->every_ms;
    field_describe(&field->warning, metric->warning, NULL);
    field_describe(&field->critical, metric->critical, NULL);
    field->min = metric->min;
    field->max = metric->max;
    field->value = value;
    field->time_ms = time_ms;
    field->pending = true;
    field->gone = false;
    if (!group->dirty) {
        group->dirty = true;
        group->next_dirty = rows->dirty;
        rows->dirty = group;
    }
    return 0;
}

static void part_end(struct rows *rows, struct part *part)
{
    if (!part->series)
        return;
    gw_series_end(part->series);
    part->series = NULL;
    rows->counts.series--;
}

void rows_gone(struct rows *rows, const struct metric *metric)
{
    struct group *group = group_of(rows, metric, false);
    struct field *field = group ? group_find(group, metric->name ? metric->name : "value",
                                             metric->unit ? metric->unit : "",
                                             metric->kind == GW_COUNTER ? GW_COUNTER : GW_GAUGE)
                                : NULL;
    if (!field || !field->part)
        return;
    field->gone = true;
    field->last = NAN;
    for (size_t i = 0; i < field->part->count; i++)
        if (!field->part->fields[i]->gone)
            return;
    part_end(rows, field->part);
}

/* ---- Keeping and forgetting ------------------------------------------------------------------ */

static void group_forget(struct rows *rows, struct group *group)
{
    for (struct part *part = group->parts; part; part = part->next)
        part_end(rows, part);
    tdelete(group, &rows->by_key, compare_key);
    tdelete(group, &rows->by_series, compare_series);
    rows->counts.fields -= group->count;
    rows->group_count--;
    group_free(group);
}

static void forget_silent(struct rows *rows)
{
    int64_t now_ms = gw_monotonic_ms(rows->options.self);
    for (struct group **at = &rows->groups; *at;) {
        struct group *group = *at;
        int64_t silent_ms = every_ms(rows, group) * SILENT_INTERVALS;
        if (group->dirty ||
            now_ms - group->written_ms < (silent_ms > SILENT_MS ? silent_ms : SILENT_MS)) {
            at = &group->next;
            continue;
        }
        *at = group->next;
        group_forget(rows, group);
    }
}

/* What is kept of groups that do not come any more is bounded too. */
static void prune_layout(struct rows *rows)
{
    const char *key;
    json_t *parts;
    void *next;
    if (json_object_size(rows->layout) < 2 * rows->options.series_max + 100)
        return;
    json_object_foreach_safe(rows->layout, next, key, parts)
    {
        struct group probe = {.series = (char *)(uintptr_t)key};
        if (!tfind(&probe, &rows->by_series, compare_series))
            json_object_del(rows->layout, key);
    }
}

static void save_layout(struct rows *rows)
{
    if (!rows->layout_changed || !rows->options.layout)
        return;
    rows->layout_changed = false;
    prune_layout(rows);
    int error = layout_save(rows->layout, rows->options.layout);
    if (error)
        gw_fail(rows->options.self, error, "keeping where values are in %s", rows->options.layout);
}

void rows_tick(struct rows *rows)
{
    forget_silent(rows);
    save_layout(rows);
}

/* ---- Life ------------------------------------------------------------------------------------ */

struct rows *rows_new(const struct rows_options *options)
{
    struct rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return NULL;
    rows->options = *options;
    rows->layout = layout_load(options->layout);
    if (rows->layout)
        return rows;
    free(rows);
    return NULL;
}

static void keep_node(void *group)
{
    (void)group; /* it belongs to the list */
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    save_layout(rows);
    tdestroy(rows->by_key, keep_node);
    tdestroy(rows->by_series, keep_node);
    for (struct group *group = rows->groups, *next; group; group = next) {
        next = group->next;
        group_free(group);
    }
    json_decref(rows->layout);
    free(rows->key);
    free(rows);
}

void rows_end(struct rows *rows)
{
    for (struct group *group = rows->groups; group; group = group->next)
        for (struct part *part = group->parts; part; part = part->next)
            part_end(rows, part);
}

struct rows_counts rows_counts(const struct rows *rows)
{
    return rows->counts;
}

static json_t *describe_field(const struct group *group, const struct field *field)
{
    char unit[NAMING_UNIT_BYTES];
    naming_unit(unit, field->unit, field->kind == GW_COUNTER);
    json_t *labels = json_object();
    for (size_t i = 1; i < group->label_count; i++) /* the first is the item */
        json_object_set_new(labels, group->labels[i].name, json_string(group->labels[i].value));
    if (field->part->number > 1)
        json_object_set_new(labels, "part", json_sprintf("%u", field->part->number));
    json_t *doc = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:o}", "series",
                            group->measurement, "field", field->column, "name", field->name, "unit",
                            *unit ? unit : NULL, "title", field->title, "warning", field->warning,
                            "critical", field->critical, "labels", labels);
    if (field->kind == GW_COUNTER)
        json_object_set_new(doc, "counter", json_true());
    if (isfinite(field->last))
        json_object_set_new(doc, "last", json_real(field->last));
    if (isfinite(field->min))
        json_object_set_new(doc, "min", json_real(field->min));
    if (isfinite(field->max))
        json_object_set_new(doc, "max", json_real(field->max));
    return doc;
}

json_t *rows_describe(const struct rows *rows, size_t most)
{
    json_t *list = json_array();
    for (const struct group *group = rows->groups; group; group = group->next)
        for (size_t i = 0; i < group->count && json_array_size(list) < most; i++)
            if (group->fields[i]->part && !group->fields[i]->gone)
                json_array_append_new(list, describe_field(group, group->fields[i]));
    return list;
}

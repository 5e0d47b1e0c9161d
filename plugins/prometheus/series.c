/* series.c - see series.h. */
#include "series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = GW_LABELS_MAX + 2 + 32 /* the line's own, __name__, and external ones */ };

/* ---- Labels ---------------------------------------------------------------------------------- */

struct names {
    char name[GW_LABELS_MAX][LABEL_NAME_BYTES];
};

static bool is_among(const struct names *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

/* Their names here; two must not become one. */
static void names_make(struct names *out, const struct gw_series_info *info)
{
    for (size_t i = 0; i < info->label_count && i < GW_LABELS_MAX; i++) {
        label_name(out->name[i], info->labels[i].name);
        size_t length = strlen(out->name[i]);
        while (is_among(out, i, out->name[i]) && length + 1 < LABEL_NAME_BYTES) {
            out->name[i][length++] = '_';
            out->name[i][length] = '\0';
        }
    }
}

static bool is_taken(const struct shape_line *line, const char *name)
{
    return line->label && strcmp(line->label, name) == 0;
}

static void add_pair(struct bytes *out, char before, const char *name, const char *value)
{
    bytes_add(out, &before, 1);
    bytes_text(out, name);
    bytes_text(out, "=\"");
    label_value(out, value);
    bytes_text(out, "\"");
}

static void line_text(struct bytes *out, const struct shape_line *line,
                      const struct gw_series_info *info, const struct names *names)
{
    char before = '{';
    bytes_text(out, line->family->name);
    bytes_text(out, line->suffix);
    for (size_t i = 0; i < info->label_count; i++) {
        if (!*info->labels[i].value || is_taken(line, names->name[i]))
            continue;
        add_pair(out, before, names->name[i], info->labels[i].value);
        before = ',';
    }
    if (line->label) {
        add_pair(out, before, line->label, line->value);
        before = ',';
    }
    bytes_text(out, before == '{' ? " " : "} ");
}

/* ---- The page's lines ------------------------------------------------------------------------ */

static int make_texts(struct series *series, const struct gw_series_info *info)
{
    struct bytes text = {.max = 1 << 20};
    struct names names;
    names_make(&names, info);
    for (size_t i = 0; i < series->shape->line_count; i++) {
        line_text(&text, &series->shape->lines[i], info, &names);
        series->ends[i] = (uint32_t)text.len;
    }
    series->texts = text.data;
    return text.failed ? -1 : 0;
}

static int family_add(struct family *family, struct block block, uint32_t *slot)
{
    if (family->block_count == family->block_space) {
        size_t space = family->block_space * 2 + 16;
        struct block *grown = realloc(family->blocks, space * sizeof *grown);
        if (!grown)
            return -1;
        family->blocks = grown;
        family->block_space = space;
    }
    *slot = (uint32_t)family->block_count;
    family->blocks[family->block_count++] = block;
    return 0;
}

/* The last one takes its place. */
static void family_remove(struct family *family, uint32_t slot)
{
    struct block last = family->blocks[--family->block_count];
    if (slot == family->block_count)
        return;
    family->blocks[slot] = last;
    last.series->slots[last.first] = slot;
}

/* Lines of one family stand together in a shape. */
static uint32_t block_end(const struct shape *shape, uint32_t first)
{
    uint32_t end = first + 1;
    while (end < shape->line_count && shape->lines[end].family == shape->lines[first].family)
        end++;
    return end;
}

static int enter_families(struct series *series)
{
    const struct shape *shape = series->shape;
    for (uint32_t first = 0, end; first < shape->line_count; first = end) {
        end = block_end(shape, first);
        struct block block = {series, first, end - first};
        if (family_add(shape->lines[first].family, block, &series->slots[first]))
            return -1;
    }
    return 0;
}

static void leave_families(struct series *series)
{
    const struct shape *shape = series->shape;
    for (uint32_t first = 0; first < shape->line_count; first = block_end(shape, first))
        if (series->slots[first] != UINT32_MAX)
            family_remove(shape->lines[first].family, series->slots[first]);
}

struct series *series_new(struct shape *shape, const struct gw_series_info *info, bool shown)
{
    size_t lines = shape->line_count;
    struct series *series = calloc(1, sizeof *series + shape->field_count * sizeof(double));
    if (!series)
        return NULL;
    series->shape = shape;
    series->every_ms = info->every_ms;
    series->shown = shown;
    series->ends = calloc(lines + 1, sizeof *series->ends);
    series->slots = malloc((lines + 1) * sizeof *series->slots);
    series->alive = calloc(lines + 1, sizeof *series->alive);
    if (series->slots)
        memset(series->slots, 0xff, (lines + 1) * sizeof *series->slots);
    if (!series->ends || !series->slots || !series->alive || make_texts(series, info) ||
        (shown && enter_families(series))) {
        series_free(series);
        return NULL;
    }
    if (info->last)
        series_take(series, info->last_ms, info->last);
    return series;
}

void series_free(struct series *series)
{
    if (!series)
        return;
    if (series->slots)
        leave_families(series);
    for (size_t i = 0; i < TARGETS_MAX; i++) {
        if (series->wires[i])
            bytes_fini(&series->wires[i]->bytes);
        free(series->wires[i]);
    }
    free(series->texts);
    free(series->ends);
    free(series->slots);
    free(series->alive);
    free(series);
}

void series_take(struct series *series, int64_t time_ms, const double *values)
{
    series->last_ms = time_ms;
    memcpy(series->row, values, series->shape->field_count * sizeof *values);
}

/* ---- Remote write ---------------------------------------------------------------------------- */

static bool has_label(const struct gw_label *labels, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, name) == 0)
            return true;
    return false;
}

static void line_labels(struct bytes *out, const struct shape_line *line,
                        const struct gw_label *own, size_t own_count,
                        const struct gw_label *externals)
{
    struct gw_label labels[PAIRS_MAX];
    char name[NAME_BYTES + 8];
    size_t count = 0;
    snprintf(name, sizeof name, "%s%s", line->family->name, line->suffix);
    labels[count++] = (struct gw_label){"__name__", name};
    if (line->label)
        labels[count++] = (struct gw_label){line->label, line->value};
    for (size_t i = 0; i < own_count; i++)
        if (*own[i].value && !is_taken(line, own[i].name))
            labels[count++] = own[i];
    for (; externals && externals->name && count < PAIRS_MAX; externals++)
        if (!has_label(labels, count, externals->name))
            labels[count++] = *externals;
    wire_labels(out, labels, count);
}

struct wire_labels *series_wire(const struct shape *shape, const struct gw_series_info *info,
                                const struct gw_label *externals)
{
    struct wire_labels *wires =
        calloc(1, sizeof *wires + shape->line_count * sizeof wires->ends[0]);
    struct names names;
    struct gw_label own[GW_LABELS_MAX];
    struct bytes values = {.max = 1 << 16};
    size_t places[GW_LABELS_MAX];
    if (!wires)
        return NULL;
    names_make(&names, info);
    for (size_t i = 0; i < info->label_count; i++) {
        places[i] = values.len;
        label_raw(&values, info->labels[i].value);
        bytes_add(&values, "", 1);
    }
    for (size_t i = 0; i < info->label_count && !values.failed; i++)
        own[i] = (struct gw_label){names.name[i], values.data + places[i]};
    for (size_t i = 0; i < shape->line_count && !values.failed; i++) {
        line_labels(&wires->bytes, &shape->lines[i], own, info->label_count, externals);
        wires->ends[i] = (uint32_t)wires->bytes.len;
    }
    bool failed = values.failed || wires->bytes.failed;
    bytes_fini(&values);
    if (!failed)
        return wires;
    bytes_fini(&wires->bytes);
    free(wires);
    return NULL;
}

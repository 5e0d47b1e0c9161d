/* Writing series, and every row ever written, kept in memory as a ring would hold it. */
#include "testing/inside.h"

#include "metric/registry.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 10000 /* rows are expected this often when nobody says */ };

/* ---- What is kept ---- */

struct rows *rows_of(struct gwt *test, uint32_t id)
{
    return id && id <= test->rows_count && test->rows[id - 1].width ? &test->rows[id - 1] : NULL;
}

static struct rows *rows_make(struct gwt *test, uint32_t id, size_t width)
{
    if (id > test->rows_count) {
        test->rows = gwt_need(realloc(test->rows, id * sizeof(*test->rows)));
        memset(test->rows + test->rows_count, 0, (id - test->rows_count) * sizeof(*test->rows));
        test->rows_count = id;
    }
    struct rows *rows = &test->rows[id - 1];
    if (rows->width != width) { /* other fields: another history */
        rows->count = 0;
        rows->cap = rows->cap * rows->width / width;
        rows->width = width;
    }
    return rows;
}

static void rows_add(struct gwt *test, const struct gw_series *series, int64_t time_ms,
                     const double *values)
{
    size_t width = series->schema->field_count + 1;
    struct rows *rows = rows_make(test, series->id, width);
    if (rows->count == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 64;
        rows->list = gwt_need(realloc(rows->list, rows->cap * width * sizeof(double)));
    }
    double *row = rows->list + rows->count++ * width;
    memcpy(row, &time_ms, sizeof(*row));
    memcpy(row + 1, values, (width - 1) * sizeof(*row));
}

void rows_fini(struct gwt *test)
{
    for (size_t i = 0; i < test->rows_count; i++)
        free(test->rows[i].list);
    free(test->rows);
}

/* ---- Of the plugin ---- */

static struct gwt *test_of(const struct gw_series *series)
{
    return (struct gwt *)metric_clock(series); /* its first member is the clock */
}

struct gw_series *gw_series_get(struct gw_plugin *self, const char *measurement,
                                const struct gw_label *labels, const struct gw_field *fields,
                                int64_t every_ms)
{
    gwt_here(self, "gw_series_get");
    if (!self || !measurement || !fields)
        return NULL;
    int error = 0;
    struct gwt *test = self->test;
    int64_t every = every_ms > 0 ? every_ms : test->every_ms > 0 ? test->every_ms : EVERY_MS;
    struct gw_series *series =
        metric_get(test->metric, test, measurement, labels, fields, every, &error);
    if (!series)
        gw_log(self, GW_WARNING, "series '%s' was refused: %s", measurement,
               error == -EINVAL  ? "a bad name, or other fields than before"
               : error == -EBUSY ? "another instance writes it"
                                 : strerror(-error));
    return series;
}

int gw_set_at(struct gw_series *series, int64_t time_ms, const double *values)
{
    if (!series)
        return -EINVAL;
    int error = metric_set(series, time_ms, values);
    if (!error)
        rows_add(test_of(series), series, time_ms, values);
    return error;
}

int gw_set(struct gw_series *series, const double *values)
{
    return series ? gw_set_at(series, clock_wall_ms(metric_clock(series)), values) : -EINVAL;
}

int gw_series_relabel(struct gw_series *series, const struct gw_label *labels)
{
    return series ? metric_relabel(series, labels) : -EINVAL;
}

void gw_series_end(struct gw_series *series)
{
    if (series)
        metric_end(series);
}

/* ---- Of others, by the test ---- */

size_t labels_parse(const char *text, struct gw_label labels[GW_LABELS_MAX + 1], char **texts)
{
    size_t count = 0;
    char *copy = gwt_need(strdup(text ? text : ""));
    *texts = copy;
    memset(labels, 0, (GW_LABELS_MAX + 1) * sizeof(*labels));
    for (char *part; copy && *copy && (part = strsep(&copy, ","));) {
        char *value = strchr(part, '=');
        if (!value || count == GW_LABELS_MAX)
            gwt_die("labels are written \"a=b,c=d\", at most %d of them, not \"%s\"", GW_LABELS_MAX,
                    text);
        *value = '\0';
        labels[count++] = (struct gw_label){part, value + 1};
    }
    return count;
}

static void fields_parse(const char *text, struct gw_field fields[GW_FIELDS_MAX + 1], char **texts)
{
    size_t count = 0;
    char *copy = gwt_need(strdup(text ? text : ""));
    *texts = copy;
    memset(fields, 0, (GW_FIELDS_MAX + 1) * sizeof(*fields));
    for (char *part; copy && *copy && (part = strsep(&copy, ","));) {
        char *kind = strchr(part, ':');
        if (count == GW_FIELDS_MAX || (kind && strcmp(kind, ":counter") != 0))
            gwt_die("fields are written \"up,requests:counter\", not \"%s\"", text);
        if (kind)
            *kind = '\0';
        fields[count++] = (struct gw_field){part, kind ? GW_COUNTER : GW_GAUGE, "1", "of a test"};
    }
}

void gwt_row(struct gwt *test, const char *measurement, const char *labels, const char *fields,
             const double *values)
{
    struct gw_label label_list[GW_LABELS_MAX + 1];
    struct gw_field field_list[GW_FIELDS_MAX + 1];
    char *label_texts, *field_texts;
    int error = 0;
    labels_parse(labels, label_list, &label_texts);
    fields_parse(fields, field_list, &field_texts);
    struct gw_series *series = metric_get(test->metric, &test->metric, measurement, label_list,
                                          field_list, test->others_every_ms, &error);
    if (series)
        error = gw_set(series, values);
    if (error)
        gwt_die("gwt_row %s{%s} %s: %s", measurement, labels ? labels : "", fields,
                error == -EEXIST   ? "there is a row of this moment already; let time pass"
                : error == -EINVAL ? "a bad name, or other fields than before"
                : error == -EBUSY  ? "the plugin writes it"
                                   : strerror(-error));
    free(label_texts);
    free(field_texts);
}

void gwt_every(struct gwt *test, int64_t every_ms)
{
    test->others_every_ms = every_ms;
}

/* ---- Looking ---- */

struct search {
    const char *measurement;
    const struct gw_label *labels;
    size_t label_count;
    uint32_t id;
    int field; /* -1: no such field */
    const char *field_name;
};

static bool has_label(const struct series_info *info, const struct gw_label *label)
{
    for (size_t i = 0; i < info->label_count; i++) {
        if (strcmp(info->labels[i].name, label->name) == 0)
            return strcmp(info->labels[i].value, label->value) == 0;
    }
    return false;
}

static bool found_series(void *data, const struct series_info *info)
{
    struct search *search = data;
    if (strcmp(info->measurement, search->measurement) != 0 ||
        info->label_count != search->label_count)
        return true;
    for (size_t i = 0; i < search->label_count; i++) {
        if (!has_label(info, &search->labels[i]))
            return true;
    }
    search->id = info->id;
    for (size_t i = 0; search->field_name && i < info->field_count; i++) {
        if (strcmp(info->fields[i].name, search->field_name) == 0)
            search->field = (int)i;
    }
    return false;
}

static struct search find(struct gwt *test, const char *measurement, const char *labels,
                          const char *field)
{
    struct gw_label list[GW_LABELS_MAX + 1];
    char *texts;
    struct search search = {.measurement = measurement, .field = -1, .field_name = field};
    search.label_count = labels_parse(labels, list, &texts);
    search.labels = list;
    metric_each(test->metric, found_series, &search);
    search.labels = NULL;
    free(texts);
    return search;
}

double gwt_value(struct gwt *test, const char *measurement, const char *labels, const char *field)
{
    struct search search = find(test, measurement, labels, field);
    const struct rows *rows = rows_of(test, search.id);
    if (search.id && search.field < 0)
        gwt_die("gwt_value: %s has no field '%s'", measurement, field);
    if (!rows || rows->count == 0)
        return NAN;
    return rows->list[(rows->count - 1) * rows->width + 1 + (size_t)search.field];
}

size_t gwt_rows(struct gwt *test, const char *measurement, const char *labels)
{
    const struct rows *rows = rows_of(test, find(test, measurement, labels, NULL).id);
    return rows ? rows->count : 0;
}

void gwt_series_gone(struct gwt *test, const char *measurement, const char *labels)
{
    struct search search = find(test, measurement, labels, NULL);
    bool found = false;
    struct gw_series *series = NULL;
    if (search.id) {
        size_t at = registry_at(test->metric, search.id, &found);
        series = found ? test->metric->by_id[at] : NULL;
    }
    if (!series || series->owner != &test->metric)
        gwt_die("gwt_series_gone: the test has no series %s{%s}", measurement,
                labels ? labels : "");
    metric_end(series);
}

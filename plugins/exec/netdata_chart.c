/* netdata_chart.c - see netdata_chart.h. */
#include "netdata_chart.h"

#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CHARTS_MAX = 5000,
    DIMENSIONS_MAX = 50000,
    CHART_DIMENSIONS_MAX = 2000,
    LABELS_MAX = 32,
    KEY_BYTES_MAX = 1280
};

void netdata_charts_init(struct netdata_charts *charts, struct reader *reader, struct keep *keep)
{
    *charts = (struct netdata_charts){
        .reader = reader,
        .keep = keep,
        .chart_limit = {.what = "charts", .max = CHARTS_MAX},
        .dimension_limit = {.what = "dimensions", .max = DIMENSIONS_MAX},
    };
}

/* ---- Forgetting ------------------------------------------------------------------------------ */

static void labels_free(struct netdata_charts *charts, struct netdata_label **labels)
{
    while (*labels) {
        struct netdata_label *label = *labels;
        *labels = label->next;
        keep_free_text(charts->keep, label->name);
        keep_free_text(charts->keep, label->value);
        keep_free(charts->keep, label, sizeof *label);
    }
}

static void dimension_free(struct netdata_charts *charts, struct netdata_dimension *dimension)
{
    keep_free_text(charts->keep, dimension->id);
    keep_free_text(charts->keep, dimension->name);
    keep_free(charts->keep, dimension, sizeof *dimension);
    charts->dimension_limit.count--;
}

/* Out of no list: that is the caller's. */
static void chart_free(struct netdata_charts *charts, struct netdata_chart *chart)
{
    char *texts[] = {chart->key,    chart->id,      chart->title, chart->units,
                     chart->family, chart->context, chart->module};
    table_clear(&chart->dimensions);
    while (chart->first) {
        struct netdata_dimension *dimension = chart->first;
        chart->first = dimension->next;
        dimension_free(charts, dimension);
    }
    labels_free(charts, &chart->labels);
    labels_free(charts, &chart->pending);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep_free_text(charts->keep, texts[i]);
    keep_free(charts->keep, chart, sizeof *chart);
    charts->chart_limit.count--;
}

void netdata_charts_clear(struct netdata_charts *charts)
{
    table_clear(&charts->table);
    while (charts->first) {
        struct netdata_chart *chart = charts->first;
        charts->first = chart->next;
        chart_free(charts, chart);
    }
}

static void say_gone(struct netdata_charts *charts, const struct netdata_chart *chart,
                     struct netdata_dimension *dimension)
{
    struct labels labels;
    if (!dimension->said)
        return;
    struct metric metric = netdata_metric(chart, dimension, &labels);
    charts->reader->heard.gone(charts->reader->heard.data, &metric);
    dimension->said = false;
}

/* It goes on under another group or other labels: what was told until now is gone. */
static void say_all_gone(struct netdata_charts *charts, struct netdata_chart *chart)
{
    for (struct netdata_dimension *at = chart->first; at; at = at->next)
        say_gone(charts, chart, at);
}

void netdata_chart_retire(struct netdata_charts *charts, struct netdata_chart *chart)
{
    say_all_gone(charts, chart);
    table_remove(&charts->table, chart->key);
    if (chart->before)
        chart->before->next = chart->next;
    else
        charts->first = chart->next;
    if (chart->next)
        chart->next->before = chart->before;
    chart_free(charts, chart);
}

void netdata_dimension_retire(struct netdata_charts *charts, struct netdata_chart *chart,
                              const char *id)
{
    struct netdata_dimension **at = &chart->first;
    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    struct netdata_dimension *dimension = *at;
    if (!dimension)
        return;
    say_gone(charts, chart, dimension);
    table_remove(&chart->dimensions, id);
    *at = dimension->next;
    if (chart->last == &dimension->next)
        chart->last = at;
    chart->limit.count--;
    dimension_free(charts, dimension);
}

/* ---- Charts ---------------------------------------------------------------------------------- */

static bool chart_key(const char *host_key, const char *id, char key[KEY_BYTES_MAX])
{
    int bytes =
        snprintf(key, KEY_BYTES_MAX, "%s%s%s", host_key ? host_key : "", host_key ? "/" : "", id);
    return bytes < KEY_BYTES_MAX;
}

struct netdata_chart *netdata_chart_find(const struct netdata_charts *charts, const char *host_key,
                                         const char *id)
{
    char key[KEY_BYTES_MAX];
    return chart_key(host_key, id, key) ? table_find(&charts->table, key) : NULL;
}

static struct netdata_chart *chart_new(struct netdata_charts *charts, const char *key,
                                       const char *id)
{
    if (!limit_take(&charts->chart_limit, charts->reader, id))
        return NULL;
    struct netdata_chart *chart = keep_new(charts->keep, sizeof *chart);
    if (chart) {
        chart->last = &chart->first;
        chart->limit = (struct limit){.what = "dimensions of a chart", .max = CHART_DIMENSIONS_MAX};
        chart->key = keep_text(charts->keep, key);
        chart->id = keep_text(charts->keep, id);
    }
    if (chart && chart->key && chart->id && table_add(&charts->table, chart)) {
        chart->next = charts->first;
        if (chart->next)
            chart->next->before = chart;
        return charts->first = chart;
    }
    reader_error(charts->reader, id, "no room to remember this chart");
    if (chart)
        chart_free(charts, chart);
    else
        charts->chart_limit.count--;
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

struct netdata_chart *netdata_chart_put(struct netdata_charts *charts, const char *host_key,
                                        const char *host, const struct netdata_chart_words *words)
{
    char key[KEY_BYTES_MAX];
    if (!chart_key(host_key, words->id, key)) {
        reader_error(charts->reader, words->id, "the chart's name is too long");
        return NULL;
    }
    struct netdata_chart *chart = table_find(&charts->table, key);
    if (!chart)
        chart = chart_new(charts, key, words->id);
    if (!chart)
        return NULL;
    chart->host = host;
    if (!same(chart->context, words->context) || !same(chart->family, words->family) ||
        !same(chart->module, words->module))
        say_all_gone(charts, chart);
    bool kept = keep_replace(charts->keep, &chart->title, words->title);
    kept &= keep_replace(charts->keep, &chart->units, words->units);
    kept &= keep_replace(charts->keep, &chart->family, words->family);
    kept &= keep_replace(charts->keep, &chart->context, words->context);
    kept &= keep_replace(charts->keep, &chart->module, words->module);
    if (!kept)
        reader_error(charts->reader, words->id, "no room to remember all of this chart");
    return chart;
}

/* ---- Dimensions and labels ------------------------------------------------------------------- */

static struct netdata_dimension *dimension_new(struct netdata_charts *charts,
                                               struct netdata_chart *chart, const char *id)
{
    if (!limit_take(&chart->limit, charts->reader, id))
        return NULL;
    if (!limit_take(&charts->dimension_limit, charts->reader, id)) {
        chart->limit.count--;
        return NULL;
    }
    struct netdata_dimension *dimension = keep_new(charts->keep, sizeof *dimension);
    if (dimension)
        dimension->id = keep_text(charts->keep, id);
    if (dimension && dimension->id && table_add(&chart->dimensions, dimension)) {
        *chart->last = dimension;
        chart->last = &dimension->next;
        return dimension;
    }
    reader_error(charts->reader, id, "no room to remember this dimension");
    if (dimension)
        dimension_free(charts, dimension);
    else
        charts->dimension_limit.count--;
    chart->limit.count--;
    return NULL;
}

struct netdata_dimension *netdata_dimension_put(struct netdata_charts *charts,
                                                struct netdata_chart *chart, const char *id,
                                                const char *name)
{
    struct netdata_dimension *dimension = table_find(&chart->dimensions, id);
    if (!dimension)
        dimension = dimension_new(charts, chart, id);
    if (!dimension)
        return NULL;
    if (!same(dimension->name, name))
        say_gone(charts, chart, dimension);
    if (!keep_replace(charts->keep, &dimension->name, name))
        reader_error(charts->reader, id, "no room to remember this dimension's name");
    return dimension;
}

bool netdata_label_add(struct netdata_charts *charts, struct netdata_chart *chart, const char *name,
                       const char *value)
{
    if (chart->pending_count == LABELS_MAX) {
        reader_error(charts->reader, name, "more than %d labels of one chart", LABELS_MAX);
        return false;
    }
    struct netdata_label *label = keep_new(charts->keep, sizeof *label);
    if (label) {
        label->name = keep_text(charts->keep, name);
        label->value = keep_text(charts->keep, value);
        label->next = chart->pending;
        chart->pending = label;
        chart->pending_count++;
    }
    if (label && label->name && label->value)
        return true;
    reader_error(charts->reader, name, "no room to remember this label");
    return false;
}

static bool same_labels(const struct netdata_label *a, const struct netdata_label *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (!same(a->name, b->name) || !same(a->value, b->value))
            return false;
    }
    return a == b;
}

/* They were put one before the other. */
static struct netdata_label *reversed(struct netdata_label *labels)
{
    struct netdata_label *first = NULL;
    while (labels) {
        struct netdata_label *next = labels->next;
        labels->next = first;
        first = labels;
        labels = next;
    }
    return first;
}

void netdata_label_commit(struct netdata_charts *charts, struct netdata_chart *chart)
{
    chart->pending = reversed(chart->pending);
    if (!same_labels(chart->labels, chart->pending))
        say_all_gone(charts, chart);
    labels_free(charts, &chart->labels);
    chart->labels = chart->pending;
    chart->pending = NULL;
    chart->pending_count = 0;
}

/* ---- What is said ---------------------------------------------------------------------------- */

void netdata_labels(const struct netdata_chart *chart, struct labels *labels)
{
    *labels = (struct labels){0};
    labels_add(labels, "chart", chart->id);
    labels_add(labels, "host", chart->host);
    labels_add(labels, "family", chart->family);
    labels_add(labels, "module", chart->module);
    for (const struct netdata_label *label = chart->labels; label; label = label->next) {
        if (label->name && *label->name)
            labels_add(labels, label->name, label->value);
    }
}

struct metric netdata_metric(const struct netdata_chart *chart,
                             const struct netdata_dimension *dimension, struct labels *labels)
{
    netdata_labels(chart, labels);
    bool counter = dimension->algorithm == NETDATA_INCREMENTAL;
    struct metric metric = {
        METRIC_PLAIN,
        .group = chart->context ? chart->context : chart->id,
        .name = dimension->name ? dimension->name : dimension->id,
        .title = chart->title,
        .unit = chart->units,
        .labels = labels->list,
        .every_ms = chart->every_ms,
    };
    metric.kind = counter ? GW_COUNTER : GW_GAUGE;
    if (counter)
        metric.scale = fabs(dimension->scale);
    else if (dimension->algorithm == NETDATA_ABSOLUTE)
        metric.scale = dimension->scale;
    return metric;
}

/* netdata_chart.h - the charts, dimensions and labels a Netdata plugin has defined. It knows no
 * keywords. */
#ifndef EXEC_NETDATA_CHART_H
#define EXEC_NETDATA_CHART_H

#include "counter.h"
#include "keep.h"
#include "reader.h"

enum netdata_algorithm {
    NETDATA_ABSOLUTE = 1,
    NETDATA_INCREMENTAL,
    NETDATA_PERCENT_OF_ROW,    /* percentage-of-absolute-row */
    NETDATA_PERCENT_OF_GROWTH, /* percentage-of-incremental-row */
};

struct netdata_dimension {
    char *id, *name; /* these texts are the charts' */
    struct netdata_dimension *next;
    enum netdata_algorithm algorithm;
    double scale; /* multiplier / divisor */
    bool floating;
    bool set;  /* since BEGIN */
    bool said; /* a value of it was told */
    double raw, grown;
    struct counter counter;
};

struct netdata_label {
    char *name, *value;
    struct netdata_label *next;
};

struct netdata_chart {
    char *key; /* "HOST/type.id" of a virtual host, else "type.id" */
    char *id, *title, *units, *family, *context, *module;
    const char *host;               /* the name of a virtual one, the dialect's; NULL: none */
    int64_t every_ms;               /* 0: not said */
    int64_t passed_us, measured_us; /* since the last values, as BEGIN said; when those were */
    struct netdata_chart *next, *before;
    struct table dimensions;
    struct netdata_dimension *first, **last;
    struct limit limit;                     /* so that BEGIN and END cost little */
    struct netdata_label *labels, *pending; /* committed, and what came since */
    unsigned pending_count;
};

struct netdata_charts {
    struct reader *reader; /* the dialect's */
    struct keep *keep;     /* the dialect's */
    struct table table;
    struct netdata_chart *first;
    struct limit chart_limit, dimension_limit;
};

/* What CHART says; NULL: nothing. */
struct netdata_chart_words {
    const char *id, *title, *units, *family, *context, *module;
};

void netdata_charts_init(struct netdata_charts *charts, struct reader *reader, struct keep *keep);
void netdata_charts_clear(struct netdata_charts *charts); /* nothing is told */

struct netdata_chart *netdata_chart_find(const struct netdata_charts *charts, const char *host_key,
                                         const char *id);
/* Made or changed; NULL: told. What was said under another context is gone. */
struct netdata_chart *netdata_chart_put(struct netdata_charts *charts, const char *host_key,
                                        const char *host, const struct netdata_chart_words *words);
void netdata_chart_retire(struct netdata_charts *charts, struct netdata_chart *chart); /* told */

struct netdata_dimension *netdata_dimension_put(struct netdata_charts *charts,
                                                struct netdata_chart *chart, const char *id,
                                                const char *name);
void netdata_dimension_retire(struct netdata_charts *charts, struct netdata_chart *chart,
                              const char *id);

/* False: told. */
bool netdata_label_add(struct netdata_charts *charts, struct netdata_chart *chart, const char *name,
                       const char *value);
void netdata_label_commit(struct netdata_charts *charts, struct netdata_chart *chart);

/* What is said of a dimension; all is borrowed from the chart and from `labels`. */
struct metric netdata_metric(const struct netdata_chart *chart,
                             const struct netdata_dimension *dimension, struct labels *labels);
void netdata_labels(const struct netdata_chart *chart, struct labels *labels);

#endif

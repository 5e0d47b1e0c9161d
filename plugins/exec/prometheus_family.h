/* prometheus_family.h - metric families: what HELP, TYPE and UNIT said, and which sample is of
 * which family. */
#ifndef EXEC_PROMETHEUS_FAMILY_H
#define EXEC_PROMETHEUS_FAMILY_H

#include "keep.h"
#include "reader.h"

enum prometheus_type {
    PROMETHEUS_UNTYPED = 1,
    PROMETHEUS_COUNTER,
    PROMETHEUS_GAUGE,
    PROMETHEUS_HISTOGRAM,
    PROMETHEUS_SUMMARY,
    PROMETHEUS_INFO,
    PROMETHEUS_STATESET,
    PROMETHEUS_GAUGEHISTOGRAM,
};

struct prometheus_family {
    char *name; /* these texts are the families'; NULL: not said */
    char *help, *unit;
    struct prometheus_family *next;
    enum prometheus_type type;
    bool typed, sampled;
};

struct prometheus_families {
    struct reader *reader; /* the dialect's */
    struct keep keep;
    struct table table;
    struct prometheus_family *first;
    struct limit limit;
};

void prometheus_families_init(struct prometheus_families *families, struct reader *reader);
void prometheus_families_clear(struct prometheus_families *families);

/* The one of this name, made when it is new; NULL: told. */
struct prometheus_family *prometheus_family(struct prometheus_families *families, const char *name);

/* The one a sample is of: `x_bucket` is of x when x is a histogram. *suffix: what stands behind the
 * family's name and '_', or "". NULL: told. */
struct prometheus_family *prometheus_family_of(struct prometheus_families *families, char *sample,
                                               const char **suffix);

/* false: there is no such type. `openmetrics` has more of them. */
bool prometheus_type_read(const char *text, bool openmetrics, enum prometheus_type *type);

#endif

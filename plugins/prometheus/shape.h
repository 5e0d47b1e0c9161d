/* shape.h - what the rows of a measurement become: which families, which lines of each. Made once
 * for a measurement, by the rules of names.h and the table of exceptions in shape.c. Knows nothing
 * of single series, formats or targets. */
#ifndef PROMETHEUS_SHAPE_H
#define PROMETHEUS_SHAPE_H

#include "names.h"

#include <gnswatch/series.h>

enum family_type { FAMILY_GAUGE = 1, FAMILY_COUNTER, FAMILY_HISTOGRAM };

struct block; /* page.h: the lines of a series in a family */

struct family {
    char *name;            /* owned; a counter's without _total */
    char *owner;           /* owned: what it comes from */
    char *help;            /* owned */
    char unit[NAME_BYTES]; /* "" none */
    enum family_type type;
    struct bytes head[2]; /* HELP, TYPE and UNIT, by enum format - 1 */
    struct block *blocks; /* owned */
    size_t block_count, block_space;
    unsigned announced; /* bits of targets that have had its metadata */
};

enum rule_kind {
    RULE_FIELD = 1, /* the field times `number`, divided by `divisor` */
    RULE_IS,        /* 1 when the field is `number`, else 0 */
    RULE_NEITHER,   /* 1 when neither this field nor `other` is set, else 0 */
};

struct rule {
    enum rule_kind kind;
    unsigned field, other;
    double number, divisor;
};

struct shape_line {
    struct family *family;
    const char *suffix; /* of the sample's name: "", "_total", "_bucket", "_sum", "_count" */
    const char *label;  /* one more label; NULL: none */
    char value[32];     /* of it */
    struct rule rule;
};

/* The lines of a family stand together. */
struct shape {
    struct shape *next;
    char *measurement;
    const char **field_names; /* owned, with their texts: by these it is known again */
    size_t field_count;
    size_t line_count;
    struct shape_line lines[];
};

struct shapes {
    struct shape *first;      /* owned */
    struct family **families; /* owned, in order of name */
    size_t family_count, family_space;
};

void shapes_fini(struct shapes *shapes);
/* The shape of a series; belongs to `shapes`. NULL: no memory. */
struct shape *shapes_get(struct shapes *shapes, const struct gw_series_info *info);

/* The value of a line in this row; NaN: none. */
double rule_value(const struct rule *rule, const double *row);

/* As it is written in the label le: "0.25", "1.0", "+Inf". */
void bound_text(char out[32], double bound);

#endif

/* series.h - the series there are, with what is always the same of their lines prepared: the text
 * before the number, and for each target of remote write the encoded labels. */
#ifndef PROMETHEUS_SERIES_H
#define PROMETHEUS_SERIES_H

#include "shape.h"
#include "wire.h"

enum { TARGETS_MAX = 8, STALE_INTERVALS = 5 };

struct series {
    struct shape *shape;
    int64_t every_ms, last_ms;
    bool shown;      /* on the page */
    char *texts;     /* owned: of all lines, "name{a=\"b\"} " */
    uint32_t *ends;  /* owned: where each line's text ends */
    uint32_t *slots; /* owned: of each line, the index of its block in its family */
    bool *alive;     /* owned: the last value of each line was one; for stale markers */
    struct wire_labels *wires[TARGETS_MAX]; /* owned; NULL: not for this target */
    double row[];                           /* the newest */
};

/* Lines of one series in one family: lines[first..first + count) of its shape. */
struct block {
    struct series *series;
    uint32_t first, count;
};

/* NULL: no memory. `shown`: it goes into the blocks of its families. */
struct series *series_new(struct shape *shape, const struct gw_series_info *info, bool shown);
void series_free(struct series *series); /* also out of its families; NULL is fine */

/* The encoded labels of all its lines for one target, `externals` (ends with {0}) among them. */
struct wire_labels *series_wire(const struct shape *shape, const struct gw_series_info *info,
                                const struct gw_label *externals);

void series_take(struct series *series, int64_t time_ms, const double *values);

#endif

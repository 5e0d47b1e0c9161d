/* Rows of a ring as readers want them: counters as rates a second.
 *
 * The one place where a counter becomes a rate: the API, the store and those who follow series use
 * it. Knows nothing of files or JSON. */
#ifndef GW_METRIC_RATES_H
#define GW_METRIC_RATES_H

#include "metric/metric.h"

enum { RATES_SILENCE = 5 /* intervals without a row; then the difference says nothing */ };

/* Bit f is set: field f is a counter. */
uint32_t field_counters(const struct gw_field *fields, size_t count);

/* The rates and gauges of a row, given the row before it (NULL: none), both as in the ring. A fall
 * is a reset: unknown. */
void row_rates(uint32_t counters, size_t fields, const double *before, const double *row,
               double *out);

struct rates {
    double *rows;               /* owned; as metric_recent gives them, counters replaced by rates */
    size_t count, fields, skip; /* rows after the first `skip`, which only gave differences */
};

/* Rows with from_ms < time < to_ms. 0 or -ENOENT, -ENOMEM. */
int rates_read(struct rates *rates, struct metric *metric, uint32_t id, int64_t from_ms,
               int64_t to_ms);
void rates_fini(struct rates *rates);
int64_t rates_time(const struct rates *rates, size_t row);
double rates_value(const struct rates *rates, size_t row, size_t field);

/* The last row of `info`, counters as rates. */
void rates_last(struct metric *metric, const struct series_info *info,
                double values[GW_FIELDS_MAX]);

#endif

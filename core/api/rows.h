/* Rows of a ring as readers want them: counters as rates a second, numbers as JSON. */
#ifndef GW_API_ROWS_H
#define GW_API_ROWS_H

#include "metric/metric.h"

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

/* Many at once, with commas between, faster than one by one. */
void json_times(struct buf *out, const int64_t *times_ms, size_t count);
void json_values(struct buf *out, const double *values, size_t count);
/* A value with ten significant digits; what is not finite is null. Cheaper than
 * buf_json_number, which gives every digit. */
void json_value(struct buf *out, double value);

#endif

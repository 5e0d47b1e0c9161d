/* Times and values of rows as JSON. */
#ifndef GW_API_ROWS_H
#define GW_API_ROWS_H

#include "base/buf.h"

/* Many at once, with commas between, faster than one by one. */
void json_times(struct buf *out, const int64_t *times_ms, size_t count);
void json_values(struct buf *out, const double *values, size_t count);
/* A value with ten significant digits; what is not finite is null. Cheaper than
 * buf_json_number, which gives every digit. */
void json_value(struct buf *out, double value);

#endif

/* netdata_values.h - what was SET between BEGIN and END becomes values. */
#ifndef EXEC_NETDATA_VALUES_H
#define EXEC_NETDATA_VALUES_H

#include "netdata_chart.h"

/* Of SET: whole numbers, also 0x1f; what is larger, or has a point, as far as a double goes. */
bool netdata_value_read(const char *text, bool floating, double *value);

/* Nothing of the chart is set. */
void netdata_values_begin(struct netdata_chart *chart);

/* Says what is set. An incremental dimension stays a counter, which never falls: the sign of its
 * multiplier only says on which side of the axis Netdata would draw it. `time_ms` 0: not said; then
 * they were measured as long after the last as BEGIN said, which is what rates are made of. */
void netdata_values_end(struct reader *reader, struct netdata_chart *chart, int64_t time_ms,
                        int64_t now_ms);

#endif

/* Where a series' RRD file is: made of its names alone, so it needs no memory and a person finds
 * it.
 *
 * rrd/<measurement>/<label values…>.rrd, a directory a label. What a file system or a shell would
 * trip over becomes `_`, and then a hash of the true value is added, so two never share a file. */
#ifndef GW_STORE_PATH_H
#define GW_STORE_PATH_H

#include "metric/metric.h"

void path_of_series(const struct series_info *info, struct buf *out);

#endif

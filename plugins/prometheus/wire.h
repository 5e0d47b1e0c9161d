/* wire.h - the five messages of remote write 1.0 in protobuf, by hand, and snappy around them.
 * https://prometheus.io/docs/specs/remote_write_spec/
 *
 *   WriteRequest   { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
 *   TimeSeries     { repeated Label labels = 1; repeated Sample samples = 2; }
 *   Label          { string name = 1; string value = 2; }
 *   Sample         { double value = 1; int64 timestamp = 2; }
 *   MetricMetadata { MetricType type = 1; string metric_family_name = 2; string help = 4;
 *                    string unit = 5; }
 *
 * A WriteRequest is no more than its parts one after the other, so requests can be joined. */
#ifndef PROMETHEUS_WIRE_H
#define PROMETHEUS_WIRE_H

#include "bytes.h"

#include <gnswatch/plugin.h>

/* The labels of several lines, encoded: line i is bytes[ends[i - 1]..ends[i]). */
struct wire_labels {
    struct bytes bytes;
    uint32_t ends[];
};

/* Sorted by name in place, as the protocol asks; empty values mean no label and are left out. */
void wire_labels(struct bytes *out, struct gw_label *labels, size_t count);

/* A TimeSeries with one sample, as a part of a WriteRequest. */
void wire_sample(struct bytes *out, const char *labels, size_t label_bytes, double value,
                 int64_t time_ms);

enum wire_type { WIRE_COUNTER = 1, WIRE_GAUGE = 2, WIRE_HISTOGRAM = 3 };
void wire_metadata(struct bytes *out, enum wire_type type, const char *name, const char *help,
                   const char *unit);

double wire_stale(void); /* the NaN that says: no more of this series for now */

/* snappy, its block format. -ENOMEM, -EILSEQ: not such data. Added to `out`. */
int wire_compress(struct bytes *out, const void *data, size_t count);
int wire_uncompress(struct bytes *out, const void *data, size_t count);

#endif

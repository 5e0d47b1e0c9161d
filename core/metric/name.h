/* Names of series: what is allowed, and the key made of them. Knows nothing of rings. */
#ifndef GW_METRIC_NAME_H
#define GW_METRIC_NAME_H

#include "base/buf.h"

#include <gnswatch/plugin.h>

enum { NAME_LABEL_VALUE_MAX = 255, NAME_KEY_MAX = 4096, NAME_MEASUREMENT_MAX = 64 };

bool name_measurement_ok(const char *measurement); /* [a-z0-9_], dots between */
bool name_fields_ok(const struct gw_field *fields, size_t *count);
bool name_labels_ok(const struct gw_label *labels, size_t *count); /* NULL: none */

/* `m{a="x",b="y"}`, with \" \\ and \n escaped; `m` without labels. */
void name_key(const char *measurement, const struct gw_label *labels, size_t count,
              struct buf *out);

#endif

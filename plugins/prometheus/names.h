/* names.h - what a measurement, a field, a unit and a label are called by Prometheus' conventions:
 * https://prometheus.io/docs/practices/naming/ and OpenMetrics 1.0. Pure functions. */
#ifndef PROMETHEUS_NAMES_H
#define PROMETHEUS_NAMES_H

#include "bytes.h"

#include <gnswatch/plugin.h>

enum { NAME_BYTES = 128, LABEL_NAME_BYTES = 80 };

struct naming {
    char name[NAME_BYTES];  /* of the family: a counter's without _total */
    const char *unit;       /* "seconds", which the name ends with; NULL: none. A literal, or within
                               `name` */
    double factor, divisor; /* from the field's unit to this one: value * factor / divisor, which is
                               exact where * 0.001 is not */
};

/* By rule: gns3.api, sent_bytes is gns3_api_sent_bytes; latency_ms is …_latency_seconds, times
 * 0.001. `prefix` NULL: from the measurement. */
void naming_make(struct naming *out, const char *prefix, const char *measurement,
                 const struct gw_field *field);

/* "le_250ms" is 0.25 with *unit "seconds", "le_inf" INFINITY, "le_10" 10 with NULL. False: no
 * such thing. */
bool naming_bound(const char *field, double *bound, const char **unit);

/* Not reserved, not beginning with a digit or two underscores. `instance` is what Prometheus calls
 * the scraped process, so ours is plugin_instance. */
void label_name(char out[LABEL_NAME_BYTES], const char *name);

/* For between the quotes of a label: \\ \" \n; what is no UTF-8 becomes '?', since one such byte
 * would cost the whole page. */
void label_value(struct bytes *out, const char *value);
/* The same without escapes, for remote write. */
void label_raw(struct bytes *out, const char *value);
/* For a HELP line; `quotes`: OpenMetrics escapes these too. */
void help_text(struct bytes *out, const char *help, bool quotes);

#endif

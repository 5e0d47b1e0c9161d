/* message.h - what is said on which topic: JSON, as schema/ describes it. Pure. */
#ifndef MQTT_MESSAGE_H
#define MQTT_MESSAGE_H

#include <gnswatch/plugin.h>
#include <jansson.h>

/* How all of them are written: 12.3 is no 12.300000000000001. */
#define MESSAGE_DUMP (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* {"sequence","time","topic","severity","source","kind","id","text","data"}, as REST says it. The
 * caller frees it; NULL: out of memory, or `data` is no JSON. */
char *message_of_event(const struct gw_event *event);

/* {"lab":…}; the caller has the reference. */
json_t *message_labels(const struct gw_label *labels, size_t count);
/* {"time","values":{…}}: no value is null, whole numbers have no point. */
json_t *message_row(int64_t time_ms, const struct gw_field *fields, size_t count,
                    const double *values);
/* A number as JSON; null when it is none. */
json_t *message_number(double value);

#endif

/* options.h - the tables of the configuration, and checked values as one JSON document, which is
 * what the rest of the plugin reads. */
#ifndef ALERT_OPTIONS_H
#define ALERT_OPTIONS_H

#include <gnswatch/plugin.h>
#include <jansson.h>

extern const struct gw_row alert_options[];

/* Every row that has a value; the caller owns it. */
json_t *options_json(const struct gw_values *values, const struct gw_row *rows);

#endif

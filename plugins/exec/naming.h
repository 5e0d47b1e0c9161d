/* naming.h - foreign names become those of series. Pure: the same name in gives the same name out,
 * in whatever order names come. */
#ifndef EXEC_NAMING_H
#define EXEC_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAMING_FIELD_BYTES = 20,
    NAMING_MEASUREMENT_BYTES = 65,
    NAMING_LABEL_BYTES = 65,
    NAMING_VALUE_BYTES = 256,
    NAMING_UNIT_BYTES = 32,
};

uint32_t naming_hash(const char *text); /* FNV-1a */

/* "Load 1 (avg)" is "load_1_avg"; what is longer than 19 characters is cut and ends with four
 * digits made of the whole name. `marked`: with those digits also when it is short. */
void naming_field(char out[NAMING_FIELD_BYTES], const char *name, bool marked);
/* "exec." and the group; dots stay. */
void naming_measurement(char out[NAMING_MEASUREMENT_BYTES], const char *group, bool marked);
void naming_label(char out[NAMING_LABEL_BYTES], const char *name);
/* A label's value: one that is too long is cut at a character and marked. */
void naming_value(char out[NAMING_VALUE_BYTES], const char *value);

/* UCUM of what people write: "bytes" is "By", "KB/s" is "kBy/s", "sessions" is "{sessions}". "" for
 * none. A counter's "/s" is dropped: the host makes the rate. */
void naming_unit(char out[NAMING_UNIT_BYTES], const char *unit, bool counter);
/* What the name of one of Prometheus' metrics says of its unit; NULL: nothing. */
const char *naming_unit_of_name(const char *name);

#endif

/* One file's text into a struct conf. For conf's own files only. */
#ifndef GW_CONF_CONF_FILE_H
#define GW_CONF_CONF_FILE_H

#include "conf/conf.h"
#include "conf/input.h"

enum { CONF_FILE_BYTES_MAX = 1 << 20, CONF_FILES_MAX = 1024 };

/* Adds the file's instance, or sets the host's values. 0, or a negative errno; problems say why. */
int conf_read_file(const char *name, const char *text, size_t bytes,
                   const struct conf_tables *tables, struct problems *problems, struct conf *conf);
int conf_add_host_defaults(const char *name, const struct conf_tables *tables,
                           struct problems *problems, struct conf *conf);

/* common.c: the common row a key means in the file of a plugin with this table; NULL: none. */
const struct gw_row *conf_common_row(const struct gw_row *table, const char *key);
/* What the file says of isolation, before it is checked. */
enum conf_isolation conf_common_isolation(const struct input *map);
/* The same of text that may not even be YAML. */
enum conf_isolation conf_common_likely(const char *text, size_t bytes);
/* Sets the instance's members. NULL, or a sentence about what does not go together, at *place. */
const char *conf_common_set(struct conf_instance *instance, const struct gw_values *values,
                            const struct input *map, const struct input **place);

/* From `first` on, by line and column. */
void problems_sort_places(struct problems *problems, size_t first);

#endif

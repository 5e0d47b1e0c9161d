/* One file's text into a struct conf. For conf's own files only. */
#ifndef GW_CONF_CONF_FILE_H
#define GW_CONF_CONF_FILE_H

#include "conf/conf.h"

enum { CONF_FILE_BYTES_MAX = 1 << 20, CONF_FILES_MAX = 1024 };

/* Adds the file's instance, or sets the host's values. 0, or a negative errno; problems say why. */
int conf_read_file(const char *name, const char *text, size_t bytes,
                   const struct conf_tables *tables, struct problems *problems, struct conf *conf);
int conf_add_host_defaults(const char *name, const struct conf_tables *tables,
                           struct problems *problems, struct conf *conf);

/* From `first` on, by line and column. */
void problems_sort_places(struct problems *problems, size_t first);

#endif

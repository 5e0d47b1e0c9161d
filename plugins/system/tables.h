/* tables.h - the plugin's options and kinds of objects; see tables.c. */
#ifndef SYSTEM_TABLES_H
#define SYSTEM_TABLES_H

#include <gnswatch/plugin.h>

extern const struct gw_row system_options[];
extern const struct gw_kind system_kinds[];

#endif

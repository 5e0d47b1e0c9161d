/* Secrets that a file names but does not hold: NAME_file: PATH and NAME_env: VARIABLE. */
#ifndef GW_CONF_SECRET_H
#define GW_CONF_SECRET_H

#include "conf/check.h"

enum { SECRET_BYTES_MAX = 65536 };

/* `item` is NAME_file or NAME_env of `row`. Problems are reported, never with the secret. */
void secret_resolve(struct check *check, const struct check_path *path, const struct gw_row *row,
                    const struct input *item, struct value *out);

#endif

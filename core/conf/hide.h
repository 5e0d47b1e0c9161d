/* Marks in a source what no excerpt may show. */
#ifndef GW_CONF_HIDE_H
#define GW_CONF_HIDE_H

#include "conf/check.h"

/* Values of secret rows, and of names the table does not know that look or sound like one. */
void hide_secrets(struct source *source, const struct gw_row *table, const struct input *map);

/* Names and passwords within addresses: scheme://user:password@host */
void hide_addresses(struct source *source);

/* In text that may not even be YAML: by lines, and by names that sound like a secret or are a
 * secret of `table` (NULL: not known). */
void hide_suspects(struct source *source, const struct gw_row *table);

/* What a line "plugin: NAME" says, in `name`; false: there is none, or it is too long. */
bool hide_find_plugin(const struct source *source, char *name, size_t bytes);

#endif

/* Marks in a source what no excerpt may show. */
#ifndef GW_CONF_HIDE_H
#define GW_CONF_HIDE_H

#include "conf/check.h"

/* Values of secret rows, and of names the table does not know that look or sound like one. */
void hide_secrets(struct source *source, const struct gw_row *table, const struct input *map);

/* Names and passwords within addresses: scheme://user:password@host */
void hide_addresses(struct source *source);

/* Before anything is known of the text, as it may not even be YAML: by lines and names alone. */
void hide_suspects(struct source *source);

#endif

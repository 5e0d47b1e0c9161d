/* Checked values that follow a table of rows (struct gw_values behind gnswatch/plugin.h).
 *
 * Made from YAML (conf.h), or from JSON for the parameters of a command; both check in the same
 * place and speak the same sentences. Immutable once made, so any thread may read. */
#ifndef GW_CONF_VALUES_H
#define GW_CONF_VALUES_H

#include "base/buf.h"

#include <gnswatch/plugin.h>
#include <jansson.h>

enum { PROBLEMS_MAX = 100 };

/* What is wrong with an input: collected, all of it, not the first. At most 100 are kept. */
struct problem {
    char *where;   /* owned: "conf.d/gns3.yaml:3:12", or "parameter 'name'" */
    char *what;    /* owned: what is wrong, what was expected, the nearest known name */
    char *source;  /* owned: the source line and a line with a caret; NULL: none */
    bool unusable; /* it is the plugin's file that is broken, not what is written here */
};

struct problems {
    struct problem *list;
    size_t count;
    size_t left_off; /* beyond the 100 */
};

void problems_init(struct problems *problems);
void problems_fini(struct problems *problems);
int problems_add(struct problems *problems, const char *where, const char *source,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* All of them as a person reads them, one blank line between. */
void problems_print(const struct problems *problems, struct buf *out);

/* The values of `json` (an object; NULL is an empty one) by `table`. NULL when there are problems
 * or no memory. The caller owns the values. */
struct gw_values *values_from_json(const struct gw_row *table, const json_t *json,
                                   struct problems *problems);
/* The same for what somebody asks at `now_ms`: a time may also be "now" or a time ago, "-15m". */
struct gw_values *values_from_params(const struct gw_row *table, const json_t *json, int64_t now_ms,
                                     struct problems *problems);
void values_free(struct gw_values *values); /* NULL is fine */

bool values_equal(const struct gw_values *a, const struct gw_values *b); /* same table */

/* As JSON; secrets are shown as "***" unless `with_secrets`. */
void values_json(const struct gw_values *values, bool with_secrets, struct buf *out);

/* The table itself, for people and machines. */
void table_yaml(const struct gw_row *table, int indent, struct buf *out); /* commented sample */
void table_text(const struct gw_row *table, int indent, struct buf *out); /* `gnswatch describe` */
/* JSON Schema (draft 2020-12) of a table, as OpenAPI 3.1 wants it. `input`: with required and
 * defaults; otherwise a description of output, in which what is not required may be null. */
void table_schema(const struct gw_row *table, bool input, struct buf *out);

#endif

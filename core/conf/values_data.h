/* What a struct gw_values is made of. For conf's own files only. */
#ifndef GW_CONF_VALUES_DATA_H
#define GW_CONF_VALUES_DATA_H

#include "base/arena.h"
#include "conf/values.h"

enum { VALUES_BYTES_MAX = 64 << 20 };

struct value {
    bool present;
    int64_t whole;    /* BOOL, INT, DURATION, SIZE, TIME */
    double real;      /* NUMBER */
    const char *text; /* STRING, SECRET, ENUM, JSON */
    size_t count;     /* STRINGS, TABLES; TABLE: 1 */
    const char **strings;
    struct gw_values *tables; /* an array */
};

struct gw_values {
    const struct gw_row *table; /* borrowed; tables are constants of the program or a plugin */
    size_t count;               /* rows of it */
    struct value *slots;        /* one a row */
    struct arena arena;         /* of the outermost: owns everything below it */
};

struct gw_values *values_new(void); /* empty, with its arena; NULL: no memory */
void value_json(const struct gw_row *row, const struct value *value, bool with_secrets,
                struct buf *out);
size_t table_count(const struct gw_row *table); /* NULL: 0 */

#endif

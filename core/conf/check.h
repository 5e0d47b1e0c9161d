/* Checks what was written against a table, and makes the values. All problems, not the first. */
#ifndef GW_CONF_CHECK_H
#define GW_CONF_CHECK_H

#include "conf/input.h"
#include "conf/source.h"
#include "conf/values_data.h"

struct check {
    struct arena *arena; /* of the values, borrowed */
    struct problems *problems;
    const struct source *source; /* NULL: parameters, as JSON */
    const char *dir;             /* that NAME_file is relative to; NULL: NAME_file is no option */
    const struct gw_row *also;   /* names that are known at the top beside the table; NULL: none */
    const int64_t *now_ms;       /* what "now" and "-15m" mean; NULL: such are no times here */
    size_t found;                /* problems, counted here */
};

/* The way to a value: servers[2].url */
struct check_path {
    const struct check_path *up;
    const char *name; /* NULL: an index */
    size_t index;
};

/* Fills `out`. 0; -EINVAL: there were problems; -ENOMEM. */
int check_map(struct check *check, const struct check_path *path, const struct gw_row *table,
              const struct input *map, struct gw_values *out);

void check_report(struct check *check, const struct check_path *path, size_t at, size_t end,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* One value of a row. Problems are reported. */
void check_value(struct check *check, const struct check_path *path, const struct gw_row *row,
                 const struct input *input, struct value *out);

/* The row a key means. `*suffix` is what the key has beyond the row's name: "", "_file", "_env". */
const struct gw_row *check_find(const struct gw_row *table, const char *key, bool sources,
                                const char **suffix);

/* A text in quotes, cut and without control characters: for messages. */
void check_add_quoted(struct buf *out, const char *text);

#endif

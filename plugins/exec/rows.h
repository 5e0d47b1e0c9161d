/* rows.h - values of one item become rows of series.
 *
 * Values of one group with the same labels that were measured together share a series: its fields
 * are those of the first time, in the order of their names, at most 32. A field that comes later
 * gets a further series, told apart by the label `part`. Which field is where is kept in a file, so
 * that it stays so. Knows no protocol and no process. */
#ifndef EXEC_ROWS_H
#define EXEC_ROWS_H

#include "dialect.h"

#include <jansson.h>

struct rows;

struct rows_options { /* borrowed as long as the rows live */
    struct gw_plugin *self;
    const char *item;
    const struct gw_label *labels; /* of every series, besides `item` */
    size_t label_count;
    int64_t every_ms;
    size_t series_max;
    const char *layout; /* the file's path; NULL: nothing is kept */
};

struct rows_counts {
    uint64_t values, late, refused; /* late: not after the row before; refused: too many series */
    size_t series, fields;
};

struct rows *rows_new(const struct rows_options *options);
void rows_free(struct rows *rows); /* the series live on as the instance's; NULL is fine */
void rows_end(struct rows *rows);  /* the item is gone: its series end */

/* 0, -ERANGE: a time that cannot be; -ENOSPC: there are too many series; -ENOMEM. Written at the
 * next turn, or when the same field comes again. */
int rows_value(struct rows *rows, const struct metric *metric, int64_t time_ms, double value);
void rows_turn(struct rows *rows);
void rows_gone(struct rows *rows, const struct metric *metric);
void rows_tick(struct rows *rows); /* now and then: keeps the layout, forgets what is long silent */

struct rows_counts rows_counts(const struct rows *rows);
/* A new array of at most `most` metrics with their last values. */
json_t *rows_describe(const struct rows *rows, size_t most);

#endif

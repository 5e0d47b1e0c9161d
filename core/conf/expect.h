/* What a row takes, in words: "a whole number from 1 to 10". Used in messages and descriptions. */
#ifndef GW_CONF_EXPECT_H
#define GW_CONF_EXPECT_H

#include "base/buf.h"

#include <gnswatch/plugin.h>

bool expect_has_min(const struct gw_row *row);
bool expect_has_max(const struct gw_row *row);
/* A bound as its type is written: "5m", "64KiB", "100 %". */
void expect_add_bound(struct buf *out, const struct gw_row *row, double bound);
/* `json`: true and false instead of yes and no. */
void expect_add(struct buf *out, const struct gw_row *row, bool json);

/* Walks "a|b|c": the next choice's length at *at (moved behind it), or 0 at the end. */
size_t expect_choice(const char **at, const char **choice);
void expect_add_choices(struct buf *out, const char *choices); /* "a, b or c" */

#endif

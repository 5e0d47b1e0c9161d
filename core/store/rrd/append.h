/* Rows into an RRD file of one-second steps without librrd's per-row work.
 *
 * librrd spends 0.2 us a value on parsing text and walking the archives, and maps and faults each
 * file anew; at one-second steps, where most values come from, the arithmetic is simple: every row
 * completes its own steps. Files are made and read by librrd all the same, and whatever is not this
 * simple case is left to it: other steps, gaps over the heartbeat, kinds of data it did not make.
 * tests/unit/test_store_append.c holds the two against each other. */
#ifndef GW_STORE_RRD_APPEND_H
#define GW_STORE_RRD_APPEND_H

#include <stddef.h>
#include <stdint.h>

/* `seconds` ascending and after the file's last update; `values` has `fields` a row. 0; -EAGAIN:
 * not a case for this function, nothing was written; or another errno. */
int append_rows(const char *path, size_t fields, size_t count, const int64_t *seconds,
                const double *values);

#endif

/* Single values as people write them: strict, locale-free, no guessing.
 * Knows nothing of tables or files. */
#ifndef GW_CONF_SCALAR_H
#define GW_CONF_SCALAR_H

#include "base/buf.h"

/* Each returns 0, -EINVAL (not of that form) or -ERANGE (does not fit); `*value` is set on 0. */
int scalar_bool(const char *text, bool *value);      /* true false yes no on off */
int scalar_int(const char *text, int64_t *value);    /* decimal */
int scalar_number(const char *text, double *value);  /* decimal, with exponent; finite */
int scalar_duration(const char *text, int64_t *ms);  /* 500ms 5s 1.5m 2h 7d 1w; 0; "1h30m" */
int scalar_size(const char *text, int64_t *bytes);   /* 10 10B 64KiB 10GB 1.5MiB */
int scalar_time(const char *text, int64_t *unix_ms); /* RFC 3339, or milliseconds since 1970 */
/* The same, "now", or a time ago: "-90s", "-15m", "-1h", "-7d". */
int scalar_moment(const char *text, int64_t now_ms, int64_t *unix_ms);

/* The shortest text the functions above read back as the same value. */
void scalar_add_duration(struct buf *out, int64_t ms);
void scalar_add_size(struct buf *out, int64_t bytes);
void scalar_add_time(struct buf *out, int64_t unix_ms); /* RFC 3339, UTC */

#endif

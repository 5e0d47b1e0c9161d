/* Time zones of the machine's tz database (TZif, RFC 9636, with its footer). Any thread.
 *
 * Reads /usr/share/zoneinfo itself: libc knows one zone a process, and changing that is seen by all
 * threads. Files are kept for an hour, at most 32 of them: process-wide, as the database is. */
#ifndef GW_BASE_ZONE_H
#define GW_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONE_NAME_MAX = 16 };

struct zone;

/* NULL or "": the machine's (TZ, /etc/localtime, else UTC). NULL: there is none of this name. */
const struct zone *zone_open(const char *name);
void zone_close(const struct zone *zone); /* NULL is fine */
/* A zone of these bytes. NULL: no TZif. */
const struct zone *zone_parse(const void *bytes, size_t count);

/* A time of the same offset around a moment: [from_s, until_s), seconds since 1970 UTC. */
struct zone_span {
    int64_t from_s, until_s; /* INT64_MIN, INT64_MAX: no end */
    int offset_s;            /* east of UTC */
    const char *name;        /* "CEST"; the zone's */
};

void zone_span_at(const struct zone *zone, int64_t time_s, struct zone_span *span);
/* The moment when the wall clock shows `wall_s` (as if it were UTC): the first of two; of none, the
 * first after the gap. */
int64_t zone_moment(const struct zone *zone, int64_t wall_s);

#endif

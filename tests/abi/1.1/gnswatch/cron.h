/* gnswatch/cron.h - schedules and local time (optional service, 1.1). Any thread.
 *
 * Five fields - minute hour day month weekday - or six with second before them, each with *, lists,
 * ranges, steps of * or a range, and names (jan, mon); 7 is Sunday too; "L" is the last day of a
 * month. When day and weekday are both given - neither begins with * - a day matches by either
 * (POSIX crontab). Also @hourly @daily @weekly @monthly @yearly.
 *
 * In a time zone, read from the machine's tz database (RFC 9636): what falls into an hour that is
 * skipped in spring runs at the first moment after it; what falls into an hour that comes twice in
 * autumn runs at its first. Not so when the hour is * or a step: then it runs whenever the clock
 * shows such a time, so that "every half hour" stays that. */
#ifndef GNSWATCH_CRON_H
#define GNSWATCH_CRON_H

#include <gnswatch/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gw_cron;

/* `zone`: "Europe/Paris"; NULL or "": the machine's. NULL with a sentence in why[0..why_bytes) that
 * names the field: "minute: 61 is more than 59". The caller frees it. */
GW_API struct gw_cron *gw_cron_new(const char *text, const char *zone, char *why, size_t why_bytes);
GW_API void gw_cron_free(struct gw_cron *cron); /* NULL is fine */
/* The first time after `after_ms`; 0: none within eight years. */
GW_API int64_t gw_cron_next(const struct gw_cron *cron, int64_t after_ms);
/* The last time at or before `until_ms`; 0: none within eight years. */
GW_API int64_t gw_cron_last(const struct gw_cron *cron, int64_t until_ms);

/* A moment on a clock on the wall. */
struct gw_local {
    int year, month, day;     /* 2026, 1 to 12, 1 to 31 */
    int hour, minute, second; /* 0 to 23, 59, 59 */
    int weekday;              /* 0 Sunday to 6 */
    int offset_s;             /* east of UTC */
    char zone[16];            /* "CEST" */
};
/* -ENOENT: no such zone (then it is UTC). */
GW_API int gw_local_time(const char *zone, int64_t time_ms, struct gw_local *out);
/* The moment when the wall clock shows year … second; the first of two, the one after a gap. */
GW_API int64_t gw_local_moment(const char *zone, const struct gw_local *local);

#ifdef __cplusplus
}
#endif
#endif

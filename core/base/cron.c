/* When a schedule's times come: walks the wall clock's days, and asks the zone for the moments. */
#include <gnswatch/cron.h>

#include "base/civil.h"
#include "base/cron_inside.h"
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY_S = 86400, DAYS_MAX = 8 * 366 + 2 };
static const int64_t LIMIT_MS = INT64_C(8640000000000000), NEVER = INT64_MIN;

struct gw_cron {
    struct cron_fields fields;
    const struct zone *zone; /* ours to close */
};

struct gw_cron *gw_cron_new(const char *text, const char *zone, char *why, size_t why_bytes)
{
    struct cron_fields fields;
    if (why && why_bytes)
        why[0] = '\0';
    char unused[1] = "";
    if (!cron_read(text ? text : "", &fields, why ? why : unused, why ? why_bytes : 0))
        return NULL;
    const struct zone *found = zone_open(zone);
    struct gw_cron *cron = found ? calloc(1, sizeof(*cron)) : NULL;
    if (!cron) {
        if (why && !found)
            snprintf(why, why_bytes, "there is no time zone '%.64s'", zone ? zone : "");
        zone_close(found);
        return NULL;
    }
    *cron = (struct gw_cron){fields, found};
    return cron;
}

void gw_cron_free(struct gw_cron *cron)
{
    if (!cron)
        return;
    zone_close(cron->zone);
    free(cron);
}

/* ---- The wall clock -------------------------------------------------------------------------- */

static bool has(const struct gw_cron *cron, enum cron_field field, int value)
{
    return cron->fields.bits[field] >> value & 1;
}

static bool day_matches(const struct gw_cron *cron, int64_t day)
{
    struct civil civil = civil_of(day);
    if (!has(cron, CRON_MONTH, civil.month))
        return false;
    bool last = (cron->fields.bits[CRON_DAY] & CRON_LAST_DAY) &&
                civil.day == civil_month_days(civil.year, civil.month);
    bool by_day = last || has(cron, CRON_DAY, civil.day);
    bool by_weekday = has(cron, CRON_WEEKDAY, civil_weekday(day));
    if (cron->fields.star[CRON_DAY] || cron->fields.star[CRON_WEEKDAY])
        return by_day && by_weekday;
    return by_day || by_weekday;
}

/* The first second of a day from `at_s` on that matches, or the last down from it (`way` -1). -1:
 * none. */
static int64_t second_of_day(const struct gw_cron *cron, int at_s, int way)
{
    const int last[] = {23, 59, 59};
    int hour = at_s / 3600, minute = at_s / 60 % 60, second = at_s % 60;
    for (; hour >= 0 && hour <= 23; hour += way) {
        for (; has(cron, CRON_HOUR, hour) && minute >= 0 && minute <= 59; minute += way) {
            for (; has(cron, CRON_MINUTE, minute) && second >= 0 && second <= 59; second += way) {
                if (has(cron, CRON_SECOND, second))
                    return hour * 3600 + minute * 60 + second;
            }
            second = way > 0 ? 0 : last[2];
        }
        minute = way > 0 ? 0 : last[1];
        second = way > 0 ? 0 : last[2];
    }
    return -1;
}

/* The next matching time of the wall clock at or after `wall_s`, or the last at or before it (`way`
 * -1). NEVER: none within eight years. */
static int64_t match(const struct gw_cron *cron, int64_t wall_s, int way)
{
    int64_t day = floor_divide(wall_s, DAY_S);
    int at_s = (int)(wall_s - day * DAY_S);
    for (int i = 0; i < DAYS_MAX; i++, day += way) {
        int64_t second = day_matches(cron, day) ? second_of_day(cron, at_s, way) : -1;
        if (second >= 0)
            return day * DAY_S + second;
        at_s = way > 0 ? 0 : DAY_S - 1;
    }
    return NEVER;
}

/* ---- Moments -------------------------------------------------------------------------------- */

/* Each moment whose wall clock time matches, also twice in autumn; what is skipped in spring is
 * not. */
static int64_t next_of_all(const struct gw_cron *cron, int64_t time_s)
{
    const int64_t end_s = time_s + (int64_t)DAYS_MAX * DAY_S;
    while (time_s < end_s) {
        struct zone_span span;
        zone_span_at(cron->zone, time_s, &span);
        int64_t wall_s = match(cron, time_s + span.offset_s, 1);
        if (wall_s == NEVER || wall_s - span.offset_s < span.until_s)
            return wall_s == NEVER ? NEVER : wall_s - span.offset_s;
        time_s = span.until_s;
    }
    return NEVER;
}

static int64_t last_of_all(const struct gw_cron *cron, int64_t time_s)
{
    const int64_t end_s = time_s - (int64_t)DAYS_MAX * DAY_S;
    while (time_s > end_s) {
        struct zone_span span;
        zone_span_at(cron->zone, time_s, &span);
        int64_t wall_s = match(cron, time_s + span.offset_s, -1);
        if (wall_s == NEVER || wall_s - span.offset_s >= span.from_s)
            return wall_s == NEVER ? NEVER : wall_s - span.offset_s;
        time_s = span.from_s - 1;
    }
    return NEVER;
}

/* Each time of the wall clock once: its moment is the first of two, or the end of the gap. It
 * begins with what the clock shows next, as if it were not put forward now. */
static int64_t next_of_once(const struct gw_cron *cron, int64_t time_s)
{
    struct zone_span span;
    zone_span_at(cron->zone, time_s - 1, &span);
    int64_t wall_s = match(cron, time_s + span.offset_s, 1);
    for (; wall_s != NEVER; wall_s = match(cron, wall_s + 1, 1)) {
        int64_t moment_s = zone_moment(cron->zone, wall_s);
        if (moment_s >= time_s)
            return moment_s;
    }
    return NEVER;
}

/* In the second of two hours the wall clock has shown later times than it shows. */
static int64_t last_of_once(const struct gw_cron *cron, int64_t time_s)
{
    struct zone_span now, before;
    zone_span_at(cron->zone, time_s, &now);
    zone_span_at(cron->zone, time_s - DAY_S, &before);
    int offset_s = before.offset_s > now.offset_s ? before.offset_s : now.offset_s;
    int64_t wall_s = match(cron, time_s + offset_s, -1);
    for (; wall_s != NEVER; wall_s = match(cron, wall_s - 1, -1)) {
        int64_t moment_s = zone_moment(cron->zone, wall_s);
        if (moment_s <= time_s)
            return moment_s;
    }
    return NEVER;
}

static bool in_range(const struct gw_cron *cron, int64_t time_ms)
{
    return cron && time_ms > -LIMIT_MS && time_ms < LIMIT_MS;
}

int64_t gw_cron_next(const struct gw_cron *cron, int64_t after_ms)
{
    if (!in_range(cron, after_ms))
        return 0;
    int64_t from_s = floor_divide(after_ms, 1000) + 1;
    int64_t time_s =
        cron->fields.every_hour ? next_of_all(cron, from_s) : next_of_once(cron, from_s);
    return time_s == NEVER ? 0 : time_s * 1000;
}

int64_t gw_cron_last(const struct gw_cron *cron, int64_t until_ms)
{
    if (!in_range(cron, until_ms))
        return 0;
    int64_t until_s = floor_divide(until_ms, 1000);
    int64_t time_s =
        cron->fields.every_hour ? last_of_all(cron, until_s) : last_of_once(cron, until_s);
    return time_s == NEVER ? 0 : time_s * 1000;
}

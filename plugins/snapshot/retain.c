/* retain.c - see retain.h. */
#include "retain.h"

#include <gnswatch/cron.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum period { LAST = 1, HOUR, DAY, WEEK, MONTH, YEAR };

struct rule {
    enum period period;
    const char *name;
    int64_t left;
    int64_t before; /* the period kept last */
    int64_t done;
};

static void say(struct retain_item *item, bool keep, const char *format, ...) GW_PRINTF(3, 4);

static void say(struct retain_item *item, bool keep, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    item->keep = keep;
    vsnprintf(item->text, sizeof item->text, format, list);
    va_end(list);
}

static int newest_first(const void *a, const void *b)
{
    const struct retain_item *x = a, *y = b;
    return (x->time_ms < y->time_ms) - (x->time_ms > y->time_ms);
}

/* Days since 1970 of a date, by the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return (int64_t)timegm(&tm) / 86400;
}

/* A number that is the same for two moments of one period, and only for them. */
static int64_t period_of(enum period period, const char *zone, const struct retain_item *item)
{
    struct gw_local local = {0};
    gw_local_time(zone, item->time_ms, &local);
    int64_t day = days_of(local.year, local.month, local.day);
    switch (period) {
    case LAST:
        return item->time_ms;
    case HOUR: /* the hour that comes twice in autumn is two hours */
        return (item->time_ms / 1000 + local.offset_s) / 3600 * 200 + local.offset_s / 900;
    case DAY:
        return day;
    case WEEK: /* 1970-01-01 was a Thursday */
        return (day + 3) / 7;
    case MONTH:
        return (int64_t)local.year * 12 + local.month;
    case YEAR:
        return local.year;
    }
    return 0;
}

static bool rule_keeps(struct rule *rule, const char *zone, const struct retain_item *item)
{
    if (rule->left <= 0)
        return false;
    int64_t period = period_of(rule->period, zone, item);
    if (rule->done > 0 && period == rule->before && rule->period != LAST)
        return false;
    rule->before = period;
    rule->left--;
    rule->done++;
    return true;
}

/* The newest proven one; without one the newest that is not known to be bad; NULL: none. */
static struct retain_item *last_good(struct retain_item *items, size_t count)
{
    struct retain_item *good = NULL;
    for (size_t i = 0; i < count; i++) {
        if (items[i].good && items[i].proven)
            return &items[i];
        if (items[i].good && !good)
            good = &items[i];
    }
    return good;
}

static void decide_one(struct rule *rules, size_t rule_count, bool any, const char *zone,
                       int64_t since_ms, struct retain_item *item, bool good_after)
{
    if (!item->good) {
        say(item, item->pinned || !good_after, "%s",
            item->pinned ? "pinned"
            : good_after ? "damaged, and there is a newer good one"
                         : "damaged, but there is no newer good one");
        return;
    }
    const struct rule *by = NULL;
    for (size_t i = 0; i < rule_count; i++)
        if (rule_keeps(&rules[i], zone, item) && !by)
            by = &rules[i];
    if (item->pinned)
        say(item, true, "pinned");
    else if (by)
        say(item, true, "%s %lld", by->name, (long long)by->done);
    else if (since_ms > 0 && item->time_ms >= since_ms)
        say(item, true, "not old enough to go");
    else if (!any)
        say(item, true, "no rule removes anything");
    else
        say(item, false, "no rule keeps it");
}

static void make_room(struct retain_item *items, size_t count, const struct retain_item *last,
                      size_t floor_count)
{
    for (size_t i = count; i-- > 0 && floor_count > 0;) {
        struct retain_item *item = &items[i];
        if (!item->keep || item->pinned || item == last)
            continue;
        say(item, false, "the oldest, and the server's disk is too full");
        floor_count--;
    }
}

void retain_decide(const struct retain_rules *wanted, const char *zone, struct retain_item *items,
                   size_t count, size_t floor_count)
{
    struct rule rules[] = {
        {LAST, "last", wanted->last, 0, 0},        {HOUR, "hourly", wanted->hourly, 0, 0},
        {DAY, "daily", wanted->daily, 0, 0},       {WEEK, "weekly", wanted->weekly, 0, 0},
        {MONTH, "monthly", wanted->monthly, 0, 0}, {YEAR, "yearly", wanted->yearly, 0, 0},
    };
    size_t rule_count = sizeof rules / sizeof *rules;
    bool any = wanted->since_ms > 0, good_after = false;
    for (size_t i = 0; i < rule_count; i++)
        any |= rules[i].left > 0;
    if (count > 0)
        qsort(items, count, sizeof *items, newest_first);
    for (size_t i = 0; i < count; i++) {
        decide_one(rules, rule_count, any, zone, wanted->since_ms, &items[i], good_after);
        good_after |= items[i].good;
    }
    struct retain_item *last = last_good(items, count);
    if (last && !last->keep)
        say(last, true, "the last good one");
    make_room(items, count, last, floor_count);
}

/* Reading and applying the rule of a zone. */
#include "base/zone_rule.h"

#include "base/civil.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { HOUR_S = 3600, DAY_S = 86400, HOURS_MAX = 167 };

/* ---- Reading: each returns what follows, or NULL --------------------------------------------- */

static const char *read_name(const char *at, char name[ZONE_NAME_MAX])
{
    bool quoted = *at == '<';
    at += quoted;
    size_t length = 0;
    while (
        isalpha((unsigned char)at[length]) ||
        (quoted && (isdigit((unsigned char)at[length]) || at[length] == '+' || at[length] == '-')))
        length++;
    if (length < 3 || length >= ZONE_NAME_MAX || (quoted && at[length] != '>'))
        return NULL;
    memcpy(name, at, length);
    name[length] = '\0';
    return at + length + quoted;
}

static const char *read_number(const char *at, int max, int *value)
{
    if (!at || !isdigit((unsigned char)*at))
        return NULL;
    for (*value = 0; isdigit((unsigned char)*at); at++) {
        *value = *value * 10 + (*at - '0');
        if (*value > max)
            return NULL;
    }
    return at;
}

static const char *read_time(const char *at, int64_t *time_s)
{
    bool negative = *at == '-';
    int part[3] = {0};
    at = read_number(at + (*at == '-' || *at == '+'), HOURS_MAX, &part[0]);
    for (int i = 1; i < 3 && at && *at == ':'; i++)
        at = read_number(at + 1, 59, &part[i]);
    int64_t value = part[0] * (int64_t)HOUR_S + part[1] * 60 + part[2];
    *time_s = negative ? -value : value;
    return at;
}

static const char *read_days(const char *at, struct zone_date *date)
{
    date->form = *at == 'M' || *at == 'J' ? *at : 'N';
    at += date->form != 'N';
    if (date->form != 'M')
        return read_number(at, 365, &date->day);
    at = read_number(at, 12, &date->month);
    if (!at || *at != '.' || date->month < 1)
        return NULL;
    at = read_number(at + 1, 5, &date->week);
    if (!at || *at != '.' || date->week < 1)
        return NULL;
    return read_number(at + 1, 6, &date->day);
}

static const char *read_date(const char *at, struct zone_date *date)
{
    date->time_s = 2 * (int64_t)HOUR_S;
    if (*at != ',')
        return NULL;
    at = read_days(at + 1, date);
    if (at && date->form == 'J' && date->day < 1)
        return NULL;
    return at && *at == '/' ? read_time(at + 1, &date->time_s) : at;
}

static const char *read_offset(const char *at, int *offset_s)
{
    int64_t west_s = 0;
    at = read_time(at, &west_s);
    *offset_s = (int)-west_s;
    return at && west_s >= -26 * HOUR_S && west_s <= 26 * HOUR_S ? at : NULL;
}

int zone_rule_parse(struct zone_rule *rule, const char *text)
{
    *rule = (struct zone_rule){0};
    const char *at = read_name(text, rule->name[0]);
    at = at ? read_offset(at, &rule->offset_s[0]) : NULL;
    if (!at || *at == '\0')
        return at ? 0 : -EINVAL;
    rule->summer = true;
    rule->offset_s[1] = rule->offset_s[0] + HOUR_S;
    at = read_name(at, rule->name[1]);
    if (at && *at != ',')
        at = read_offset(at, &rule->offset_s[1]);
    at = at ? read_date(at, &rule->change[1]) : NULL;
    at = at ? read_date(at, &rule->change[0]) : NULL;
    return at && *at == '\0' ? 0 : -EINVAL;
}

/* ---- Applying ------------------------------------------------------------------------------- */

static int64_t date_day(const struct zone_date *date, int64_t year)
{
    int64_t first = civil_year_day(year);
    if (date->form == 'N')
        return first + date->day;
    if (date->form == 'J')
        return first + date->day - 1 + (civil_is_leap(year) && date->day >= 60);
    first = civil_day(year, date->month, 1);
    int day = (date->day - civil_weekday(first) + 7) % 7 + (date->week - 1) * 7;
    while (day >= civil_month_days(year, date->month)) /* the fifth is the last */
        day -= 7;
    return first + day;
}

/* When a year's change to summer (`to` 1) or standard time comes. */
static int64_t change_s(const struct zone_rule *rule, int to, int64_t year)
{
    return date_day(&rule->change[to], year) * DAY_S + rule->change[to].time_s -
           rule->offset_s[!to];
}

/* A change that falls together with one to summer time yields to it: summer time all year. */
void zone_rule_span(const struct zone_rule *rule, int64_t time_s, struct zone_span *span)
{
    int now = 0;
    *span = (struct zone_span){.from_s = INT64_MIN, .until_s = INT64_MAX};
    int64_t year = civil_of(floor_divide(time_s, DAY_S)).year;
    for (int64_t y = year - 2; rule->summer && y <= year + 2; y++) {
        for (int to = 0; to < 2; to++) {
            int64_t at_s = change_s(rule, to, y);
            if (at_s > time_s && at_s < span->until_s)
                span->until_s = at_s;
            if (at_s <= time_s && (at_s > span->from_s || (at_s == span->from_s && to))) {
                span->from_s = at_s;
                now = to;
            }
        }
    }
    span->offset_s = rule->offset_s[now];
    span->name = rule->name[now];
}

/* Days of the Gregorian calendar, also before it was in use. Any thread. */
#ifndef GW_BASE_CIVIL_H
#define GW_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil {
    int64_t year;
    int month, day; /* 1 to 12, 1 to 31 */
};

static inline int64_t floor_divide(int64_t value, int64_t by) /* by > 0 */
{
    return value / by - (value % by < 0);
}

static inline bool civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before the first of `month`. */
static inline int civil_days_before(bool leap, int month)
{
    static const int16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return before[(unsigned)(month - 1) % 13] + (leap && month > 2);
}

static inline int civil_month_days(int64_t year, int month)
{
    bool leap = civil_is_leap(year);
    return civil_days_before(leap, month + 1) - civil_days_before(leap, month);
}

/* Days from 1970-01-01 to the first of January. */
static inline int64_t civil_year_day(int64_t year)
{
    int64_t past = year - 1;
    return (year - 1970) * 365 + floor_divide(past, 4) - floor_divide(past, 100) +
           floor_divide(past, 400) - 477;
}

static inline int64_t civil_day(int64_t year, int month, int day)
{
    return civil_year_day(year) + civil_days_before(civil_is_leap(year), month) + day - 1;
}

static inline struct civil civil_of(int64_t days)
{
    int64_t year = 1970 + floor_divide(days * 400, 146097); /* near; 400 years are 146,097 days */
    while (civil_year_day(year) > days)
        year--;
    while (civil_year_day(year + 1) <= days)
        year++;
    int left = (int)(days - civil_year_day(year)), month = 1;
    bool leap = civil_is_leap(year);
    while (civil_days_before(leap, month + 1) <= left)
        month++;
    return (struct civil){year, month, left - civil_days_before(leap, month) + 1};
}

static inline int civil_weekday(int64_t days) /* 0 Sunday to 6 */
{
    return (int)(((days + 4) % 7 + 7) % 7);
}

#endif

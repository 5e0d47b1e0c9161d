/* RFC 3339 without the C library's calendar, which needs time zones and a locale. */
#include "conf/scalar.h"

#include <errno.h>
#include <string.h>

/* Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms", days_from_civil). */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Exactly `count` digits at *text, and then `after` (0: anything). -1: something else. */
static int digits(const char **text, int count, char after)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    if (after && *(*text)++ != after)
        return -1;
    return value;
}

/* ".123456" to milliseconds, cut. -1: no digit after the dot. */
static int read_fraction(const char **text)
{
    if (**text != '.')
        return 0;
    int ms = 0, scale = 100;
    const char *p = *text + 1;
    for (; *p >= '0' && *p <= '9'; p++, scale /= 10)
        ms += (*p - '0') * scale;
    if (p == *text + 1)
        return -1;
    *text = p;
    return ms;
}

/* "Z" or "+02:00", the whole rest, to minutes. */
static int read_offset(const char *text, int *minutes)
{
    *minutes = 0;
    if ((text[0] | 0x20) == 'z' && text[1] == '\0')
        return 0;
    if (text[0] != '+' && text[0] != '-')
        return -EINVAL;
    int sign = text[0] == '-' ? -1 : 1;
    text++;
    int hour = digits(&text, 2, ':');
    int minute = hour < 0 ? -1 : digits(&text, 2, 0);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || *text)
        return -EINVAL;
    *minutes = sign * (hour * 60 + minute);
    return 0;
}

static int read_rfc3339(const char *text, int64_t *unix_ms)
{
    int part[6];
    static const char after[6] = {'-', '-', 0, ':', ':', 0};
    for (int i = 0; i < 6; i++) {
        part[i] = digits(&text, i == 0 ? 4 : 2, after[i]);
        if (part[i] < 0)
            return -EINVAL;
        if (i == 2 && (*text == '\0' || !strchr("Tt ", *text++)))
            return -EINVAL;
    }
    int fraction_ms = read_fraction(&text), offset_minutes;
    if (fraction_ms < 0 || read_offset(text, &offset_minutes))
        return -EINVAL;
    if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > days_in(part[0], part[1]) ||
        part[3] > 23 || part[4] > 59 || part[5] > 60) /* 60: a leap second */
        return -ERANGE;
    int64_t minutes = (days_of(part[0], part[1], part[2]) * 24 + part[3]) * 60 + part[4];
    *unix_ms = ((minutes - offset_minutes) * 60 + part[5]) * 1000 + fraction_ms;
    return 0;
}

int scalar_time(const char *text, int64_t *unix_ms)
{
    if (scalar_int(text, unix_ms) == 0)
        return 0;
    return read_rfc3339(text, unix_ms);
}

int scalar_moment(const char *text, int64_t now_ms, int64_t *unix_ms)
{
    int64_t ago_ms = 0;
    if (strcmp(text, "now") != 0 && (text[0] != '-' || scalar_duration(text + 1, &ago_ms)))
        return scalar_time(text, unix_ms);
    return __builtin_sub_overflow(now_ms, ago_ms, unix_ms) ? -ERANGE : 0;
}

void scalar_add_time(struct buf *out, int64_t unix_ms)
{
    int64_t ms = unix_ms % 86400000;
    int64_t day = unix_ms / 86400000 - (ms < 0);
    ms += ms < 0 ? 86400000 : 0;
    /* civil_from_days of the same paper */
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t doe = shifted - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) {
        buf_json_int(out, unix_ms); /* RFC 3339 ends here */
        return;
    }
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, (int)month,
               (int)(doy - (153 * mp + 2) / 5 + 1), (int)(ms / 3600000), (int)(ms / 60000 % 60),
               (int)(ms / 1000 % 60));
    if (ms % 1000)
        buf_printf(out, ".%03d", (int)(ms % 1000));
    buf_addc(out, 'Z');
}

/* forecast.c - see forecast.h. */
#include "forecast.h"

#include <math.h>

enum {
    HOUR_BUCKET_MS = 60000,
    HOUR_BUCKETS = 60,
    DAY_BUCKET_MS = 1800000,
    DAY_BUCKETS = FORECAST_DAYS * 48,
    HALF_DAY = 24,
    LEAST = 10, /* buckets without which nothing is said */
    STRETCH = 6
};

int forecast_init(struct forecast *forecast)
{
    /* Both, whatever becomes of the first: one without memory takes values and keeps none. */
    int hour = history_init(&forecast->hour, HOUR_BUCKET_MS, HOUR_BUCKETS);
    int days = history_init(&forecast->days, DAY_BUCKET_MS, DAY_BUCKETS);
    return hour ? hour : days;
}

void forecast_fini(struct forecast *forecast)
{
    history_fini(&forecast->hour);
    history_fini(&forecast->days);
}

void forecast_add(struct forecast *forecast, int64_t time_ms, double free_bytes)
{
    history_add(&forecast->hour, time_ms, free_bytes);
    history_add(&forecast->days, time_ms, free_bytes);
}

/* By the newest `last` buckets; 0: all. */
static double seconds_by(const struct history *history, size_t last, double free_bytes)
{
    double values[DAY_BUCKETS], ages[DAY_BUCKETS];
    size_t count = history_values(history, last, values, ages);
    if (count < LEAST)
        return (double)NAN;
    for (size_t i = 0; i < count; i++)
        ages[i] = -ages[i];
    double slope = robust_slope(ages, values, count); /* bytes a millisecond */
    if (!(slope < 0) || free_bytes < 0)
        return (double)NAN;
    double left_ms = free_bytes / -slope, known_ms = ages[count - 1] - ages[0];
    return left_ms <= STRETCH * known_ms ? left_ms / 1000 : (double)NAN;
}

/* An hour says little of a disk that is nearly empty: somebody copies something. */
double forecast_seconds(const struct forecast *forecast, double free_bytes, bool half_full)
{
    double hour = half_full ? seconds_by(&forecast->hour, 0, free_bytes) : (double)NAN;
    double half_day = seconds_by(&forecast->days, HALF_DAY, free_bytes);
    double days = seconds_by(&forecast->days, 0, free_bytes);
    return fmin(hour, fmin(half_day, days)); /* NaN gives way */
}

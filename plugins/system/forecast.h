/* forecast.h - when a file system will be full: the slope by Theil and Sen over the last hour, the
 * last half day and the last days, whichever is steepest. Outliers (a large file that came and
 * went) do not sway it. Pure. */
#ifndef SYSTEM_FORECAST_H
#define SYSTEM_FORECAST_H

#include <health/robust.h>
#include <stdbool.h>
#include <stdint.h>

enum { FORECAST_DAYS = 3 };

struct forecast {
    struct history hour, days; /* of what is free */
};

int forecast_init(struct forecast *forecast);
void forecast_fini(struct forecast *forecast);
/* Times only grow. */
void forecast_add(struct forecast *forecast, int64_t time_ms, double free_bytes);
/* Seconds until `free_bytes` are used up; NaN: it does not fill, or not enough is known. The past
 * is not stretched further than six times its length. */
double forecast_seconds(const struct forecast *forecast, double free_bytes, bool half_full);

#endif

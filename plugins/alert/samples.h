/* samples.h - a window of a value's recent past, in at most SAMPLES buckets. Pure.
 *
 * A window of SAMPLES rows or fewer holds each row; a longer one holds means of equal stretches,
 * which bounds memory and keeps an evaluation at some hundred nanoseconds. */
#ifndef ALERT_SAMPLES_H
#define ALERT_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLES = 64 };

struct bucket {
    int64_t start_ms, first_ms, last_ms; /* of its rows */
    double sum, min, max, last;
    unsigned count;
};

struct samples {
    int64_t over_ms, width_ms;
    int64_t begun_ms; /* the oldest row that was ever put in; 0: none */
    unsigned first, count;
    struct bucket at[SAMPLES];
};

struct samples_sum {
    double mean, min, max, first, last; /* NaN when there is no row */
    int64_t first_ms, last_ms;
    unsigned rows;
};

struct samples *samples_new(int64_t over_ms); /* the caller frees it with free */
void samples_add(struct samples *samples, int64_t time_ms, double value); /* NaN is left out */
/* Rows with from < time <= to, in whole buckets: those whose middle is there. */
void samples_sum(const struct samples *samples, int64_t from_ms, int64_t to_ms,
                 struct samples_sum *out);
/* The trend per ms: the median of the slopes between all pairs of buckets (Theil 1950, Sen 1968),
 * of the whole stretch or of its newer half, whichever is less. Unlike the line of least squares it
 * does not take a step for a slope. NaN with fewer than three buckets. */
double samples_slope(const struct samples *samples, int64_t from_ms, int64_t to_ms);
/* Did the newest row begin a bucket? */
bool samples_fresh(const struct samples *samples);
/* Has it seen at least this part of the window? */
bool samples_cover(const struct samples *samples, int64_t now_ms, double part);

#endif

/* robust.h - a short past in memory, and numbers from it that outliers do not spoil. Pure.
 *
 * The median and the median absolute deviation (Hampel, 1974; 1.4826 makes it a standard deviation
 * for normal values), and the slope by Theil and Sen: the median of the slopes of all pairs. */
#ifndef HEALTH_ROBUST_H
#define HEALTH_ROBUST_H

#include <stddef.h>
#include <stdint.h>

/* Means over buckets of equal length; the newest may be unfinished. */
struct history {
    int64_t bucket_ms;
    size_t size, count; /* finished buckets; NaN: nothing came */
    size_t next;
    double *values; /* owned */
    int64_t at;     /* number of the unfinished bucket since 1970; 0: none */
    double sum;
    size_t added;
};

int history_init(struct history *history, int64_t bucket_ms, size_t size);
void history_fini(struct history *history);
/* A value; times only grow (an older one is left out). */
void history_add(struct history *history, int64_t time_ms, double value);
/* Values of the finished buckets, NaN left out, oldest first, with their ages in milliseconds
 * before the end of the newest, into out[size] (ages may be NULL). The newest `last`; 0: all. The
 * number. */
size_t history_values(const struct history *history, size_t last, double *out, double *ages_ms);

double robust_median(double *values, size_t count);                   /* sorts them; NaN: none */
double robust_deviation(double *values, size_t count, double median); /* spoils them */
/* Of y over x; NaN: fewer than two different x, or no memory. */
double robust_slope(const double *x, const double *y, size_t count);

#endif

/* robust.c - see robust.h. */
#include "robust.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int history_init(struct history *history, int64_t bucket_ms, size_t size)
{
    *history = (struct history){.bucket_ms = bucket_ms, .size = size};
    history->values = calloc(size, sizeof *history->values);
    return history->values ? 0 : -ENOMEM;
}

void history_fini(struct history *history)
{
    free(history->values);
    *history = (struct history){0};
}

static void history_push(struct history *history, double value)
{
    history->values[history->next] = value;
    history->next = (history->next + 1) % history->size;
    if (history->count < history->size)
        history->count++;
}

void history_add(struct history *history, int64_t time_ms, double value)
{
    int64_t at = time_ms / history->bucket_ms;
    if (!history->values || isnan(value) || at < history->at)
        return;
    if (at > history->at && history->at) {
        history_push(history, history->added ? history->sum / (double)history->added : (double)NAN);
        int64_t gap = at - history->at - 1;
        for (int64_t i = 0; i < gap && i < (int64_t)history->size; i++)
            history_push(history, (double)NAN);
    }
    if (at > history->at) {
        history->sum = 0;
        history->added = 0;
    }
    history->at = at;
    history->sum += value;
    history->added++;
}

size_t history_values(const struct history *history, size_t last, double *out, double *ages_ms)
{
    size_t wanted = last && last < history->count ? last : history->count, count = 0;
    for (size_t i = wanted; i-- > 0;) {
        double value = history->values[(history->next + history->size - 1 - i) % history->size];
        if (isnan(value))
            continue;
        if (ages_ms)
            ages_ms[count] = (double)i * (double)history->bucket_ms;
        out[count++] = value;
    }
    return count;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

double robust_median(double *values, size_t count)
{
    if (count == 0)
        return (double)NAN;
    qsort(values, count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double robust_deviation(double *values, size_t count, double median)
{
    for (size_t i = 0; i < count; i++)
        values[i] = fabs(values[i] - median);
    return 1.4826 * robust_median(values, count);
}

double robust_slope(const double *x, const double *y, size_t count)
{
    double *slopes = count > 1 ? calloc(count * (count - 1) / 2, sizeof *slopes) : NULL;
    size_t pairs = 0;
    for (size_t i = 0; slopes && i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (x[i] != x[j])
                slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
    double slope = slopes ? robust_median(slopes, pairs) : (double)NAN;
    free(slopes);
    return slope;
}

/* samples.c - see samples.h. */
#include "samples.h"

#include <math.h>
#include <stdlib.h>

struct samples *samples_new(int64_t over_ms)
{
    struct samples *samples = calloc(1, sizeof *samples);
    if (!samples)
        return NULL;
    samples->over_ms = over_ms;
    samples->width_ms = over_ms / (SAMPLES - 2) + 1;
    return samples;
}

static const struct bucket *bucket_at(const struct samples *samples, unsigned i)
{
    return &samples->at[(samples->first + i) % SAMPLES];
}

static struct bucket *bucket_for(struct samples *samples, int64_t time_ms)
{
    int64_t start = time_ms - time_ms % samples->width_ms;
    if (samples->count) {
        struct bucket *last = &samples->at[(samples->first + samples->count - 1) % SAMPLES];
        if (start <= last->start_ms)
            return last;
    }
    if (samples->count == SAMPLES) {
        samples->first = (samples->first + 1) % SAMPLES;
        samples->count--;
    }
    struct bucket *next = &samples->at[(samples->first + samples->count++) % SAMPLES];
    *next =
        (struct bucket){.start_ms = start, .first_ms = time_ms, .min = INFINITY, .max = -INFINITY};
    return next;
}

void samples_add(struct samples *samples, int64_t time_ms, double value)
{
    if (isnan(value))
        return;
    if (samples->count &&
        time_ms - bucket_at(samples, samples->count - 1)->last_ms > samples->over_ms)
        samples->begun_ms = 0, samples->count = 0; /* a gap as long as the window: begin anew */
    struct bucket *bucket = bucket_for(samples, time_ms);
    samples->begun_ms = samples->begun_ms ? samples->begun_ms : time_ms;
    bucket->last_ms = time_ms;
    bucket->last = value;
    bucket->sum += value;
    bucket->min = fmin(bucket->min, value);
    bucket->max = fmax(bucket->max, value);
    bucket->count++;
}

static int64_t middle(const struct bucket *bucket)
{
    return bucket->first_ms + (bucket->last_ms - bucket->first_ms) / 2;
}

void samples_sum(const struct samples *samples, int64_t from_ms, int64_t to_ms,
                 struct samples_sum *out)
{
    *out = (struct samples_sum){.mean = NAN, .min = NAN, .max = NAN, .first = NAN, .last = NAN};
    double sum = 0;
    for (unsigned i = 0; i < samples->count; i++) {
        const struct bucket *bucket = bucket_at(samples, i);
        int64_t middle_ms = middle(bucket);
        if (middle_ms <= from_ms || middle_ms > to_ms)
            continue;
        double mean = bucket->sum / bucket->count;
        if (!out->rows) {
            out->first = bucket->count == 1 ? bucket->last : mean;
            out->first_ms = middle_ms;
        }
        out->min = fmin(out->min, bucket->min);
        out->max = fmax(out->max, bucket->max);
        out->last = bucket->last;
        out->last_ms = bucket->last_ms;
        out->rows += bucket->count;
        sum += bucket->sum;
    }
    if (out->rows)
        out->mean = sum / out->rows;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double slope_between(const struct bucket *a, const struct bucket *b)
{
    return (b->sum / b->count - a->sum / a->count) / (double)(middle(b) - middle(a));
}

static double median_slope(const struct samples *samples, int64_t from_ms, int64_t to_ms)
{
    const struct bucket *inside[SAMPLES];
    double slopes[SAMPLES * (SAMPLES - 1) / 2];
    size_t count = 0, pairs = 0;
    for (unsigned i = 0; i < samples->count; i++) {
        const struct bucket *bucket = bucket_at(samples, i);
        if (middle(bucket) > from_ms && middle(bucket) <= to_ms)
            inside[count++] = bucket;
    }
    if (count < 3)
        return NAN;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            slopes[pairs++] = slope_between(inside[i], inside[j]);
    qsort(slopes, pairs, sizeof slopes[0], by_value);
    return pairs % 2 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
}

double samples_slope(const struct samples *samples, int64_t from_ms, int64_t to_ms)
{
    double whole = median_slope(samples, from_ms, to_ms);
    double newer = median_slope(samples, from_ms + (to_ms - from_ms) / 2, to_ms);
    if (isnan(whole) || isnan(newer))
        return NAN;
    return whole * newer <= 0 ? 0 : fabs(whole) < fabs(newer) ? whole : newer;
}

bool samples_fresh(const struct samples *samples)
{
    return samples->count && bucket_at(samples, samples->count - 1)->count == 1;
}

bool samples_cover(const struct samples *samples, int64_t now_ms, double part)
{
    return samples->begun_ms &&
           (double)(now_ms - samples->begun_ms) >= part * (double)samples->over_ms;
}

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
    *next = (struct bucket){.start_ms = start, .first_ms = time_ms, .min = INFINITY,
                            .max = -INFINITY};
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

struct line {
    double n, x, y, xx, xy;
};

static void line_add(struct line *line, double x, double y)
{
    line->n++;
    line->x += x;
    line->y += y;
    line->xx += x * x;
    line->xy += x * y;
}

static void line_fit(const struct line *line, struct samples_sum *out)
{
    double below = line->n * line->xx - line->x * line->x;
    if (line->n < 2 || below <= 0)
        return;
    out->slope_ms = (line->n * line->xy - line->x * line->y) / below;
    out->line = (line->y - out->slope_ms * line->x) / line->n;
}

void samples_sum(const struct samples *samples, int64_t from_ms, int64_t to_ms,
                 struct samples_sum *out)
{
    *out = (struct samples_sum){.mean = NAN, .min = NAN, .max = NAN, .first = NAN, .last = NAN,
                                .slope_ms = NAN, .line = NAN};
    struct line line = {0};
    double sum = 0;
    for (unsigned i = 0; i < samples->count; i++) {
        const struct bucket *bucket = bucket_at(samples, i);
        int64_t middle_ms = bucket->first_ms + (bucket->last_ms - bucket->first_ms) / 2;
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
        /* Relative to `to`, so that the numbers stay small. */
        line_add(&line, (double)(middle_ms - to_ms), mean);
    }
    if (out->rows)
        out->mean = sum / out->rows;
    line_fit(&line, out);
}

bool samples_cover(const struct samples *samples, int64_t now_ms, double part)
{
    return samples->begun_ms &&
           (double)(now_ms - samples->begun_ms) >= part * (double)samples->over_ms;
}

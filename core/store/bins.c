/* One pass over the rows; the steps a row covers are found by division. */
#include "store/bins.h"

#include "metric/ring.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int64_t floor_to(int64_t value, int64_t step)
{
    return value - ((value % step) + step) % step;
}

static void plan(int64_t every_ms, int64_t from_ms, int64_t to_ms, int64_t points, struct bins *out)
{
    int64_t least = (to_ms - from_ms + points - 1) / points;
    out->every_ms = every_ms;
    out->step_ms = (least + every_ms - 1) / every_ms * every_ms;
    out->start_ms = floor_to(from_ms, out->step_ms);
    out->count = (size_t)((to_ms - out->start_ms + out->step_ms - 1) / out->step_ms);
}

void bins_plan(int64_t every_ms, int64_t from_ms, int64_t to_ms, size_t points_max,
               struct bins *out)
{
    size_t points = points_max < 1                 ? 1
                    : points_max > BINS_POINTS_MAX ? BINS_POINTS_MAX
                                                   : points_max;
    if (every_ms < 1)
        every_ms = 1000;
    if (to_ms <= from_ms)
        to_ms = from_ms + 1;
    plan(every_ms, from_ms, to_ms, (int64_t)points, out);
    if (out->count > points && points > 1) /* the start was moved back to a multiple */
        plan(every_ms, from_ms, to_ms, (int64_t)points - 1, out);
    if (out->count > points) {
        out->start_ms = floor_to(from_ms, every_ms);
        out->step_ms += every_ms;
        out->count = 1;
    }
}

int bins_init(struct bins *bins)
{
    size_t cells = bins->count * bins->fields;
    bins->values = malloc(cells * sizeof(double));
    bins->weights = bins->as == STORE_AVERAGE ? calloc(cells, sizeof(double)) : NULL;
    if (!bins->values || (bins->as == STORE_AVERAGE && !bins->weights)) {
        bins_fini(bins);
        return -ENOMEM;
    }
    for (size_t i = 0; i < cells; i++)
        bins->values[i] = bins->as == STORE_AVERAGE ? 0 : NAN;
    return 0;
}

void bins_fini(struct bins *bins)
{
    free(bins->values);
    free(bins->weights);
    bins->values = bins->weights = NULL;
}

static void add_cell(struct bins *bins, size_t cell, double value, double weight)
{
    switch (bins->as) {
    case STORE_MIN:
        if (!(bins->values[cell] <= value))
            bins->values[cell] = value;
        break;
    case STORE_MAX:
        if (!(bins->values[cell] >= value))
            bins->values[cell] = value;
        break;
    default:
        bins->values[cell] += value * weight;
        bins->weights[cell] += weight;
    }
}

void bins_add(struct bins *bins, int64_t from_ms, int64_t to_ms, const double *values)
{
    int64_t end = bins_end_ms(bins);
    if (from_ms < bins->start_ms)
        from_ms = bins->start_ms;
    if (to_ms > end)
        to_ms = end;
    while (from_ms < to_ms) {
        int64_t i = (from_ms - bins->start_ms) / bins->step_ms;
        int64_t edge = bins->start_ms + (i + 1) * bins->step_ms;
        int64_t until = edge < to_ms ? edge : to_ms;
        for (size_t f = 0; f < bins->fields; f++) {
            if (!isnan(values[f]))
                add_cell(bins, f * bins->count + (size_t)i, values[f], (double)(until - from_ms));
        }
        from_ms = until;
    }
}

void bins_finish(struct bins *bins)
{
    if (bins->as != STORE_AVERAGE)
        return;
    for (size_t i = 0; i < bins->count * bins->fields; i++)
        bins->values[i] = bins->weights[i] > 0 ? bins->values[i] / bins->weights[i] : NAN;
}

void bins_feed_row(struct bins_feed *feed, const double *row)
{
    struct bins *bins = feed->bins;
    double rates[GW_FIELDS_MAX], before[1 + GW_FIELDS_MAX];
    const double *values = row + 1;
    int64_t time_ms = row_time_ms(row), from_ms = time_ms - bins->every_ms;
    bool near = feed->has_last && time_ms - feed->last_ms <= BINS_SILENCE * bins->every_ms;
    if (near)
        from_ms = feed->last_ms;
    if (feed->counters) {
        memcpy(before, &feed->last_ms, sizeof(before[0]));
        memcpy(before + 1, feed->last, bins->fields * sizeof(double));
        row_rates(feed->counters, bins->fields, near ? before : NULL, row, rates);
        memcpy(feed->last, row + 1, bins->fields * sizeof(double));
        values = rates;
    }
    bins_add(bins, from_ms, time_ms, values);
    feed->has_last = true;
    feed->last_ms = time_ms;
}

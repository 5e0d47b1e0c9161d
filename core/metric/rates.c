/* Differences between rows, divided by the time between them. */
#include "metric/rates.h"

#include "metric/ring.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t field_counters(const struct gw_field *fields, size_t count)
{
    uint32_t counters = 0;
    for (size_t i = 0; i < count; i++)
        counters |= fields[i].kind == GW_COUNTER ? UINT32_C(1) << i : 0;
    return counters;
}

void row_rates(uint32_t counters, size_t fields, const double *before, const double *row,
               double *out)
{
    double seconds = before ? (double)(row_time_ms(row) - row_time_ms(before)) / 1000 : 0;
    for (size_t f = 0; f < fields; f++) {
        if (!(counters & (UINT32_C(1) << f))) {
            out[f] = row[1 + f];
            continue;
        }
        double grown = before ? row[1 + f] - before[1 + f] : NAN;
        out[f] = grown >= 0 && seconds > 0 ? grown / seconds : NAN;
    }
}

static double *row_at(const struct rates *rates, size_t row)
{
    return rates->rows + row * (rates->fields + 1);
}

int64_t rates_time(const struct rates *rates, size_t row)
{
    return row_time_ms(row_at(rates, row + rates->skip));
}

double rates_value(const struct rates *rates, size_t row, size_t field)
{
    return row_at(rates, row + rates->skip)[1 + field];
}

/* From the last row to the first, so that each still finds the raw value before it. */
static void make_rates(struct rates *rates, const struct series_info *info)
{
    uint32_t counters = field_counters(info->fields, info->field_count);
    for (size_t row = rates->count; counters && row-- > 0;) {
        double *now = row_at(rates, row), values[GW_FIELDS_MAX];
        row_rates(counters, rates->fields, row > 0 ? row_at(rates, row - 1) : NULL, now, values);
        memcpy(now + 1, values, rates->fields * sizeof(*values));
    }
}

int rates_read(struct rates *rates, struct metric *metric, uint32_t id, int64_t from_ms,
               int64_t to_ms)
{
    *rates = (struct rates){0};
    char name[16];
    snprintf(name, sizeof(name), "%" PRIu32, id);
    struct series_info info;
    int error = metric_find(metric, name, &info);
    if (error)
        return error;
    /* Also a row before, for the first difference. */
    int64_t back_ms = RATES_SILENCE * (info.every_ms > 0 ? info.every_ms : 1000), oldest_ms;
    int64_t start_ms = from_ms > back_ms ? from_ms - back_ms : 0;
    error = metric_recent(metric, id, start_ms, to_ms, &rates->rows, &rates->count, &oldest_ms);
    rates->fields = info.field_count;
    if (error == 0) {
        make_rates(rates, &info);
        size_t skip = 0;
        while (skip < rates->count && rates_time(rates, skip) <= from_ms)
            skip++;
        rates->skip = skip;
        rates->count -= skip;
    }
    series_info_fini(&info);
    return error;
}

void rates_fini(struct rates *rates)
{
    free(rates->rows);
    *rates = (struct rates){0};
}

void rates_last(struct metric *metric, const struct series_info *info, double values[GW_FIELDS_MAX])
{
    memcpy(values, info->last, sizeof(info->last));
    if (!field_counters(info->fields, info->field_count))
        return;
    for (size_t f = 0; f < info->field_count; f++) {
        if (info->fields[f].kind == GW_COUNTER)
            values[f] = NAN;
    }
    struct rates rates;
    if (rates_read(&rates, metric, info->id, info->last_ms - 1, INT64_MAX))
        return;
    for (size_t f = 0; rates.count > 0 && f < info->field_count && f < rates.fields; f++)
        values[f] = rates_value(&rates, rates.count - 1, f);
    rates_fini(&rates);
}

/* Rates and numbers. */
#include "api/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double *row_at(const struct rates *rates, size_t row)
{
    return rates->rows + row * (rates->fields + 1);
}

int64_t rates_time(const struct rates *rates, size_t row)
{
    int64_t time_ms;
    memcpy(&time_ms, row_at(rates, row + rates->skip), sizeof(time_ms));
    return time_ms;
}

double rates_value(const struct rates *rates, size_t row, size_t field)
{
    return row_at(rates, row + rates->skip)[1 + field];
}

/* From the last row to the first, so that each still finds the raw value before it. */
static void make_rates(struct rates *rates, const struct series_info *info)
{
    for (size_t row = rates->count; row-- > 0;) {
        for (size_t f = 0; f < rates->fields; f++) {
            if (info->fields[f].kind != GW_COUNTER)
                continue;
            double *now = row_at(rates, row) + 1 + f, rate = NAN;
            if (row > 0) {
                double grown = *now - *(row_at(rates, row - 1) + 1 + f);
                double seconds = (double)(rates_time(rates, row) - rates_time(rates, row - 1)) / 1e3;
                rate = grown >= 0 && seconds > 0 ? grown / seconds : NAN; /* a fall is a reset */
            }
            *now = rate;
        }
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
    int64_t back_ms = 5 * (info.every_ms > 0 ? info.every_ms : 1000), oldest_ms;
    int64_t start_ms = from_ms > back_ms ? from_ms - back_ms : 0;
    error =
        metric_recent(metric, id, start_ms, to_ms, &rates->rows, &rates->count, &oldest_ms);
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

void rates_last(struct metric *metric, const struct series_info *info,
                double values[GW_FIELDS_MAX])
{
    memcpy(values, info->last, sizeof(info->last));
    bool counters = false;
    for (size_t f = 0; f < info->field_count; f++) {
        if (info->fields[f].kind == GW_COUNTER) {
            counters = true;
            values[f] = NAN;
        }
    }
    struct rates rates;
    if (!counters || rates_read(&rates, metric, info->id, info->last_ms - 1, INT64_MAX))
        return;
    for (size_t f = 0; rates.count > 0 && f < info->field_count && f < rates.fields; f++)
        values[f] = rates_value(&rates, rates.count - 1, f);
    rates_fini(&rates);
}

void json_value(struct buf *out, double value)
{
    double size = fabs(value);
    if (!(size < 1e15) || (size > 0 && size < 1e-3)) {
        buf_json_number(out, value); /* also what is not finite */
        return;
    }
    /* As a whole number of steps: 10 significant digits, at least those before the point. */
    static const double steps[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    size_t decimals = 9;
    while (decimals > 0 && size * steps[decimals] >= 1e10)
        decimals--;
    uint64_t whole = (uint64_t)llrint(size * steps[decimals]);
    char digits[32];
    char *end = digits + sizeof(digits), *at = end;
    while (decimals > 0 && whole % 10 == 0) {
        whole /= 10;
        decimals--;
    }
    bool zero = whole == 0;
    for (size_t i = 0; i <= decimals || whole > 0; i++) {
        if (i == decimals && decimals > 0)
            *--at = '.';
        *--at = (char)('0' + whole % 10);
        whole /= 10;
    }
    if (value < 0 && !zero)
        *--at = '-';
    buf_add(out, at, (size_t)(end - at));
}

/* netdata_values.c - see netdata_values.h. */
#include "netdata_values.h"

#include "words.h"

#include <math.h>

bool netdata_value_read(const char *text, bool floating, double *value)
{
    const char *at = text, *digits = text + (*text == '-' || *text == '+');
    int64_t whole = 0;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
        bool sound = signed_take(&at, &whole) && !*at;
        *value = (double)whole;
        return sound;
    }
    if (!number_read(text, value))
        return false;
    if (!floating)
        *value = trunc(*value);
    return true;
}

void netdata_values_begin(struct netdata_chart *chart)
{
    for (struct netdata_dimension *at = chart->first; at; at = at->next)
        at->set = false;
}

struct sums {
    double raw, grown; /* of all percentages of a row, of its growth */
};

/* What each has grown by since the last time, as its totals never fall for a wrap. */
static struct sums sum_up(struct netdata_chart *chart, int64_t now_ms)
{
    const struct counter_rule rule = {.wraps = true, .min = NAN, .max = NAN};
    struct sums sums = {0};
    for (struct netdata_dimension *at = chart->first; at; at = at->next) {
        if (!at->set)
            continue;
        if (at->algorithm == NETDATA_PERCENT_OF_ROW)
            sums.raw += at->raw;
        if (at->algorithm != NETDATA_PERCENT_OF_GROWTH)
            continue;
        struct counter before = at->counter;
        double total = counter_add(&at->counter, &rule, at->raw, now_ms);
        at->grown = before.known ? fmax(total - before.total, 0) : NAN;
        sums.grown += before.known ? at->grown : 0;
    }
    return sums;
}

static double share(double part, double whole)
{
    return fabs(whole) > 0 ? 100 * part / whole : part * 0;
}

static double dimension_value(struct netdata_dimension *dimension, const struct sums *sums,
                              int64_t now_ms)
{
    const struct counter_rule rule = {.wraps = true, .min = NAN, .max = NAN};
    switch (dimension->algorithm) {
    case NETDATA_INCREMENTAL:
        return counter_add(&dimension->counter, &rule, dimension->raw, now_ms) *
               fabs(dimension->scale);
    case NETDATA_PERCENT_OF_ROW:
        return share(dimension->raw, sums->raw);
    case NETDATA_PERCENT_OF_GROWTH:
        return share(dimension->grown, sums->grown);
    case NETDATA_ABSOLUTE:
    default:
        return dimension->raw * dimension->scale;
    }
}

/* What is printed may be heard late: as long as it is not late by more than this, the time is the
 * plugin's own. Never ahead of now, so that the least late of all sets the pace. */
enum { LATE_INTERVALS = 2, LATE_MS_MIN = 2000 };

static int64_t measured_ms(struct netdata_chart *chart, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000, at_us = chart->measured_us + chart->passed_us;
    int64_t late_ms = LATE_INTERVALS * chart->every_ms;
    late_ms = late_ms > LATE_MS_MIN ? late_ms : LATE_MS_MIN;
    bool own = chart->measured_us && chart->passed_us && at_us < now_us &&
               at_us >= now_us - late_ms * 1000;
    chart->measured_us = own ? at_us : now_us;
    return own ? at_us / 1000 : 0;
}

void netdata_values_end(struct reader *reader, struct netdata_chart *chart, int64_t time_ms,
                        int64_t now_ms)
{
    if (!time_ms)
        time_ms = measured_ms(chart, now_ms);
    struct sums sums = sum_up(chart, now_ms);
    struct labels labels;
    for (struct netdata_dimension *at = chart->first; at; at = at->next) {
        if (!at->set)
            continue;
        struct metric metric = netdata_metric(chart, at, &labels);
        at->said = true;
        reader_value(reader, &metric, time_ms, dimension_value(at, &sums, now_ms));
    }
    netdata_values_begin(chart);
    reader->heard.turn(reader->heard.data);
}

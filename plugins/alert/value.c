/* value.c - see value.h. */
#include "value.h"

#include <math.h>

static const double part_needed = 0.5; /* of a window, before it says anything */

static double windowed(const struct rule *rule, const struct samples *samples, int64_t now)
{
    struct samples_sum sum;
    samples_sum(samples, now - rule->over_ms, now, &sum);
    return rule->as == AS_MIN ? sum.min : rule->as == AS_MAX ? sum.max : sum.mean;
}

/* Growth per `per`; of a counter, whose rows are rates already, their mean. */
static double grown(const struct rule *rule, bool counter, const struct samples *samples,
                    int64_t now)
{
    struct samples_sum sum;
    samples_sum(samples, now - rule->over_ms, now, &sum);
    if (counter)
        return sum.mean * (double)rule->per_ms / 1000;
    if (sum.last_ms <= sum.first_ms)
        return NAN;
    return (sum.last - sum.first) / (double)(sum.last_ms - sum.first_ms) * (double)rule->per_ms;
}

static double changed(const struct rule *rule, const struct samples *samples, int64_t now)
{
    struct samples_sum recent, base;
    samples_sum(samples, now - rule->over_ms, now, &recent);
    samples_sum(samples, now - rule->over_ms - rule->baseline_ms, now - rule->over_ms, &base);
    if (!isnan(rule->at_least) && recent.mean < rule->at_least)
        return isnan(base.mean) ? NAN : 0;
    if (rule->absolute)
        return recent.mean - base.mean;
    return fabs(base.mean) > 1e-12 ? (recent.mean - base.mean) / fabs(base.mean) * 100 : NAN;
}

/* Seconds until the trend comes to `reaches`; infinite when it goes elsewhere. A trend moves slowly
 * and costs some ten microseconds: it is worked out once a bucket. */
static double forecast(const struct rule *rule, const struct samples *samples, int64_t now)
{
    struct samples_sum sum;
    if (!samples_fresh(samples))
        return NAN;
    samples_sum(samples, now - rule->over_ms, now, &sum);
    double slope = samples_slope(samples, now - rule->over_ms, now);
    if (isnan(slope))
        return NAN;
    double left = rule->reaches - sum.last;
    bool rises = rule->reaches >= sum.first;
    if (!isnan(rule->at_least) && (rises ? sum.last < rule->at_least : sum.last > rule->at_least))
        return INFINITY;
    if ((rises && left <= 0) || (!rises && left >= 0))
        return 0;
    double ms = left / slope;
    return ms > 0 ? ms / 1000 : INFINITY;
}

double value_step(const struct rule *rule, bool counter, struct samples *samples, int64_t time_ms,
                  double value)
{
    if (isnan(value))
        return NAN;
    if (!samples)
        return value;
    samples_add(samples, time_ms, value);
    if (!samples_cover(samples, time_ms, part_needed))
        return NAN;
    switch (rule->kind) {
    case RULE_RATE:
        return grown(rule, counter, samples, time_ms);
    case RULE_CHANGE:
        return changed(rule, samples, time_ms);
    case RULE_FORECAST:
        return forecast(rule, samples, time_ms);
    default:
        return windowed(rule, samples, time_ms);
    }
}

/* The limit that counts: the one to fall behind again once it was passed. */
static double limit_of(double limit, double clear, bool passed)
{
    return passed && !isnan(clear) ? clear : limit;
}

enum level value_level(const struct rule *rule, double value, enum level before)
{
    bool only_critical = isnan(rule->warning);
    double clear_critical =
        only_critical && isnan(rule->clear_critical) ? rule->clear : rule->clear_critical;
    double critical = limit_of(rule->critical, clear_critical, before == LEVEL_CRITICAL);
    double warning = limit_of(rule->warning, rule->clear, before >= LEVEL_WARNING);
    if (!isnan(rule->at_least) && rule->kind == RULE_THRESHOLD && value < rule->at_least)
        return LEVEL_OK;
    if (!isnan(critical) && op_holds(rule->op, value, critical))
        return LEVEL_CRITICAL;
    if (!isnan(warning) && op_holds(rule->op, value, warning))
        return LEVEL_WARNING;
    return LEVEL_OK;
}

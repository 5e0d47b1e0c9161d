/* counter.c - see counter.h. */
#include "counter.h"

#include <math.h>

static const double range_32 = 4294967296.0, range_64 = 18446744073709551616.0;

/* What lies behind a wrap between the two; 0: it was none. At most a tenth of the range may have
 * been counted between two readings, else it is rather a program that has begun anew. */
static double wrapped(double before, double now)
{
    double range = before < range_32 ? range_32 : range_64;
    return range - before + now < range / 10 ? range : 0;
}

double counter_add(struct counter *counter, const struct counter_rule *rule, double raw,
                   int64_t now_ms)
{
    if (!isfinite(raw))
        return NAN;
    struct counter before = *counter;
    if (rule->resets)
        counter->base += before.raw;
    else if (before.known && raw < before.raw) {
        double behind = rule->wraps ? wrapped(before.raw, raw) : 0;
        counter->base = behind > 0 ? before.base + behind : 0;
    }
    counter->known = true;
    counter->raw = raw;
    counter->total = counter->base + raw;
    counter->time_ms = now_ms;
    double grown = counter->total - before.total;
    double seconds = (double)(now_ms - before.time_ms) / 1000;
    if (!before.known || grown < 0 || !(seconds > 0))
        return counter->total;
    double rate = grown / seconds;
    return rate < rule->min || rate > rule->max ? NAN : counter->total;
}

/* counter.h - raw readings of a counter become a total that the host can make a rate of. */
#ifndef EXEC_COUNTER_H
#define EXEC_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

struct counter { /* the caller's; zeroed */
    bool known;
    double raw, base, total;
    int64_t time_ms;
};

struct counter_rule {
    bool wraps; /* a fall is the end of 32 or 64 bits when little would have been counted beyond it,
                   else, as always without, a new beginning */
    bool resets;     /* each reading is what came since the last (ABSOLUTE of rrdtool) */
    double min, max; /* of the rate, a second; NaN: unbounded */
};

/* The total after `raw`; NaN: its rate since the last reading is out of bounds, or raw is NaN. But
 * for wraps it stays what was read, so that a reload, which forgets this, makes no leap of it. */
double counter_add(struct counter *counter, const struct counter_rule *rule, double raw,
                   int64_t now_ms);

#endif

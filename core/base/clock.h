/* Time as an argument: whoever needs the time is given a clock, so tests can turn it. */
#ifndef GW_BASE_CLOCK_H
#define GW_BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(const struct clock *clock);      /* since 1970 UTC; may jump */
    int64_t (*monotonic_ns)(const struct clock *clock); /* for differences */
};

const struct clock *clock_system(void); /* the machine's; any thread */

static inline int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms(clock);
}

static inline int64_t clock_monotonic_ns(const struct clock *clock)
{
    return clock->monotonic_ns(clock);
}

static inline int64_t clock_monotonic_ms(const struct clock *clock)
{
    return clock->monotonic_ns(clock) / 1000000;
}

/* A clock that stands still until it is turned. The caller's storage; not for several threads. */
struct fake_clock {
    struct clock clock; /* first: pass &fake.clock */
    int64_t now_wall_ms, now_monotonic_ns;
};

void fake_clock_init(struct fake_clock *fake, int64_t wall_ms);
void fake_clock_advance_ms(struct fake_clock *fake, int64_t ms);

#endif

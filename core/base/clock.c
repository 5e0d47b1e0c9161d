/* The machine's clock and one for tests. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t system_wall_ms(const struct clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_REALTIME) / 1000000;
}

static int64_t system_monotonic_ns(const struct clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_MONOTONIC);
}

const struct clock *clock_system(void)
{
    static const struct clock machine = {system_wall_ms, system_monotonic_ns};
    return &machine;
}

static int64_t fake_wall_ms(const struct clock *clock)
{
    return ((const struct fake_clock *)clock)->now_wall_ms;
}

static int64_t fake_monotonic_ns(const struct clock *clock)
{
    return ((const struct fake_clock *)clock)->now_monotonic_ns;
}

void fake_clock_init(struct fake_clock *fake, int64_t wall_ms)
{
    *fake = (struct fake_clock){{fake_wall_ms, fake_monotonic_ns}, wall_ms, 1000000000};
}

void fake_clock_advance_ms(struct fake_clock *fake, int64_t ms)
{
    fake->now_wall_ms += ms;
    fake->now_monotonic_ns += ms * 1000000;
}

/* Arithmetic on a grid of due times. */
#include "plugin/schedule.h"

#include "base/map.h"

#include <string.h>

/* FNV leaves like names close together; this spreads them (Stafford 2011, "Better Bit Mixing",
 * variant 13). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void schedule_init(struct schedule *schedule, const char *name, int64_t every_ms, int64_t now_ns)
{
    int64_t every_ns = every_ms * 1000000;
    schedule->every_ns = every_ns;
    schedule->phase_ns = (int64_t)(mix(hash_bytes(name, strlen(name))) % (uint64_t)every_ns);
    int64_t since_ns = (now_ns - schedule->phase_ns) % every_ns;
    if (since_ns < 0)
        since_ns += every_ns;
    schedule->due_ns = now_ns - since_ns + every_ns;
}

int64_t schedule_next(struct schedule *schedule, int64_t now_ns)
{
    int64_t behind_ns = now_ns - schedule->due_ns;
    int64_t missed = behind_ns > 0 ? behind_ns / schedule->every_ns : 0;
    schedule->due_ns += (missed + 1) * schedule->every_ns;
    return missed;
}

int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ns)
{
    int64_t wait_ns = schedule->due_ns - now_ns;
    return wait_ns > 0 ? (wait_ns + 999999) / 1000000 : 0;
}

int64_t backoff_ms(unsigned tries, uint64_t random)
{
    enum { LEAST_MS = 100, FIRST_MS = 1000, CAP_MS = 300000 };
    int64_t limit_ms = FIRST_MS;
    for (unsigned i = 1; i < tries && limit_ms < CAP_MS; i++)
        limit_ms *= 2;
    if (limit_ms > CAP_MS)
        limit_ms = CAP_MS;
    return LEAST_MS + (int64_t)(random % (uint64_t)(limit_ms - LEAST_MS + 1));
}

/* The token bucket of sink.h: tokens come at a steady rate, a few can be saved. */
#include "sink.h"

#include <math.h>

void sink_bucket_init(struct sink_bucket *bucket, double per_minute, unsigned burst, int64_t now_ms)
{
    bucket->per_ms = per_minute / 60000;
    bucket->burst = burst ? burst : 1;
    bucket->tokens = bucket->burst;
    bucket->filled_ms = now_ms;
}

int64_t sink_bucket_take(struct sink_bucket *bucket, int64_t now_ms)
{
    if (bucket->per_ms <= 0)
        return 0;
    if (now_ms > bucket->filled_ms)
        bucket->tokens += (double)(now_ms - bucket->filled_ms) * bucket->per_ms;
    bucket->filled_ms = now_ms;
    if (bucket->tokens > bucket->burst)
        bucket->tokens = bucket->burst;
    if (bucket->tokens >= 1) {
        bucket->tokens -= 1;
        return 0;
    }
    return (int64_t)ceil((1 - bucket->tokens) / bucket->per_ms);
}

/* When to try again: exponential back-off with full jitter, a number of tries, one deadline over
 * all of them. No clock, dice or I/O of its own. */
#ifndef GNS3_RETRY_H
#define GNS3_RETRY_H

#include <stdint.h>

/* From 0 to base_ms * 2^attempt, at most most_ms; attempt counts from 0; 0 <= random < 1. */
int64_t retry_pause_ms(int64_t base_ms, int64_t most_ms, int attempt, double random);

struct retry {
    int tries;           /* made so far */
    int tries_max;       /* 1: never again */
    int64_t deadline_ms; /* of the whole */
};

/* After a failed try: the pause before the next one, or -1: give up. A try that would begin within
 * 10 ms of the deadline is not worth it. */
int64_t retry_next_ms(const struct retry *retry, int64_t now_ms, double random);

/* Dice for the above: xorshift64* (Marsaglia; Vigna 2014). Never for secrets. */
struct dice {
    uint64_t state;
};
void dice_init(struct dice *dice); /* from the system's randomness */
double dice_roll(struct dice *dice);

#endif

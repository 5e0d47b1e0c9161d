/* How fast we may poll one GNS3 server: a token bucket whose rate falls while the server is slow.
 *
 * Slow is a moving mean over 1 s, or over five times its baseline (and 50 ms: below that it is
 * noise). Then the rate halves, once a second at most, down to an eighth; it comes back by a tenth
 * of the full rate a second. No clock or I/O of its own. */
#ifndef GNS3_BUDGET_H
#define GNS3_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    double full_rate, rate; /* requests a second */
    double tokens;          /* at most one second's worth, at least 1 */
    int64_t filled_ms, changed_ms;
    double latency_ms, baseline_ms; /* 0: none yet */
};

void budget_init(struct budget *budget, double rate, int64_t now_ms);

/* Takes a token: 0, or the milliseconds until there is one (nothing is taken then). */
int64_t budget_take(struct budget *budget, int64_t now_ms);

/* An answer took this long; a timeout counts with the time it took. */
void budget_observe(struct budget *budget, double latency_ms, int64_t now_ms);

bool budget_is_slow(const struct budget *budget);

#endif

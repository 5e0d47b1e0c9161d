/* A circuit breaker: after `failures_max` failures in a row nothing is sent for a while, then one
 * request tries. A state machine without a clock, dice or I/O of its own: all three are arguments.
 *
 * The while is drawn from 0 to recovery_ms * 2^(n-1), n the openings in a row ("full jitter"), but
 * at least 1 s and at most recovery_max_ms. */
#ifndef GNS3_BREAKER_H
#define GNS3_BREAKER_H

#include "client.h"

struct breaker {
    int failures_max;
    int64_t recovery_ms, recovery_max_ms;
    enum breaker_state state;
    int failures; /* in a row */
    int openings; /* in a row */
    bool trying;  /* half-open: the one try is under way */
    int64_t open_until_ms;
};

void breaker_init(struct breaker *breaker, int failures_max, int64_t recovery_ms,
                  int64_t recovery_max_ms);

/* May a request go out now? Turns an open breaker whose time has come half-open; half-open says yes
 * once, until that try is over (success, failure or withdraw). */
bool breaker_allow(struct breaker *breaker, int64_t now_ms);

void breaker_success(struct breaker *breaker);
void breaker_failure(struct breaker *breaker, int64_t now_ms, double random); /* 0 <= random < 1 */
void breaker_withdraw(struct breaker *breaker); /* the try ended without a verdict */
void breaker_hint(struct breaker *breaker);     /* the server answers again: half-open at once */

#endif

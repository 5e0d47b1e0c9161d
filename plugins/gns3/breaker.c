/* The state machine of breaker.h: closed -> open -> half-open -> closed or open again. */
#include "breaker.h"

enum { OPEN_MIN_MS = 1000, OPENINGS_COUNTED = 16 };

void breaker_init(struct breaker *breaker, int failures_max, int64_t recovery_ms,
                  int64_t recovery_max_ms)
{
    *breaker = (struct breaker){
        .failures_max = failures_max,
        .recovery_ms = recovery_ms,
        .recovery_max_ms = recovery_max_ms,
        .state = BREAKER_CLOSED,
    };
}

bool breaker_allow(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->state == BREAKER_CLOSED)
        return true;
    if (breaker->state == BREAKER_OPEN && now_ms >= breaker->open_until_ms)
        breaker_hint(breaker);
    if (breaker->state != BREAKER_HALF_OPEN || breaker->trying)
        return false;
    breaker->trying = true;
    return true;
}

void breaker_hint(struct breaker *breaker)
{
    if (breaker->state != BREAKER_OPEN)
        return;
    breaker->state = BREAKER_HALF_OPEN;
    breaker->trying = false;
}

void breaker_withdraw(struct breaker *breaker)
{
    breaker->trying = false;
}

void breaker_success(struct breaker *breaker)
{
    if (breaker->state == BREAKER_OPEN)
        return; /* an answer to what was sent before it opened proves nothing about now */
    breaker->state = BREAKER_CLOSED;
    breaker->failures = 0;
    breaker->openings = 0;
    breaker->trying = false;
}

static int64_t breaker_pause(const struct breaker *breaker, double random)
{
    int64_t most_ms = breaker->recovery_ms;
    for (int i = 1; i < breaker->openings && most_ms < breaker->recovery_max_ms; i++)
        most_ms *= 2;
    if (most_ms > breaker->recovery_max_ms)
        most_ms = breaker->recovery_max_ms;
    int64_t pause_ms = (int64_t)((double)most_ms * random);
    return pause_ms < OPEN_MIN_MS ? OPEN_MIN_MS : pause_ms;
}

void breaker_failure(struct breaker *breaker, int64_t now_ms, double random)
{
    if (breaker->state == BREAKER_OPEN)
        return; /* a straggler */
    breaker->failures++;
    if (breaker->state == BREAKER_CLOSED && breaker->failures < breaker->failures_max)
        return;
    if (breaker->openings < OPENINGS_COUNTED)
        breaker->openings++;
    breaker->state = BREAKER_OPEN;
    breaker->trying = false;
    breaker->open_until_ms = now_ms + breaker_pause(breaker, random);
}

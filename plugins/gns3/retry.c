/* The arithmetic of retry.h. */
#include "retry.h"

#include <sys/random.h>

enum { RETRY_BASE_MS = 200, RETRY_MOST_MS = 5000, RETRY_MARGIN_MS = 10 };

int64_t retry_pause_ms(int64_t base_ms, int64_t most_ms, int attempt, double random)
{
    int64_t ceiling_ms = base_ms;
    for (int i = 0; i < attempt && ceiling_ms < most_ms; i++)
        ceiling_ms *= 2;
    if (ceiling_ms > most_ms)
        ceiling_ms = most_ms;
    return (int64_t)((double)ceiling_ms * random);
}

int64_t retry_next_ms(const struct retry *retry, int64_t now_ms, double random)
{
    if (retry->tries >= retry->tries_max)
        return -1;
    int64_t pause_ms = retry_pause_ms(RETRY_BASE_MS, RETRY_MOST_MS, retry->tries - 1, random);
    return now_ms + pause_ms + RETRY_MARGIN_MS < retry->deadline_ms ? pause_ms : -1;
}

void dice_init(struct dice *dice)
{
    if (getrandom(&dice->state, sizeof(dice->state), GRND_NONBLOCK) != sizeof(dice->state))
        dice->state = (uint64_t)(uintptr_t)dice;
    dice->state |= 1; /* never all zero */
}

double dice_roll(struct dice *dice)
{
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (double)((dice->state * UINT64_C(2685821657736338717)) >> 11) / (double)(1ULL << 53);
}

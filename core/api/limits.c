/* Token buckets and counted failures. */
#include "api/limits.h"

#include <stdio.h>
#include <string.h>

static struct peer *find(struct limits *limits, const char *address, int64_t now_ms)
{
    struct peer *oldest = &limits->peers[0];
    for (size_t i = 0; i < LIMITS_PEERS; i++) {
        struct peer *peer = &limits->peers[i];
        if (peer->address[0] && strcmp(peer->address, address) == 0)
            return peer;
        if (peer->seen_ms < oldest->seen_ms)
            oldest = peer;
    }
    *oldest = (struct peer){
        .seen_ms = now_ms, .credit = 2 * limits->requests_per_second, .failures_since_ms = now_ms};
    snprintf(oldest->address, sizeof(oldest->address), "%s", address);
    return oldest;
}

bool limits_take(struct limits *limits, const char *address, int64_t now_ms)
{
    double rate = limits->requests_per_second;
    if (rate <= 0)
        return true;
    struct peer *peer = find(limits, address, now_ms);
    peer->credit += rate * (double)(now_ms - peer->seen_ms) / 1000;
    if (peer->credit > 2 * rate)
        peer->credit = 2 * rate;
    peer->seen_ms = now_ms;
    if (peer->credit < 1)
        return false;
    peer->credit -= 1;
    return true;
}

static void forget_old(struct peer *peer, int64_t now_ms)
{
    if (now_ms - peer->failures_since_ms < 60000)
        return;
    peer->failures = 0;
    peer->failures_since_ms = now_ms;
}

void limits_failed_login(struct limits *limits, const char *address, int64_t now_ms)
{
    struct peer *peer = find(limits, address, now_ms);
    forget_old(peer, now_ms);
    if (peer->failures++ == 0)
        peer->failures_since_ms = now_ms;
}

int limits_login_wait_s(struct limits *limits, const char *address, int64_t now_ms)
{
    struct peer *peer = find(limits, address, now_ms);
    forget_old(peer, now_ms);
    if (peer->failures < LIMITS_FAILURES)
        return 0;
    return (int)((60000 - (now_ms - peer->failures_since_ms)) / 1000) + 1;
}

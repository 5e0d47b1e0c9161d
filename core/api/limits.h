/* How much one client may ask: requests a second, and failed logins.
 *
 * A fixed table of the latest 256 addresses; the one not seen for longest makes room. Belongs to
 * the service thread. */
#ifndef GW_API_LIMITS_H
#define GW_API_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LIMITS_PEERS = 256,
    LIMITS_FAILURES = 10, /* bad tokens in a minute; then every token is refused for the rest */
};

struct peer {
    char address[48];
    int64_t seen_ms;
    double credit; /* of requests */
    int failures;
    int64_t failures_since_ms;
};

struct limits {
    double requests_per_second; /* 0: no limit */
    struct peer peers[LIMITS_PEERS];
};

/* May `address` ask one more? Bursts of twice the rate are fine. */
bool limits_take(struct limits *limits, const char *address, int64_t now_ms);
void limits_failed_login(struct limits *limits, const char *address, int64_t now_ms);
/* Seconds until another login may be tried; 0: now. */
int limits_login_wait_s(struct limits *limits, const char *address, int64_t now_ms);

#endif

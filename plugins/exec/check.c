/* check.c - see check.h. */
#include "check.h"

void check_init(struct check *check, int hard, int64_t since_ms)
{
    *check = (struct check){.soft = hard, .hard = hard, .since_ms = since_ms};
}

bool check_take(struct check *check, int state, unsigned attempts, int64_t now_ms)
{
    check->attempts = state == check->soft ? check->attempts + 1 : 1;
    check->soft = state;
    if (state == check->hard)
        return false;
    if (state != CHECK_OK && check->attempts < attempts)
        return false;
    bool told = check->hard >= 0 || state != CHECK_OK;
    check->hard = state;
    check->since_ms = now_ms;
    return told;
}

bool check_is_soft(const struct check *check)
{
    return check->soft != check->hard;
}

const char *check_name(int state)
{
    static const char *const names[] = {"ok", "warning", "critical", "unknown"};
    return state >= 0 && state <= CHECK_UNKNOWN ? names[state] : "unknown";
}

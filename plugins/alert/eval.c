/* eval.c - see eval.h. */
#include "eval.h"

#include <stddef.h>
#include <string.h>

void eval_init(struct eval *eval)
{
    *eval = (struct eval){
        .wanted = LEVEL_OK, .low = LEVEL_WARNING, .level = LEVEL_OK, .loud = LEVEL_OK, .factor = 1};
}

static void band_step(struct band *band, bool holds, int64_t for_ms, int64_t keep_ms, int64_t now)
{
    if (holds) {
        band->since_ms = band->since_ms ? band->since_ms : now;
        band->held_ms = now;
        band->on = band->on || now - band->since_ms >= for_ms;
        return;
    }
    band->since_ms = 0;
    if (band->on && now - band->held_ms >= keep_ms)
        band->on = false;
}

static int64_t delay_of(const struct eval *eval, const struct eval_times *times, bool up)
{
    int64_t base = up ? times->delay_up_ms : times->delay_down_ms;
    int64_t most = times->delay_max_ms > base ? times->delay_max_ms : base;
    double delay = (double)base * eval->factor;
    return delay > (double)most ? most : (int64_t)delay;
}

static void loud_step(struct eval *eval, const struct eval_times *times, enum level before,
                      int64_t now)
{
    if (eval->level != before) {
        bool flaps = eval->loud_at_ms && now < eval->loud_at_ms;
        eval->factor = flaps && times->multiplier > 1 ? eval->factor * times->multiplier : 1;
        eval->loud_at_ms = now + delay_of(eval, times, eval->level > before);
    }
    if (now >= eval->loud_at_ms)
        eval->loud = eval->level;
}

bool eval_step(struct eval *eval, const struct eval_times *times, enum level wanted, int64_t now)
{
    enum level before = eval->level, loud = eval->loud;
    eval->wanted = wanted;
    if (wanted > LEVEL_OK)
        eval->low = wanted == LEVEL_UNKNOWN ? LEVEL_UNKNOWN : LEVEL_WARNING;
    band_step(&eval->bad, wanted > LEVEL_OK, times->for_ms, times->keep_ms, now);
    band_step(&eval->critical, wanted == LEVEL_CRITICAL, times->critical_for_ms, times->keep_ms,
              now);
    eval->level = eval->critical.on ? LEVEL_CRITICAL : eval->bad.on ? eval->low : LEVEL_OK;
    loud_step(eval, times, before, now);
    return eval->level != before || eval->loud != loud;
}

bool eval_pending(const struct eval *eval)
{
    return eval->level == LEVEL_OK && (eval->bad.since_ms || eval->critical.since_ms);
}

bool eval_over(const struct eval *eval)
{
    return eval->level == LEVEL_OK && eval->loud == LEVEL_OK && !eval_pending(eval);
}

static void moment_shift(int64_t *moment, int64_t by_ms)
{
    *moment = *moment ? *moment + by_ms : 0;
}

void eval_shift(struct eval *eval, int64_t by_ms)
{
    moment_shift(&eval->bad.since_ms, by_ms);
    moment_shift(&eval->bad.held_ms, by_ms);
    moment_shift(&eval->critical.since_ms, by_ms);
    moment_shift(&eval->critical.held_ms, by_ms);
    moment_shift(&eval->loud_at_ms, by_ms);
}

static const char *const level_names[] = {"", "ok", "unknown", "warning", "critical"};

const char *level_name(enum level level)
{
    return level >= LEVEL_OK && level <= LEVEL_CRITICAL ? level_names[level] : "";
}

enum level level_from(const char *name)
{
    for (enum level level = LEVEL_UNKNOWN; name && level <= LEVEL_CRITICAL; level++)
        if (strcmp(name, level_names[level]) == 0)
            return level;
    return LEVEL_OK;
}

/* eval.h - how bad one thing is, over time: ok, pending, firing, and what of it is told.
 *
 * Pure: time and the wanted level come in, nothing else is known. Two bands, "bad" (unknown or
 * warning, or worse) and "critical", each with its own `for` and keep_firing_for as an alerting
 * rule of Prometheus has them; the level is the worse band that is on. What is told (`loud`)
 * follows the level after a delay that grows while it flaps, as Netdata's `delay … multiplier`
 * does. */
#ifndef ALERT_EVAL_H
#define ALERT_EVAL_H

#include <stdbool.h>
#include <stdint.h>

enum level { LEVEL_OK = 1, LEVEL_UNKNOWN, LEVEL_WARNING, LEVEL_CRITICAL };

struct eval_times {
    int64_t for_ms, critical_for_ms, keep_ms;
    int64_t delay_up_ms, delay_down_ms, delay_max_ms;
    double multiplier; /* of the delay, each time the level changes before a delay is over */
};

struct band {
    int64_t since_ms; /* it has held without a break since; 0: it does not hold */
    int64_t held_ms;  /* last time it held */
    bool on;
};

struct eval {
    enum level wanted; /* of the last step */
    enum level low;    /* what `bad` is called: unknown or warning */
    struct band bad, critical;
    enum level level;
    enum level loud;
    double factor;
    int64_t loud_at_ms; /* loud becomes level then */
};

void eval_init(struct eval *eval);
/* What the condition says now. True: level or loud changed. */
bool eval_step(struct eval *eval, const struct eval_times *times, enum level wanted, int64_t now);
/* It holds but not for long enough. */
bool eval_pending(const struct eval *eval);
/* Nothing holds and nothing is left to tell. */
bool eval_over(const struct eval *eval);
/* Time in which nobody looked does not count: all moments move by it. */
void eval_shift(struct eval *eval, int64_t by_ms);
const char *level_name(enum level level);
enum level level_from(const char *name); /* LEVEL_OK for what is none */

#endif

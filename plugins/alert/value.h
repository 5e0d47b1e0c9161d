/* value.h - what a series rule makes of rows: the value it compares, and how bad that is. Pure; the
 * same for live rows and for a test over history. */
#ifndef ALERT_VALUE_H
#define ALERT_VALUE_H

#include "rule.h"
#include "samples.h"

/* A row's value into what the rule compares: NaN while there is too little of it. `samples` is NULL
 * for rules that need none. */
double value_step(const struct rule *rule, bool counter, struct samples *samples, int64_t time_ms,
                  double value);
/* `before`: the level it has now, for hysteresis. */
enum level value_level(const struct rule *rule, double value, enum level before);

#endif

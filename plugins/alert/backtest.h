/* backtest.h - alert.test: a rule over stored history, by the same evaluator as live. */
#ifndef ALERT_BACKTEST_H
#define ALERT_BACKTEST_H

#include "world.h"

void backtests_free(struct world *world);

#endif

/* The token bucket of budget.h. */
#include "budget.h"

static const double latency_weight = 0.2;  /* of the newest answer in the moving mean */
static const double baseline_falls = 0.2;  /* quickly learns that the server is faster */
static const double baseline_rises = 1.01; /* slowly accepts that it has become slower */
static const double slow_ms = 1000, noise_ms = 50, slow_factor = 5;

void budget_init(struct budget *budget, double rate, int64_t now_ms)
{
    *budget = (struct budget){
        .full_rate = rate,
        .rate = rate,
        .tokens = rate > 1 ? rate : 1,
        .filled_ms = now_ms,
        .changed_ms = now_ms,
    };
}

int64_t budget_take(struct budget *budget, int64_t now_ms)
{
    double most = budget->rate > 1 ? budget->rate : 1;
    budget->tokens += budget->rate * (double)(now_ms - budget->filled_ms) / 1000.0;
    budget->filled_ms = now_ms;
    if (budget->tokens > most)
        budget->tokens = most;
    if (budget->tokens < 1)
        return (int64_t)((1 - budget->tokens) * 1000.0 / budget->rate) + 1;
    budget->tokens -= 1;
    return 0;
}

bool budget_is_slow(const struct budget *budget)
{
    if (budget->latency_ms > slow_ms)
        return true;
    return budget->latency_ms > noise_ms && budget->latency_ms > slow_factor * budget->baseline_ms;
}

static void budget_learn(struct budget *budget, double latency_ms)
{
    if (budget->baseline_ms <= 0) {
        budget->baseline_ms = latency_ms;
        budget->latency_ms = latency_ms;
        return;
    }
    budget->latency_ms += latency_weight * (latency_ms - budget->latency_ms);
    if (latency_ms < budget->baseline_ms)
        budget->baseline_ms += baseline_falls * (latency_ms - budget->baseline_ms);
    else if (budget->baseline_ms * baseline_rises < latency_ms)
        budget->baseline_ms *= baseline_rises;
}

void budget_observe(struct budget *budget, double latency_ms, int64_t now_ms)
{
    budget_learn(budget, latency_ms);
    double least = budget->full_rate / 8, step = budget->full_rate / 10;
    if (now_ms - budget->changed_ms < 1000)
        return;
    budget->changed_ms = now_ms;
    if (budget_is_slow(budget))
        budget->rate = budget->rate / 2 > least ? budget->rate / 2 : least;
    else
        budget->rate =
            budget->rate + step < budget->full_rate ? budget->rate + step : budget->full_rate;
}

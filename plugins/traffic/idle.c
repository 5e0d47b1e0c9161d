/* idle.c - see idle.h. */
#include "idle.h"

#include <math.h>

static bool is_quiet(const struct idle_rules *rules, const struct idle_facts *facts)
{
    if (!facts->running || facts->status != STATUS_IDLE || facts->consoles > 0)
        return false;
    if (facts->consoles < 0 && !rules->unknown_is_quiet)
        return false;
    if (isnan(facts->cpu_percent))
        return rules->unknown_is_quiet;
    return facts->cpu_percent <= rules->cpu_below;
}

static enum idle_step next_action(const struct idle_rules *rules, struct idle_state *state,
                                  int64_t now_ms)
{
    if (rules->action == IDLE_NONE || state->acted || now_ms < state->kept_until_ms)
        return IDLE_STEP_NONE;
    if (state->act_ms == 0) {
        state->act_ms = now_ms + rules->warn_ms;
        return IDLE_STEP_WARN;
    }
    if (now_ms < state->act_ms)
        return IDLE_STEP_NONE;
    state->acted = true;
    return IDLE_STEP_ACT;
}

enum idle_step idle_next(const struct idle_rules *rules, const struct idle_facts *facts,
                         struct idle_state *state, int64_t now_ms)
{
    if (rules->after_ms == 0 || !is_quiet(rules, facts)) {
        bool told = state->since_ms > 0;
        int64_t kept_until_ms = state->kept_until_ms;
        *state = (struct idle_state){.kept_until_ms = kept_until_ms};
        return told ? IDLE_STEP_BUSY : IDLE_STEP_NONE;
    }
    if (state->quiet_ms == 0)
        state->quiet_ms = now_ms;
    if (now_ms - state->quiet_ms < rules->after_ms)
        return IDLE_STEP_NONE;
    if (state->since_ms == 0) {
        state->since_ms = state->quiet_ms;
        return IDLE_STEP_IDLE;
    }
    return next_action(rules, state, now_ms);
}

const char *idle_action_name(enum idle_action action)
{
    static const char *const names[] = {[IDLE_NONE] = "none",
                                        [IDLE_SUSPEND] = "suspend",
                                        [IDLE_STOP] = "stop",
                                        [IDLE_SNAPSHOT] = "snapshot"};
    return names[action];
}

/* select.c - see select.h. */
#include "select.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PRIORITY_WEIGHT = 10, RATE_WEIGHT_MAX = 8, STARVED = 1000 };

/* For people: "40 s", "12 min". */
static const char *span(int64_t ms, char text[32])
{
    if (ms < 120000)
        snprintf(text, 32, "%lld s", (long long)(ms / 1000));
    else
        snprintf(text, 32, "%lld min", (long long)(ms / 60000));
    return text;
}

static bool is_current(const struct selection *now, const struct candidate *candidate)
{
    return now->current && strcmp(now->current, candidate->id) == 0;
}

/* How long it has had traffic without being looked at. */
static int64_t waited_ms(const struct candidate *candidate, int64_t now_ms)
{
    int64_t from = candidate->active_since_ms > candidate->selected_ms ? candidate->active_since_ms
                                                                       : candidate->selected_ms;
    return candidate->active_since_ms > 0 ? now_ms - from : 0;
}

static bool rate_out(struct candidate *candidate, const char *why)
{
    candidate->score = 0;
    snprintf(candidate->text, sizeof candidate->text, "%s", why);
    return false;
}

static bool may_come(struct candidate *candidate)
{
    if (!candidate->opened)
        return rate_out(candidate, "closed");
    if (!candidate->watched)
        return rate_out(candidate, "not watched");
    if (candidate->status == STATUS_NO_DATA)
        return rate_out(candidate, "no data");
    if (candidate->status == STATUS_IDLE)
        return rate_out(candidate, "no traffic");
    return true;
}

/* Priority counts most; between equals the busier one, by the order of magnitude. */
static void rate(const struct select_rules *rules, const struct selection *now,
                 struct candidate *candidate, int64_t now_ms)
{
    char text[32];
    if (!may_come(candidate))
        return;
    double busy = isnan(candidate->packets_s) ? 0 : 2 * log10(1 + candidate->packets_s);
    candidate->score = PRIORITY_WEIGHT * candidate->priority + fmin(busy, RATE_WEIGHT_MAX);
    snprintf(candidate->text, sizeof candidate->text, "priority %d, %.0f packets/s",
             candidate->priority, isnan(candidate->packets_s) ? 0 : candidate->packets_s);
    int64_t waited = waited_ms(candidate, now_ms);
    if (!is_current(now, candidate) && rules->starve_ms > 0 && waited >= rules->starve_ms) {
        candidate->score += STARVED + (double)waited / 1000;
        snprintf(candidate->text, sizeof candidate->text, "has waited %s", span(waited, text));
    }
}

static ptrdiff_t best_of(const struct select_rules *rules, const struct selection *now,
                         struct candidate *candidates, size_t count, int64_t now_ms, bool cooled)
{
    ptrdiff_t best = -1;
    for (size_t i = 0; i < count; i++) {
        struct candidate *one = &candidates[i];
        if (one->score <= 0 || is_current(now, one))
            continue;
        bool cooling = one->selected_ms > 0 && now_ms - one->selected_ms < rules->cooldown_ms;
        if (cooled && cooling)
            continue;
        if (best < 0 || one->score > candidates[best].score ||
            (one->score == candidates[best].score && strcmp(one->id, candidates[best].id) < 0))
            best = (ptrdiff_t)i;
    }
    return best;
}

static void decide(struct decision *decision, ptrdiff_t chosen, const char *text)
{
    decision->chosen = chosen;
    snprintf(decision->text, sizeof decision->text, "%s", text);
}

static bool decide_pinned(const struct selection *now, const struct candidate *candidates,
                          size_t count, int64_t now_ms, struct decision *decision)
{
    if (!now->pinned || now_ms >= now->pinned_until_ms)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(candidates[i].id, now->pinned) == 0) {
            decide(decision, (ptrdiff_t)i, "chosen by hand");
            return true;
        }
    return false;
}

/* The current one is without traffic, or gone from the watched. */
static void decide_leave(const struct select_rules *rules, const struct selection *now,
                         struct candidate *candidates, size_t count, ptrdiff_t current,
                         int64_t now_ms, struct decision *decision)
{
    char text[SELECT_TEXT_BYTES], since[32];
    ptrdiff_t best = best_of(rules, now, candidates, count, now_ms, true);
    if (best < 0)
        best = best_of(rules, now, candidates, count, now_ms, false);
    if (best < 0 && current >= 0 && candidates[current].opened && candidates[current].watched) {
        decide(decision, current, "nothing else has traffic");
        return;
    }
    if (best < 0) {
        decide(decision, -1, "no watched project has traffic");
        return;
    }
    if (current < 0)
        snprintf(text, sizeof text, "it has traffic: %.150s", candidates[best].text);
    else if (candidates[current].last_traffic_ms > 0 && candidates[current].status == STATUS_IDLE)
        snprintf(text, sizeof text, "%.50s has had no traffic for %s; here: %.70s",
                 candidates[current].name,
                 span(now_ms - candidates[current].last_traffic_ms, since), candidates[best].text);
    else
        snprintf(text, sizeof text, "%.60s: %.40s; here: %.80s", candidates[current].name,
                 candidates[current].text, candidates[best].text);
    decide(decision, best, text);
}

/* The current one has traffic: only a clearly better one takes over, and not too soon. */
static void decide_stay(const struct select_rules *rules, const struct selection *now,
                        struct candidate *candidates, size_t count, ptrdiff_t current,
                        int64_t now_ms, struct decision *decision)
{
    char text[SELECT_TEXT_BYTES], left[32];
    ptrdiff_t best = best_of(rules, now, candidates, count, now_ms, true);
    const struct candidate *one = &candidates[current];
    if (best < 0 || candidates[best].score < one->score + rules->margin) {
        decide(decision, current, "nothing else is clearly better");
        return;
    }
    int64_t kept_ms = now_ms - now->since_ms;
    if (kept_ms < rules->dwell_ms) {
        snprintf(text, sizeof text, "%.60s would be better (%.60s), but not for another %s",
                 candidates[best].name, candidates[best].text,
                 span(rules->dwell_ms - kept_ms, left));
        decide(decision, current, text);
        return;
    }
    snprintf(text, sizeof text, "%.70s, against %.70s of %.30s", candidates[best].text, one->text,
             one->name);
    decide(decision, best, text);
}

void select_decide(const struct select_rules *rules, const struct selection *now,
                   struct candidate *candidates, size_t count, int64_t now_ms,
                   struct decision *decision)
{
    ptrdiff_t current = -1;
    for (size_t i = 0; i < count; i++) {
        rate(rules, now, &candidates[i], now_ms);
        if (is_current(now, &candidates[i]))
            current = (ptrdiff_t)i;
    }
    if (now->mode == SELECT_OFF) {
        decide(decision, -1, "switched off");
        return;
    }
    if (decide_pinned(now, candidates, count, now_ms, decision))
        return;
    if (now->mode == SELECT_MANUAL) {
        decide(decision, current, "left as it was chosen by hand");
        return;
    }
    if (current < 0) {
        decide_leave(rules, now, candidates, count, current, now_ms, decision);
        return;
    }
    const struct candidate *one = &candidates[current];
    bool quiet = one->status == STATUS_IDLE && now_ms - one->last_traffic_ms < rules->leave_ms;
    if (one->score > 0)
        decide_stay(rules, now, candidates, count, current, now_ms, decision);
    else if (one->opened && one->watched && quiet)
        decide(decision, current, "its traffic has only paused");
    else
        decide_leave(rules, now, candidates, count, current, now_ms, decision);
}

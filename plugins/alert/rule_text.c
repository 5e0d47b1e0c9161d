/* rule_text.c - a rule in words. */
#include "rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 160 };

static void span_text(int64_t ms, char *out, size_t bytes)
{
    if (ms % 86400000 == 0 && ms)
        snprintf(out, bytes, "%lld d", (long long)(ms / 86400000));
    else if (ms % 3600000 == 0 && ms)
        snprintf(out, bytes, "%lld h", (long long)(ms / 3600000));
    else if (ms % 60000 == 0 && ms)
        snprintf(out, bytes, "%lld min", (long long)(ms / 60000));
    else
        snprintf(out, bytes, "%g s", (double)ms / 1000);
}

static void limit_text(const struct rule *rule, double limit, char *out, size_t bytes)
{
    const char *unit = rule->kind == RULE_CHANGE && !rule->absolute ? "%"
                       : rule->unit && strcmp(rule->unit, "1") != 0 ? rule->unit
                                                                    : "";
    char span[40];
    span_text((int64_t)(limit * 1000), span, sizeof span);
    if (rule->kind == RULE_FORECAST)
        snprintf(out, bytes, "within %s", span);
    else
        snprintf(out, bytes, "%s %.10g%s%s", op_sign(rule->op), limit, *unit ? " " : "", unit);
}

static void conditions_text(const struct rule *rule, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < rule->condition_count && used < bytes; i++) {
        const struct condition *one = &rule->conditions[i];
        int more = snprintf(out + used, bytes - used, "%s%s %s %s", i ? " and " : "", one->member,
                            op_sign(one->op), one->value);
        used += more > 0 ? (size_t)more : 0;
    }
}

void rule_threshold_text(const struct rule *rule, enum level level, char *out, size_t bytes)
{
    out[0] = '\0';
    if (rule->kind == RULE_ABSENCE)
        snprintf(out, bytes, "no data");
    else if (rule->kind == RULE_EVENT && rule->count > 1)
        snprintf(out, bytes, "%lld × %s", (long long)rule->count, rule->topic);
    else if (rule->kind == RULE_EVENT)
        snprintf(out, bytes, "%s", rule->topic);
    else if (rule->kind == RULE_OBJECT)
        conditions_text(rule, out, bytes);
    else
        limit_text(rule,
                   (level == LEVEL_CRITICAL && !isnan(rule->critical)) || isnan(rule->warning)
                       ? rule->critical
                       : rule->warning,
                   out, bytes);
}

static void series_words(const struct rule *rule, char *out, size_t bytes)
{
    static const char *const as[] = {"", "last", "average", "least", "greatest"};
    char over[40], base[40];
    span_text(rule->over_ms, over, sizeof over);
    span_text(rule->baseline_ms, base, sizeof base);
    if (rule->kind == RULE_ABSENCE)
        snprintf(out, bytes, "%s has no rows for %s", rule->series,
                 rule->over_ms ? over : "five intervals");
    else if (rule->kind == RULE_RATE)
        snprintf(out, bytes, "growth of %s %s over %s", rule->series, rule->field, over);
    else if (rule->kind == RULE_CHANGE)
        snprintf(out, bytes, "change of %s %s over %s against the %s before", rule->series,
                 rule->field, over, base);
    else if (rule->kind == RULE_FORECAST)
        snprintf(out, bytes, "%s %s, as it went over %s, reaches %.10g", rule->series, rule->field,
                 over, rule->reaches);
    else if (rule->over_ms && rule->as != AS_LAST)
        snprintf(out, bytes, "%s of %s %s over %s", as[rule->as], rule->series, rule->field, over);
    else
        snprintf(out, bytes, "%s %s", rule->series, rule->field);
}

static void event_words(const struct rule *rule, char *out, size_t bytes)
{
    char over[40];
    span_text(rule->over_ms, over, sizeof over);
    if (rule->count > 1)
        snprintf(out, bytes, "%lld events %s of one subject within %s", (long long)rule->count,
                 rule->topic, over);
    else
        snprintf(out, bytes, "an event %s", rule->topic);
}

static void limits_words(const struct rule *rule, char *out, size_t bytes)
{
    char warning[PART_MAX] = "", critical[PART_MAX] = "";
    if (!isnan(rule->warning))
        limit_text(rule, rule->warning, warning, sizeof warning);
    if (!isnan(rule->critical))
        limit_text(rule, rule->critical, critical, sizeof critical);
    snprintf(out, bytes, " %s%s%s%s", warning, *warning && *critical ? ", critical " : "", critical,
             !*warning ? " (critical)" : "");
}

char *rule_sentence(const struct rule *rule)
{
    char what[1000], limits[2 * PART_MAX + 40] = "", held[60] = "", span[40], conditions[800];
    conditions_text(rule, conditions, sizeof conditions);
    if (rule->kind == RULE_EVENT)
        event_words(rule, what, sizeof what);
    else if (rule->kind == RULE_OBJECT)
        snprintf(what, sizeof what, "%s has %s%s%s", rule->object, conditions,
                 rule->from ? ", before " : "", rule->from ? rule->from : "");
    else
        series_words(rule, what, sizeof what);
    if (rule_of_series(rule) && rule->kind != RULE_ABSENCE)
        limits_words(rule, limits, sizeof limits);
    span_text(rule->times.for_ms, span, sizeof span);
    if (rule->times.for_ms)
        snprintf(held, sizeof held, " for %s", span);
    char *text = NULL;
    return asprintf(&text, "%s%s%s", what, limits, held) < 0 ? NULL : text;
}

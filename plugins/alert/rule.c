/* rule.c - see rule.h. Options, or the built-in rule of the same name overlaid with them, become a
 * rule. Reading goes on after a mistake, so that one bad rule does not stop the others. */
#include "rule.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"",       "threshold", "rate",  "absence",
                                         "change", "forecast",  "event", "object"};
static const char *const op_signs[] = {"", ">", ">=", "<", "<=", "=", "!="};
static const char *const as_names[] = {"", "last", "average", "min", "max"};
static const char *const no_data_names[] = {"", "hold", "unknown", "resolve"};
static const char *const severity_names[] = {"",        "debug", "info",    "notice",
                                             "warning", "error", "critical"};

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

static int named(const char *const *names, int count, const char *name, int none)
{
    for (int i = 1; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return none;
}

const char *rule_kind_name(enum rule_kind kind)
{
    return kind_names[kind];
}

const char *op_sign(enum rule_op op)
{
    return op_signs[op];
}

bool op_holds(enum rule_op op, double value, double limit)
{
    switch (op) {
    case OP_ABOVE:
        return value > limit;
    case OP_AT_LEAST:
        return value >= limit;
    case OP_BELOW:
        return value < limit;
    case OP_AT_MOST:
        return value <= limit;
    case OP_IS:
        return fabs(value - limit) < 1e-9;
    case OP_IS_NOT:
        return fabs(value - limit) >= 1e-9;
    }
    return false;
}

bool rule_of_series(const struct rule *rule)
{
    return rule->kind <= RULE_FORECAST;
}

bool rule_needs_samples(const struct rule *rule, int64_t *over_ms)
{
    *over_ms = rule->over_ms;
    if (rule->kind == RULE_CHANGE)
        *over_ms = rule->over_ms + rule->baseline_ms;
    return rule->kind == RULE_RATE || rule->kind == RULE_CHANGE || rule->kind == RULE_FORECAST ||
           (rule->kind == RULE_THRESHOLD && rule->over_ms > 0 && rule->as != AS_LAST);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static char *copy_of(const json_t *json, const char *name)
{
    const char *text = text_of(json, name);
    return text && *text ? strdup(text) : NULL;
}

static int64_t ms_of(const json_t *json, const char *name, int64_t none)
{
    const json_t *value = json_object_get(json, name);
    return json_is_integer(value) ? json_integer_value(value) : none;
}

static double number_of(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void fail(struct rule *rule, const char *format, ...) GW_PRINTF(2, 3);
static void fail(struct rule *rule, const char *format, ...)
{
    if (rule->error)
        return; /* the first mistake is the one to mend */
    va_list list;
    va_start(list, format);
    if (vasprintf(&rule->error, format, list) < 0)
        rule->error = NULL;
    va_end(list);
    rule->enabled = false;
}

static void read_times(struct rule *rule, const json_t *json)
{
    const json_t *delay = json_object_get(json, "delay");
    int64_t for_ms = ms_of(json, "for", 0);
    rule->times = (struct eval_times){
        .for_ms = for_ms,
        .critical_for_ms = ms_of(json, "critical_for", for_ms),
        .keep_ms = ms_of(json, "keep_firing_for", 0),
        .delay_up_ms = ms_of(delay, "up", 0),
        .delay_down_ms = ms_of(delay, "down", 0),
        .delay_max_ms = ms_of(delay, "max", 3600000),
        .multiplier = isnan(number_of(delay, "multiplier")) ? 1 : number_of(delay, "multiplier")};
    /* With a critical limit alone the one `for` that was meant is the critical one. */
    if (rule_of_series(rule) && rule->kind != RULE_ABSENCE && isnan(rule->warning))
        rule->times.for_ms = rule->times.critical_for_ms;
}

static double within_of(const json_t *json, const char *name)
{
    int64_t ms = ms_of(json, name, 0);
    return ms > 0 ? (double)ms / 1000 : NAN;
}

static void read_forecast(struct rule *rule, const json_t *json)
{
    rule->reaches = number_of(json, "reaches");
    rule->warning = within_of(json, "warning_within");
    rule->critical = within_of(json, "critical_within");
    rule->clear = within_of(json, "clear_within");
    rule->clear_critical = NAN;
    rule->op = OP_BELOW;
    free(rule->unit);
    rule->unit = strdup("s");
    if (isnan(rule->reaches))
        fail(rule, "a forecast needs 'reaches': the value it must not come to");
    if (rule->over_ms <= 0)
        rule->over_ms = 6 * 3600000;
}

static void read_series(struct rule *rule, const json_t *json)
{
    rule->series = copy_of(json, "series");
    rule->field = copy_of(json, "field");
    rule->unit = copy_of(json, "unit");
    rule->over_ms = ms_of(json, "over", 0);
    rule->baseline_ms = ms_of(json, "baseline", 3600000);
    rule->per_ms = ms_of(json, "per", 1000);
    rule->as = (enum rule_as)named(as_names, COUNT(as_names), text_of(json, "as"),
                                   rule->over_ms ? AS_AVERAGE : AS_LAST);
    rule->op = (enum rule_op)named(op_signs, COUNT(op_signs), text_of(json, "op"), OP_ABOVE);
    rule->absolute = json_is_true(json_object_get(json, "absolute"));
    rule->warning = number_of(json, "warning");
    rule->critical = number_of(json, "critical");
    rule->clear = number_of(json, "clear");
    rule->clear_critical = number_of(json, "clear_critical");
    rule->at_least = number_of(json, "at_least");
    rule->no_data = (enum rule_no_data)named(no_data_names, COUNT(no_data_names),
                                             text_of(json, "no_data"), NO_DATA_HOLD);
    rule->no_data_ms = ms_of(json, "no_data_after", 0);
    if (!rule->series)
        fail(rule, "'series' is missing: which measurement it watches, such as gns3.compute");
    if (rule->kind == RULE_FORECAST)
        read_forecast(rule, json);
    if (rule->kind == RULE_ABSENCE)
        return;
    if (!rule->field)
        fail(rule, "'field' is missing: which value of %s it watches",
             rule->series ? rule->series : "the series");
    if (isnan(rule->warning) && isnan(rule->critical))
        fail(rule, "it has no limit: 'warning', 'critical' or both (of a forecast "
                   "'warning_within', 'critical_within')");
    if ((rule->kind == RULE_RATE || rule->kind == RULE_CHANGE) && rule->over_ms <= 0)
        rule->over_ms = 300000;
}

/* "status = stopped": the operator is found from the left, the longest first. */
static int condition_read(struct condition *out, const char *text)
{
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.");
    const char *at = text + name + strspn(text + name, " ");
    size_t length = strspn(at, "<>=!");
    char sign[3] = {0};
    if (name == 0 || length == 0 || length > 2)
        return -EINVAL;
    memcpy(sign, at, length);
    int op = named(op_signs, COUNT(op_signs), sign, 0);
    if (!op)
        return -EINVAL;
    at += length + strspn(at + length, " ");
    *out = (struct condition){strndup(text, name), strdup(at), (enum rule_op)op};
    return out->member && out->value ? 0 : -ENOMEM;
}

static void condition_add(struct rule *rule, const char *text)
{
    if (rule->condition_count == CONDITIONS_MAX) {
        fail(rule, "it has more than %d conditions", CONDITIONS_MAX);
        return;
    }
    if (condition_read(&rule->conditions[rule->condition_count], text))
        fail(rule, "'%s' is no condition: write member = value (or != > >= < <=)", text);
    else
        rule->condition_count++;
}

static void read_conditions(struct rule *rule, const json_t *texts)
{
    size_t i;
    json_t *one;
    if (json_is_string(texts))
        condition_add(rule, json_string_value(texts));
    json_array_foreach(texts, i, one)
        condition_add(rule, json_string_value(one) ? json_string_value(one) : "");
}

static void read_event(struct rule *rule, const json_t *json)
{
    rule->topic = copy_of(json, "topic");
    rule->over_ms = ms_of(json, "over", 600000);
    rule->count = ms_of(json, "count", 1);
    rule->clear_after_ms = ms_of(json, "clear_after", 0);
    rule->least = (enum gw_severity)named(severity_names, COUNT(severity_names),
                                          text_of(json, "least"), GW_DEBUG);
    const json_t *clear = json_object_get(json, "clear_topic");
    rule->clear_topics = json_is_string(clear) ? json_pack("[O]", clear)
                         : clear               ? json_deep_copy(clear)
                                               : json_array();
    read_conditions(rule, json_object_get(json, "clear_when"));
    if (!rule->topic)
        fail(rule, "'topic' is missing: which events it is about, such as gns3.node.crashed");
    if (rule->count == 1 && !json_array_size(rule->clear_topics) && !rule->clear_after_ms &&
        !rule->condition_count)
        fail(rule, "it would never end: give it 'clear_topic', 'clear_when' or 'clear_after'");
}

static void read_object(struct rule *rule, const json_t *json)
{
    rule->object = copy_of(json, "object");
    rule->from = copy_of(json, "from");
    read_conditions(rule, json_object_get(json, "when"));
    if (!rule->object)
        fail(rule, "'object' is missing: which kind it looks at, such as gns3.node");
    if (!rule->condition_count)
        fail(rule, "'when' is missing: which members make it bad, such as status = stopped");
}

static void read_kind(struct rule *rule, const json_t *json)
{
    rule->severity = level_from(text_of(json, "severity"));
    rule->severity = rule->severity == LEVEL_OK ? LEVEL_WARNING : rule->severity;
    if (!rule->kind)
        fail(rule, "'kind' is missing, and there is no built-in rule '%s' to take it from",
             rule->name);
    else if (rule->kind == RULE_EVENT)
        read_event(rule, json);
    else if (rule->kind == RULE_OBJECT)
        read_object(rule, json);
    else
        read_series(rule, json);
}

static void rule_read(struct rule *rule, const json_t *json, const char *source)
{
    char why[300];
    const json_t *enabled = json_object_get(json, "enabled");
    rule->name = copy_of(json, "name");
    rule->source = source;
    rule->enabled = !json_is_false(enabled);
    rule->worst = LEVEL_OK;
    rule->shown_stale = true;
    rule->kind = (enum rule_kind)named(kind_names, COUNT(kind_names), text_of(json, "kind"), 0);
    rule->title = copy_of(json, "title");
    rule->summary = copy_of(json, "summary");
    rule->description = copy_of(json, "description");
    rule->inhibits = json_is_true(json_object_get(json, "inhibits"));
    rule->labels = json_incref(json_object_get(json, "labels"));
    if (rule->labels && !json_is_object(rule->labels))
        fail(rule, "'labels' is no map of names and texts");
    if (matchers_load(&rule->match, json_object_get(json, "match"), why, sizeof why))
        fail(rule, "match: %s", why);
    read_kind(rule, json);
    if (rule->kind)
        read_times(rule, json);
    rule->text = rule->error ? NULL : rule_sentence(rule);
}

/* ---- The list -------------------------------------------------------------------------------- */

static json_t *named_in(const json_t *list, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) if (name && text_of(one, "name") &&
                                         strcmp(text_of(one, "name"), name) == 0) return one;
    return NULL;
}

/* The built-in rule with what the file says laid over it. */
static json_t *overlaid(const json_t *built_in, const json_t *mine)
{
    json_t *rule = built_in ? json_deep_copy(built_in) : json_object();
    const char *kind = text_of(mine, "kind");
    if (kind && built_in && strcmp(kind, text_of(built_in, "kind")) != 0)
        json_object_clear(rule); /* another kind: nothing of the old one fits */
    json_object_update(rule, (json_t *)(uintptr_t)mine);
    return rule;
}

int rules_load(struct rules *rules, const json_t *list, bool defaults)
{
    json_t *built_in = defaults ? defaults_json() : json_array();
    size_t most = json_array_size(built_in) + json_array_size(list), i;
    json_t *one;
    rules->at = calloc(most ? most : 1, sizeof *rules->at);
    if (!rules->at || !built_in) {
        json_decref(built_in);
        return -ENOMEM;
    }
    json_array_foreach(built_in, i, one) if (!named_in(list, text_of(one, "name")))
        rule_read(&rules->at[rules->count++], one, "default");
    json_array_foreach(list, i, one)
    {
        json_t *whole = overlaid(named_in(built_in, text_of(one, "name")), one);
        rule_read(&rules->at[rules->count++], whole, "file");
        json_decref(whole);
    }
    json_decref(built_in);
    return 0;
}

static void rule_fini(struct rule *rule)
{
    char *texts[] = {rule->name, rule->title, rule->summary, rule->description,
                     rule->text, rule->error, rule->series,  rule->field,
                     rule->unit, rule->topic, rule->object,  rule->from};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    for (size_t i = 0; i < rule->condition_count; i++) {
        free(rule->conditions[i].member);
        free(rule->conditions[i].value);
    }
    json_decref(rule->labels);
    json_decref(rule->clear_topics);
    matchers_fini(&rule->match);
}

void rules_fini(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        rule_fini(&rules->at[i]);
    free(rules->at);
    *rules = (struct rules){0};
}

struct rule *rules_find(const struct rules *rules, const char *name)
{
    for (size_t i = 0; name && i < rules->count; i++)
        if (rules->at[i].name && strcmp(rules->at[i].name, name) == 0)
            return &rules->at[i];
    return NULL;
}

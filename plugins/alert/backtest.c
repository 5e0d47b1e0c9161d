/* backtest.c - see backtest.h. One series after another is read from history and its rows go
 * through value.c and eval.c with the time they were written. */
#include "backtest.h"

#include "alerts.h"
#include "commands.h"
#include "document.h"
#include "samples.h"
#include "value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY_MS = 86400000,
    TEST_SERIES_MAX = 1000,
    FIRED_MAX = 1000,
    POINTS_MAX = 10000,
    TESTS_MAX = 4
};

struct subject { /* one series to look at */
    uint32_t id;
    unsigned field;
    bool counter;
    int64_t every_ms;
    json_t *labels; /* owned */
};

struct backtest {
    struct backtest *next;
    struct world *world;
    struct gw_call *call;
    struct rule *rule;
    int64_t from_ms, to_ms, step_ms;
    struct subject *subjects; /* owned */
    size_t count, at;
    uint64_t evaluated;
    json_t *fired; /* owned */
};

/* ---- One series ------------------------------------------------------------------------------ */

struct run {
    struct backtest *test;
    const struct subject *subject;
    struct eval eval;
    struct samples *samples; /* owned */
    int64_t begun_ms, seen_ms, patience_ms;
    enum level worst;
    double peak;
};

static void fired_end(struct run *run, int64_t to_ms)
{
    json_t *to = to_ms ? json_integer(to_ms) : json_null();
    json_t *one = json_pack("{s:O, s:I, s:o, s:s, s:o}", "labels", run->subject->labels, "from",
                            (json_int_t)run->begun_ms, "to", to, "severity", level_name(run->worst),
                            "peak", isfinite(run->peak) ? json_real(run->peak) : json_null());
    if (json_array_size(run->test->fired) < FIRED_MAX)
        json_array_append(run->test->fired, one);
    json_decref(one);
    run->begun_ms = 0;
}

static void step(struct run *run, enum level wanted, double value, int64_t now)
{
    eval_step(&run->eval, &run->test->rule->times, wanted, now);
    enum level level = run->eval.level;
    if (now < run->test->from_ms)
        return;
    if (level > LEVEL_OK && !run->begun_ms) {
        run->begun_ms = now;
        run->worst = level;
        run->peak = value;
    }
    if (level == LEVEL_OK && run->begun_ms)
        fired_end(run, now);
    if (level == LEVEL_OK)
        return;
    run->worst = level > run->worst ? level : run->worst;
    bool down = run->test->rule->op == OP_BELOW || run->test->rule->op == OP_AT_MOST;
    if (!isnan(value) && (isnan(run->peak) || (down ? value < run->peak : value > run->peak)))
        run->peak = value;
}

static void one_row(struct run *run, int64_t time_ms, double raw)
{
    const struct rule *rule = run->test->rule;
    bool silent = run->seen_ms && time_ms - run->seen_ms > run->patience_ms;
    if (time_ms >= run->test->from_ms)
        run->test->evaluated++;
    if (isnan(raw)) {
        bool unknown = silent && rule->no_data == NO_DATA_UNKNOWN;
        enum level wanted = rule->kind == RULE_ABSENCE ? (silent ? rule->severity : LEVEL_OK)
                            : unknown                  ? LEVEL_UNKNOWN
                            : silent && run->eval.level == LEVEL_OK ? LEVEL_OK
                                                                    : run->eval.wanted;
        step(run, wanted, NAN, time_ms);
        return;
    }
    run->seen_ms = time_ms;
    if (rule->kind == RULE_ABSENCE) {
        step(run, LEVEL_OK, NAN, time_ms);
        return;
    }
    double value = value_step(rule, run->subject->counter, run->samples, time_ms, raw);
    if (!isnan(value))
        step(run, value_level(rule, value, run->eval.level), value, time_ms);
}

static void run_series(struct backtest *test, const struct subject *subject,
                       const struct gw_rows *rows)
{
    int64_t over_ms, patience = 5 * subject->every_ms;
    struct run run = {.test = test, .subject = subject, .peak = NAN};
    eval_init(&run.eval);
    if (rule_needs_samples(test->rule, &over_ms))
        run.samples = samples_new(over_ms);
    run.patience_ms = test->rule->kind == RULE_ABSENCE && test->rule->over_ms ? test->rule->over_ms
                      : test->rule->no_data_ms       ? test->rule->no_data_ms
                      : patience > 2 * rows->step_ms ? patience
                                                     : 2 * rows->step_ms;
    for (size_t i = 0; i < rows->count && subject->field < rows->fields; i++)
        one_row(&run, rows->times_ms[i], rows->values[subject->field * rows->count + i]);
    if (run.begun_ms)
        fired_end(&run, 0);
    free(run.samples);
    test->step_ms = rows->step_ms > test->step_ms ? rows->step_ms : test->step_ms;
}

/* ---- Which series ---------------------------------------------------------------------------- */

static bool collect(struct gw_plugin *self, const struct gw_series_info *info, void *data)
{
    struct backtest *test = data;
    struct labels labels = {0};
    unsigned field = 0;
    (void)self;
    for (size_t i = 0; i < info->label_count; i++)
        labels_set(&labels, info->labels[i].name, info->labels[i].value);
    bool fits = matchers_fit(&test->rule->match, &labels);
    if (test->rule->kind != RULE_ABSENCE)
        while (field < info->field_count &&
               strcmp(info->fields[field].name, test->rule->field) != 0)
            field++;
    if (fits && field < info->field_count)
        test->subjects[test->count++] =
            (struct subject){info->id, field, info->fields[field].kind == GW_COUNTER,
                             info->every_ms, labels_json(&labels)};
    labels_fini(&labels);
    return test->count < TEST_SERIES_MAX;
}

/* ---- The call -------------------------------------------------------------------------------- */

static void backtest_free(struct backtest *test)
{
    for (size_t i = 0; i < test->count; i++)
        json_decref(test->subjects[i].labels);
    free(test->subjects);
    json_decref(test->fired);
    free(test);
}

static void backtest_remove(struct backtest *test)
{
    struct backtest **at = &test->world->tests;
    while (*at && *at != test)
        at = &(*at)->next;
    if (*at)
        *at = test->next;
    backtest_free(test);
}

void backtests_free(struct world *world)
{
    while (world->tests)
        backtest_remove(world->tests);
}

static void finish(struct backtest *test)
{
    char span[60], rows[60];
    duration_text(test->to_ms - test->from_ms, span, sizeof span);
    duration_text(test->step_ms, rows, sizeof rows);
    json_t *answer = json_pack("{s:I, s:I, s:O}", "evaluated", (json_int_t)test->evaluated,
                               "series", (json_int_t)test->count, "fired", test->fired);
    char *text = NULL;
    size_t times = json_array_size(test->fired);
    if (test->count == 0)
        text = strdup("There is no series for this rule");
    else if (asprintf(&text,
                      "In %s it would have fired %zu time%s on %zu series (%llu rows, up to "
                      "%s apart)",
                      span, times, times == 1 ? "" : "s", test->count,
                      (unsigned long long)test->evaluated, rows) < 0)
        text = NULL;
    json_object_set_new(answer, "text", json_string(text ? text : ""));
    char *json = json_dumps(answer, JSON_COMPACT);
    gw_reply(test->call, json);
    free(json);
    free(text);
    json_decref(answer);
    backtest_remove(test);
}

static void next_series(struct backtest *test);

static void on_rows(struct gw_plugin *self, const struct gw_rows *rows, void *data)
{
    struct backtest *test = data;
    (void)self;
    if (gw_call_cancelled(test->call)) {
        backtest_remove(test);
        return;
    }
    if (rows->error && rows->error != -ENOENT) {
        gw_refuse(test->call, rows->error, "History cannot be read: %s", strerror(-rows->error));
        backtest_remove(test);
        return;
    }
    if (!rows->error)
        run_series(test, &test->subjects[test->at], rows);
    test->at++;
    gw_progress(test->call, (double)test->at / (double)test->count, "%zu of %zu series", test->at,
                test->count);
    next_series(test);
}

static void next_series(struct backtest *test)
{
    int64_t over_ms;
    if (test->at == test->count) {
        finish(test);
        return;
    }
    rule_needs_samples(test->rule, &over_ms);
    int64_t before = over_ms + test->rule->times.for_ms;
    struct gw_query query = {.size = sizeof query,
                             .id = test->subjects[test->at].id,
                             .from_ms = test->from_ms - before,
                             .to_ms = test->to_ms,
                             .points = POINTS_MAX};
    int error = gw_query(test->world->self, &query, on_rows, test);
    if (!error)
        return;
    gw_refuse(test->call, error, "History cannot be read: %s", strerror(-error));
    backtest_remove(test);
}

/* Of a rule without rows: the alerts that it has made and that are still listed. */
static json_t *told_of(const struct world *world, const struct rule *rule, int64_t from_ms,
                       int64_t to_ms)
{
    json_t *list = json_array();
    for (size_t i = 0; i < world->alert_count && json_array_size(list) < FIRED_MAX; i++) {
        const struct alert *alert = world->alerts[i];
        bool over = alert->ended_ms && alert->eval.level <= LEVEL_OK;
        if (alert->rule != rule || !alert->fired_ms || alert->fired_ms > to_ms ||
            (over && alert->ended_ms < from_ms))
            continue;
        json_array_append_new(list, json_pack("{s:o, s:I, s:o, s:s, s:n}", "labels",
                                              labels_json(&alert->labels), "from",
                                              (json_int_t)alert->fired_ms, "to",
                                              over ? json_integer(alert->ended_ms) : json_null(),
                                              "severity", alert_severity(alert), "peak"));
    }
    return list;
}

static int other_rule(const struct world *world, struct gw_call *call, const struct rule *rule,
                      int64_t from_ms, int64_t to_ms)
{
    char text[400], span[60];
    json_t *fired = told_of(world, rule, from_ms, to_ms);
    duration_text(to_ms - from_ms, span, sizeof span);
    snprintf(text, sizeof text,
             "Rules on %s have no rows to run over. As it stands it has fired for %zu thing%s in "
             "%s; of each the last time is shown",
             rule->kind == RULE_EVENT ? "events" : "objects", json_array_size(fired),
             json_array_size(fired) == 1 ? "" : "s", span);
    json_t *answer = json_pack("{s:i, s:i, s:o, s:s}", "evaluated", 0, "series", 0, "fired", fired,
                               "text", text);
    char *json = json_dumps(answer, JSON_COMPACT);
    int error = gw_reply(call, json);
    free(json);
    json_decref(answer);
    return error;
}

int alert_test_run(struct gw_plugin *self, struct gw_call *call)
{
    struct world *world = gw_data(self);
    const struct gw_values *params = gw_call_params(call);
    struct rule *rule = rules_find(&world->rules, gw_string(params, "rule"));
    int64_t now = gw_now_ms(self);
    int64_t to = gw_has(params, "to") ? gw_int(params, "to") : now;
    int64_t from = gw_has(params, "from") ? gw_int(params, "from") : to - DAY_MS;
    size_t tests = 0;
    for (struct backtest *test = world->tests; test; test = test->next)
        tests++;
    if (!rule)
        return gw_refuse(call, -ENOENT, "There is no rule '%s'", gw_string(params, "rule"));
    if (rule->error)
        return gw_refuse(call, -EINVAL, "Rule '%s' cannot run: %s", rule->name, rule->error);
    if (from >= to)
        return gw_refuse(call, -EINVAL, "`from` is not before `to`");
    if (!rule_of_series(rule))
        return other_rule(world, call, rule, from, to);
    if (tests >= TESTS_MAX)
        return gw_refuse(call, -EBUSY, "%d tests run already: wait for one", TESTS_MAX);
    struct backtest *test = calloc(1, sizeof *test);
    if (!test)
        return -ENOMEM;
    *test = (struct backtest){.next = world->tests,
                              .world = world,
                              .call = call,
                              .rule = rule,
                              .from_ms = from,
                              .to_ms = to};
    test->fired = json_array();
    test->subjects = calloc(TEST_SERIES_MAX, sizeof *test->subjects);
    if (!test->fired || !test->subjects) {
        backtest_free(test);
        return -ENOMEM;
    }
    world->tests = test;
    struct gw_match match = {.measurement = rule->series};
    gw_series_each(self, &match, false, collect, test);
    next_series(test);
    return 0;
}

/* try.c - exec.try: runs a command once and says what would be made of it. Nothing is kept: for
 * authors, and for whoever sets something up. */
#include "exec.h"
#include "naming.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_SHOWN = 500, OTHERS_SHOWN = 100, STREAM_MS = 5000 };

struct
try {
    struct try *next;
    struct exec *exec;
    struct gw_call *call;
    struct recipe recipe; /* of the call's parameters, which live as long as the call */
    struct process *process;
    struct gw_timer *enough; /* a stream is listened to for so long */
    struct dialect *dialect;
    struct dialect_options options;
    struct jsonl_heard heard;
    json_t *values, *errors, *others, *messages;
    unsigned run, lines, count;
    bool stopped;
};

/* ---- What it says ---------------------------------------------------------------------------- */

static void keep(json_t *list, json_t *one, size_t most)
{
    if (json_array_size(list) < most)
        json_array_append_new(list, one);
    else
        json_decref(one);
}

static void on_value(void *data, const struct metric *metric, int64_t time_ms, double value)
{
    struct try *try = data;
    char series[NAMING_MEASUREMENT_BYTES], field[NAMING_FIELD_BYTES], unit[NAMING_UNIT_BYTES];
    try->count++;
    if (json_array_size(try->values) >= VALUES_SHOWN)
        return;
    naming_measurement(series, metric->group, false);
    naming_field(field, metric->name ? metric->name : "value", false);
    naming_unit(unit, metric->unit, metric->kind == GW_COUNTER);
    json_t *labels = json_object();
    for (const struct gw_label *at = metric->labels; at && at->name; at++) {
        char name[NAMING_LABEL_BYTES];
        naming_label(name, at->name);
        json_object_set_new(labels, name, json_string(at->value ? at->value : ""));
    }
    json_t *one =
        json_pack("{s:s, s:s, s:s, s:s?, s:s, s:o}", "series", series, "field", field, "name",
                  metric->name ? metric->name : "value", "title", metric->title, "kind",
                  metric->kind == GW_COUNTER ? "counter" : "gauge", "labels", labels);
    json_object_set_new(one, "value", isfinite(value) ? json_real(value) : json_null());
    if (*unit)
        json_object_set_new(one, "unit", json_string(unit));
    if (metric->warning)
        json_object_set_new(one, "warning", json_string(metric->warning));
    if (metric->critical)
        json_object_set_new(one, "critical", json_string(metric->critical));
    if (time_ms)
        json_object_set_new(one, "time", json_integer(time_ms));
    keep(try->values, one, VALUES_SHOWN);
}

static void on_turn(void *data)
{
    (void)data;
}

static void on_gone(void *data, const struct metric *metric)
{
    (void)data;
    (void)metric;
}

static void on_verdict(void *data, const struct verdict *verdict)
{
    struct try *try = data;
    try->count++;
    keep(try->others,
         json_pack("{s:s?, s:i, s:s?, s:s?}", "verdict", verdict->subject, "state", verdict->state,
                   "text", verdict->text, "more", verdict->more),
         OTHERS_SHOWN);
}

static void on_object(void *data, const char *kind, const char *id, const char *json)
{
    struct try *try = data;
    try->count++;
    keep(try->others, json_pack("{s:s, s:s, s:s?}", "object", kind, "id", id, "fields", json),
         OTHERS_SHOWN);
}

static void on_event(void *data, const struct gw_event *event)
{
    struct try *try = data;
    try->count++;
    keep(try->others, json_pack("{s:s, s:s?}", "event", event->topic, "text", event->text),
         OTHERS_SHOWN);
}

static void on_wish(void *data, enum wish wish)
{
    struct try *try = data;
    static const char *const names[] = {"", "disable", "exit", "alive"};
    if (wish != WISH_ALIVE)
        keep(try->others, json_pack("{s:s}", "wish", names[wish]), OTHERS_SHOWN);
}

static void on_error(void *data, unsigned line, unsigned column, const char *why, const char *text)
{
    struct try *try = data;
    keep(try->errors,
         json_pack("{s:i, s:i, s:s, s:s?}", "line", (int)line, "column", (int)column, "why", why,
                   "text", text),
         OTHERS_SHOWN);
}

static void on_offer(void *data, const char *name, const char *help)
{
    struct try *try = data;
    try->count++;
    keep(try->others, json_pack("{s:s, s:s?}", "offer", name, "help", help), OTHERS_SHOWN);
}

static void on_line(void *data, const char *line, int flaw)
{
    struct try *try = data;
    try->lines++;
    if (flaw)
        on_error(try, try->lines, 0,
                 flaw == LINE_LONG ? "the line is longer than 64 KiB and was dropped"
                                   : "has control characters, or bytes that are no text in UTF-8",
                 line);
    if (flaw != LINE_LONG)
        try->recipe.dialect->line(try->dialect, try->run, line, gw_now_ms(try->exec->self));
}

static void on_said(void *data, const char *line, int flaw)
{
    (void)flaw;
    struct try *try = data;
    keep(try->messages, json_string(line), OTHERS_SHOWN);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void try_free(struct try *try)
{
    struct try **at = &try->exec->tries;
    while (*at != try)
        at = &(*at)->next;
    *at = try->next;
    gw_timer_stop(try->enough);
    process_free(try->process);
    if (try->dialect)
        try->recipe.dialect->close(try->dialect);
    json_decref(try->values);
    json_decref(try->errors);
    json_decref(try->others);
    json_decref(try->messages);
    recipe_fini(&try->recipe);
    free(try);
}

void try_free_all(struct exec *exec)
{
    while (exec->tries)
        try_free(exec->tries);
}

/* A person who tries wants to know why there is nothing. */
static void explain_nothing(struct try *try, const struct process_end *end)
{
    char why[RECIPE_WHY_BYTES];
    if (try->count || json_array_size(try->errors) || end->timed_out || end->status)
        return;
    snprintf(why, sizeof why, "its %u lines said no value%s", try->lines,
             recipe_hint(&try->recipe));
    on_error(try, 0, 0, why, NULL);
}

static void answer(struct try *try, const struct process_end *end)
{
    explain_nothing(try, end);
    json_t *doc = json_pack("{s:i, s:i, s:b, s:f, s:O, s:O, s:O, s:O}", "lines", (int)try->lines,
                            "count", (int)try->count, "timed_out", end->timed_out, "duration",
                            end->seconds, "values", try->values, "errors", try->errors, "others",
                            try->others, "messages", try->messages);
    if (!try->stopped)
        json_object_set_new(doc, end->status < 0 ? "signal" : "exit",
                            json_integer(end->status < 0 ? -end->status : end->status));
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
    if (text)
        recipe_hide(&try->recipe, text);
    gw_reply(try->call, text ? text : "{}");
    free(text);
    json_decref(doc);
}

static const char *start_run(struct try *try, char why[RECIPE_WHY_BYTES]);

static void on_end(void *data, const struct process_end *end)
{
    struct try *try = data;
    char why[RECIPE_WHY_BYTES];
    try->process = NULL;
    try->recipe.dialect->end(try->dialect, try->run, end->status, gw_now_ms(try->exec->self));
    bool more = strcmp(try->recipe.dialect->name, "munin") == 0 && try->run == 0 &&
                end->status == 0 && try->count == 0;
    if (more) {
        try->run = 1;
        if (!start_run(try, why))
            return;
        on_error(try, 0, 0, why, NULL);
    }
    answer(try, end);
    try_free(try);
}

static void on_enough(struct gw_plugin *self, void *data)
{
    (void)self;
    struct try *try = data;
    try->enough = NULL;
    try->stopped = true;
    if (try->process)
        process_stop(try->process);
}

/* ---- The start ------------------------------------------------------------------------------- */

/* NULL: it runs. */
static const char *start_run(struct try *try, char why[RECIPE_WHY_BYTES])
{
    const struct recipe *recipe = &try->recipe;
    char file[RECIPE_PATH_BYTES];
    struct texts argv = {0};
    int error = recipe_find(recipe, try->exec->self, file, why);
    const char *step = "";
    if (error || !recipe_argv(recipe, file, try->run, &argv)) {
        texts_fini(&argv);
        return why;
    }
    struct process_options options = {.file = file,
                                      .argv = argv.list,
                                      .env = recipe->env.list,
                                      .user = &recipe->user,
                                      .limits = recipe->limits,
                                      .keep_stdin = recipe->keep_stdin,
                                      .timeout_ms = recipe->timeout_ms,
                                      .bytes_per_s = 1024 * 1024,
                                      .data = try,
                                      .on_line = on_line,
                                      .on_said = on_said,
                                      .on_end = on_end};
    try->process = process_start(try->exec->self, &options, &error, &step);
    if (!try->process)
        recipe_why_not(file, step, error, why);
    texts_fini(&argv);
    return try->process ? NULL : why;
}

static void listen_to(struct try *try)
{
    try->heard = (struct jsonl_heard){.heard = {.data = try,
                                                .value = on_value,
                                                .turn = on_turn,
                                                .gone = on_gone,
                                                .verdict = on_verdict,
                                                .object = on_object,
                                                .event = on_event,
                                                .wish = on_wish,
                                                .error = on_error},
                                      .offer = on_offer};
    try->options = (struct dialect_options){
        .item = "try",
        .every_ms = try->recipe.every_ms,
        .types = (const char *const *)try->recipe.types.list,
    };
    try->dialect = try->recipe.dialect->open(&try->options, &try->heard.heard);
}

int exec_try(struct gw_plugin *self, struct gw_call *call)
{
    struct exec *exec = gw_data(self);
    char why[RECIPE_WHY_BYTES] = "out of memory";
    struct try *try = calloc(1, sizeof *try);
    if (!try)
        return -ENOMEM;
    *try = (struct try){.next = exec->tries, .exec = exec, .call = call};
    exec->tries = try;
    try->values = json_array();
    try->errors = json_array();
    try->others = json_array();
    try->messages = json_array();
    const char *failed = why;
    if (recipe_read(&try->recipe, self, gw_call_params(call), "try", NULL, why) == 0) {
        if (try->recipe.mode == MODE_STREAM)
            try->enough = gw_timer_start(self, STREAM_MS, 0, on_enough, try);
        listen_to(try);
        failed = try->dialect ? start_run(try, why) : why;
    }
    if (!failed)
        return 0;
    try_free(try);
    return gw_refuse(call, -EINVAL, "%s", failed);
}

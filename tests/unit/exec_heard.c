/* See exec_heard.h. */
#include "exec_heard.h"

#include "unit.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void print_labels(FILE *out, const struct gw_label *labels)
{
    if (!labels || !labels->name)
        return;
    for (const struct gw_label *label = labels; label->name; label++)
        fprintf(out, "%c%s=%s", label == labels ? '{' : ',', label->name, label->value);
    fputc('}', out);
}

static void print_metric(FILE *out, const struct metric *metric)
{
    fprintf(out, "%s/%s", metric->group, metric->name);
    print_labels(out, metric->labels);
}

static void on_value(void *data, const struct metric *metric, int64_t time_ms, double value)
{
    struct heard_text *told = data;
    FILE *out = told->out;
    told->values += isnan(value) ? 0 : 1;
    fputs("V ", out);
    print_metric(out, metric);
    fprintf(out, " %.15g", value);
    if (metric->unit)
        fprintf(out, " [%s]", metric->unit);
    fputs(metric->kind == GW_COUNTER ? " counter" : "", out);
    if (metric->scale < 1 || metric->scale > 1)
        fprintf(out, " x%.15g", metric->scale);
    if (time_ms)
        fprintf(out, " @%" PRId64, time_ms);
    if (!isnan(metric->min))
        fprintf(out, " min=%.15g", metric->min);
    if (!isnan(metric->max))
        fprintf(out, " max=%.15g", metric->max);
    if (metric->every_ms)
        fprintf(out, " every=%" PRId64, metric->every_ms);
    if (metric->warning)
        fprintf(out, " w=%s", metric->warning);
    if (metric->critical)
        fprintf(out, " c=%s", metric->critical);
    if (metric->title)
        fprintf(out, " \"%s\"", metric->title);
    if (metric->help)
        fprintf(out, " (%s)", metric->help);
    fputc('\n', out);
}

static void on_turn(void *data)
{
    struct heard_text *told = data;
    fputs("T\n", told->out);
}

static void on_gone(void *data, const struct metric *metric)
{
    struct heard_text *told = data;
    fputs("G ", told->out);
    print_metric(told->out, metric);
    fputc('\n', told->out);
}

static void on_verdict(void *data, const struct verdict *verdict)
{
    static const char *const severities[] = {"?",       "debug", "info",    "notice",
                                             "warning", "error", "critical"};
    struct heard_text *told = data;
    fprintf(told->out, "S %d %s %s \"%s\"", verdict->state, severities[verdict->severity],
            verdict->subject ? verdict->subject : "-", verdict->text ? verdict->text : "");
    print_labels(told->out, verdict->labels);
    if (verdict->time_ms)
        fprintf(told->out, " @%" PRId64, verdict->time_ms);
    if (verdict->more)
        fprintf(told->out, " <%s>", verdict->more);
    fputc('\n', told->out);
}

static void on_object(void *data, const char *kind, const char *id, const char *json)
{
    struct heard_text *told = data;
    fprintf(told->out, "O %s %s %s\n", kind, id, json ? json : "gone");
}

static void on_event(void *data, const struct gw_event *event)
{
    struct heard_text *told = data;
    fprintf(told->out, "N %s %s\n", event->topic, event->text);
}

static void on_wish(void *data, enum wish wish)
{
    static const char *const wishes[] = {"?", "disable", "exit", "alive"};
    struct heard_text *told = data;
    fprintf(told->out, "W %s\n", wishes[wish]);
}

static void on_error(void *data, unsigned line, unsigned column, const char *why, const char *text)
{
    struct heard_text *told = data;
    assert_true(line >= 1 && column >= 1);
    assert_true(strlen(text) <= 255);
    told->errors++;
    fprintf(told->out, "E %u:%u %s\n", line, column, why);
}

static void begin(struct heard_text *told)
{
    told->out = open_memstream(&told->text, &told->bytes);
    assert_non_null(told->out);
}

void heard_open(struct heard_text *told, const struct dialect_kind *kind,
                struct dialect_options options)
{
    *told = (struct heard_text){.kind = kind, .now_ms = 1000000};
    told->heard = (struct heard){
        .data = told,
        .value = on_value,
        .turn = on_turn,
        .gone = on_gone,
        .verdict = on_verdict,
        .object = on_object,
        .event = on_event,
        .wish = on_wish,
        .error = on_error,
    };
    begin(told);
    told->dialect = kind->open(&options, &told->heard);
    assert_non_null(told->dialect);
}

void heard_close(struct heard_text *told)
{
    told->kind->close(told->dialect);
    fclose(told->out);
    free(told->text);
}

void heard_lines(struct heard_text *told, unsigned run, const char *text)
{
    while (*text) {
        size_t bytes = strcspn(text, "\n");
        char *line = strndup(text, bytes);
        assert_non_null(line);
        told->kind->line(told->dialect, run, line, told->now_ms);
        free(line);
        text += bytes + (text[bytes] == '\n');
    }
}

void heard_end(struct heard_text *told, unsigned run, int status)
{
    told->kind->end(told->dialect, run, status, told->now_ms);
}

const char *heard_look(struct heard_text *told)
{
    fflush(told->out);
    return told->text;
}

static void expect(struct heard_text *told, const char *expected)
{
    assert_string_equal(heard_look(told), expected);
    fclose(told->out);
    free(told->text);
    begin(told);
}

void heard_expect(struct heard_text *told, unsigned run, const char *text, int status,
                  const char *expected)
{
    heard_lines(told, run, text);
    heard_end(told, run, status);
    expect(told, expected);
}

void heard_stream(struct heard_text *told, const char *text, const char *expected)
{
    heard_lines(told, 0, text);
    expect(told, expected);
}

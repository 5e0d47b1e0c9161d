/* A dialect of plugins/exec fed with any text. A line "!STATUS" ends the run; what follows is the
 * next (Munin's config, fetch, config …). What is said must be what dialect.h promises. */
#ifndef GW_FUZZ_EXEC_H
#define GW_FUZZ_EXEC_H

#include "exec/dialect.h"
#include "fuzz.h"

#include <ctype.h>
#include <math.h>

static inline void exec_check_labels(const struct gw_label *labels)
{
    for (size_t i = 0; labels && labels[i].name; i++)
        fuzz_check(labels[i].name[0] && labels[i].value && i < 1000);
}

static inline void exec_check_metric(void *data, const struct metric *metric)
{
    (void)data;
    fuzz_check(metric->group && metric->group[0] && metric->name && metric->name[0]);
    fuzz_check(metric->kind == GW_GAUGE || metric->kind == GW_COUNTER);
    fuzz_check(isfinite(metric->scale) && !isinf(metric->min) && !isinf(metric->max));
    exec_check_labels(metric->labels);
}

static inline void exec_on_value(void *data, const struct metric *metric, int64_t time_ms,
                                 double value)
{
    exec_check_metric(data, metric);
    fuzz_check(time_ms >= 0 && !isinf(value));
}

static inline void exec_on_turn(void *data)
{
    (void)data;
}

static inline void exec_on_verdict(void *data, const struct verdict *verdict)
{
    (void)data;
    fuzz_check(verdict->severity >= GW_DEBUG && verdict->severity <= GW_CRITICAL);
    fuzz_check(verdict->state >= -1 && verdict->state <= 3 && verdict->text);
    exec_check_labels(verdict->labels);
}

static inline void exec_on_wish(void *data, enum wish wish)
{
    (void)data;
    fuzz_check(wish >= WISH_DISABLE && wish <= WISH_ALIVE);
}

static inline void exec_on_error(void *data, unsigned line, unsigned column, const char *why,
                                 const char *text)
{
    (void)data;
    fuzz_check(line >= 1 && column >= 1 && column <= 70000 && why[0] && strlen(text) <= 255);
}

/* Each line is a piece of memory of its exact size. */
static inline void exec_fuzz_heard(const struct dialect_kind *kind,
                                   const struct dialect_options *options, const struct heard *heard,
                                   const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct dialect *dialect = kind->open(options, heard);
    unsigned run = 0;
    int64_t now_ms = 1700000000000;
    fuzz_check(dialect);
    for (char *line = text, *end = text; line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        char *exact = strndup(line, end ? (size_t)(end - line) : strlen(line));
        fuzz_check(exact);
        if (*exact == '!') {
            kind->end(dialect, run, (int)strtol(exact + 1, NULL, 10) % 256, now_ms);
            run = !run;
        } else {
            kind->line(dialect, run, exact, now_ms);
        }
        now_ms += 1000;
        free(exact);
    }
    kind->end(dialect, run, 0, now_ms);
    kind->close(dialect);
    free(text);
}

static inline void exec_fuzz(const struct dialect_kind *kind, const struct dialect_options *options,
                             const uint8_t *data, size_t size)
{
    static const struct heard heard = {
        .value = exec_on_value,
        .turn = exec_on_turn,
        .gone = exec_check_metric,
        .verdict = exec_on_verdict,
        .wish = exec_on_wish,
        .error = exec_on_error,
    };
    exec_fuzz_heard(kind, options, &heard, data, size);
}

#endif

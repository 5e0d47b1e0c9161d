/* jsonl.c - our own lines (PROTOCOL.md): one JSON object a line, for authors in any language. What
 * cannot be read is told with its place, and nothing of such a line is taken. */
#include "jsonl.h"
#include "tail.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 16, VALUES_MAX = 200, WHY_BYTES = 300, SHOWN_BYTES = 200 };

struct dialect {
    const struct jsonl_heard *heard;
    unsigned line;
};

struct reading {
    struct dialect *dialect;
    const char *text;
    bool bad; /* this line has been complained of */
};

/* The column of a name in the line: where a person has to look. */
static unsigned column_of(const char *text, const char *name)
{
    char quoted[80] = "";
    if (!name)
        return 1;
    snprintf(quoted, sizeof quoted, "\"%.70s\"", name);
    const char *at = strstr(text, quoted);
    return at ? (unsigned)(at - text) + 1 : 1;
}

static void tell(const struct dialect *dialect, unsigned column, const char *why, const char *text)
{
    char shown[SHOWN_BYTES];
    const struct heard *heard = &dialect->heard->heard;
    text_copy(shown, sizeof shown, text);
    heard->error(heard->data, dialect->line, column, why, shown);
}

static void complain(struct reading *reading, const char *name, const char *format, ...)
    GW_PRINTF(3, 4);

static void complain(struct reading *reading, const char *name, const char *format, ...)
{
    char why[WHY_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    reading->bad = true;
    tell(reading->dialect, column_of(reading->text, name), why, reading->text);
}

/* ---- Members --------------------------------------------------------------------------------- */

static bool only(struct reading *reading, json_t *doc, const char *allowed)
{
    const char *name;
    json_t *value;
    json_object_foreach(doc, name, value)
    {
        const char *at = strstr(allowed, name);
        size_t length = strlen(name);
        if (at && length && (at == allowed || at[-1] == ' ') &&
            (at[length] == ' ' || at[length] == '\0'))
            continue;
        complain(reading, name, "there is no member '%.60s' here; there are: %s", name, allowed);
        return false;
    }
    return true;
}

/* NULL: missing or no text, which is told when it is `needed` or there. */
static const char *text_of(struct reading *reading, const json_t *doc, const char *name,
                           bool needed)
{
    const json_t *value = json_object_get(doc, name);
    const char *text = json_string_value(value);
    if ((value && !text) || (needed && (!text || !*text)))
        complain(reading, name, "`%s` must be a text that is not empty", name);
    return text;
}

static int64_t time_of(struct reading *reading, const json_t *doc)
{
    const json_t *value = json_object_get(doc, "time");
    if (!value)
        return 0;
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds > 0) || seconds > 253402300799.0) {
        complain(reading, "time", "`time` must be in seconds since 1970");
        return 0;
    }
    return (int64_t)(seconds * 1000.0);
}

static bool read_labels(struct reading *reading, const json_t *doc,
                        struct gw_label labels[LABELS_MAX + 1])
{
    json_t *map = json_object_get(doc, "labels"), *value;
    const char *name;
    size_t count = 0;
    if (map && !json_is_object(map))
        complain(reading, "labels", "`labels` must be an object of texts");
    json_object_foreach(map, name, value)
    {
        const char *text = json_string_value(value);
        if (!text || !*name)
            complain(reading, name, "label '%.60s' must have a name, and be a text", name);
        else if (count == LABELS_MAX)
            complain(reading, name, "there may be %d labels", LABELS_MAX);
        if (reading->bad)
            return false;
        labels[count++] = (struct gw_label){name, text};
    }
    return !reading->bad;
}

/* ---- Series ---------------------------------------------------------------------------------- */

static bool read_limit(struct reading *reading, const json_t *doc, const char *name, double *out)
{
    const json_t *value = json_object_get(doc, name);
    if (value && !json_is_number(value))
        complain(reading, name, "`%s` must be a number", name);
    *out = value ? json_number_value(value) : NAN;
    return !reading->bad;
}

/* A value is a number, true or false, null for none, or an object that says more of it. */
static bool read_value(struct reading *reading, const char *name, const json_t *said,
                       struct metric *metric, double *value)
{
    const json_t *number = said;
    if (json_is_object(said)) {
        json_t *doc = (json_t *)(uintptr_t)said;
        const char *kind = text_of(reading, said, "kind", false);
        if (!only(reading, doc, "value unit kind title min max warning critical"))
            return false;
        if (kind && strcmp(kind, "counter") != 0 && strcmp(kind, "gauge") != 0)
            complain(reading, "kind", "`kind` must be \"gauge\" or \"counter\"");
        metric->kind = kind && *kind == 'c' ? GW_COUNTER : GW_GAUGE;
        metric->unit = text_of(reading, said, "unit", false);
        metric->title = text_of(reading, said, "title", false);
        metric->warning = text_of(reading, said, "warning", false);
        metric->critical = text_of(reading, said, "critical", false);
        if (!read_limit(reading, said, "min", &metric->min) ||
            !read_limit(reading, said, "max", &metric->max))
            return false;
        number = json_object_get(said, "value");
    }
    if (!*name)
        complain(reading, "values", "a value must have a name");
    if (json_is_boolean(number))
        *value = json_is_true(number);
    else
        *value = json_is_number(number) ? json_number_value(number) : NAN;
    if (!json_is_number(number) && !json_is_boolean(number) && !json_is_null(number))
        complain(reading, name, "value '%.60s' must be a number, true, false or null", name);
    return !reading->bad;
}

struct one {
    struct metric metric;
    double value;
};

static void read_series(struct reading *reading, json_t *doc)
{
    struct gw_label labels[LABELS_MAX + 1] = {{0}};
    const char *series = text_of(reading, doc, "series", true), *name;
    json_t *values = json_object_get(doc, "values"), *value;
    if (reading->bad || !only(reading, doc, "series labels values time") ||
        !read_labels(reading, doc, labels))
        return;
    if (!json_is_object(values) || !json_object_size(values) ||
        json_object_size(values) > VALUES_MAX) {
        complain(reading, "values", "`values` must be an object of 1 to %d numbers", VALUES_MAX);
        return;
    }
    int64_t time_ms = time_of(reading, doc);
    struct one *all = calloc(json_object_size(values), sizeof *all);
    size_t count = 0;
    if (!all)
        return;
    json_object_foreach(values, name, value)
    {
        struct one *one = &all[count++];
        one->metric = (struct metric){.group = series,
                                      .name = name,
                                      .labels = labels,
                                      .kind = GW_GAUGE,
                                      .scale = 1,
                                      .min = NAN,
                                      .max = NAN};
        if (reading->bad || !read_value(reading, name, value, &one->metric, &one->value))
            break;
    }
    const struct heard *heard = &reading->dialect->heard->heard;
    for (size_t i = 0; i < count && !reading->bad; i++)
        heard->value(heard->data, &all[i].metric, time_ms, all[i].value);
    if (!reading->bad)
        heard->turn(heard->data);
    free(all);
}

/* ---- Events, states, objects ----------------------------------------------------------------- */

static enum gw_severity severity_of(struct reading *reading, const json_t *doc)
{
    static const char *const names[] = {"debug", "info", "notice", "warning", "error", "critical"};
    const char *said = text_of(reading, doc, "severity", false);
    for (size_t i = 0; said && i < sizeof names / sizeof *names; i++)
        if (strcmp(said, names[i]) == 0)
            return (enum gw_severity)(i + 1);
    if (said)
        complain(reading, "severity",
                 "`severity` must be debug, info, notice, warning, error or critical");
    return GW_INFO;
}

static bool is_topic(const char *topic)
{
    return *topic && *topic != '.' && strlen(topic) <= 100 && !strstr(topic, "..") &&
           topic[strlen(topic) - 1] != '.' &&
           strspn(topic, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(topic);
}

static void read_event(struct reading *reading, json_t *doc)
{
    const char *topic = text_of(reading, doc, "event", true);
    const char *text = text_of(reading, doc, "text", true);
    const json_t *data = json_object_get(doc, "data");
    if (reading->bad || !only(reading, doc, "event text severity data time"))
        return;
    if (!is_topic(topic))
        complain(reading, topic, "`event` must be of a-z, 0-9 and _ with dots between");
    if (data && !json_is_object(data))
        complain(reading, "data", "`data` must be an object");
    struct gw_event event = {.topic = topic,
                             .severity = severity_of(reading, doc),
                             .time_ms = time_of(reading, doc),
                             .text = text};
    char *dumped = data && !reading->bad ? json_dumps(data, JSON_COMPACT) : NULL;
    event.data = dumped;
    const struct heard *heard = &reading->dialect->heard->heard;
    if (!reading->bad)
        heard->event(heard->data, &event);
    free(dumped);
}

static void read_object(struct reading *reading, json_t *doc)
{
    const char *kind = text_of(reading, doc, "object", true);
    const char *id = text_of(reading, doc, "id", true);
    json_t *fields = json_object_get(doc, "fields");
    bool gone = json_is_true(json_object_get(doc, "gone"));
    if (reading->bad || !only(reading, doc, "object id fields gone"))
        return;
    if (!is_topic(kind)) {
        complain(reading, kind, "`object` names a kind: a-z, 0-9 and _ with dots between");
        return;
    }
    if (!gone && !json_is_object(fields)) {
        complain(reading, "fields", "`fields` must be an object, or `gone` true");
        return;
    }
    char *text = gone ? NULL : json_dumps(fields, JSON_COMPACT);
    const struct heard *heard = &reading->dialect->heard->heard;
    if (gone || text)
        heard->object(heard->data, kind, id, text);
    free(text);
}

/* ---- Commands -------------------------------------------------------------------------------- */

static void read_offer(struct reading *reading, json_t *doc)
{
    const char *name = text_of(reading, doc, "offer", true);
    const char *help = text_of(reading, doc, "help", false);
    bool gone = json_is_true(json_object_get(doc, "gone"));
    if (reading->bad || !only(reading, doc, "offer help gone"))
        return;
    if (!is_topic(name) || strlen(name) > 60)
        complain(reading, name, "`offer` must be of a-z, 0-9 and _, at most 60 characters");
    else if (reading->dialect->heard->offer)
        reading->dialect->heard->offer(reading->dialect->heard->heard.data, name,
                                       gone   ? NULL
                                       : help ? help
                                              : "");
}

static void read_answer(struct reading *reading, json_t *doc)
{
    const json_t *id = json_object_get(doc, "answer"), *result = json_object_get(doc, "result");
    const char *error = text_of(reading, doc, "error", false);
    if (reading->bad || !only(reading, doc, "answer result error"))
        return;
    if (!json_is_integer(id))
        complain(reading, "answer", "`answer` must be the number that stood in `call`");
    else if (result && !json_is_object(result))
        complain(reading, "result", "`result` must be an object");
    else if (reading->dialect->heard->answer)
        reading->dialect->heard->answer(reading->dialect->heard->heard.data, json_integer_value(id),
                                        result, error);
}

static void read_wish(struct reading *reading, json_t *doc)
{
    const char *wish = text_of(reading, doc, "wish", true);
    const struct heard *heard = &reading->dialect->heard->heard;
    if (reading->bad || !only(reading, doc, "wish"))
        return;
    if (strcmp(wish, "alive") == 0)
        heard->wish(heard->data, WISH_ALIVE);
    else if (strcmp(wish, "disable") == 0)
        heard->wish(heard->data, WISH_DISABLE);
    else
        complain(reading, wish, "`wish` must be \"alive\" or \"disable\"");
}

/* ---- The dialect ----------------------------------------------------------------------------- */

static const struct {
    const char *member;
    void (*read)(struct reading *reading, json_t *doc);
} lines[] = {
    {"series", read_series}, {"event", read_event},   {"object", read_object},
    {"offer", read_offer},   {"answer", read_answer}, {"wish", read_wish},
};

/* jansson counts to the end of the word it stumbled over. */
static unsigned stumbled_at(const json_error_t *error)
{
    const char *near = strstr(error->text, " near '");
    int word = near ? (int)strcspn(near + 7, "'") : 0;
    int column = error->column - (word > 0 ? word - 1 : 0);
    return column > 0 ? (unsigned)column : 1;
}

static void jsonl_line(struct dialect *dialect, unsigned run, const char *line, int64_t now_ms)
{
    (void)run;
    (void)now_ms;
    struct reading reading = {.dialect = dialect, .text = line};
    json_error_t error;
    dialect->line++;
    const char *begin = line + strspn(line, " \t");
    if (*begin == '\0' || *begin == '#')
        return;
    json_t *doc = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(doc)) {
        char why[sizeof error.text + 40];
        snprintf(why, sizeof why, "a line must be one JSON object%s%s", doc ? "" : ": ",
                 doc ? "" : error.text);
        tell(dialect, doc ? 1 : stumbled_at(&error), why, line);
        json_decref(doc);
        return;
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!json_object_get(doc, lines[i].member))
            continue;
        lines[i].read(&reading, doc);
        json_decref(doc);
        return;
    }
    complain(&reading, NULL,
             "says nothing: one of series, event, object, offer, answer, wish must be in it");
    json_decref(doc);
}

static void jsonl_end(struct dialect *dialect, unsigned run, int status, int64_t now_ms)
{
    (void)run;
    (void)status;
    (void)now_ms;
    dialect->line = 0;
}

static struct dialect *jsonl_open(const struct dialect_options *options, const struct heard *heard)
{
    (void)options;
    struct dialect *dialect = calloc(1, sizeof *dialect);
    if (dialect)
        dialect->heard = (const struct jsonl_heard *)(const void *)heard; /* jsonl.h */
    return dialect;
}

static void jsonl_close(struct dialect *dialect)
{
    free(dialect);
}

char *jsonl_ask(int64_t id, const char *name, const json_t *params)
{
    json_t *doc = json_pack("{s:s, s:I}", "ask", name, "call", (json_int_t)id);
    json_object_set_new(doc, "params", params ? json_deep_copy(params) : json_object());
    char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL, *line = NULL;
    if (text && asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    free(text);
    json_decref(doc);
    return line;
}

const struct dialect_kind dialect_jsonl = {.name = "jsonl",
                                           .open = jsonl_open,
                                           .line = jsonl_line,
                                           .end = jsonl_end,
                                           .close = jsonl_close};

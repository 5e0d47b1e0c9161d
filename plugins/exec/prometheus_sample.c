/* prometheus_sample.c - see prometheus_sample.h. */
#include "prometheus_sample.h"

#include "words.h"

#include <string.h>

char *prometheus_name_end(char *at, bool colons)
{
    for (char *begin = at;; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_' ||
                      (colons && *at == ':');
        if (!letter && (at == begin || *at < '0' || *at > '9'))
            return at;
    }
}

char *prometheus_quoted(char *at)
{
    char *to = at;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '\\' || at[1] == '"' || at[1] == 'n')) {
            at++;
            *to++ = *at == 'n' ? '\n' : *at;
        } else {
            *to++ = *at;
        }
    }
    if (!*at)
        return NULL;
    *to = '\0';
    return at + 1;
}

static bool is_twice(const struct labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (strcmp(labels->list[i].name, name) == 0)
            return true;
    }
    return false;
}

/* = "value"; behind it, or NULL: told. */
static char *label_value(struct reader *reader, struct labels *labels, const char *name, char *at)
{
    char *value = skip_blanks(at);
    if (*value != '"') {
        reader_error(reader, value, "a label is name=\"value\"");
        return NULL;
    }
    at = prometheus_quoted(value + 1);
    if (!at) {
        reader_error(reader, value, "the label's value does not end");
        return NULL;
    }
    bool twice = is_twice(labels, name);
    if (!twice && labels_add(labels, name, value + 1))
        return at;
    reader_error(reader, name, twice ? "the same label twice" : "more than %d labels",
                 READER_LABELS_MAX);
    return NULL;
}

/* One part between commas: a label, or the metric's name in quotes. Behind it, or NULL: told. */
static char *part_read(struct reader *reader, struct prometheus_sample *sample, char *at)
{
    char *name = at, *end = NULL, *sign = NULL;
    if (*at == '"') {
        name = at + 1;
        end = prometheus_quoted(name);
        sign = end ? skip_blanks(end) : NULL;
    } else {
        end = prometheus_name_end(at, false);
        sign = skip_blanks(end);
    }
    bool quoted = name != at;
    if (quoted && sign && *sign != '=' && !sample->name && *name) {
        sample->name = name;
        return sign;
    }
    if (!sign || end == name || !*name || *sign != '=') {
        reader_error(reader, at, "a label is name=\"value\"");
        return NULL;
    }
    *end = '\0'; /* the '=', a blank before it, or a quote */
    return label_value(reader, &sample->labels, name, sign + 1);
}

/* Behind '{'; behind '}', or NULL: told. */
static char *labels_read(struct reader *reader, struct prometheus_sample *sample, char *at)
{
    for (at = skip_blanks(at); *at != '}'; at = skip_blanks(at)) {
        at = part_read(reader, sample, at);
        if (!at)
            return NULL;
        at = skip_blanks(at);
        if (*at == ',')
            at++;
        else if (*at != '}') {
            reader_error(reader, at, "between labels comes a comma, behind them }");
            return NULL;
        }
    }
    return at + 1;
}

static bool time_read(struct reader *reader, struct prometheus_sample *sample, const char *text)
{
    double seconds = 0;
    const char *at = text;
    sample->timed = true;
    sample->time_at = text;
    bool sound = reader->options.openmetrics
                     ? number_read(text, &seconds) && seconds_to_ms(seconds, &sample->time_ms)
                     : decimal_take(&at, &sample->time_ms) && !*at && sample->time_ms >= 0;
    if (!sound)
        reader_error(reader, text,
                     reader->options.openmetrics ? "the time is no number of seconds since 1970"
                                                 : "the time is no whole number of ms since 1970");
    return sound;
}

/* `# {labels} value [time]`, which is not kept. */
static bool exemplar_read(struct reader *reader, char *at)
{
    struct prometheus_sample exemplar = {.name = ""};
    double value = 0;
    at = skip_blanks(at + 1);
    if (*at != '{') {
        reader_error(reader, at, "an exemplar is # {labels} value [time]");
        return false;
    }
    at = labels_read(reader, &exemplar, at + 1);
    if (!at)
        return false;
    char *number = skip_blanks(at);
    at = word_end(find_blank(number));
    char *time = skip_blanks(at);
    word_end(find_blank(time));
    if (number_read_any(number, &value) && (!*time || number_read(time, &value)))
        return true;
    reader_error(reader, number, "an exemplar is # {labels} value [time]");
    return false;
}

/* value [time] [exemplar] */
static bool numbers_read(struct reader *reader, struct prometheus_sample *sample, char *at)
{
    char *value = skip_blanks(at);
    ptrdiff_t blanks = at[-1] == '}' ? 1 : 0; /* a bare name was cut off at its blank */
    if (reader->options.openmetrics && *value && value - at != blanks)
        reader_error(reader, at, "OpenMetrics has a single space between words");
    at = word_end(find_blank(value));
    if (!number_read_any(value, &sample->value)) {
        reader_error(reader, value, *value ? "the value is no number" : "there is no value");
        return false;
    }
    at = skip_blanks(at);
    if (*at && *at != '#') {
        char *time = at;
        at = skip_blanks(word_end(find_blank(at)));
        if (!time_read(reader, sample, time))
            return false;
    }
    if (!*at)
        return true;
    if (*at == '#')
        return exemplar_read(reader, at);
    reader_error(reader, at, "behind the time the line should end");
    return false;
}

bool prometheus_sample_read(struct reader *reader, char *line, struct prometheus_sample *sample)
{
    *sample = (struct prometheus_sample){0};
    char *at = prometheus_name_end(line, true), *next = skip_blanks(at);
    if (at > line)
        sample->name = line;
    if (at > line && *next != '{' && next == at && *next) {
        reader_error(reader, at, "a metric's name has letters, digits, _ and : only");
        return false;
    }
    if (*next == '{') {
        *at = '\0';
        next = labels_read(reader, sample, next + 1);
        if (!next)
            return false;
    } else if (*at) {
        *at = '\0';
        next = at + 1;
    }
    if (!sample->name) {
        reader_error(reader, line, "a line begins with a metric's name");
        return false;
    }
    return numbers_read(reader, sample, next);
}

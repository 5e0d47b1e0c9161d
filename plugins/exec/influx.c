/* influx.c - InfluxDB's line protocol, as Telegraf's execd and exec plugins print it:
 *   measurement[,tag=value…] field=value[,field=value…] [time]
 *
 * A line counts whole or not at all. Numbers and truths are values; a text is told as a notice when
 * it is new or another than before. */
#include "keep.h"
#include "reader.h"
#include "words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 1024, TEXTS_MAX = 2048, TEXT_KEY_BYTES_MAX = 1024, KEEP_BYTES_MAX = 2 << 20 };

struct field {
    const char *name;
    const char *text; /* NULL: `number` */
    double number;
};

struct text { /* what a field said last */
    char *key;
    struct text *next;
    char *value;
};

struct dialect {
    struct reader reader;
    struct keep keep;
    struct table texts;
    struct text *first;
    struct limit text_limit;
    /* Of the line being read. */
    const char *measurement;
    struct labels tags;
    struct field fields[FIELDS_MAX];
    size_t count;
    int64_t time_ms;
};

static struct dialect *influx_open(const struct dialect_options *options, const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    self->keep.max_bytes = KEEP_BYTES_MAX;
    self->text_limit = (struct limit){.what = "fields with texts", .max = TEXTS_MAX};
    return self;
}

static void text_free(struct dialect *self, struct text *text)
{
    keep_free_text(&self->keep, text->key);
    keep_free_text(&self->keep, text->value);
    keep_free(&self->keep, text, sizeof *text);
}

static void influx_close(struct dialect *self)
{
    if (!self)
        return;
    table_clear(&self->texts);
    while (self->first) {
        struct text *text = self->first;
        self->first = text->next;
        text_free(self, text);
    }
    reader_fini(&self->reader);
    free(self);
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* The word at *at up to one of `stops`, its escapes taken away in place. *at goes behind the stop,
 * which is returned; NUL: the end of the line. */
static char word_take(char **at, const char *stops, const char *escaped, char **word)
{
    char *from = *at, *to = from;
    *word = from;
    for (; *from && !strchr(stops, *from); from++) {
        if (*from == '\\' && from[1] && strchr(escaped, from[1]))
            from++;
        *to++ = *from;
    }
    char stop = *from;
    *at = stop ? from + 1 : from;
    *to = '\0';
    return stop;
}

/* The text behind a quote; false: it does not end. */
static bool string_take(char **at, const char **text)
{
    char *from = *at, *to = from;
    *text = from;
    for (; *from && *from != '"'; from++) {
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    if (!*from)
        return false;
    *to = '\0';
    *at = from + 1;
    return true;
}

static bool truth_read(const char *text, double *value)
{
    static const char *const truths[] = {"t", "T", "true",  "True",  "TRUE",
                                         "f", "F", "false", "False", "FALSE"};
    for (size_t i = 0; i < 10; i++) {
        if (strcmp(text, truths[i]) == 0) {
            *value = i < 5 ? 1 : 0;
            return true;
        }
    }
    return false;
}

/* 1, 1.5e3, 1i, 1u, t, false */
static bool plain_read(const char *text, double *value)
{
    size_t bytes = strlen(text);
    const char *at = text;
    if (bytes > 1 && text[bytes - 1] == 'i') {
        int64_t whole = 0;
        bool sound = decimal_take(&at, &whole) && at == text + bytes - 1;
        *value = (double)whole;
        return sound;
    }
    if (bytes > 1 && text[bytes - 1] == 'u') {
        bool digits = strspn(text, "0123456789") == bytes - 1;
        return digits && number_take(&at, value);
    }
    return truth_read(text, value) || number_read(text, value);
}

/* ---- A line's three parts -------------------------------------------------------------------- */

static bool is_twice(const struct labels *tags, const char *name)
{
    for (size_t i = 0; i < tags->count; i++) {
        if (strcmp(tags->list[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Behind the measurement's comma; the stop behind the last tag, or '!': told. */
static char tags_read(struct dialect *self, char **at)
{
    char stop = ',';
    while (stop == ',') {
        char *name = NULL, *value = NULL;
        if (word_take(at, "=, ", ",= \\", &name) != '=' || !*name) {
            reader_error(&self->reader, name, "a tag is name=value");
            return '!';
        }
        stop = word_take(at, "=, ", ",= \\", &value);
        if (stop == '=' || !*value) {
            reader_error(&self->reader, value,
                         *value ? "a second = in a tag: write \\=" : "a tag without a value");
            return '!';
        }
        if (is_twice(&self->tags, name) || !labels_add(&self->tags, name, value)) {
            reader_error(&self->reader, name,
                         self->tags.count == READER_LABELS_MAX ? "more than 64 tags"
                                                               : "the same tag twice");
            return '!';
        }
    }
    return stop;
}

/* The value of a field; the stop behind it, or '!': told. */
static char value_take(struct dialect *self, char **at, struct field *field)
{
    char *begin = *at, *word = NULL;
    if (*begin == '"') {
        (*at)++;
        if (!string_take(at, &field->text)) {
            reader_error(&self->reader, begin, "a quoted text does not end");
            return '!';
        }
        char stop = **at;
        if (stop && stop != ',' && stop != ' ') {
            reader_error(&self->reader, *at, "behind a quoted text comes , or a space");
            return '!';
        }
        *at += stop != '\0';
        return stop;
    }
    char stop = word_take(at, ", ", "", &word);
    if (plain_read(word, &field->number))
        return stop;
    reader_error(&self->reader, word,
                 *word ? "the value is no number (1, 1i, 1u), no truth and no \"text\""
                       : "a field without a value");
    return '!';
}

static char fields_read(struct dialect *self, char **at)
{
    char stop = ',';
    while (stop == ',') {
        struct field field = {0};
        char *name = NULL;
        if (word_take(at, "=, ", ",= \\", &name) != '=' || !*name) {
            reader_error(&self->reader, name, "a field is name=value");
            return '!';
        }
        field.name = name;
        if (self->count == FIELDS_MAX) {
            reader_error(&self->reader, name, "more than %d fields", FIELDS_MAX);
            return '!';
        }
        stop = value_take(self, at, &field);
        self->fields[self->count++] = field;
    }
    return stop;
}

static bool time_read(struct dialect *self, char *text)
{
    const char *at = text;
    const int64_t ns_per_ms = 1000000, last_ms = 253402300799999; /* of the year 9999 */
    int64_t precision = self->reader.options.precision_ns, time = 0;
    precision = precision > 0 ? precision : 1;
    self->time_ms = 0;
    if (!*text)
        return true;
    bool sound = decimal_take(&at, &time) && time >= 0 && !*skip_blanks(text + (at - text));
    if (sound && precision < ns_per_ms)
        self->time_ms = time / (ns_per_ms / precision);
    else if (sound && time <= last_ms / (precision / ns_per_ms))
        self->time_ms = time * (precision / ns_per_ms);
    else
        sound = false;
    if (!sound || self->time_ms > last_ms) {
        reader_error(&self->reader, text,
                     "the time is no whole number since 1970 in the precision "
                     "that is set");
        return false;
    }
    return true;
}

/* False: told, or nothing to read. */
static bool line_read(struct dialect *self, char *at)
{
    char *name = NULL;
    self->tags = (struct labels){0};
    self->count = 0;
    at = skip_blanks(at);
    if (!*at || *at == '#')
        return false;
    char stop = word_take(&at, ", ", ", \\", &name);
    self->measurement = name;
    if (!*name) {
        reader_error(&self->reader, name, "a line begins with its measurement");
        return false;
    }
    if (stop == ',')
        stop = tags_read(self, &at);
    if (stop == '!')
        return false;
    at = skip_blanks(at);
    if (!*at) {
        reader_error(&self->reader, at, "a line has at least one field: measurement field=value");
        return false;
    }
    stop = fields_read(self, &at);
    return stop != '!' && time_read(self, skip_blanks(at));
}

/* ---- What is said ---------------------------------------------------------------------------- */

/* Measurement, tags and field, each behind a character that is in none of them. */
static bool text_key(const struct dialect *self, const char *field, char key[TEXT_KEY_BYTES_MAX])
{
    const size_t room = TEXT_KEY_BYTES_MAX;
    size_t used = (size_t)snprintf(key, room, "%s\n%s", self->measurement, field);
    for (size_t i = 0; i < self->tags.count && used < room; i++)
        used += (size_t)snprintf(key + used, room - used, "\n%s=%s", self->tags.list[i].name,
                                 self->tags.list[i].value);
    return used < room;
}

static struct text *text_new(struct dialect *self, const char *key)
{
    struct text *text = keep_new(&self->keep, sizeof *text);
    if (text)
        text->key = keep_text(&self->keep, key);
    if (text && text->key && table_add(&self->texts, text)) {
        text->next = self->first;
        return self->first = text;
    }
    if (text)
        text_free(self, text);
    return NULL;
}

/* It is another text than the last time, and will be remembered. */
static bool is_news(struct dialect *self, const struct field *field)
{
    char key[TEXT_KEY_BYTES_MAX];
    if (!text_key(self, field->name, key))
        return false;
    struct text *text = table_find(&self->texts, key);
    if (text && strcmp(text->value ? text->value : "", field->text) == 0)
        return false;
    if (!text && !limit_take(&self->text_limit, &self->reader, field->text))
        return false;
    if (!text)
        text = text_new(self, key);
    return text && keep_replace(&self->keep, &text->value, field->text);
}

static void say_text(struct dialect *self, const struct field *field)
{
    char subject[READER_SHOWN_BYTES];
    if (!is_news(self, field))
        return;
    snprintf(subject, sizeof subject, "%s.%s", self->measurement, field->name);
    text_cut(subject, sizeof subject - 1);
    struct verdict verdict = {
        .subject = subject,
        .severity = GW_INFO,
        .state = -1,
        .time_ms = self->time_ms,
        .text = field->text,
        .labels = self->tags.list,
    };
    self->reader.heard.verdict(self->reader.heard.data, &verdict);
}

static void say(struct dialect *self)
{
    struct metric metric = {
        METRIC_PLAIN,
        .group = self->measurement,
        .labels = self->tags.list,
    };
    for (size_t i = 0; i < self->count; i++) {
        const struct field *field = &self->fields[i];
        metric.name = field->name;
        if (field->text)
            say_text(self, field);
        else
            reader_value(&self->reader, &metric, self->time_ms, field->number);
    }
    self->reader.heard.turn(self->reader.heard.data);
}

static void influx_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run, (void)now_ms;
    char *copy = reader_begin(&self->reader, line);
    if (copy && line_read(self, copy))
        say(self);
}

static void influx_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    (void)run, (void)status, (void)now_ms;
    limit_sum(&self->text_limit, &self->reader);
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_influx = {
    .name = "influx",
    .open = influx_open,
    .line = influx_line,
    .end = influx_end,
    .close = influx_close,
};

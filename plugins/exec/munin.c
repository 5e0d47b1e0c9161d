/* munin.c - what a Munin plugin says: `config` is run 0, fetch is run 1.
 *
 * A run counts only when it ended with 0, so its lines are kept until then. Values that come
 * within `config` (dirtyconfig) are said at its end: when there were any, fetch is not needed. An
 * `EPOCH:value` is said once, oldest first. Graphs are ours to draw, so of `cdef` only a plain
 * factor is kept. */
#include "munin_config.h"
#include "transcript.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_BYTES_MAX = 4 << 20, SAMPLES_MAX = 20000, RUN_CONFIG = 0 };

struct sample {
    struct munin_graph *graph; /* the config's */
    struct munin_field *field;
    int64_t time_ms; /* 0: now */
    size_t order;
    double value;
};

struct dialect {
    struct reader reader;
    struct transcript lines;
    struct munin_config config;
    struct sample *samples; /* owned; of one run */
    struct limit limit;
    size_t room;
};

static struct dialect *munin_open(const struct dialect_options *options, const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    munin_config_init(&self->config, &self->reader);
    self->lines.max_bytes = OUTPUT_BYTES_MAX;
    self->limit = (struct limit){.what = "values in one run", .max = SAMPLES_MAX};
    return self;
}

static void munin_close(struct dialect *self)
{
    if (!self)
        return;
    munin_config_fini(&self->config);
    transcript_clear(&self->lines);
    reader_fini(&self->reader);
    free(self->samples);
    free(self);
}

static void munin_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run, (void)now_ms;
    transcript_add(&self->lines, line);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool make_room(struct dialect *self)
{
    if (self->limit.count <= self->room)
        return true;
    size_t room = self->room ? self->room * 2 : 64;
    struct sample *samples = realloc(self->samples, room * sizeof *samples);
    if (!samples)
        return false;
    self->samples = samples;
    self->room = room;
    return true;
}

static void add_sample(struct dialect *self, const struct sample *sample, const char *at)
{
    if (!limit_take(&self->limit, &self->reader, at))
        return;
    if (!make_room(self)) {
        self->limit.count--;
        reader_error(&self->reader, at, "no memory for this value");
        return;
    }
    self->samples[self->limit.count - 1] = *sample;
    self->samples[self->limit.count - 1].order = self->limit.count;
}

/* [EPOCH:]value */
static void read_value(struct dialect *self, struct munin_field *field, char *text)
{
    struct sample sample = {.graph = self->config.current, .field = field, .value = NAN};
    char *colon = strchr(text, ':'), *value = colon ? colon + 1 : text;
    double epoch = 0;
    if (colon) {
        *colon = '\0';
        if (!number_read(text, &epoch) || !seconds_to_ms(epoch, &sample.time_ms)) {
            reader_error(&self->reader, text, "before the colon must be seconds since 1970");
            return;
        }
    }
    if (strcmp(value, "U") != 0 && !number_read(value, &sample.value)) {
        reader_error(&self->reader, value,
                     *value ? "the value is neither a number nor U" : "there is no value");
        return;
    }
    add_sample(self, &sample, text);
}

static int by_time(const void *a, const void *b)
{
    const struct sample *one = a, *other = b;
    uint64_t x = (uint64_t)one->time_ms - 1, y = (uint64_t)other->time_ms - 1; /* now is last */
    if (x != y)
        return x < y ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

static double sound_value(const struct sample *sample, int64_t now_ms)
{
    struct munin_field *field = sample->field;
    struct counter_rule rule = {
        .wraps = field->type == MUNIN_COUNTER,
        .resets = field->type == MUNIN_ABSOLUTE,
        .min = field->min,
        .max = field->max,
    };
    double value = sample->value;
    if (field->type != MUNIN_GAUGE)
        value =
            counter_add(&field->counter, &rule, value, sample->time_ms ? sample->time_ms : now_ms);
    else if (value < field->min || value > field->max)
        value = NAN;
    return value * field->scale;
}

static void say_sample(struct dialect *self, const struct sample *sample, int64_t now_ms)
{
    struct munin_metric room;
    if (sample->time_ms && sample->time_ms <= sample->field->last_ms)
        return; /* supersampling repeats itself */
    if (sample->time_ms)
        sample->field->last_ms = sample->time_ms;
    sample->field->said = true;
    munin_metric(&room, sample->graph, sample->field);
    reader_value(&self->reader, &room.metric, sample->time_ms, sound_value(sample, now_ms));
}

static void say_samples(struct dialect *self, int64_t now_ms)
{
    const struct heard *heard = &self->reader.heard;
    size_t count = self->limit.count;
    if (count > 0)
        qsort(self->samples, count, sizeof *self->samples, by_time);
    for (size_t i = 0; i < count; i++) {
        say_sample(self, &self->samples[i], now_ms);
        if (i + 1 == count || self->samples[i + 1].time_ms != self->samples[i].time_ms)
            heard->turn(heard->data);
    }
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void read_field(struct dialect *self, bool is_config, char *name, char *text)
{
    char *dot = strrchr(name, '.');
    *dot = '\0';
    char *attribute = dot + 1;
    bool known = self->config.generation > 0;
    struct munin_field *field = munin_config_field(&self->config, name);
    if (!field)
        return;
    if (strcmp(attribute, "value") == 0) {
        if (known && !is_config && !field->label && !field->said)
            reader_error(&self->reader, name, "config has not named the field %s", name);
        read_value(self, field, text);
    } else if (is_config) {
        munin_config_attribute(&self->config, field, attribute, text);
    } else if (strcmp(attribute, "extinfo") != 0) {
        reader_error(&self->reader, attribute, "fetch says FIELD.value, not %s", attribute);
    }
}

static char *trimmed_end(char *text)
{
    size_t bytes = strlen(text);
    while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        text[--bytes] = '\0';
    return text;
}

static void read_line(struct dialect *self, bool is_config, const char *line)
{
    char *key = reader_begin(&self->reader, line);
    if (!key)
        return;
    key = skip_blanks(key);
    if (!*key || *key == '#')
        return;
    char *text = trimmed_end(skip_blanks(word_end(find_blank(key))));
    if (strcmp(key, "multigraph") == 0)
        munin_config_graph(&self->config, text);
    else if (strchr(key, '.') && strrchr(key, '.') != key)
        read_field(self, is_config, key, text);
    else if (is_config)
        munin_config_graph_attribute(&self->config, key, text);
    else
        reader_error(&self->reader, key, "this is no line of a Munin plugin: FIELD.value NUMBER");
}

/* A node says so when a plugin failed. */
static bool is_failure(const char *line)
{
    static const char *const failures[] = {"# Bad exit", "# Timeout", "# Unknown service"};
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (strncmp(line, failures[i], strlen(failures[i])) == 0)
            return true;
    }
    return false;
}

static bool run_is_sound(struct dialect *self, int status)
{
    const char *line = transcript_first(&self->lines);
    for (; line; line = transcript_next(&self->lines, line)) {
        reader_begin(&self->reader, line);
        if (is_failure(line)) {
            reader_error(&self->reader, NULL, "the run has failed: nothing of it counts");
            return false;
        }
    }
    if (status != 0)
        reader_error(&self->reader, NULL,
                     status < 0 ? "killed by signal %d: nothing of this run counts"
                                : "bad exit with code %d: nothing of this run counts",
                     abs(status));
    reader_rewind(&self->reader);
    return status == 0;
}

static void munin_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    bool is_config = run == RUN_CONFIG;
    if (run_is_sound(self, status)) {
        munin_config_begin(&self->config, is_config);
        const char *line = transcript_first(&self->lines);
        for (; line; line = transcript_next(&self->lines, line))
            read_line(self, is_config, line);
        if (self->lines.full)
            reader_error(&self->reader, NULL, "more than %d bytes of output: the rest is left out",
                         OUTPUT_BYTES_MAX);
        if (is_config)
            munin_config_end(&self->config);
        say_samples(self, now_ms);
    }
    limit_sum(&self->limit, &self->reader);
    self->limit.count = 0;
    transcript_clear(&self->lines);
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_munin = {
    .name = "munin",
    .open = munin_open,
    .line = munin_line,
    .end = munin_end,
    .close = munin_close,
};

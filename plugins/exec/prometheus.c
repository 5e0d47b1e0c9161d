/* prometheus.c - Prometheus's text format 0.0.4 and OpenMetrics 1.0, as scraped, printed by a
 * script or found in a textfile.
 *
 * A family is a group; what stands behind its name ("sum", "total") is the value's name. Buckets
 * and quantiles are groups of their own, as they have a label more. A scrape is one turn; so is, of
 * a program that goes on printing, all up to `# EOF`. */
#include "prometheus_family.h"
#include "prometheus_sample.h"
#include "words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MIN = 1024, SEEN_MAX = 1 << 18, SEEN_STEPS = 32, GROUP_BYTES_MAX = 1024 };

struct dialect {
    struct reader reader;
    struct prometheus_families families;
    struct prometheus_family *current; /* whose sample was the last */
    uint64_t *seen;                    /* owned: a hash of each sample; 0 is free */
    size_t seen_room, seen_count;
    bool ended;     /* # EOF */
    bool after_end; /* told that there was something behind it */
    bool begun;
};

static struct dialect *prometheus_open(const struct dialect_options *options,
                                       const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    prometheus_families_init(&self->families, &self->reader);
    return self;
}

/* What holds within one exposition only. */
static void forget(struct dialect *self)
{
    prometheus_families_clear(&self->families);
    limit_sum(&self->families.limit, &self->reader);
    free(self->seen);
    self->seen = NULL;
    self->seen_room = self->seen_count = 0;
    self->current = NULL;
}

static void prometheus_close(struct dialect *self)
{
    if (!self)
        return;
    self->families.limit.refused = 0;
    forget(self);
    reader_fini(&self->reader);
    free(self);
}

/* ---- What was seen before -------------------------------------------------------------------- */

static uint64_t hash_add(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (hash ^ 0xff) * UINT64_C(1099511628211);
}

/* Each bit of the hash depends on all of them: without, sums of two labels are often alike. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

/* The same in whatever order the labels come. */
static uint64_t sample_hash(const struct prometheus_sample *sample)
{
    const uint64_t basis = UINT64_C(14695981039346656037);
    uint64_t hash = hash_add(basis, sample->name) + (uint64_t)sample->time_ms;
    for (size_t i = 0; i < sample->labels.count; i++) {
        const struct gw_label *label = &sample->labels.list[i];
        hash += mix(hash_add(hash_add(basis, label->name), label->value));
    }
    hash = mix(hash);
    return hash ? hash : 1;
}

/* False: it is there, or not but for want of room, which is no reason to leave a sample out. */
static bool seen_put(uint64_t *seen, size_t room, uint64_t hash)
{
    for (size_t i = 0; i < SEEN_STEPS; i++) {
        uint64_t *slot = &seen[(hash + i) % room];
        if (*slot == hash)
            return false;
        if (*slot == 0) {
            *slot = hash;
            return true;
        }
    }
    return true;
}

static void seen_grow(struct dialect *self)
{
    size_t room = self->seen_room ? self->seen_room * 4 : SEEN_MIN;
    if (room > SEEN_MAX || self->seen_count * 2 < self->seen_room)
        return;
    uint64_t *seen = calloc(room, sizeof *seen);
    if (!seen)
        return;
    for (size_t i = 0; i < self->seen_room; i++) {
        if (self->seen[i])
            seen_put(seen, room, self->seen[i]);
    }
    free(self->seen);
    self->seen = seen;
    self->seen_room = room;
}

static bool is_new(struct dialect *self, const struct prometheus_sample *sample)
{
    seen_grow(self);
    if (!self->seen)
        return true;
    self->seen_count++;
    return seen_put(self->seen, self->seen_room, sample_hash(sample));
}

/* ---- Samples --------------------------------------------------------------------------------- */

static bool has_label(const struct prometheus_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->labels.count; i++) {
        if (strcmp(sample->labels.list[i].name, name) == 0)
            return true;
    }
    return false;
}

/* A label that this kind of sample must have; NULL: none. */
static const char *own_label(const struct prometheus_family *family, const char *suffix)
{
    if (strcmp(suffix, "bucket") == 0)
        return "le";
    return family->type == PROMETHEUS_SUMMARY && !*suffix ? "quantile" : NULL;
}

static enum gw_field_kind sample_kind(const struct prometheus_family *family, const char *suffix)
{
    bool grows = family->type == PROMETHEUS_COUNTER || family->type == PROMETHEUS_HISTOGRAM ||
                 (family->type == PROMETHEUS_SUMMARY && *suffix);
    return grows && strcmp(suffix, "created") != 0 ? GW_COUNTER : GW_GAUGE;
}

/* A family's unit is that of what it measures, not of how many there were. */
static const char *sample_unit(const struct prometheus_family *family, const char *suffix)
{
    static const char *const counts[] = {"bucket", "count", "gcount", "info"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (strcmp(suffix, counts[i]) == 0)
            return "";
    }
    return strcmp(suffix, "created") == 0 ? "seconds" : family->unit;
}

static void say(struct dialect *self, const struct prometheus_family *family, const char *suffix,
                const struct prometheus_sample *sample)
{
    char group[GROUP_BYTES_MAX];
    const char *own = own_label(family, suffix);
    struct metric metric = {
        METRIC_PLAIN,
        .group = family->name,
        .name = own || !*suffix ? "value" : suffix,
        .help = family->help,
        .labels = sample->labels.list,
    };
    metric.unit = sample_unit(family, suffix);
    metric.kind = sample_kind(family, suffix);
    if (own) {
        snprintf(group, sizeof group, "%s_%s", family->name, *suffix ? suffix : own);
        text_cut(group, sizeof group - 1);
        metric.group = group;
    }
    reader_value(&self->reader, &metric, sample->timed ? sample->time_ms : 0, sample->value);
}

/* What OpenMetrics asks for beyond the text format; the sample counts all the same. */
static void check_order(struct dialect *self, struct prometheus_family *family, const char *suffix,
                        const char *at)
{
    if (!self->reader.options.openmetrics)
        return;
    if (family->sampled && family != self->current)
        reader_error(&self->reader, at, "the lines of %.100s should be together", family->name);
    if (family->type == PROMETHEUS_COUNTER && !*suffix)
        reader_error(&self->reader, at, "a counter's sample ends with _total in OpenMetrics");
}

static void read_sample(struct dialect *self, char *line)
{
    struct prometheus_sample sample;
    const char *suffix = "";
    if (!prometheus_sample_read(&self->reader, line, &sample))
        return;
    if (sample.timed && self->reader.options.no_timestamps) {
        reader_error(&self->reader, sample.time_at, "a textfile must not have times");
        return;
    }
    if (!is_new(self, &sample)) {
        reader_error(&self->reader, sample.name, "this sample was there before");
        return;
    }
    char *name = line + (sample.name - line);
    struct prometheus_family *family = prometheus_family_of(&self->families, name, &suffix);
    if (!family)
        return;
    const char *own = own_label(family, suffix);
    if (own && !has_label(&sample, own)) {
        reader_error(&self->reader, sample.name, "this sample needs the label %s", own);
        return;
    }
    check_order(self, family, suffix, sample.name);
    family->sampled = true;
    self->current = family;
    say(self, family, suffix, &sample);
}

/* ---- HELP, TYPE, UNIT, EOF ------------------------------------------------------------------- */

/* \\ and \n, and \" in OpenMetrics. */
static void unescape(char *text, bool quotes)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\\' && (text[1] == '\\' || text[1] == 'n' || (quotes && text[1] == '"'))) {
            text++;
            *to++ = *text == 'n' ? ' ' : *text; /* a help is one line here */
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* The name behind the keyword, plain or in quotes; *rest goes behind it. NULL: told. */
static struct prometheus_family *named(struct dialect *self, char *at, char **rest)
{
    char *name = at, *end = *at == '"' ? prometheus_quoted(at + 1) : prometheus_name_end(at, true);
    name += *at == '"';
    if (!end || end == name || !*name || (*end && *end != ' ' && *end != '\t')) {
        reader_error(&self->reader, at, "here comes a metric's name");
        return NULL;
    }
    *rest = skip_blanks(end);
    *end = '\0';
    return prometheus_family(&self->families, name);
}

static void read_type(struct dialect *self, struct prometheus_family *family, char *text)
{
    enum prometheus_type type = PROMETHEUS_UNTYPED;
    word_end(find_blank(text));
    if (!prometheus_type_read(text, self->reader.options.openmetrics, &type))
        reader_error(&self->reader, text, "there is no such type of metric");
    else if (family->typed)
        reader_error(&self->reader, text, "a second TYPE of %.100s", family->name);
    else if (family->sampled)
        reader_error(&self->reader, text, "TYPE comes before the samples of %.100s", family->name);
    else {
        family->type = type;
        family->typed = true;
    }
}

static void read_text(struct dialect *self, const char *keyword, char **text, const char *now)
{
    if (*text)
        reader_error(&self->reader, now, "a second %s", keyword);
    else if (!keep_replace(&self->families.keep, text, now))
        reader_error(&self->reader, now, "no room to remember this text");
}

static void end_exposition(struct dialect *self)
{
    self->reader.heard.turn(self->reader.heard.data);
    forget(self);
    self->begun = false;
}

static void read_comment(struct dialect *self, char *line)
{
    char *keyword = skip_blanks(line + 1), *rest = NULL;
    char *at = skip_blanks(word_end(find_blank(keyword)));
    bool help = strcmp(keyword, "HELP") == 0, type = strcmp(keyword, "TYPE") == 0;
    bool unit = strcmp(keyword, "UNIT") == 0 && self->reader.options.openmetrics;
    if (strcmp(keyword, "EOF") == 0 && !*at) {
        self->ended = self->reader.options.openmetrics;
        end_exposition(self);
        return;
    }
    if (!help && !type && !unit)
        return;
    struct prometheus_family *family = named(self, at, &rest);
    if (!family)
        return;
    if (type)
        read_type(self, family, rest);
    else if (unit)
        read_text(self, "UNIT", &family->unit, rest);
    else {
        unescape(rest, self->reader.options.openmetrics);
        read_text(self, "HELP", &family->help, rest);
    }
}

/* ---- The dialect ----------------------------------------------------------------------------- */

static char *trimmed(struct dialect *self, char *line)
{
    char *begin = skip_blanks(line);
    size_t bytes = strlen(begin), kept = bytes;
    while (kept > 0 && (begin[kept - 1] == ' ' || begin[kept - 1] == '\t'))
        begin[--kept] = '\0';
    if (self->reader.options.openmetrics && (!kept || begin > line || kept < bytes))
        reader_error(&self->reader, NULL,
                     "OpenMetrics has no empty lines and no blanks at the "
                     "beginning or the end of one");
    return begin;
}

static void prometheus_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run, (void)now_ms;
    char *copy = reader_begin(&self->reader, line);
    if (!copy)
        return;
    if (self->ended) {
        if (!self->after_end)
            reader_error(&self->reader, NULL, "nothing comes after # EOF");
        self->after_end = true;
        return;
    }
    copy = trimmed(self, copy);
    self->begun = true;
    if (*copy == '#')
        read_comment(self, copy);
    else if (*copy)
        read_sample(self, copy);
}

static void prometheus_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    (void)run, (void)status, (void)now_ms;
    if (self->reader.options.openmetrics && !self->ended)
        reader_error(&self->reader, NULL, "# EOF is missing: this is not all of it");
    if (self->begun)
        end_exposition(self);
    self->ended = self->after_end = false;
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_prometheus = {
    .name = "prometheus",
    .open = prometheus_open,
    .line = prometheus_line,
    .end = prometheus_end,
    .close = prometheus_close,
};

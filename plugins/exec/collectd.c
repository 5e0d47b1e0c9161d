/* collectd.c - what collectd's exec plugin reads: PUTVAL, a value, and PUTNOTIF, a notice.
 *
 * Types come from the files named types.db and, for scripts that need no more, from a short list of
 * our own (collectd_types.c). A plugin and its type are a group; host and instances are labels. */
#include "collectd_putval.h"
#include "collectd_types.h"
#include "collectd_words.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TYPES_BYTES_MAX = 4 << 20, SUBJECT_BYTES_MAX = 300 };

struct dialect {
    struct reader reader;
    struct types_db db;
    struct collectd_putval putval;
    const char *path; /* of the types.db being read; the options' */
    bool loaded;
};

static struct dialect *collectd_open(const struct dialect_options *options,
                                     const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    self->db.keep.max_bytes = TYPES_BYTES_MAX;
    collectd_putval_init(&self->putval, &self->reader, &self->db);
    return self;
}

static void collectd_close(struct dialect *self)
{
    if (!self)
        return;
    collectd_putval_fini(&self->putval);
    types_db_fini(&self->db);
    reader_fini(&self->reader);
    free(self);
}

/* ---- types.db -------------------------------------------------------------------------------- */

static void on_types_error(void *data, unsigned line, const char *why, const char *text)
{
    struct dialect *self = data;
    char reason[READER_SHOWN_BYTES + 200], shown[READER_SHOWN_BYTES + 1];
    snprintf(reason, sizeof reason, "%s, %.190s", why, self->path);
    snprintf(shown, sizeof shown, "%s", text);
    text_cut(shown, sizeof shown - 1);
    self->reader.heard.error(self->reader.heard.data, line, 1, reason, shown);
}

/* At the first line, so that whoever opens this has been made whole. */
static void load_types(struct dialect *self)
{
    char *own = strdup(collectd_types_text);
    self->loaded = true;
    self->path = "the types of our own";
    if (own)
        types_db_read(&self->db, own, on_types_error, self);
    free(own);
    for (const char *const *path = self->reader.options.types; path && *path; path++) {
        self->path = *path;
        int error = types_db_load(&self->db, *path, on_types_error, self);
        if (error)
            on_types_error(self, 1, strerror(-error), "");
    }
}

/* ---- PUTNOTIF -------------------------------------------------------------------------------- */

struct notice {
    const char *host, *plugin, *plugin_instance, *type, *type_instance, *message;
    enum gw_severity severity; /* 0: not said */
    int64_t time_ms;           /* 0: not said */
    struct labels more;
};

static bool severity_read(const char *text, enum gw_severity *severity)
{
    static const struct {
        const char *name;
        enum gw_severity severity;
    } names[] = {{"failure", GW_CRITICAL}, {"warning", GW_WARNING}, {"okay", GW_INFO}};
    for (size_t i = 0; i < 3; i++) {
        if (strcasecmp(text, names[i].name) == 0) {
            *severity = names[i].severity;
            return true;
        }
    }
    return false;
}

/* NULL, or why not. */
static const char *notice_option(struct notice *notice, const char *key, const char *value)
{
    const struct {
        const char *key;
        const char **text;
    } texts[] = {{"message", &notice->message}, {"host", &notice->host},
                 {"plugin", &notice->plugin},   {"plugin_instance", &notice->plugin_instance},
                 {"type", &notice->type},       {"type_instance", &notice->type_instance}};
    double seconds = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcasecmp(key, texts[i].key) == 0) {
            *texts[i].text = value;
            return NULL;
        }
    }
    if (strcasecmp(key, "severity") == 0)
        return severity_read(value, &notice->severity) ? NULL
                                                       : "severity is failure, warning or okay";
    if (strcasecmp(key, "time") == 0) {
        bool sound = number_read(value, &seconds) && seconds_to_ms(seconds, &notice->time_ms);
        return sound ? NULL : "the time is no seconds since 1970";
    }
    if (strncmp(key, "s:", 2) == 0 && key[2])
        return labels_add(&notice->more, key + 2, value) ? NULL : "more than 64 metadata";
    return "this option is not known";
}

static void say_notice(struct dialect *self, const struct notice *notice)
{
    char subject[SUBJECT_BYTES_MAX];
    struct labels labels = {0};
    labels_add(&labels, "host", notice->host);
    labels_add(&labels, "plugin_instance", notice->plugin_instance);
    labels_add(&labels, "type_instance", notice->type_instance);
    for (size_t i = 0; i < notice->more.count; i++)
        labels_add(&labels, notice->more.list[i].name, notice->more.list[i].value);
    snprintf(subject, sizeof subject, "%s%s%s", notice->plugin ? notice->plugin : "",
             notice->plugin && notice->type ? "/" : "", notice->type ? notice->type : "");
    text_cut(subject, sizeof subject - 1);
    struct verdict verdict = {
        .subject = *subject ? subject : NULL,
        .severity = notice->severity,
        .state = -1,
        .time_ms = notice->time_ms,
        .text = notice->message,
        .labels = labels.count ? labels.list : NULL,
    };
    self->reader.heard.verdict(self->reader.heard.data, &verdict);
}

static void read_notice(struct dialect *self, char *line)
{
    struct notice notice = {0};
    char *word = NULL, *value = NULL;
    int got = 0;
    while ((got = collectd_word(&self->reader, &line, &word)) > 0) {
        const char *why = collectd_option(word, &value) ? notice_option(&notice, word, value)
                                                        : "an option is key=value";
        if (why) {
            reader_error(&self->reader, word, "%s", why);
            return;
        }
    }
    if (got < 0)
        return;
    if (!notice.severity || !notice.time_ms || !notice.message)
        reader_error(&self->reader, NULL, "PUTNOTIF needs %s",
                     !notice.severity  ? "severity=failure|warning|okay"
                     : !notice.message ? "message=\"text\""
                                       : "time=seconds");
    else
        say_notice(self, &notice);
}

/* ---- The dialect ----------------------------------------------------------------------------- */

static void collectd_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run;
    char *at = reader_begin(&self->reader, line), *command = NULL;
    if (!at)
        return;
    if (!self->loaded)
        load_types(self);
    at = skip_blanks(at);
    if (*at == '#' || collectd_word(&self->reader, &at, &command) <= 0)
        return;
    if (strcasecmp(command, "PUTVAL") == 0)
        collectd_putval_read(&self->putval, at, now_ms);
    else if (strcasecmp(command, "PUTNOTIF") == 0)
        read_notice(self, at);
    else
        reader_error(&self->reader, command, "the command is PUTVAL or PUTNOTIF");
}

static void collectd_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    (void)run, (void)status, (void)now_ms;
    limit_sum(&self->putval.limit, &self->reader);
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_collectd = {
    .name = "collectd",
    .open = collectd_open,
    .line = collectd_line,
    .end = collectd_end,
    .close = collectd_close,
};

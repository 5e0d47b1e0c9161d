/* netdata.c - the protocol of Netdata's external plugins, one keyword a line.
 *
 * A chart's context is the group, its dimensions are the values, and which chart it is stands in
 * the labels. What a plugin asks of Netdata alone (functions, dynamic configuration) is read over.
 * Charts end with the process: it defines them anew when it runs again. */
#include "netdata_chart.h"
#include "netdata_host.h"
#include "netdata_values.h"
#include "netdata_words.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_BYTES_MAX = 32 << 20, RESULT_BYTES_MAX = 100 << 20, ID_BYTES_MAX = 1024 };
enum { SECOND_MS = 1000, DAY_SECONDS = 86400 };

struct dialect {
    struct reader reader;
    struct keep keep;
    struct netdata_charts charts;
    struct netdata_hosts hosts;
    const struct netdata_host *host; /* whose charts the lines are; NULL: this machine's */
    bool lost;                       /* they are of a host that was never defined */
    bool defining;                   /* between HOST_DEFINE and HOST_DEFINE_END */
    struct netdata_chart *current;   /* of the last CHART or BEGIN; NULL: none */
    bool retired;                    /* the last CHART was obsolete: what belongs to it is, too */
    bool collecting;                 /* between BEGIN and END */
    bool stopped;                    /* DISABLE or EXIT */
    bool in_result;                  /* a function's answer, which is any text */
    size_t result_bytes;
    struct netdata_words words; /* of the line */
};

static struct dialect *netdata_open(const struct dialect_options *options,
                                    const struct heard *heard)
{
    struct dialect *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    reader_init(&self->reader, options, heard);
    self->keep.max_bytes = KEEP_BYTES_MAX;
    netdata_charts_init(&self->charts, &self->reader, &self->keep);
    netdata_hosts_init(&self->hosts, &self->reader, &self->keep);
    return self;
}

static void forget(struct dialect *self)
{
    netdata_charts_clear(&self->charts);
    netdata_hosts_clear(&self->hosts);
    self->host = NULL;
    self->current = NULL;
    self->lost = self->defining = self->retired = false;
    self->collecting = self->stopped = self->in_result = false;
}

static void netdata_close(struct dialect *self)
{
    if (!self)
        return;
    forget(self);
    reader_fini(&self->reader);
    free(self);
}

/* ---- Words ----------------------------------------------------------------------------------- */

static char *word(const struct dialect *self, size_t i)
{
    return netdata_word(&self->words, i);
}

static void complain(struct dialect *self, size_t i, const char *why)
{
    const char *at = i + 1 < self->words.count ? self->words.list[i + 1] : NULL;
    reader_error(&self->reader, at, "%s: %s", self->words.list[0], why);
}

/* ---- Charts and dimensions ------------------------------------------------------------------- */

static bool has_option(const char *options, const char *option)
{
    return options && strstr(options, option);
}

static const char *host_key(const struct dialect *self)
{
    return self->host ? self->host->key : NULL;
}

/* A word that is a number from 1 to `max`; else 0. */
static int64_t number_of(const struct dialect *self, size_t i, int64_t max)
{
    const char *at = word(self, i);
    int64_t number = 0;
    return at && decimal_take(&at, &number) && !*at && number > 0 && number <= max ? number : 0;
}

static void on_chart(struct dialect *self)
{
    enum {
        ID,
        NAME,
        TITLE,
        UNITS,
        FAMILY,
        CONTEXT,
        TYPE,
        PRIORITY,
        EVERY,
        OPTIONS,
        PLUGIN,
        MODULE
    };
    const char *id = word(self, ID), *dot = id ? strchr(id, '.') : NULL;
    self->collecting = self->retired = false;
    self->current = NULL;
    if (!dot || dot == id || !dot[1] || strlen(id) > ID_BYTES_MAX) {
        complain(self, ID, "the chart's name is type.id");
        return;
    }
    if (self->lost) {
        self->retired = true;
        return;
    }
    if (has_option(word(self, OPTIONS), "obsolete")) {
        struct netdata_chart *chart = netdata_chart_find(&self->charts, host_key(self), id);
        self->retired = true;
        if (chart)
            netdata_chart_retire(&self->charts, chart);
        return;
    }
    struct netdata_chart_words words = {
        .id = id,
        .title = word(self, TITLE),
        .units = word(self, UNITS),
        .family = word(self, FAMILY),
        .context = word(self, CONTEXT),
        .module = word(self, MODULE),
    };
    self->current = netdata_chart_put(&self->charts, host_key(self),
                                      self->host ? self->host->name : NULL, &words);
    if (self->current)
        self->current->every_ms = SECOND_MS * number_of(self, EVERY, DAY_SECONDS);
}

/* False: there is none, which is told when it is the plugin's fault. */
static bool has_chart(struct dialect *self)
{
    if (!self->current && !self->retired)
        complain(self, 0, "no CHART before it");
    return self->current != NULL;
}

static enum netdata_algorithm algorithm(const char *text)
{
    if (text && strcmp(text, "incremental") == 0)
        return NETDATA_INCREMENTAL;
    if (text && strcmp(text, "percentage-of-absolute-row") == 0)
        return NETDATA_PERCENT_OF_ROW;
    if (text && strcmp(text, "percentage-of-incremental-row") == 0)
        return NETDATA_PERCENT_OF_GROWTH;
    return NETDATA_ABSOLUTE;
}

/* Of a multiplier or divisor; what is not said and 0 are 1. */
static double factor(struct dialect *self, size_t i)
{
    const char *text = word(self, i), *at = text;
    int64_t number = 1;
    if (text && (!decimal_take(&at, &number) || *at)) {
        complain(self, i, "a multiplier or divisor is a whole number");
        return 1;
    }
    return number ? (double)number : 1;
}

static void on_dimension(struct dialect *self)
{
    enum { ID, NAME, ALGORITHM, MULTIPLIER, DIVISOR, OPTIONS };
    const char *id = word(self, ID), *options = word(self, OPTIONS);
    if (!has_chart(self))
        return;
    if (!id || strlen(id) > ID_BYTES_MAX) {
        complain(self, ID, "a dimension has a name");
        return;
    }
    if (has_option(options, "obsolete")) {
        netdata_dimension_retire(&self->charts, self->current, id);
        return;
    }
    struct netdata_dimension *dimension =
        netdata_dimension_put(&self->charts, self->current, id, word(self, NAME));
    if (!dimension)
        return;
    dimension->algorithm = algorithm(word(self, ALGORITHM));
    dimension->scale = factor(self, MULTIPLIER) / factor(self, DIVISOR);
    dimension->floating = has_option(options, "type=float");
}

static void on_clabel(struct dialect *self)
{
    if (!has_chart(self))
        return;
    if (!word(self, 0) || self->words.count < 4)
        complain(self, 0, "name, value and source are wanted");
    else
        netdata_label_add(&self->charts, self->current, word(self, 0),
                          word(self, 1) ? word(self, 1) : "");
}

static void on_clabel_commit(struct dialect *self)
{
    if (!has_chart(self))
        return;
    if (!self->current->pending && !self->current->labels)
        complain(self, 0, "no CLABEL before it");
    netdata_label_commit(&self->charts, self->current);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void on_begin(struct dialect *self)
{
    const char *id = word(self, 0);
    if (self->collecting)
        complain(self, 0, "the chart before has no END, and what was SET of it is lost");
    self->collecting = false;
    self->retired = self->lost;
    if (self->lost)
        return;
    self->current = id ? netdata_chart_find(&self->charts, host_key(self), id) : NULL;
    if (!self->current) {
        complain(self, 0, id ? "there is no CHART of this name" : "which chart?");
        return;
    }
    self->collecting = true;
    self->current->passed_us = number_of(self, 1, DAY_SECONDS * INT64_C(1000000));
    netdata_values_begin(self->current);
}

static void on_set(struct dialect *self)
{
    const char *id = word(self, 0), *text = word(self, 1);
    if (!self->collecting) {
        if (!self->lost)
            complain(self, 0, "outside of BEGIN and END");
        return;
    }
    struct netdata_dimension *dimension = id ? table_find(&self->current->dimensions, id) : NULL;
    double value = 0;
    if (!dimension)
        complain(self, 0, "the chart has no such dimension");
    else if (text && !netdata_value_read(text, dimension->floating, &value))
        complain(self, 1, "the value is no number");
    else if (text) {
        dimension->raw = value;
        dimension->set = true;
    }
}

/* END [seconds microseconds] */
static void on_end(struct dialect *self, int64_t now_ms)
{
    const char *seconds = word(self, 0), *micro = word(self, 1);
    double at = 0, fraction = 0;
    int64_t time_ms = 0;
    if (!self->collecting) {
        if (!self->lost)
            complain(self, 0, "without BEGIN");
        return;
    }
    bool sound = !seconds || number_read(seconds, &at);
    sound = sound && (!micro || number_read(micro, &fraction));
    if (!sound || !seconds_to_ms(at + fraction / 1e6, &time_ms))
        complain(self, 0, "the time is no seconds and microseconds");
    self->collecting = false;
    netdata_values_end(&self->reader, self->current, time_ms, now_ms);
}

static void on_flush(struct dialect *self)
{
    if (self->current)
        netdata_values_begin(self->current);
    self->collecting = false;
}

/* VARIABLE [scope] name value */
static void on_variable(struct dialect *self)
{
    static const char *const scopes[] = {"GLOBAL", "HOST", "LOCAL", "CHART"};
    const char *name = word(self, 0), *text = word(self, 1);
    bool of_chart = self->current != NULL;
    size_t scope = 0;
    if (self->lost)
        return;
    while (name && scope < 4 && strcmp(name, scopes[scope]) != 0)
        scope++;
    if (name && scope < 4) {
        of_chart = scope > 1;
        name = word(self, 1);
        text = word(self, 2);
    }
    double value = 0;
    if (!name || (of_chart && !self->current)) {
        complain(self, 0, name ? "no CHART before it" : "a variable has a name and a value");
        return;
    }
    if (!text || (!number_read_any(text, &value) && strcmp(text, "null") != 0)) {
        complain(self, 0, text ? "the value is no number" : "a variable without a value");
        return;
    }
    struct labels labels = {0};
    if (of_chart)
        netdata_labels(self->current, &labels);
    else
        labels_add(&labels, "host", self->host ? self->host->name : NULL);
    struct metric metric = {METRIC_PLAIN, .group = "netdata.variable", .name = name};
    metric.labels = labels.list;
    reader_value(&self->reader, &metric, 0, strcmp(text, "null") == 0 ? NAN : value);
}

/* ---- Virtual hosts --------------------------------------------------------------------------- */

static void on_host_define(struct dialect *self)
{
    const char *uuid = word(self, 0), *name = word(self, 1);
    if (!uuid || !name || netdata_host_put(&self->hosts, uuid, name))
        complain(self, 0, "a UUID and a name are wanted");
    else
        self->defining = true;
}

static void on_host_part(struct dialect *self)
{
    if (!self->defining)
        complain(self, 0, "no HOST_DEFINE before it");
    if (strcmp(self->words.list[0], "HOST_DEFINE_END") == 0)
        self->defining = false;
}

static void on_host(struct dialect *self)
{
    const char *name = word(self, 0);
    bool here = name && strcmp(name, "localhost") == 0;
    self->current = NULL;
    self->collecting = self->retired = false;
    self->host = name && !here ? netdata_host_find(&self->hosts, name) : NULL;
    self->lost = !here && !self->host;
    if (self->lost)
        complain(self, 0, "there is no HOST_DEFINE of this UUID");
}

/* ---- Keywords -------------------------------------------------------------------------------- */

static void wish(struct dialect *self, enum wish wish)
{
    self->reader.heard.wish(self->reader.heard.data, wish);
    self->stopped |= wish != WISH_ALIVE;
}

static void on_disable(struct dialect *self)
{
    wish(self, WISH_DISABLE);
}

static void on_exit_word(struct dialect *self)
{
    wish(self, WISH_EXIT);
}

static void on_keepalive(struct dialect *self)
{
    wish(self, WISH_ALIVE);
}

static void on_result(struct dialect *self)
{
    self->in_result = true;
    self->result_bytes = 0;
}

static void on_nothing(struct dialect *self)
{
    (void)self; /* of Netdata's own: nothing to say here */
}

static const struct keyword {
    const char *word;
    void (*on)(struct dialect *self);
    bool slot; /* SLOT:n may stand behind it */
} keywords[] = {
    {"SET", on_set, true},
    {"BEGIN", on_begin, true},
    {"CHART", on_chart, true},
    {"DIMENSION", on_dimension, true},
    {"FLUSH", on_flush, false},
    {"VARIABLE", on_variable, false},
    {"CLABEL", on_clabel, false},
    {"CLABEL_COMMIT", on_clabel_commit, false},
    {"HOST", on_host, false},
    {"HOST_DEFINE", on_host_define, false},
    {"HOST_LABEL", on_host_part, false},
    {"HOST_DEFINE_END", on_host_part, false},
    {"DISABLE", on_disable, false},
    {"EXIT", on_exit_word, false},
    {"PLUGIN_KEEPALIVE", on_keepalive, false},
    {"FUNCTION_RESULT_BEGIN", on_result, false},
    {"LABEL", on_nothing, false},
    {"OVERWRITE", on_nothing, false},
    {"FUNCTION", on_nothing, false},
    {"FUNCTION_DEL", on_nothing, false},
    {"FUNCTION_PROGRESS", on_nothing, false},
    {"CONFIG", on_nothing, false},
    {"TRUST_DURATIONS", on_nothing, false},
    {"DYNCFG_ENABLE", on_nothing, false},
    {"DYNCFG_REGISTER_MODULE", on_nothing, false},
    {"DYNCFG_REGISTER_JOB", on_nothing, false},
    {"DYNCFG_RESET", on_nothing, false},
    {"REPORT_JOB_STATUS", on_nothing, false},
    {"DELETE_JOB", on_nothing, false},
};

static void read_line(struct dialect *self, int64_t now_ms)
{
    if (strcmp(self->words.list[0], "END") == 0) {
        on_end(self, now_ms);
        return;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (strcmp(self->words.list[0], keywords[i].word) != 0)
            continue;
        if (keywords[i].slot)
            netdata_words_drop_slot(&self->words);
        keywords[i].on(self);
        return;
    }
    reader_error(&self->reader, self->words.list[0], "\"%.40s\" is no keyword of Netdata's plugins",
                 self->words.list[0]);
}

/* Whatever it is, up to its end: it is no command. */
static void read_result(struct dialect *self, const char *line)
{
    static const char end[] = "FUNCTION_RESULT_END";
    self->result_bytes += strlen(line) + 1;
    if (strncmp(line, end, sizeof end - 1) == 0)
        self->in_result = false;
    else if (self->result_bytes > RESULT_BYTES_MAX) {
        reader_error(&self->reader, NULL, "a function's result of more than 100 MiB");
        self->in_result = false;
    }
}

static void netdata_line(struct dialect *self, unsigned run, const char *line, int64_t now_ms)
{
    (void)run;
    if (self->stopped)
        return;
    char *copy = reader_begin(&self->reader, line);
    if (!copy)
        return;
    if (self->in_result) {
        read_result(self, line);
        return;
    }
    netdata_words_split(&self->words, copy);
    if (self->words.count > 0)
        read_line(self, now_ms);
}

static void netdata_end(struct dialect *self, unsigned run, int status, int64_t now_ms)
{
    (void)run, (void)status, (void)now_ms;
    limit_sum(&self->hosts.limit, &self->reader);
    limit_sum(&self->charts.chart_limit, &self->reader);
    limit_sum(&self->charts.dimension_limit, &self->reader);
    forget(self);
    reader_rewind(&self->reader);
}

const struct dialect_kind dialect_netdata = {
    .name = "netdata",
    .open = netdata_open,
    .line = netdata_line,
    .end = netdata_end,
    .close = netdata_close,
};

/* collectd_putval.c - see collectd_putval.h. */
#include "collectd_putval.h"

#include "collectd_words.h"
#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REMEMBERED_MAX = 10000, KEEP_BYTES_MAX = 8 << 20, KEY_BYTES_MAX = 1024 };

void collectd_putval_init(struct collectd_putval *putval, struct reader *reader,
                          const struct types_db *db)
{
    *putval = (struct collectd_putval){
        .reader = reader,
        .db = db,
        .keep = {.max_bytes = KEEP_BYTES_MAX},
        .limit = {.what = "identifiers with counters", .max = REMEMBERED_MAX},
    };
}

static void values_free(struct keep *keep, struct collectd_values *values)
{
    keep_free_text(keep, values->key);
    keep_free(keep, values, sizeof *values + values->count * sizeof *values->counters);
}

void collectd_putval_fini(struct collectd_putval *putval)
{
    table_clear(&putval->table);
    while (putval->first) {
        struct collectd_values *values = putval->first;
        putval->first = values->next;
        values_free(&putval->keep, values);
    }
}

static struct collectd_values *values_new(struct collectd_putval *putval, const char *key,
                                          unsigned count)
{
    if (!limit_take(&putval->limit, putval->reader, NULL))
        return NULL;
    struct collectd_values *values =
        keep_new(&putval->keep, sizeof *values + count * sizeof *values->counters);
    if (values) {
        values->count = count;
        values->key = keep_text(&putval->keep, key);
    }
    if (values && values->key && table_add(&putval->table, values)) {
        values->next = putval->first;
        return putval->first = values;
    }
    reader_error(putval->reader, NULL, "no room to remember this identifier");
    if (values)
        values_free(&putval->keep, values);
    putval->limit.count--;
    return NULL;
}

/* ---- One list of values ---------------------------------------------------------------------- */

struct list {
    struct types_type *type;
    struct collectd_values *values; /* NULL: it has gauges only */
    struct labels labels;
    char group[KEY_BYTES_MAX];
    int64_t time_ms, every_ms; /* every_ms 0: not said */
};

/* False: told. `text` is one value; what stands behind its digits is told, and means nothing. */
static bool value_read(struct reader *reader, enum types_kind kind, const char *text, double *value)
{
    const char *at = text;
    int64_t whole = 0;
    uint64_t large = 0;
    bool sound = false;
    if (strcmp(text, "U") == 0) {
        *value = NAN;
        return true;
    }
    if (kind == TYPES_GAUGE) {
        if (number_read_any(text, value))
            return true;
        sound = number_take(&at, value);
    } else if (kind == TYPES_DERIVE) {
        sound = signed_take(&at, &whole);
        *value = (double)whole;
    } else {
        sound = unsigned_take(&at, &large);
        *value = (double)large;
    }
    if (!sound)
        reader_error(reader, text,
                     *text ? "the value is no number of the type's kind" : "there is no value");
    else if (*at)
        reader_error(reader, at, "what stands behind the number is ignored");
    return sound;
}

static void say(struct collectd_putval *putval, const struct list *list, unsigned i, double raw,
                int64_t now_ms)
{
    const struct types_source *source = &list->type->sources[i];
    const struct counter_rule rule = {
        .wraps = source->kind == TYPES_COUNTER,
        .resets = source->kind == TYPES_ABSOLUTE,
        .min = source->min,
        .max = source->max,
    };
    double value = raw;
    if (source->kind == TYPES_GAUGE)
        value = raw < source->min || raw > source->max ? NAN : raw;
    else if (list->values && i < list->values->count)
        value = counter_add(&list->values->counters[i], &rule, raw,
                            list->time_ms ? list->time_ms : now_ms);
    struct metric metric = {
        METRIC_PLAIN,
        .group = list->group,
        .name = source->name,
        .labels = list->labels.list,
    };
    metric.kind = source->kind == TYPES_GAUGE ? GW_GAUGE : GW_COUNTER;
    metric.min = source->min;
    metric.max = source->max;
    metric.every_ms = list->every_ms;
    reader_value(putval->reader, &metric, list->time_ms, value);
}

/* N or seconds since 1970. */
static bool time_read(struct reader *reader, const char *text, int64_t *time_ms)
{
    double seconds = 0;
    *time_ms = 0;
    if (strcmp(text, "N") == 0 || (number_read(text, &seconds) && seconds_to_ms(seconds, time_ms)))
        return true;
    reader_error(reader, text, "the time is neither N nor seconds since 1970");
    return false;
}

/* time:value[:value…]; false: told, and the line ends here. All is read before any is said. */
static bool list_read(struct collectd_putval *putval, struct list *list, char *text, int64_t now_ms)
{
    double values[TYPES_SOURCES_MAX];
    unsigned count = 0;
    char *colon = strchr(text, ':');
    if (!colon) {
        reader_error(putval->reader, text, "values are time:value[:value...]");
        return false;
    }
    *colon = '\0';
    if (!time_read(putval->reader, text, &list->time_ms))
        return false;
    for (char *at = colon + 1; at; at = colon ? colon + 1 : NULL) {
        colon = strchr(at, ':');
        if (colon)
            *colon = '\0';
        if (count == list->type->count) {
            reader_error(putval->reader, at, "the type %.60s has only %u values", list->type->name,
                         count);
            return false;
        }
        if (!value_read(putval->reader, list->type->sources[count].kind, at, &values[count]))
            return false;
        count++;
    }
    if (count < list->type->count && !list->type->short_told)
        reader_error(putval->reader, text, "the type %.60s has %u values, here are %u (told once)",
                     list->type->name, list->type->count, count);
    list->type->short_told |= count < list->type->count;
    for (unsigned i = 0; i < count; i++)
        say(putval, list, i, values[i], now_ms);
    putval->reader->heard.turn(putval->reader->heard.data);
    return true;
}

/* ---- The line -------------------------------------------------------------------------------- */

/* False: told, and the line ends here. */
static bool option_read(struct reader *reader, const char *key, const char *value,
                        int64_t *every_ms)
{
    double seconds = 0;
    if (strcmp(key, "interval") == 0) {
        if (number_read(value, &seconds) && seconds > 0 && seconds_to_ms(seconds, every_ms))
            return true;
        reader_error(reader, value, "the interval is no number of seconds");
        return false;
    }
    if (strncmp(key, "meta:", 5) != 0)
        reader_error(reader, key, "an option %.60s is not known and is ignored", key);
    return true;
}

static bool has_counters(const struct types_type *type)
{
    for (unsigned i = 0; i < type->count; i++) {
        if (type->sources[i].kind != TYPES_GAUGE)
            return true;
    }
    return false;
}

static bool list_begin(struct collectd_putval *putval, struct list *list, const char *at,
                       const char *key, const struct collectd_identifier *identifier)
{
    list->type = types_db_find(putval->db, identifier->type);
    if (!list->type) {
        reader_error(putval->reader, at, "no types.db has the type %.130s", identifier->type);
        return false;
    }
    if (has_counters(list->type)) {
        list->values = table_find(&putval->table, key);
        if (!list->values)
            list->values = values_new(putval, key, list->type->count);
        if (!list->values)
            return false;
    }
    snprintf(list->group, sizeof list->group, "%s.%s", identifier->plugin, identifier->type);
    labels_add(&list->labels, "host", identifier->host);
    labels_add(&list->labels, "plugin_instance", identifier->plugin_instance);
    labels_add(&list->labels, "type_instance", identifier->type_instance);
    return true;
}

void collectd_putval_read(struct collectd_putval *putval, char *line, int64_t now_ms)
{
    struct reader *reader = putval->reader;
    struct collectd_identifier identifier;
    struct list list = {0};
    char key[KEY_BYTES_MAX], *word = NULL, *value = NULL;
    int got = collectd_word(reader, &line, &word);
    if (got <= 0) {
        if (got == 0)
            reader_error(reader, line, "PUTVAL identifier time:value");
        return;
    }
    snprintf(key, sizeof key, "%s", word);
    const char *why = collectd_identifier_read(word, &identifier);
    if (why) {
        reader_error(reader, word, "%s", why);
        return;
    }
    if (!list_begin(putval, &list, word, key, &identifier))
        return;
    unsigned lists = 0;
    while ((got = collectd_word(reader, &line, &word)) > 0) {
        if (collectd_option(word, &value)) {
            if (!option_read(reader, word, value, &list.every_ms))
                return;
        } else if (!list_read(putval, &list, word, now_ms)) {
            return;
        } else {
            lists++;
        }
    }
    if (got == 0 && lists == 0)
        reader_error(reader, line, "PUTVAL without values: time:value[:value...]");
}

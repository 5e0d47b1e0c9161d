/* nagios_perfdata.c - see nagios_perfdata.h. */
#include "nagios_perfdata.h"

#include "range.h"
#include "words.h"

#include <math.h>
#include <string.h>

struct unit {
    const char *written, *unit;
    double scale;
    enum gw_field_kind kind;
};

/* Bytes in steps of 1024, as Icinga takes them. */
static const struct unit units[] = {
    {"s", "s", 1, GW_GAUGE},
    {"ms", "s", 1e-3, GW_GAUGE},
    {"us", "s", 1e-6, GW_GAUGE},
    {"ns", "s", 1e-9, GW_GAUGE},
    {"%", "%", 1, GW_GAUGE},
    {"c", NULL, 1, GW_COUNTER},
    {"B", "By", 1, GW_GAUGE},
    {"KB", "By", 1024., GW_GAUGE},
    {"kB", "By", 1024., GW_GAUGE},
    {"KiB", "By", 1024., GW_GAUGE},
    {"MB", "By", 1048576., GW_GAUGE},
    {"MiB", "By", 1048576., GW_GAUGE},
    {"GB", "By", 1073741824., GW_GAUGE},
    {"GiB", "By", 1073741824., GW_GAUGE},
    {"TB", "By", 1099511627776., GW_GAUGE},
    {"TiB", "By", 1099511627776., GW_GAUGE},
    {"PB", "By", 1125899906842624., GW_GAUGE},
    {"PiB", "By", 1125899906842624., GW_GAUGE},
    {"", NULL, 1, GW_GAUGE},
};

static struct unit unit_read(const char *written)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].written, written) == 0)
            return units[i];
    }
    return (struct unit){written, written, 1, GW_GAUGE};
}

/* 'a label' with '' for a quote: cut in place. The place behind it, or NULL: it does not end. */
static char *quoted_end(char *label)
{
    char *to = label;
    for (char *from = label; *from; from++) {
        if (*from == '\'' && from[1] != '\'') {
            *to = '\0';
            return from + 1;
        }
        from += *from == '\'';
        *to++ = *from;
    }
    return NULL;
}

/* The label at *at; *at goes behind its '='. NULL: told, and *at goes behind the item. */
static char *label_take(struct reader *reader, char **at)
{
    char *begin = *at, *label = begin, *end = NULL;
    if (*begin == '\'') {
        label = begin + 1;
        end = quoted_end(label);
        if (!end) {
            reader_error(reader, begin, "a quoted label does not end: perfdata is 'label'=value");
            *at = begin + strlen(begin);
            return NULL;
        }
    } else {
        end = begin + strcspn(begin, "= \t'");
    }
    if (*end != '=' || *label == '\0' || end == label) {
        reader_error(reader, *end == '=' ? begin : end,
                     *end == '=' ? "no label before =: perfdata is label=value"
                                 : "no = after the label: perfdata is label=value");
        *at = find_blank(end);
        return NULL;
    }
    *end = '\0';
    *at = end + 1;
    return label;
}

/* The parts between ';', at most `max`; what follows them is left alone. */
static size_t parts_split(char *item, char **parts, size_t max)
{
    size_t count = 0;
    while (item && count < max) {
        parts[count++] = item;
        item = strchr(item, ';');
        if (item)
            *item++ = '\0';
    }
    return count;
}

static const char *threshold(struct reader *reader, const char *what, const char *text,
                             double scale, char out[RANGE_BYTES_MAX])
{
    if (!text || !*text)
        return NULL;
    if (range_scaled(text, scale, out))
        return out;
    reader_error(reader, text, "the %s threshold is no range ([@][start:]end) and is ignored",
                 what);
    return NULL;
}

static double limit_read(struct reader *reader, const char *what, const char *text, double scale)
{
    double limit = NAN;
    if (!text || !*text)
        return NAN;
    if (!number_read(text, &limit))
        reader_error(reader, text, "the %s is no number and is ignored", what);
    return limit * scale;
}

/* A number and the unit behind it; false: told. */
static bool value_read(struct reader *reader, const char *text, double *value, struct unit *unit)
{
    const char *at = text;
    *value = NAN;
    if (strcmp(text, "U") == 0) {
        *unit = unit_read("");
        return true;
    }
    if (!number_take(&at, value)) {
        reader_error(reader, text, *text ? "the value is no number" : "there is no value after =");
        return false;
    }
    if (strpbrk(at, "0123456789'\"=,")) {
        reader_error(reader, at,
                     *at == ',' ? "a comma in a number: plugins must print 1.5, not 1,5"
                                : "the value is no number with a unit behind it");
        return false;
    }
    *unit = unit_read(at);
    *value *= unit->scale;
    return true;
}

enum { VALUE, WARNING, CRITICAL, MIN, MAX, PARTS };

static void item_read(struct reader *reader, const char *group, const char *label, char *item)
{
    char *parts[PARTS] = {0}, warning[RANGE_BYTES_MAX], critical[RANGE_BYTES_MAX];
    struct unit unit;
    double value = NAN;
    parts_split(item, parts, PARTS);
    if (!value_read(reader, parts[VALUE], &value, &unit))
        return;
    struct metric metric = {
        METRIC_PLAIN,
        .group = group,
        .name = label,
        .unit = unit.unit,
    };
    metric.kind = unit.kind;
    metric.scale = unit.scale;
    metric.warning = threshold(reader, "warning", parts[WARNING], unit.scale, warning);
    metric.critical = threshold(reader, "critical", parts[CRITICAL], unit.scale, critical);
    metric.min = limit_read(reader, "minimum", parts[MIN], unit.scale);
    metric.max = limit_read(reader, "maximum", parts[MAX], unit.scale);
    reader_value(reader, &metric, 0, value);
}

void perfdata_read(struct reader *reader, const char *group, char *text)
{
    char *begin = skip_blanks(text);
    if (*begin && !strchr(begin, '=')) {
        reader_error(reader, begin, "this is no perfdata: label=value");
        return;
    }
    for (char *at = begin; *at; at = skip_blanks(at)) {
        char *label = label_take(reader, &at);
        if (!label)
            continue;
        char *item = at;
        at = word_end(find_blank(at));
        item_read(reader, group, label, item);
    }
}

/* names.c - see names.h. */
#include "names.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Units ----------------------------------------------------------------------------------- */

struct unit {
    const char *ucum, *base;
    double factor, divisor; /* value * factor / divisor */
    const char *endings;    /* of fields' names that say this unit, without _; the longest first */
};

static const struct unit units[] = {
    {"s", "seconds", 1, 1, "seconds|sec|s"},
    {"ms", "seconds", 1, 1e3, "milliseconds|ms"},
    {"us", "seconds", 1, 1e6, "microseconds|us"},
    {"ns", "seconds", 1, 1e9, "nanoseconds|ns"},
    {"min", "seconds", 60, 1, "minutes|min|m"},
    {"h", "seconds", 3600, 1, "hours|h"},
    {"d", "seconds", 86400, 1, "days|d"},
    {"By", "bytes", 1, 1, "bytes|b"},
    {"KiBy", "bytes", 1024, 1, "kibibytes|kib|kb"},
    {"MiBy", "bytes", 1048576, 1, "mebibytes|mib|mb"},
    {"bit", "bytes", 1, 8, "bits|bit"},
    {"By/s", "bytes_per_second", 1, 1, "bytes_per_second|bytes|bps"},
    {"bit/s", "bytes_per_second", 1, 8, "bits_per_second|bits|bps"},
    {"%", "percent", 1, 1, "percent|pct"},
    {"Cel", "celsius", 1, 1, "celsius"},
    {"V", "volts", 1, 1, "volts"},
    {"W", "watts", 1, 1, "watts"},
    {"Hz", "hertz", 1, 1, "hertz|hz"},
};

static const struct unit *find_unit(const char *ucum)
{
    for (size_t i = 0; ucum && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].ucum, ucum) == 0)
            return &units[i];
    return NULL;
}

static bool ends_with_word(const char *name, const char *word, size_t bytes)
{
    size_t length = strlen(name);
    return length > bytes && name[length - bytes - 1] == '_' &&
           strncmp(name + length - bytes, word, bytes) == 0;
}

/* Takes "_ms" off "latency_ms", and all of "ms". */
static void cut_ending(char *name, const char *endings)
{
    while (*endings) {
        size_t bytes = strcspn(endings, "|");
        if (ends_with_word(name, endings, bytes)) {
            name[strlen(name) - bytes - 1] = '\0';
            return;
        }
        endings += bytes + (endings[bytes] == '|');
    }
}

static void append(char *name, const char *text)
{
    size_t length = strlen(name);
    snprintf(name + length, NAME_BYTES - length, "%s", text);
}

static void append_word(char *name, const char *word)
{
    if (!ends_with_word(name, word, strlen(word))) {
        append(name, "_");
        append(name, word);
    }
}

/* "{packet}" is an annotation: a unit when the name says it, too. */
static const char *annotation(const char *name, const char *ucum)
{
    size_t bytes = ucum ? strlen(ucum) : 0;
    if (bytes < 3 || ucum[0] != '{' || ucum[bytes - 1] != '}')
        return NULL;
    char word[32];
    int length = snprintf(word, sizeof word, "%.*ss", (int)(bytes - 2), ucum + 1);
    if (length <= 0 || length >= (int)sizeof word || !ends_with_word(name, word, (size_t)length))
        return NULL;
    return name + strlen(name) - length;
}

/* ---- Names of families ----------------------------------------------------------------------- */

/* Words that promtool takes for something else: for units written short, and for types. */
static bool is_short_unit(const char *word, size_t bytes)
{
    static const char *const words[] = {"s",  "ms", "us", "ns", "sec", "b", "kb", "mb",
                                        "gb", "tb", "pb", "m",  "h",   "d", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == bytes && strncmp(words[i], word, bytes) == 0)
            return true;
    return false;
}

static bool is_type(const char *word, size_t bytes)
{
    static const char *const words[] = {"counter", "gauge", "histogram", "summary", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == bytes && strncmp(words[i], word, bytes) == 0)
            return true;
    return false;
}

/* "a.b" and "c_m_d" in words: a_b_cm_d. */
static void add_words(char *name, const char *text)
{
    while (*text) {
        size_t bytes = strcspn(text, "._");
        if (bytes) {
            bool joined = !*name || strcmp(name, "_") == 0 || is_short_unit(text, bytes);
            append(name, joined ? "" : "_");
            size_t length = strlen(name);
            snprintf(name + length, NAME_BYTES - length, "%.*s%s", (int)bytes, text,
                     is_type(text, bytes) ? "s" : "");
        }
        text += bytes + (text[bytes] != '\0');
    }
}

/* Endings that mean something else than a gauge. */
static bool is_reserved_ending(const char *name)
{
    static const char *const words[] = {"total",   "count", "sum",    "bucket",
                                        "created", "info",  "gcount", "gsum"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (ends_with_word(name, words[i], strlen(words[i])))
            return true;
    return false;
}

void naming_make(struct naming *out, const char *prefix, const char *measurement,
                 const struct gw_field *field)
{
    const struct unit *unit = find_unit(field->unit);
    char own[64];
    snprintf(own, sizeof own, "_%s", field->name);
    if (unit)
        cut_ending(own, unit->endings);
    if (field->kind == GW_COUNTER)
        cut_ending(own, "total");
    *out = (struct naming){.factor = unit ? unit->factor : 1, .divisor = unit ? unit->divisor : 1};
    const char *from = prefix ? prefix : measurement;
    if (isdigit((unsigned char)*from))
        append(out->name, "_");
    add_words(out->name, from);
    out->name[NAME_BYTES - 48] = '\0'; /* room for the rest: names are cut, never torn */
    add_words(out->name, own);
    if (unit) {
        append_word(out->name, unit->base);
        out->unit = unit->base;
    } else {
        out->unit = annotation(out->name, field->unit);
    }
    if (field->kind == GW_GAUGE && is_reserved_ending(out->name))
        append_word(out->name, "value");
}

bool naming_bound(const char *field, double *bound, const char **unit)
{
    *unit = NULL;
    if (strncmp(field, "le_", 3) != 0)
        return false;
    if (strcmp(field + 3, "inf") == 0) {
        *bound = INFINITY;
        return true;
    }
    char *end = NULL;
    *bound = isdigit((unsigned char)field[3]) ? strtod(field + 3, &end) : 0;
    if (!end)
        return false;
    const struct unit *found = find_unit(end);
    if (found && strcmp(found->base, "seconds") == 0) {
        *unit = found->base;
        *bound = *bound * found->factor / found->divisor;
        return true;
    }
    return *end == '\0';
}

/* ---- Labels and help ------------------------------------------------------------------------- */

void label_name(char out[LABEL_NAME_BYTES], const char *name)
{
    const char *before = "";
    if (strcmp(name, "le") == 0 || strcmp(name, "quantile") == 0)
        before = "label_";
    else if (strcmp(name, "instance") == 0 || strcmp(name, "job") == 0)
        before = "plugin_";
    else if (isdigit((unsigned char)*name))
        before = "_";
    else if (strncmp(name, "__", 2) == 0)
        before = "x";
    snprintf(out, LABEL_NAME_BYTES, "%s%s", before, name);
}

static bool is_utf8(const char *text)
{
    json_t *json = json_string(text);
    json_decref(json);
    return json != NULL;
}

static void add_escaped(struct bytes *out, const char *text, bool escapes, bool quotes)
{
    bool sound = is_utf8(text);
    char *room = bytes_room(out, 2 * strlen(text) + 1);
    for (; room && *text; text++) {
        bool bad = !sound && (unsigned char)*text >= 0x80;
        if (escapes && (*text == '\\' || *text == '\n' || (quotes && *text == '"')))
            *room++ = '\\';
        *room++ = bad ? '?' : escapes && *text == '\n' ? 'n' : *text;
    }
    if (room)
        out->len = (size_t)(room - out->data);
}

void label_value(struct bytes *out, const char *value)
{
    add_escaped(out, value, true, true);
}

void label_raw(struct bytes *out, const char *value)
{
    add_escaped(out, value, false, false);
}

void help_text(struct bytes *out, const char *help, bool quotes)
{
    add_escaped(out, help, true, quotes);
}

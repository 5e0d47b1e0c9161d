/* How values are written: formatters, each from text or number to text. */
#include "base/template_inside.h"

#include <gnswatch/cron.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES_MAX = 16 << 20, SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };
static const int64_t DAY_MS = 86400000;

/* A value on its way: `text` is what it is now, `number` what it was, NaN when it was none. */
struct writing {
    const json_t *value;
    const char *zone;
    double number;
    struct buf text;
};

static void add_json(const json_t *value, struct buf *out)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    buf_adds(out, text ? text : "null");
    free(text);
}

static void write_plain(struct writing *w)
{
    switch (json_typeof(w->value)) {
    case JSON_STRING:
        buf_add(&w->text, json_string_value(w->value), json_string_length(w->value));
        break;
    case JSON_INTEGER:
        w->number = (double)json_integer_value(w->value);
        buf_json_int(&w->text, json_integer_value(w->value));
        break;
    case JSON_REAL:
        w->number = json_real_value(w->value);
        buf_json_number(&w->text, w->number);
        break;
    case JSON_NULL:
        break;
    default:
        add_json(w->value, &w->text);
    }
}

/* ---- Numbers --------------------------------------------------------------------------------- */

/* 1500 is "1.5k": three digits that count. */
static void format_number(struct writing *w)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
    double left = w->number;
    size_t i = 0;
    while (fabs(left) >= 999.5 && i + 1 < sizeof(prefixes) / sizeof(*prefixes)) {
        left /= 1000;
        i++;
    }
    buf_clear(&w->text);
    buf_printf(&w->text, "%.*g%s", fabs(left) < 999.5 ? 3 : 6, left, prefixes[i]);
}

static void add_two(struct buf *out, int64_t ms, int64_t unit_ms, const char *unit, int64_t part_ms,
                    const char *part)
{
    ms += part_ms / 2;
    buf_printf(out, "%lld %s", (long long)(ms / unit_ms), unit);
    if (ms % unit_ms / part_ms)
        buf_printf(out, " %lld %s", (long long)(ms % unit_ms / part_ms), part);
}

/* Of milliseconds: the two greatest units. Rounding does not make "60 s": the greater unit is taken
 * from where it would. */
static void format_duration(struct writing *w)
{
    buf_clear(&w->text);
    double magnitude = fmin(fabs(w->number), 9e15);
    int64_t ms = (int64_t)llrint(magnitude);
    if (w->number < 0 && ms)
        buf_addc(&w->text, '-');
    if (ms < SECOND_MS)
        buf_printf(&w->text, "%lld ms", (long long)ms);
    else if (ms < 9950)
        buf_printf(&w->text, "%.2g s", (double)ms / SECOND_MS);
    else if (ms < MINUTE_MS - SECOND_MS / 2)
        buf_printf(&w->text, "%lld s", (long long)((ms + SECOND_MS / 2) / SECOND_MS));
    else if (ms < HOUR_MS - SECOND_MS / 2)
        add_two(&w->text, ms, MINUTE_MS, "min", SECOND_MS, "s");
    else if (ms < DAY_MS - MINUTE_MS / 2)
        add_two(&w->text, ms, HOUR_MS, "h", MINUTE_MS, "min");
    else
        add_two(&w->text, ms, DAY_MS, "d", HOUR_MS, "h");
}

/* ---- Times ----------------------------------------------------------------------------------- */

static int64_t whole_ms(const struct writing *w)
{
    return (int64_t)llrint(fmax(-8.64e15, fmin(w->number, 8.64e15)));
}

static void format_time(struct writing *w)
{
    struct gw_local at;
    gw_local_time(w->zone, whole_ms(w), &at);
    buf_clear(&w->text);
    buf_printf(&w->text, "%04d-%02d-%02d %02d:%02d %s", at.year, at.month, at.day, at.hour,
               at.minute, at.zone);
}

static void format_rfc3339(struct writing *w)
{
    struct gw_local at;
    int64_t ms = whole_ms(w), part = (ms % SECOND_MS + SECOND_MS) % SECOND_MS;
    gw_local_time("UTC", ms, &at);
    buf_clear(&w->text);
    buf_printf(&w->text, "%04d-%02d-%02dT%02d:%02d:%02d", at.year, at.month, at.day, at.hour,
               at.minute, at.second);
    if (part)
        buf_printf(&w->text, ".%03d", (int)part);
    buf_addc(&w->text, 'Z');
}

/* ---- Texts ----------------------------------------------------------------------------------- */

/* The letters of ASCII; others stay as they are, in any language. */
static void format_upper(struct writing *w)
{
    for (size_t i = 0; i < w->text.len; i++) {
        if (w->text.data[i] >= 'a' && w->text.data[i] <= 'z')
            w->text.data[i] = (char)(w->text.data[i] - 'a' + 'A');
    }
}

/* A run of line breaks is one space. */
static void format_line(struct writing *w)
{
    size_t to = 0;
    bool broken = false;
    for (size_t i = 0; i < w->text.len; i++) {
        bool breaks = w->text.data[i] == '\n' || w->text.data[i] == '\r';
        if (!breaks || !broken)
            w->text.data[to++] = breaks ? ' ' : w->text.data[i];
        broken = breaks;
    }
    w->text.len = to;
    if (w->text.cap)
        w->text.data[to] = '\0';
}

static void format_json(struct writing *w)
{
    buf_clear(&w->text);
    if (w->value)
        add_json(w->value, &w->text);
    else
        buf_adds(&w->text, "null");
}

/* RFC 3986, section 2.3: all but the unreserved. */
static void format_url(struct writing *w)
{
    struct buf out;
    buf_init(&out, VALUE_BYTES_MAX);
    for (size_t i = 0; i < w->text.len; i++) {
        unsigned char c = (unsigned char)w->text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c ? c : ' ');
        if (plain)
            buf_addc(&out, (char)c);
        else
            buf_printf(&out, "%%%02X", c);
    }
    buf_fini(&w->text);
    w->text = out;
}

/* ---- The table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*format)(struct writing *w);
    bool of_numbers; /* other values stay as they are */
} formats[] = {
    {"number", format_number, true}, {"duration", format_duration, true},
    {"time", format_time, true},     {"rfc3339", format_rfc3339, true},
    {"upper", format_upper, false},  {"line", format_line, false},
    {"json", format_json, false},    {"url", format_url, false},
    {"default", NULL, false}, /* with an argument */
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

static size_t find(const struct template_format *format)
{
    size_t i = 0;
    while (i < FORMATS && (strlen(formats[i].name) != format->name_bytes ||
                           memcmp(formats[i].name, format->name, format->name_bytes) != 0))
        i++;
    return i;
}

bool template_next_format(const char **list, size_t *bytes, struct template_format *format)
{
    if (!*list)
        return false;
    const char *bar = memchr(*list, '|', *bytes);
    size_t length = bar ? (size_t)(bar - *list) : *bytes;
    const char *colon = memchr(*list, ':', length);
    *format = (struct template_format){.name = *list, .name_bytes = length};
    if (colon) {
        format->name_bytes = (size_t)(colon - *list);
        format->argument = colon + 1;
        format->argument_bytes = length - format->name_bytes - 1;
        template_trim(&format->argument, &format->argument_bytes);
    }
    template_trim(&format->name, &format->name_bytes);
    *bytes -= bar ? length + 1 : length;
    *list = bar ? bar + 1 : NULL;
    return true;
}

int template_check_formats(const char *list, size_t bytes, char *why, size_t why_bytes)
{
    struct template_format format;
    for (int count = 0; template_next_format(&list, &bytes, &format); count++) {
        int shown = format.name_bytes < 40 ? (int)format.name_bytes : 40;
        size_t which = find(&format);
        bool takes = which < FORMATS && !formats[which].format;
        if (count == TEMPLATE_FORMATS_MAX)
            snprintf(why, why_bytes, "more than %d formatters", TEMPLATE_FORMATS_MAX);
        else if (which == FORMATS)
            snprintf(why, why_bytes,
                     "there is no formatter '%.*s'; there are number, duration, time, rfc3339, "
                     "upper, line, json, url and default:TEXT",
                     shown, format.name);
        else if (takes && !format.argument)
            snprintf(why, why_bytes, "%s needs a text behind a colon, as in default:none",
                     formats[which].name);
        else if (!takes && format.argument)
            snprintf(why, why_bytes, "%s takes nothing behind a colon", formats[which].name);
        else
            continue;
        return -EINVAL;
    }
    return 0;
}

void template_write(const json_t *value, const struct template_part *part, const char *zone,
                    struct buf *out)
{
    struct writing w = {.value = value, .zone = zone, .number = NAN};
    buf_init(&w.text, VALUE_BYTES_MAX);
    if (value)
        write_plain(&w);
    const char *list = part->formats;
    size_t bytes = part->format_bytes;
    for (struct template_format format; template_next_format(&list, &bytes, &format);) {
        size_t which = find(&format);
        if (which == FORMATS)
            continue;
        if (formats[which].format && (!formats[which].of_numbers || !isnan(w.number)))
            formats[which].format(&w);
        else if (!formats[which].format && w.text.len == 0)
            buf_add(&w.text, format.argument, format.argument_bytes);
        w.number = NAN; /* it is text now */
    }
    buf_add(out, w.text.data, w.text.len);
    if (buf_error(&w.text) && !out->error)
        out->error = buf_error(&w.text);
    buf_fini(&w.text);
}

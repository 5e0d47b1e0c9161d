/* naming.c - see naming.h. */
#include "naming.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

uint32_t naming_hash(const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static char letter(char c, bool dots)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (dots && c == '.');
    return plain ? c : '_';
}

/* Writes at most `size` - 1 characters; one '_' for each run of others, none at an end, and no dot
 * beside another. False: there was more. */
static bool squeeze(char *out, size_t size, const char *name, bool dots)
{
    size_t used = 0;
    for (; *name; name++) {
        char c = letter(*name, dots), before = used ? out[used - 1] : '\0';
        bool joint = c == '_' || c == '.';
        if (joint && (used == 0 || before == '_' || before == '.')) {
            if (c == '.' && before == '_')
                out[used - 1] = '.';
            continue;
        }
        if (used + 1 == size)
            break;
        out[used++] = c;
    }
    while (used && (out[used - 1] == '_' || out[used - 1] == '.'))
        used--;
    out[used] = '\0';
    return *name == '\0';
}

static void mark(char *out, size_t size, const char *name)
{
    size_t used = strlen(out), room = size - 6;
    if (used > room)
        used = room;
    while (used && (out[used - 1] == '_' || out[used - 1] == '.'))
        used--;
    snprintf(out + used, size - used, "_%04x", (unsigned)(naming_hash(name) & 0xffff));
}

static void name_it(char *out, size_t size, const char *name, bool dots, bool marked)
{
    bool whole = squeeze(out, size, name, dots);
    if (!*out && !marked)
        snprintf(out, size, "value");
    if (!whole || marked)
        mark(out, size, name);
}

void naming_field(char out[NAMING_FIELD_BYTES], const char *name, bool marked)
{
    name_it(out, NAMING_FIELD_BYTES, name, false, marked);
}

void naming_measurement(char out[NAMING_MEASUREMENT_BYTES], const char *group, bool marked)
{
    snprintf(out, NAMING_MEASUREMENT_BYTES, "exec.");
    name_it(out + 5, NAMING_MEASUREMENT_BYTES - 5, group, true, marked);
    if (strcmp(out, "exec.run") == 0 || strcmp(out, "exec.check") == 0 ||
        strcmp(out, "exec.file") == 0) /* ours */
        mark(out, NAMING_MEASUREMENT_BYTES, group);
}

void naming_label(char out[NAMING_LABEL_BYTES], const char *name)
{
    name_it(out, NAMING_LABEL_BYTES, name, false, false);
    if (strcmp(out, "item") == 0)
        snprintf(out, NAMING_LABEL_BYTES, "item_");
}

void naming_value(char out[NAMING_VALUE_BYTES], const char *value)
{
    size_t used = strlen(value);
    snprintf(out, NAMING_VALUE_BYTES, "%s", value);
    if (used < NAMING_VALUE_BYTES)
        return;
    used = NAMING_VALUE_BYTES - 10;
    while (used && ((unsigned char)value[used] & 0xc0) == 0x80)
        used--;
    snprintf(out + used, NAMING_VALUE_BYTES - used, "~%08x", (unsigned)naming_hash(value));
}

/* ---- Units ----------------------------------------------------------------------------------- */

struct unit {
    const char *said, *ucum;
};

static const struct unit exact[] = {
    /* where large and small letters differ */
    {"B", "By"},
    {"b", "bit"},
    {"KB", "KiBy"},
    {"kB", "kBy"},
    {"MB", "MiBy"},
    {"GB", "GiBy"},
    {"TB", "TiBy"},
    {"C", "Cel"},
    {"F", "[degF]"},
    {"K", "K"},
    {"A", "A"},
    {"V", "V"},
    {"W", "W"},
    {"s", "s"},
    {"ms", "ms"},
    {"us", "us"},
    {"ns", "ns"},
    {"Hz", "Hz"},
    {"MHz", "MHz"},
    {"GHz", "GHz"},
    {"mV", "mV"},
    {"mA", "mA"},
    {"c", "1"},
    {"m", "m"},
    {"Wh", "W.h"},
    {"h", "h"},
    {"d", "d"},
    {"min", "min"},
    {"By", "By"},
    {"1", "1"},
    {"%", "%"},
    {"\xc2\xb0"
     "C",
     "Cel"},
    {"\xc2\xb0"
     "F",
     "[degF]"},
};

static const struct unit loose[] = {
    {"percent", "%"},
    {"percentage", "%"},
    {"bytes", "By"},
    {"byte", "By"},
    {"bits", "bit"},
    {"bit", "bit"},
    {"kib", "KiBy"},
    {"mib", "MiBy"},
    {"gib", "GiBy"},
    {"tib", "TiBy"},
    {"kilobytes", "kBy"},
    {"megabytes", "MBy"},
    {"gigabytes", "GBy"},
    {"kilobits", "kbit"},
    {"megabits", "Mbit"},
    {"gigabits", "Gbit"},
    {"kbit", "kbit"},
    {"mbit", "Mbit"},
    {"seconds", "s"},
    {"second", "s"},
    {"sec", "s"},
    {"secs", "s"},
    {"milliseconds", "ms"},
    {"millisecond", "ms"},
    {"msec", "ms"},
    {"microseconds", "us"},
    {"nanoseconds", "ns"},
    {"minutes", "min"},
    {"hours", "h"},
    {"days", "d"},
    {"celsius", "Cel"},
    {"degrees c", "Cel"},
    {"degrees celsius", "Cel"},
    {"fahrenheit", "[degF]"},
    {"volts", "V"},
    {"volt", "V"},
    {"amperes", "A"},
    {"amps", "A"},
    {"watts", "W"},
    {"watt", "W"},
    {"joules", "J"},
    {"hertz", "Hz"},
    {"ratio", "1"},
    {"kb", "KiBy"},
    {"mb", "MiBy"},
    {"gb", "GiBy"},
    {"meters", "m"},
    {"rpm", "{rpm}"},
    /* as many write them */
    {"celcius", "Cel"},
    {"degrees celcius", "Cel"},
    {"amper", "A"},
    {"ampere", "A"},
    {"voltage", "V"},
    {"joule", "J"},
    {"kbits", "kbit"},
    {"mbits", "Mbit"},
    {"gbits", "Gbit"},
    {"ppm", "[ppm]"},
    {"years", "a"},
};

static const char *known(const char *word)
{
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (strcmp(word, exact[i].said) == 0)
            return exact[i].ucum;
    for (size_t i = 0; i < sizeof loose / sizeof *loose; i++)
        if (strcasecmp(word, loose[i].said) == 0)
            return loose[i].ucum;
    return NULL;
}

/* Anything else is an annotation, which UCUM writes in braces (section 12). */
static void annotate(char *out, size_t size, const char *word)
{
    size_t used = 0;
    out[used++] = '{';
    for (; *word && used + 2 < size; word++)
        if (*word > ' ' && *word < 0x7f && *word != '{' && *word != '}')
            out[used++] = *word;
        else if (*word == ' ' && used > 1)
            out[used++] = '_';
    out[used++] = '}';
    out[used] = '\0';
    if (used == 2)
        out[0] = '\0';
}

static bool cut_end(char *word, const char *end)
{
    size_t length = strlen(word), tail = strlen(end);
    if (length <= tail || strcasecmp(word + length - tail, end) != 0)
        return false;
    word[length - tail] = '\0';
    return true;
}

/* "bits in (-) / out (+) per second": on which side something is drawn is no part of its unit. */
static void cut_sides(char *word)
{
    char *minus = strstr(word, "(-)"), *plus = minus ? strstr(minus, "(+)") : NULL;
    if (!plus)
        return;
    char *begin = minus;
    while (begin > word && begin[-1] == ' ')
        begin--;
    while (begin > word && begin[-1] != ' ')
        begin--;
    while (begin > word && begin[-1] == ' ')
        begin--;
    memmove(begin, plus + 3, strlen(plus + 3) + 1);
}

/* No blanks at an end, nor beside a slash. */
static void tighten(char *word)
{
    char *to = word;
    for (const char *from = word + strspn(word, " "); *from; from++) {
        bool slash = *from == '/';
        while (slash && to > word && to[-1] == ' ')
            to--;
        *to++ = *from;
        while (slash && from[1] == ' ')
            from++;
    }
    while (to > word && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* "response time (sec)", "uptime in days", "% busy" */
static const char *known_within(char *word)
{
    char *open = strrchr(word, '('), *in = strstr(word, " in ");
    if (open && cut_end(open, ")"))
        return known(open + 1);
    return in ? known(in + 4) : strncmp(word, "% ", 2) == 0 ? "%" : NULL;
}

void naming_unit(char out[NAMING_UNIT_BYTES], const char *unit, bool counter)
{
    char word[128], whole[sizeof word];
    snprintf(word, sizeof word, "%s", unit ? unit : "");
    cut_sides(word);
    tighten(word);
    bool a_second = cut_end(word, "/s") || cut_end(word, "/sec") || cut_end(word, "/second") ||
                    cut_end(word, " per second");
    tighten(word);
    memcpy(whole, word, sizeof whole);
    const char *ucum = known(word);
    if (!ucum)
        ucum = known_within(whole);
    if (ucum)
        snprintf(out, NAMING_UNIT_BYTES, "%s", ucum);
    else
        annotate(out, NAMING_UNIT_BYTES - 3, word);
    if (a_second && !counter && *out)
        snprintf(out + strlen(out), NAMING_UNIT_BYTES - strlen(out), "/s");
}

/* Prometheus' convention: the base unit ends the name (its guide, "Metric and label naming"). */
const char *naming_unit_of_name(const char *name)
{
    static const char *const units[] = {"bytes",   "seconds", "celsius", "volts",
                                        "amperes", "joules",  "meters",  "hertz",
                                        "bits",    "ratio",   "percent", "watts"};
    char word[256];
    snprintf(word, sizeof word, "%s", name);
    if (!cut_end(word, "_total") && !cut_end(word, "_sum"))
        cut_end(word, "_quantile");
    const char *last = strrchr(word, '_');
    for (size_t i = 0; last && i < sizeof units / sizeof *units; i++)
        if (strcmp(last + 1, units[i]) == 0)
            return units[i];
    return NULL;
}

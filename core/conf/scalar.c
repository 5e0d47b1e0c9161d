/* Strict readers and writers of single values. */
#include "conf/scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    int64_t factor;
};

/* Largest first; the writers take the first that divides. */
static const struct unit duration_units[] = {
    {"w", 604800000}, {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {0},
};

static const struct unit size_units[] = {
    {"TiB", (int64_t)1 << 40},
    {"TB", 1000000000000},
    {"GiB", 1 << 30},
    {"GB", 1000000000},
    {"MiB", 1 << 20},
    {"MB", 1000000},
    {"KiB", 1024},
    {"kB", 1000},
    {"KB", 1000},
    {"B", 1},
    {0},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int scalar_bool(const char *text, bool *value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *value = i % 2 == 1;
            return 0;
        }
    }
    return -EINVAL;
}

int scalar_int(const char *text, int64_t *value)
{
    const char *digits = text + (*text == '-' || *text == '+');
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || digits[count])
        return -EINVAL;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    if (errno == ERANGE)
        return -ERANGE;
    *value = number;
    return 0;
}

/* The end of the decimal number at `text`, or NULL: strtod alone takes hex, "inf" and blanks. */
static const char *decimal_end(const char *text, bool exponent)
{
    const char *p = text + (*text == '-' || *text == '+');
    size_t whole = strspn(p, "0123456789"), part = 0;
    p += whole;
    if (*p == '.') {
        part = strspn(p + 1, "0123456789");
        p += 1 + part;
    }
    if (whole + part == 0 || (whole && p[-1] == '.'))
        return NULL;
    if (exponent && (*p == 'e' || *p == 'E')) {
        const char *power = p + 1 + (p[1] == '-' || p[1] == '+');
        size_t digits = strspn(power, "0123456789");
        if (digits == 0)
            return NULL;
        p = power + digits;
    }
    return p;
}

int scalar_number(const char *text, double *value)
{
    const char *end = decimal_end(text, true);
    if (!end || *end)
        return -EINVAL;
    double number = strtod(text, NULL); /* the program never leaves the C locale */
    if (!isfinite(number))
        return -ERANGE;
    *value = number;
    return 0;
}

/* Reads "NUMBER UNIT" at *text, exactly where it has no fraction, and moves *text behind it. */
static int read_quantity(const char **text, const struct unit *units, int64_t *value)
{
    const char *end = decimal_end(*text, false);
    if (!end || !(is_digit(**text) || **text == '.'))
        return -EINVAL;
    size_t letters = 0;
    while ((end[letters] | 0x20) >= 'a' && (end[letters] | 0x20) <= 'z')
        letters++;
    const struct unit *unit = units;
    while (unit->name && (strlen(unit->name) != letters || strncmp(unit->name, end, letters) != 0))
        unit++;
    if (!unit->name)
        return -EINVAL;
    errno = 0;
    char *whole_end;
    long long whole = strtoll(*text, &whole_end, 10);
    double part = *whole_end == '.' ? strtod(whole_end, NULL) * (double)unit->factor : 0;
    if (errno == ERANGE || __builtin_mul_overflow(whole, unit->factor, value) ||
        __builtin_add_overflow(*value, (int64_t)llround(part), value))
        return -ERANGE;
    *text = end + letters;
    return 0;
}

int scalar_duration(const char *text, int64_t *ms)
{
    if (strcmp(text, "0") == 0) {
        *ms = 0;
        return 0;
    }
    int64_t sum = 0;
    do {
        int64_t part;
        int error = read_quantity(&text, duration_units, &part);
        if (error)
            return error;
        if (__builtin_add_overflow(sum, part, &sum))
            return -ERANGE;
    } while (*text);
    *ms = sum;
    return 0;
}

int scalar_size(const char *text, int64_t *bytes)
{
    if (text[strspn(text, "0123456789")] == '\0')
        return scalar_int(text, bytes);
    int64_t value;
    int error = read_quantity(&text, size_units, &value);
    if (error || *text)
        return error ? error : -EINVAL;
    *bytes = value;
    return 0;
}

static void add_quantity(struct buf *out, const struct unit *unit, int64_t value)
{
    while (unit->factor > 1 && (value == 0 || value % unit->factor))
        unit++;
    buf_json_int(out, value / unit->factor);
    buf_adds(out, unit->name);
}

void scalar_add_duration(struct buf *out, int64_t ms)
{
    if (ms == 0)
        buf_adds(out, "0s");
    else
        add_quantity(out, duration_units + 1, ms); /* 14d reads better than 2w */
}

void scalar_add_size(struct buf *out, int64_t bytes)
{
    if (bytes < 0)
        buf_json_int(out, bytes);
    else
        add_quantity(out, size_units, bytes);
}

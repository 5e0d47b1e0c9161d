/* words.c - see words.h. */
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *skip_blanks(char *at)
{
    return at + strspn(at, " \t");
}

char *find_blank(char *at)
{
    return at + strcspn(at, " \t");
}

char *word_end(char *at)
{
    if (*at)
        *at++ = '\0';
    return at;
}

static const char *skip_digits(const char *at)
{
    while (isdigit((unsigned char)*at))
        at++;
    return at;
}

/* Behind the decimal number at `at`; NULL: there is none. */
static const char *number_end(const char *at)
{
    at += *at == '-' || *at == '+';
    const char *digits = at;
    at = skip_digits(at);
    size_t count = (size_t)(at - digits);
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction);
        count += (size_t)(at - fraction);
    }
    if (count == 0)
        return NULL;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1;
        exponent += *exponent == '-' || *exponent == '+';
        const char *end = skip_digits(exponent);
        at = end > exponent ? end : at;
    }
    return at;
}

bool number_take(const char **at, double *value)
{
    const char *end = number_end(*at);
    if (!end)
        return false;
    char *read = NULL;
    double number = strtod(*at, &read);
    /* strtod also knows 0x, of which number_end has taken the zero alone. */
    if (read < end || !isfinite(number))
        return false;
    *value = read > end ? 0 : number;
    *at = end;
    return true;
}

bool number_read(const char *text, double *value)
{
    double number = 0;
    if (!number_take(&text, &number) || *text)
        return false;
    *value = number;
    return true;
}

bool number_read_any(const char *text, double *value)
{
    const char *name = text + (*text == '-' || *text == '+');
    if (strcasecmp(text, "nan") == 0)
        *value = NAN;
    else if (strcasecmp(name, "inf") == 0 || strcasecmp(name, "infinity") == 0)
        *value = *text == '-' ? -INFINITY : INFINITY;
    else
        return number_read(text, value);
    return true;
}

static bool whole_take(const char **at, int base, int64_t *value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)**at) && **at != '-' && **at != '+')
        return false;
    errno = 0;
    long long number = strtoll(*at, &end, base);
    if (end == *at || errno)
        return false;
    *value = number;
    *at = end;
    return true;
}

bool signed_take(const char **at, int64_t *value)
{
    return whole_take(at, 0, value);
}

bool decimal_take(const char **at, int64_t *value)
{
    return whole_take(at, 10, value);
}

bool unsigned_take(const char **at, uint64_t *value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)**at) && **at != '+')
        return false;
    errno = 0;
    unsigned long long number = strtoull(*at, &end, 0);
    if (end == *at || errno)
        return false;
    *value = number;
    *at = end;
    return true;
}

void text_cut(char *text, size_t max_bytes)
{
    size_t bytes = strlen(text);
    if (bytes < max_bytes)
        return;
    size_t lead = bytes;
    while (lead > 0 && bytes - lead < 4 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char first = (unsigned char)text[lead - 1];
    size_t needs = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (bytes - lead + 1 < needs)
        text[lead - 1] = '\0';
}

bool seconds_to_ms(double seconds, int64_t *ms)
{
    const double year_9999 = 253402300800.0;
    if (!(seconds >= 0 && seconds < year_9999))
        return false;
    *ms = (int64_t)llround(seconds * 1000);
    return true;
}

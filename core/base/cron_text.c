/* Reading a cron expression. Says which field is wrong, and how. */
#include "base/cron_inside.h"

#include "base/civil.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PIECE_MAX = 20, NUMBER_MAX = 9999 };

struct field {
    const char *name;
    int min, max;
    const char *words; /* three letters each, from `first` on; NULL: none */
    int first;
};

static const struct field fields[CRON_FIELDS] = {
    [CRON_SECOND] = {.name = "second", .max = 59},
    [CRON_MINUTE] = {.name = "minute", .max = 59},
    [CRON_HOUR] = {.name = "hour", .max = 23},
    [CRON_DAY] = {.name = "day", .min = 1, .max = 31},
    [CRON_MONTH] = {.name = "month",
                    .min = 1,
                    .max = 12,
                    .first = 1,
                    .words = "janfebmaraprmayjunjulaugsepoctnovdec"},
    [CRON_WEEKDAY] = {.name = "weekday", .max = 7, .words = "sunmontuewedthufrisat"},
};

struct reading {
    const struct field *field;
    const char *at, *end; /* of the field */
    char *why;
    size_t why_bytes;
};

static bool complain(struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool complain(struct reading *r, const char *format, ...)
{
    char what[160];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    snprintf(r->why, r->why_bytes, "%s%s%s", r->field ? r->field->name : "", r->field ? ": " : "",
             what);
    return false;
}

/* What stands up to the next mark, for a message: short, and without control characters. */
static void cut_piece(const struct reading *r, char piece[PIECE_MAX + 4])
{
    size_t length = strcspn(r->at, ",-/ \t");
    size_t left = (size_t)(r->end - r->at), shown = length < left ? length : left;
    bool cut = shown > PIECE_MAX;
    shown = cut ? PIECE_MAX : shown;
    for (size_t i = 0; i < shown; i++)
        piece[i] = isprint((unsigned char)r->at[i]) ? r->at[i] : '?';
    snprintf(piece + shown, 4, "%s", cut ? "..." : "");
}

static bool read_word(struct reading *r, int *value)
{
    const char *words = r->field->words;
    for (int i = 0; words && words[(size_t)i * 3]; i++) {
        if (strncasecmp(r->at, words + (size_t)i * 3, 3) == 0 &&
            !isalnum((unsigned char)r->at[3])) {
            *value = i + r->field->first;
            r->at += 3;
            return true;
        }
    }
    return false;
}

static bool read_number(struct reading *r, int *value)
{
    char piece[PIECE_MAX + 4];
    cut_piece(r, piece);
    if (piece[0] == '\0' && r->at == r->end)
        return complain(r, "a value is missing at the end");
    if (piece[0] == '\0')
        return complain(r, "a value is missing before '%c'", *r->at);
    const char *digit = r->at;
    *value = 0;
    for (; digit < r->end && isdigit((unsigned char)*digit); digit++)
        *value = *value < NUMBER_MAX ? *value * 10 + (*digit - '0') : *value;
    if (digit == r->at || strlen(piece) != (size_t)(digit - r->at))
        return complain(r, r->field->words ? "'%s' is no number and no name" : "'%s' is no number",
                        piece);
    r->at = digit;
    return true;
}

static bool read_value(struct reading *r, int *value)
{
    char piece[PIECE_MAX + 4];
    cut_piece(r, piece);
    if (read_word(r, value))
        return true;
    if (!read_number(r, value))
        return false;
    if (*value > r->field->max)
        return complain(r, "%s is more than %d", piece, r->field->max);
    return *value >= r->field->min || complain(r, "%s is less than %d", piece, r->field->min);
}

static bool read_step(struct reading *r, int from, bool range, int *step)
{
    *step = 1;
    if (r->at == r->end || *r->at != '/')
        return true;
    r->at++;
    if (!read_number(r, step))
        return false;
    if (!range)
        return complain(r, "a step needs * or a range: %d-%d/%d", from, r->field->max, *step);
    if (*step == 0)
        return complain(r, "a step of 0 leads nowhere");
    return *step <= r->field->max ||
           complain(r, "a step of %d is more than %d", *step, r->field->max);
}

/* One of a list: "*", "5", "1-5", with "/2" behind. */
static bool read_part(struct reading *r, uint64_t *bits, bool *stepped)
{
    int from = r->field->min, to = r->field->max, step;
    bool range = *r->at == '*';
    if (range) {
        r->at++;
    } else {
        if (!read_value(r, &from))
            return false;
        to = from;
        if (r->at < r->end && *r->at == '-') {
            range = true;
            r->at++;
            if (!read_value(r, &to))
                return false;
        }
    }
    if (r->field->max == 7 && range && to == 0 && from > 0)
        to = 7; /* fri-sun */
    if (to < from)
        return complain(r, "the range %d-%d runs backwards", from, to);
    if (!read_step(r, from, range, &step))
        return false;
    *stepped |= step > 1;
    for (int i = from; i <= to; i += step)
        *bits |= UINT64_C(1) << i;
    return true;
}

static bool read_field(struct reading *r, uint64_t *bits, bool *star, bool *each)
{
    bool stepped = false;
    *bits = 0;
    *star = *r->at == '*';
    for (;;) {
        bool last = r->field == &fields[CRON_DAY] && (*r->at == 'L' || *r->at == 'l');
        if (last)
            *bits |= CRON_LAST_DAY;
        r->at += last;
        if (!last && !read_part(r, bits, &stepped))
            return false;
        if (r->at == r->end)
            break;
        if (*r->at != ',')
            return complain(r, "'%c' is not understood here",
                            isprint((unsigned char)*r->at) ? *r->at : '?');
        r->at++;
        if (r->at == r->end)
            return complain(r, "a value is missing at the end");
    }
    *each = *star || stepped;
    return true;
}

static const char *expand(const char *text)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"@hourly", "0 * * * *"},
                 {"@daily", "0 0 * * *"},
                 {"@weekly", "0 0 * * 0"},
                 {"@monthly", "0 0 1 * *"},
                 {"@yearly", "0 0 1 1 *"}};
    size_t length = strcspn(text, " \t");
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strlen(known[i].name) == length && strncasecmp(known[i].name, text, length) == 0 &&
            text[length + strspn(text + length, " \t")] == '\0')
            return known[i].text;
    }
    return NULL;
}

/* The fields' places; how many there are, at most one more than can be. */
static int split(const char *text, struct reading parts[CRON_FIELDS + 1])
{
    int count = 0;
    for (; count <= CRON_FIELDS; count++) {
        text += strspn(text, " \t");
        if (*text == '\0')
            break;
        parts[count].at = text;
        text += strcspn(text, " \t");
        parts[count].end = text;
    }
    return count;
}

/* A day that no month given has would never come. */
static bool can_come(const struct cron_fields *out, struct reading *r)
{
    if (!out->star[CRON_WEEKDAY] || (out->bits[CRON_DAY] & CRON_LAST_DAY))
        return true;
    for (int month = 1; month <= 12; month++) {
        int days = civil_month_days(2000, month);
        if ((out->bits[CRON_MONTH] >> month & 1) &&
            (out->bits[CRON_DAY] & ((UINT64_C(2) << days) - 1)))
            return true;
    }
    r->field = &fields[CRON_DAY];
    return complain(r, "no month given has such a day");
}

bool cron_read(const char *text, struct cron_fields *out, char *why, size_t why_bytes)
{
    struct reading parts[CRON_FIELDS + 1] = {0}, whole = {.why = why, .why_bytes = why_bytes};
    *out = (struct cron_fields){0};
    text += strspn(text, " \t");
    if (*text == '@') {
        const char *means = expand(text);
        if (!means)
            return complain(&whole,
                            "'%.20s' is none of @hourly, @daily, @weekly, @monthly, "
                            "@yearly",
                            text);
        text = means;
    }
    int count = split(text, parts), skipped = CRON_FIELDS - count;
    if (skipped < 0 || skipped > 1)
        return complain(&whole,
                        "5 fields are needed: minute hour day month weekday (or 6, with second "
                        "first), not %s%d",
                        skipped < 0 ? "more than " : "", skipped < 0 ? CRON_FIELDS : count);
    out->bits[CRON_SECOND] = 1;
    for (int i = 0; i < count; i++) {
        int n = i + skipped;
        bool each = false;
        parts[i].field = &fields[n];
        parts[i].why = why;
        parts[i].why_bytes = why_bytes;
        if (!read_field(&parts[i], &out->bits[n], &out->star[n], &each))
            return false;
        if (n == CRON_HOUR)
            out->every_hour = each;
    }
    if (out->bits[CRON_WEEKDAY] >> 7 & 1)
        out->bits[CRON_WEEKDAY] |= 1;
    return can_come(out, &whole);
}

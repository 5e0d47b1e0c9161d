/* Digits by hand: the answers are mostly numbers. */
#include "api/rows.h"

#include <math.h>
#include <string.h>

enum { NUMBER_BYTES = 32 }; /* at most, with a comma */

/* Digits of `value` up to `end`, two at a time; where they begin. */
static char *put_digits(char *end, uint64_t value)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    while (value >= 100) {
        end -= 2;
        memcpy(end, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value < 10) {
        *--end = (char)('0' + value);
        return end;
    }
    end -= 2;
    memcpy(end, pairs + value * 2, 2);
    return end;
}

/* As many decimals as make ten significant digits, without zeros at the end. */
static size_t put_decimal(char *out, double value, double size)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    uint64_t whole = (uint64_t)size;
    size_t decimals = 9;
    while (decimals > 0 && whole >= powers[10 - decimals])
        decimals--;
    uint64_t part = (uint64_t)llrint((size - (double)whole) * (double)powers[decimals]);
    if (part == powers[decimals]) {
        whole++;
        part = 0;
    }
    char digits[2 * NUMBER_BYTES] = "", *end = digits + NUMBER_BYTES, *at = end;
    if (part > 0) {
        while (part % 10 == 0) {
            part /= 10;
            decimals--;
        }
        at = put_digits(at, part);
        while ((size_t)(end - at) < decimals)
            *--at = '0';
        *--at = '.';
    }
    at = put_digits(at, whole);
    if (value < 0 && (whole > 0 || part > 0))
        *--at = '-';
    memcpy(out, at, NUMBER_BYTES); /* a fixed size is a move, not a call */
    return (size_t)(end - at);
}

/* Writes `value` to `out`, which has NUMBER_BYTES; 0: it is for buf_json_number. */
static size_t put_value(char *out, double value)
{
    double size = fabs(value);
    if (isnan(value)) {
        static const char unknown[] = {'n', 'u', 'l', 'l'};
        memcpy(out, unknown, sizeof(unknown));
        return sizeof(unknown);
    }
    if (!(size < 1e15) || (size > 0 && size < 1e-3))
        return 0;
    return put_decimal(out, value, size);
}

void json_value(struct buf *out, double value)
{
    char text[NUMBER_BYTES];
    size_t bytes = put_value(text, value);
    if (bytes > 0)
        buf_add(out, text, bytes);
    else
        buf_json_number(out, value);
}

/* Adds to a number written in `bytes` digits; false: it needs one digit more. */
static bool add_to_digits(char *digits, size_t bytes, uint64_t more)
{
    while (more > 0 && bytes-- > 0) {
        unsigned digit = (unsigned)(digits[bytes] - '0') + (unsigned)(more % 10);
        more = more / 10 + (digit >= 10);
        digits[bytes] = (char)('0' + (digit >= 10 ? digit - 10 : digit));
    }
    return more == 0;
}

/* Each from the text of the one before: at regular steps hardly more than a digit changes. */
void json_times(struct buf *out, const int64_t *times_ms, size_t count)
{
    if (buf_reserve(out, (count + 1) * NUMBER_BYTES))
        return;
    char digits[2 * NUMBER_BYTES] = "", *end = digits + NUMBER_BYTES, *begin = end;
    end[-1] = ',';
    for (size_t i = 0; i < count; i++) {
        bool later = i > 0 && times_ms[i - 1] > 0 && times_ms[i] >= times_ms[i - 1];
        uint64_t step = later ? (uint64_t)(times_ms[i] - times_ms[i - 1]) : 0;
        if (!later || !add_to_digits(begin, (size_t)(end - 1 - begin), step))
            begin = put_digits(end - 1, times_ms[i] > 0 ? (uint64_t)times_ms[i] : 0);
        size_t bytes = (size_t)(end - begin);
        memcpy(out->data + out->len, begin, NUMBER_BYTES);
        out->len += bytes;
    }
    out->len -= count > 0; /* the last comma */
    out->data[out->len] = '\0';
}

void json_values(struct buf *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (buf_reserve(out, (count - i) * 12 + 2 * NUMBER_BYTES))
            return;
        size_t bytes = put_value(out->data + out->len, values[i]);
        if (bytes == 0)
            buf_json_number(out, values[i]);
        out->len += bytes;
        if (i + 1 < count)
            out->data[out->len++] = ',';
        out->data[out->len] = '\0';
    }
}

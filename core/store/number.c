/* printf would cost more than all the rest of a row: 400 ns a value. */
#include "store/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 15 };

char *number_write_int(char *out, uint64_t value)
{
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count)
        *out++ = digits[--count];
    return out;
}

static char *write_scaled(char *out, uint64_t scaled, uint64_t unit, int after)
{
    out = number_write_int(out, scaled / unit);
    *out++ = '.';
    uint64_t rest = scaled % unit;
    for (int i = after - 1; i >= 0; i--) {
        out[i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    return out + after;
}

/* `value` in [1e-4, 1e15) and not whole. */
static char *write_decimal(char *out, double value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    int before = 0; /* digits before the point */
    while (before < DIGITS && value >= powers[before])
        before++;
    int after = DIGITS - before;
    uint64_t scaled = (uint64_t)(value * powers[after] + 0.5);
    while (after > 0 && scaled % 10 == 0) {
        scaled /= 10;
        after--;
    }
    return after ? write_scaled(out, scaled, (uint64_t)powers[after], after)
                 : number_write_int(out, scaled);
}

/* Most measured numbers have few decimals: three are enough when they read back the same. */
static bool is_short(double value, uint64_t *thousandths)
{
    if (value >= 1e12)
        return false;
    *thousandths = (uint64_t)(value * 1000 + 0.5);
    return (double)*thousandths / 1000 == value;
}

char *number_write(char *out, double value)
{
    if (!isfinite(value)) {
        *out++ = 'U';
        return out;
    }
    double size = fabs(value);
    if (value < 0)
        *out++ = '-';
    if (size < 1e15 && size == (double)(uint64_t)size)
        return number_write_int(out, (uint64_t)size);
    uint64_t thousandths;
    if (is_short(size, &thousandths))
        return write_scaled(out, thousandths, 1000, 3);
    if (size >= 1e-4 && size < 1e15)
        return write_decimal(out, size);
    char text[NUMBER_TEXT_MAX];
    int length = snprintf(text, sizeof(text), "%.15g", size);
    memcpy(out, text, (size_t)length);
    return out + length;
}

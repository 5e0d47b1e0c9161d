/* number.c - see number.h.
 *
 * Nearly all values are whole or have few decimals. m / 10^k with a whole m below 2^53 is rounded
 * correctly by the processor, as is the text "m / 10^k" by who reads it; so when the division gives
 * the value back, the digits of m are exact and no printf is needed. */
#include "number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { DECIMALS_MAX = 9 };

static size_t put_digits(char *out, uint64_t whole, int decimals)
{
    char digits[24];
    size_t count = 0, least = decimals ? (size_t)decimals + 2 : 1; /* 0.05 */
    while (whole || count < least) {
        digits[count++] = (char)('0' + whole % 10);
        whole /= 10;
        if ((int)count == decimals)
            digits[count++] = '.';
    }
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    return count;
}

static size_t put_exact(char *out, double value)
{
    static const double tens[DECIMALS_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    const double whole_max = 9007199254740992.0; /* 2^53 */
    double size = fabs(value);
    for (int decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
        double whole = nearbyint(size * tens[decimals]);
        if (whole >= whole_max)
            return 0;
        if (whole / tens[decimals] == size) {
            size_t sign = value < 0;
            *out = '-';
            return sign + put_digits(out + sign, (uint64_t)whole, decimals);
        }
    }
    return 0;
}

size_t number_put(char out[NUMBER_BYTES], double value)
{
    if (!isfinite(value))
        return (size_t)snprintf(out, NUMBER_BYTES, "%s",
                                isnan(value) ? "NaN"
                                : value > 0  ? "+Inf"
                                             : "-Inf");
    size_t count = put_exact(out, value);
    return count ? count : (size_t)snprintf(out, NUMBER_BYTES, "%.17g", value);
}

/* rollup.c - see rollup.h. */
#include "rollup.h"

#include <math.h>

static double unit(double value)
{
    return value > 0 ? fmin(value, 1) : 0; /* NaN: 0 */
}

struct rollup rollup_join(const struct child *children, size_t count, double *shares)
{
    double weights = 0, squares = 0, known = 0;
    for (size_t i = 0; i < count; i++) {
        double weight = fmax(children[i].weight, 0), loss = unit(children[i].loss);
        double square = weight * loss * loss;
        weights += weight;
        squares += square;
        known += weight * unit(children[i].known);
        if (shares)
            shares[i] = square;
    }
    for (size_t i = 0; shares && squares > 0 && i < count; i++)
        shares[i] /= squares;
    if (weights <= 0)
        return (struct rollup){.loss = 0, .known = 1};
    return (struct rollup){.loss = unit(sqrt(squares / weights)), .known = unit(known / weights)};
}

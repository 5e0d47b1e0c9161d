/* number.h - a double as text, so that reading it gives the same double. */
#ifndef PROMETHEUS_NUMBER_H
#define PROMETHEUS_NUMBER_H

#include <stddef.h>

enum { NUMBER_BYTES = 32 };

/* As the exposition formats write it: 12, 0.25, 1e+300, +Inf, NaN. The length; no NUL. */
size_t number_put(char out[NUMBER_BYTES], double value);

#endif

/* Numbers as text for librrd: quick, and exact to 15 significant digits. */
#ifndef GW_STORE_NUMBER_H
#define GW_STORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT_MAX = 28 };

/* Writes without a NUL; returns behind the last character. NaN and infinities become "U". */
char *number_write(char *out, double value);
char *number_write_int(char *out, uint64_t value);

#endif

/* What a fuzz target is: one function, called with any bytes. It must return, and must not crash,
 * leak or trip a sanitizer; what else must hold it checks with fuzz_check. */
#ifndef GW_FUZZ_FUZZ_H
#define GW_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* returns 0 */

/* Like assert, also in release builds. */
#define fuzz_check(holds)                                                              \
    do {                                                                               \
        if (!(holds)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                                   \
        }                                                                              \
    } while (0)

/* The input as text: up to its first NUL, on the heap, so that reading past it is caught. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    fuzz_check(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif

/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef GW_BASE_UTF8_H
#define GW_BASE_UTF8_H

#include <stddef.h>

/* Length of the well-formed sequence at `text`, 1 to 4, or 0. `left` is at least 1. */
size_t utf8_length(const void *text, size_t left);

#endif

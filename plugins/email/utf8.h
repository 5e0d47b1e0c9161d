/* utf8.h - reading UTF-8 that may be broken. Pure. */
#ifndef EMAIL_UTF8_H
#define EMAIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at text[0..bytes), bytes > 0, and its length; what is not UTF-8 (RFC 3629) is
 * U+FFFD of length 1. */
uint32_t utf8_read(const char *text, size_t bytes, size_t *length);
/* Writes a character into out[0..4) and answers its length. */
size_t utf8_write(char out[4], uint32_t character);
/* As much of a text as fits, in whole characters, ended by NUL; size > 0. */
void utf8_copy(char *out, size_t size, const char *text);
/* Ends a line, moves the cursor or turns the direction of writing: nothing for a header. */
bool utf8_is_control(uint32_t character);

#endif

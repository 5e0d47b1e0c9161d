/* words.h - pieces of text that several dialects are made of: blanks, numbers, cutting. */
#ifndef EXEC_WORDS_H
#define EXEC_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

char *skip_blanks(char *at); /* spaces and tabs */
char *find_blank(char *at);  /* the next space or tab, or the end */

/* Ends the word at `at` with NUL; where to go on: after it, or at the end of the text. */
char *word_end(char *at);

/* Read what stands at *at and move *at behind it; false, and nothing moved, when it is no number
 * or too large for a double. Decimal only: [+-] digits [. digits] [e [+-] digits]. */
bool number_take(const char **at, double *value);
/* As C reads it: decimal, 0x hexadecimal or 0 octal; false beyond 64 bits. */
bool signed_take(const char **at, int64_t *value);
bool unsigned_take(const char **at, uint64_t *value);
/* Decimal, with a sign at most. */
bool decimal_take(const char **at, int64_t *value);
/* All of `text` is a decimal number. */
bool number_read(const char *text, double *value);
/* As Go reads it: a number, or NaN, Inf, +Inf, -Infinity in any case; all of `text`. */
bool number_read_any(const char *text, double *value);

/* Takes away a UTF-8 character that `max_bytes` has cut in two, when the text is so long. */
void text_cut(char *text, size_t max_bytes);

/* Milliseconds of seconds, rounded; false: not a time between 1970 and the year 9999. */
bool seconds_to_ms(double seconds, int64_t *ms);

#endif

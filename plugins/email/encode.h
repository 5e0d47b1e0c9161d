/* encode.h - bodies of a mail: quoted-printable and base64 (RFC 2045). Pure. */
#ifndef EMAIL_ENCODE_H
#define EMAIL_ENCODE_H

#include <stddef.h>
#include <stdio.h>

/* Text as UTF-8 (what is not becomes U+FFFD), every kind of line end as CRLF, lines of at most 76
 * bytes; ends with a line end. */
void encode_quoted(FILE *out, const char *text);
void encode_base64(FILE *out, const void *bytes, size_t count);

#endif

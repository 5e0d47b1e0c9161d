/* header.h - header fields of a mail (RFC 5322, 2047, 2231). Pure.
 *
 * Whatever goes in, one field comes out: controls and line ends in a value become spaces, broken
 * UTF-8 U+FFFD, and no line is longer than 78 bytes but for a single address or token. */
#ifndef EMAIL_HEADER_H
#define EMAIL_HEADER_H

#include <stdio.h>

enum { HEADER_VALUE_MAX = 2000 }; /* bytes of a value that are used; the rest is cut off */

/* "Subject: …": unstructured text, as it is when it is short ASCII, else in encoded words. */
void header_text(FILE *out, const char *name, const char *value);
/* "Message-ID: …", "MIME-Version: 1.0": ASCII without blanks to fold at; other characters become
 * '?'. */
void header_token(FILE *out, const char *name, const char *value);
/* A display name before an address: quoted, or encoded words; nothing when it is empty. `column` is
 * where the line stands; answers where it stands then. */
size_t header_phrase(FILE *out, const char *value, size_t column);
/* ;\r\n name*=UTF-8''…; at most 60 bytes of the value. */
void header_parameter(FILE *out, const char *name, const char *value);

#endif

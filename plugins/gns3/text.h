/* text.h - a growing piece of text, and JSON written into it in the form jansson's JSON_COMPACT
 * has, so that a document made here and one dumped by jansson compare equal. Knows nothing of
 * GNS3. */
#ifndef GNS3_TEXT_H
#define GNS3_TEXT_H

#include <gnswatch/plugin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_MAX = 4 * 1024 * 1024 };

struct text {
    char *data; /* owned; NUL-terminated once anything was added */
    size_t length, size;
    bool failed; /* no memory, or beyond TEXT_MAX: what was added since is missing */
};

void text_fini(struct text *text);
void text_clear(struct text *text); /* keeps the memory */
/* The whole as a string, never NULL; NULL after a failure. Borrowed. */
const char *text_string(const struct text *text);

void text_add(struct text *text, const char *bytes, size_t count);
void text_puts(struct text *text, const char *string);
/* Percent-encoding, RFC 3986 section 2.1. */
void text_encoded(struct text *text, const char *value);
void text_format(struct text *text, const char *format, ...) GW_PRINTF(2, 3);

/* A JSON value; a comma goes before it where one belongs. `name` NULL: an element of a list. */
void text_open(struct text *text, const char *name, char bracket);
void text_close(struct text *text, char bracket);
void text_string_member(struct text *text, const char *name, const char *value); /* NULL: null */
void text_int_member(struct text *text, const char *name, int64_t value);
void text_number_member(struct text *text, const char *name, double value); /* not finite: null */
void text_bool_member(struct text *text, const char *name, bool value);
void text_json_member(struct text *text, const char *name, const char *json); /* NULL: null */

#endif

/* Looks into JSON text without building a tree: finds top-level members, compares, compacts.
 *
 * The text must be sound JSON (whoever takes it in checks that once); on anything else the
 * functions stay within it and find less. Slices point into the text they came from. Any thread. */
#ifndef GW_BASE_JSON_SCAN_H
#define GW_BASE_JSON_SCAN_H

#include "base/buf.h"

struct json_slice {
    const char *at; /* borrowed; NULL: none */
    size_t bytes;
};

/* A walk over the members of an object, from the top. */
struct json_walk {
    const char *at; /* NULL: at the end */
};

/* false: `json` is no object. */
bool json_walk_begin(struct json_walk *walk, const char *json);
/* The next member: its name without the quotes (escapes as written) and its raw value. */
bool json_walk_next(struct json_walk *walk, struct json_slice *name, struct json_slice *value);

/* The raw value of top-level member `name` ("12", "\"text\"", "[1,2]"). */
bool json_member(const char *json, const char *name, struct json_slice *value);

/* Is the raw value, read as text, `text`? A string is compared without its quotes and escapes;
 * anything else as it is written: true, 12, null. */
bool json_is(struct json_slice value, const char *text);
bool json_same(struct json_slice a, struct json_slice b); /* byte by byte */

/* Does any text value (not a name) hold `part`? ASCII letters without regard to case. */
bool json_has_text(const char *json, const char *part);

/* A string's text, without quotes and escapes; nothing is added for another type. */
void json_text(struct json_slice value, struct buf *out);

/* Adds `json` without blanks between its tokens. */
void json_compact(const char *json, struct buf *out);

/* Adds {"member":[before,after],…}, the top-level members that differ; an absent one is null. */
void json_changed(const char *before, const char *after, struct buf *out);

#endif

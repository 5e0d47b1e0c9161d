/* Says of the usual JSON document, in one pass and without memory, that it is sound.
 *
 * Only "yes" is certain: what is rare (escaped names, numbers of 19 digits, surrogate pairs, great
 * depth) gets a "perhaps not" as bad text does, and a real parser has to decide. */
#ifndef GW_BASE_JSON_SOUND_H
#define GW_BASE_JSON_SOUND_H

#include <stdbool.h>
#include <stddef.h>

struct json_sound {
    size_t bytes;
    bool compact; /* no blanks between tokens */
    bool id;      /* it has a top-level member "id" */
};

/* Is `json` an object by RFC 8259 that also jansson takes: UTF-8, no name twice in an object, no
 * U+0000, numbers that fit? `sound` is filled in only when it is. */
bool json_is_sound(const char *json, struct json_sound *sound);

#endif

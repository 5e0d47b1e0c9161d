/* A recursive descent that gives up at the first doubt. */
#include "base/json_sound.h"

#include "base/json_scan.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

enum { DEPTH_MAX = 32, NAMES_MAX = 256, DIGITS_MAX = 18, EXPONENT_DIGITS_MAX = 2 };

struct look {
    const char *at, *end;
    bool blanks, id;
    unsigned depth;
    size_t names;                      /* of all objects that are open */
    struct json_slice name[NAMES_MAX]; /* as written */
};

static bool value(struct look *look);

static void skip_blanks(struct look *look)
{
    const char *p = look->at;
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
        p++;
    look->blanks |= p != look->at;
    look->at = p;
}

static bool next_is(struct look *look, char c)
{
    skip_blanks(look);
    if (*look->at != c)
        return false;
    look->at++;
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind the escape at `p`, or NULL. Surrogates and U+0000 are left to the parser. */
static const char *escape(const char *p)
{
    if (p[1] != 'u')
        return p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
    for (int i = 2; i < 6; i++) {
        if (!is_hex(p[i]))
            return NULL;
    }
    bool surrogate = (p[2] == 'd' || p[2] == 'D') && p[3] > '7';
    return surrogate || memcmp(p + 2, "0000", 4) == 0 ? NULL : p + 6;
}

/* A string that begins at look->at, a quote; *slice is what is within the quotes. */
static bool string(struct look *look, struct json_slice *slice, bool *escaped)
{
    const char *p = look->at + 1;
    *escaped = false;
    while (*p != '"') {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20)
            return false;
        if (c == '\\') {
            *escaped = true;
            p = escape(p);
            if (!p)
                return false;
            continue;
        }
        size_t bytes = c < 0x80 ? 1 : utf8_length(p, (size_t)(look->end - p));
        if (bytes == 0)
            return false;
        p += bytes;
    }
    *slice = (struct json_slice){look->at + 1, (size_t)(p - look->at - 1)};
    look->at = p + 1;
    return true;
}

/* Adds the name at look->at, unless this object, whose names begin at `first`, has it. */
static bool name(struct look *look, size_t first)
{
    struct json_slice slice;
    bool escaped;
    if (*look->at != '"' || !string(look, &slice, &escaped) || escaped || look->names == NAMES_MAX)
        return false;
    for (size_t i = first; i < look->names; i++) {
        if (json_same(look->name[i], slice))
            return false;
    }
    look->name[look->names++] = slice;
    look->id |= look->depth == 1 && slice.bytes == 2 && memcmp(slice.at, "id", 2) == 0;
    return true;
}

static bool object(struct look *look)
{
    size_t first = look->names;
    look->at++;
    if (next_is(look, '}'))
        return true;
    do {
        skip_blanks(look);
        if (!name(look, first) || !next_is(look, ':') || !value(look))
            return false;
    } while (next_is(look, ','));
    look->names = first;
    return next_is(look, '}');
}

static bool array(struct look *look)
{
    look->at++;
    if (next_is(look, ']'))
        return true;
    do {
        if (!value(look))
            return false;
    } while (next_is(look, ','));
    return next_is(look, ']');
}

static size_t digits(struct look *look)
{
    const char *from = look->at;
    while (*look->at >= '0' && *look->at <= '9')
        look->at++;
    return (size_t)(look->at - from);
}

static bool number(struct look *look)
{
    look->at += *look->at == '-';
    bool zero = *look->at == '0';
    size_t whole = digits(look);
    if (whole == 0 || whole > DIGITS_MAX || (zero && whole > 1))
        return false;
    if (*look->at == '.') {
        look->at++;
        if (digits(look) == 0)
            return false;
    }
    if (*look->at != 'e' && *look->at != 'E')
        return true;
    look->at++;
    look->at += *look->at == '-' || *look->at == '+';
    size_t exponent = digits(look);
    return exponent > 0 && exponent <= EXPONENT_DIGITS_MAX;
}

static bool word(struct look *look, const char *text)
{
    size_t bytes = strlen(text);
    if (strncmp(look->at, text, bytes) != 0)
        return false;
    look->at += bytes;
    return true;
}

static bool nested(struct look *look)
{
    if (look->depth == DEPTH_MAX)
        return false;
    look->depth++;
    bool sound = *look->at == '{' ? object(look) : array(look);
    look->depth--;
    return sound;
}

static bool value(struct look *look)
{
    struct json_slice slice;
    bool escaped;
    skip_blanks(look);
    switch (*look->at) {
    case '{':
    case '[':
        return nested(look);
    case '"':
        return string(look, &slice, &escaped);
    case 't':
        return word(look, "true");
    case 'f':
        return word(look, "false");
    case 'n':
        return word(look, "null");
    default:
        return number(look);
    }
}

bool json_is_sound(const char *json, struct json_sound *sound)
{
    struct look look; /* its names are written before they are read */
    look.at = json;
    look.end = json + strlen(json);
    look.blanks = look.id = false;
    look.depth = 0;
    look.names = 0;
    skip_blanks(&look);
    if (*look.at != '{' || !value(&look))
        return false;
    skip_blanks(&look);
    if (look.at != look.end)
        return false;
    *sound = (struct json_sound){
        .bytes = (size_t)(look.end - json), .compact = !look.blanks, .id = look.id};
    return true;
}

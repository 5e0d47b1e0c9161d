/* A scanner for top-level members. It only knows strings, brackets and blanks. */
#include "base/json_scan.h"

#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
        p++;
    return p;
}

/* Behind the string that begins at `p` (a quote). */
static const char *skip_string(const char *p)
{
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
    }
    return *p ? p + 1 : p;
}

static bool ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t' ||
           !c;
}

/* Behind the value that begins at `p`. */
static const char *skip_value(const char *p)
{
    if (*p == '"')
        return skip_string(p);
    if (*p != '{' && *p != '[') {
        while (!ends_word(*p))
            p++;
        return p;
    }
    size_t depth = 0;
    while (*p) {
        if (*p == '"') {
            p = skip_string(p);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if ((*p == '}' || *p == ']') && --depth == 0)
            return p + 1;
        p++;
    }
    return p;
}

bool json_walk_begin(struct json_walk *walk, const char *json)
{
    const char *p = skip_blanks(json);
    walk->at = *p == '{' ? skip_blanks(p + 1) : NULL;
    return walk->at != NULL;
}

bool json_walk_next(struct json_walk *walk, struct json_slice *name, struct json_slice *value)
{
    const char *p = walk->at;
    walk->at = NULL;
    if (!p || *p != '"')
        return false;
    const char *end = skip_string(p);
    if (end < p + 2)
        return false;
    *name = (struct json_slice){p + 1, (size_t)(end - p - 2)};
    p = skip_blanks(end);
    if (*p != ':')
        return false;
    p = skip_blanks(p + 1);
    end = skip_value(p);
    *value = (struct json_slice){p, (size_t)(end - p)};
    p = skip_blanks(end);
    walk->at = *p == ',' ? skip_blanks(p + 1) : NULL;
    return value->bytes > 0;
}

bool json_member(const char *json, const char *name, struct json_slice *value)
{
    struct json_walk walk;
    struct json_slice at;
    size_t bytes = strlen(name);
    json_walk_begin(&walk, json);
    while (json_walk_next(&walk, &at, value)) {
        if (at.bytes == bytes && memcmp(at.at, name, bytes) == 0)
            return true;
    }
    *value = (struct json_slice){0};
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The number of the \uXXXX at `p`, or -1. */
static int32_t unicode_escape(const char *p, const char *end)
{
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    int32_t code = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* RFC 3629, section 3. */
static void add_utf8(struct buf *out, int32_t code)
{
    unsigned c = (unsigned)code;
    if (c < 0x80) {
        buf_addc(out, (char)c);
    } else if (c < 0x800) {
        buf_addc(out, (char)(0xc0 | c >> 6));
        buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_addc(out, (char)(0xe0 | c >> 12));
        buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_addc(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_addc(out, (char)(0xf0 | c >> 18));
        buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_addc(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* Adds what the escape at `p` stands for; returns behind it. */
static const char *add_unescaped(const char *p, const char *end, struct buf *out)
{
    const char *from = "bfnrt", *to = "\b\f\n\r\t";
    int32_t code = unicode_escape(p, end);
    if (code < 0) {
        const char *at = p[1] ? strchr(from, p[1]) : NULL;
        buf_addc(out, at ? to[at - from] : p[1]);
        return p + 2;
    }
    p += 6;
    int32_t low = code >= 0xd800 && code < 0xdc00 ? unicode_escape(p, end) : -1;
    if (low >= 0xdc00 && low < 0xe000) { /* a surrogate pair (RFC 8259, section 7) */
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
    }
    add_utf8(out, code);
    return p;
}

void json_text(struct json_slice value, struct buf *out)
{
    if (value.bytes < 2 || value.at[0] != '"')
        return;
    const char *p = value.at + 1, *end = value.at + value.bytes - 1;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *stop = escape ? escape : end;
        buf_add(out, p, (size_t)(stop - p));
        p = stop;
        if (end - p >= 2)
            p = add_unescaped(p, end, out);
        else
            break;
    }
}

bool json_is(struct json_slice value, const char *text)
{
    size_t bytes = strlen(text);
    if (value.bytes == 0 || value.at[0] != '"')
        return value.bytes == bytes && memcmp(value.at, text, bytes) == 0;
    if (!memchr(value.at, '\\', value.bytes))
        return value.bytes == bytes + 2 && memcmp(value.at + 1, text, bytes) == 0;
    struct buf plain;
    buf_init(&plain, value.bytes);
    json_text(value, &plain);
    bool same = plain.len == bytes && memcmp(plain.data ? plain.data : "", text, bytes) == 0;
    buf_fini(&plain);
    return same;
}

bool json_same(struct json_slice a, struct json_slice b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.at, b.at, a.bytes) == 0);
}

static bool holds(struct json_slice value, const char *part, struct buf *plain)
{
    buf_clear(plain);
    json_text(value, plain);
    return plain->data && strcasestr(plain->data, part);
}

bool json_has_text(const char *json, const char *part)
{
    bool found = false;
    struct buf plain;
    buf_init(&plain, strlen(json));
    for (const char *p = json; *p && !found;) {
        if (*p != '"') {
            p++;
            continue;
        }
        const char *end = skip_string(p);
        if (*skip_blanks(end) != ':') /* else it is a name */
            found = holds((struct json_slice){p, (size_t)(end - p)}, part, &plain);
        p = end;
    }
    buf_fini(&plain);
    return found;
}

void json_compact(const char *json, struct buf *out)
{
    const char *p = skip_blanks(json);
    while (*p) {
        const char *end = *p == '"' ? skip_string(p) : p + 1;
        while (*p != '"' && *end && !strchr("\" \n\r\t", *end))
            end++;
        buf_add(out, p, (size_t)(end - p));
        p = skip_blanks(end);
    }
}

static void add_change(struct buf *out, bool *first, struct json_slice name,
                       struct json_slice before, struct json_slice after)
{
    buf_adds(out, *first ? "\"" : ",\"");
    *first = false;
    buf_add(out, name.at, name.bytes);
    buf_adds(out, "\":[");
    buf_add(out, before.at ? before.at : "null", before.at ? before.bytes : 4);
    buf_addc(out, ',');
    buf_add(out, after.at ? after.at : "null", after.at ? after.bytes : 4);
    buf_addc(out, ']');
}

/* The member with this name as written; usually it stands where the walk just is, else *jumped. */
static struct json_slice find(const char *json, struct json_walk *near, struct json_slice name,
                              bool *jumped)
{
    struct json_walk walk = *near;
    struct json_slice at, value;
    if (json_walk_next(&walk, &at, &value) && json_same(at, name)) {
        *near = walk;
        return value;
    }
    *jumped = true;
    json_walk_begin(&walk, json);
    while (json_walk_next(&walk, &at, &value)) {
        if (json_same(at, name)) {
            *near = walk;
            return value;
        }
    }
    return (struct json_slice){0};
}

/* Adds the members that `before` has and `after` has not. */
static void add_gone(struct buf *out, const char *before, const char *after, bool first)
{
    bool jumped = false;
    struct json_walk walk, other;
    struct json_slice name, value;
    json_walk_begin(&walk, before);
    json_walk_begin(&other, after);
    while (json_walk_next(&walk, &name, &value)) {
        if (!find(after, &other, name, &jumped).at)
            add_change(out, &first, name, value, (struct json_slice){0});
    }
}

void json_changed(const char *before, const char *after, struct buf *out)
{
    bool first = true, jumped = false;
    struct json_walk walk, other;
    struct json_slice name, value;
    buf_addc(out, '{');
    json_walk_begin(&walk, after);
    json_walk_begin(&other, before);
    while (json_walk_next(&walk, &name, &value)) {
        struct json_slice was = find(before, &other, name, &jumped);
        if (!json_same(was, value))
            add_change(out, &first, name, was, value);
    }
    if (jumped || json_walk_next(&other, &name, &value)) /* else both have the same members */
        add_gone(out, before, after, first);
    buf_addc(out, '}');
}

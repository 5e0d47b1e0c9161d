/* TZif (RFC 9636, section 3). Anything may be in the bytes. */
#include "base/zone_inside.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 44, OFFSET_MAX_S = 26 * 3600 };

struct block {
    const unsigned char *at; /* behind the header */
    size_t utc, standard, leaps, changes, types, chars, time_bytes, bytes;
};

static uint64_t read_big(const unsigned char *at, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | at[i];
    return value;
}

static bool read_header(const unsigned char *at, size_t left, size_t time_bytes,
                        struct block *block)
{
    if (left < HEADER_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    size_t n[6];
    for (size_t i = 0; i < 6; i++) {
        n[i] = (size_t)read_big(at + 20 + i * 4, 4);
        if (n[i] > ZONE_FILE_BYTES_MAX)
            return false;
    }
    *block = (struct block){at + HEADER_BYTES, n[0], n[1], n[2], n[3], n[4], n[5], time_bytes, 0};
    block->bytes =
        n[3] * (time_bytes + 1) + n[4] * 6 + n[5] + n[2] * (time_bytes + 4) + n[1] + n[0];
    return block->bytes <= left - HEADER_BYTES;
}

static bool read_changes(struct zone *zone, const struct block *block)
{
    zone->changes_s = calloc(block->changes + 1, sizeof(*zone->changes_s));
    zone->types_of = calloc(block->changes + 1, 1);
    if (!zone->changes_s || !zone->types_of)
        return false;
    const unsigned char *of = block->at + block->changes * block->time_bytes;
    for (size_t i = 0; i < block->changes; i++) {
        uint64_t raw = read_big(block->at + i * block->time_bytes, block->time_bytes);
        int64_t time_s = block->time_bytes == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
        if (of[i] >= block->types || (i && time_s <= zone->changes_s[i - 1]))
            return false;
        zone->changes_s[i] = time_s;
        zone->types_of[i] = of[i];
    }
    zone->change_count = block->changes;
    return true;
}

static bool read_types(struct zone *zone, const struct block *block)
{
    const unsigned char *at = block->at + block->changes * (block->time_bytes + 1);
    const char *chars = (const char *)(at + block->types * 6);
    for (size_t i = 0; i < block->types; i++, at += 6) {
        struct zone_type *type = &zone->types[i];
        type->offset_s = (int32_t)(uint32_t)read_big(at, 4);
        size_t name = at[5], room = name < block->chars ? block->chars - name : 0;
        size_t length = room ? strnlen(chars + name, room) : 0;
        if (length == room || type->offset_s < -OFFSET_MAX_S || type->offset_s > OFFSET_MAX_S)
            return false;
        if (length >= ZONE_NAME_MAX)
            length = ZONE_NAME_MAX - 1;
        memcpy(type->name, chars + name, length);
    }
    return true;
}

/* Between two line breaks at the end; empty: nothing is known. */
static bool read_rule(struct zone *zone, const unsigned char *at, size_t left)
{
    char text[256];
    const unsigned char *end = left > 1 && at[0] == '\n' ? memchr(at + 1, '\n', left - 1) : NULL;
    if (!end || (size_t)(end - at) > sizeof(text) || memchr(at, '\0', (size_t)(end - at)))
        return false;
    size_t length = (size_t)(end - at) - 1;
    memcpy(text, at + 1, length);
    text[length] = '\0';
    zone->has_rule = length > 0;
    return length == 0 || zone_rule_parse(&zone->rule, text) == 0;
}

/* Files that count leap seconds ("right/…") do not fit times since 1970 and are refused. */
static bool read_zone(struct zone *zone, const unsigned char *bytes, size_t count)
{
    struct block block;
    if (!read_header(bytes, count, 4, &block))
        return false;
    bool newer = bytes[4] >= '2';
    if (newer) {
        const unsigned char *second = block.at + block.bytes;
        if (!read_header(second, count - (size_t)(second - bytes), 8, &block))
            return false;
    }
    if (block.leaps || block.types < 1 || block.types > 256 || !read_changes(zone, &block) ||
        !read_types(zone, &block))
        return false;
    const unsigned char *rest = block.at + block.bytes;
    return !newer || read_rule(zone, rest, count - (size_t)(rest - bytes));
}

const struct zone *zone_parse(const void *bytes, size_t count)
{
    struct zone *zone = calloc(1, sizeof(*zone));
    if (!zone)
        return NULL;
    zone->users = 1;
    if (read_zone(zone, bytes, count))
        return zone;
    zone_close(zone);
    return NULL; /* NOLINT(clang-analyzer-unix.Malloc): zone_close has freed it */
}

/* wire.c - see wire.h. */
#include "wire.h"

#include <errno.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

/* The key of a member: its number and how it is written (protobuf's encoding document). */
enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, VARINT_BYTES = 10 };
#define KEY(number, how) (char)((number) << 3 | (how))

static size_t varint_bytes(uint64_t value)
{
    size_t count = 1;
    while (value >>= 7)
        count++;
    return count;
}

static char *put_varint(char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (char)(value | 0x80);
    *at++ = (char)value;
    return at;
}

static char *put_fixed64(char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++, bits >>= 8)
        *at++ = (char)bits;
    return at;
}

static void add_text(struct bytes *out, char key, const char *text, size_t count)
{
    char *at = bytes_room(out, 1 + VARINT_BYTES + count);
    if (!at)
        return;
    *at++ = key;
    at = put_varint(at, count);
    memcpy(at, text, count);
    out->len = (size_t)(at - out->data) + count;
}

static void add_head(struct bytes *out, char key, size_t count)
{
    char *at = bytes_room(out, 1 + VARINT_BYTES);
    if (!at)
        return;
    *at++ = key;
    out->len = (size_t)(put_varint(at, count) - out->data);
}

static size_t text_bytes(size_t count)
{
    return 1 + varint_bytes(count) + count;
}

/* ---- Series ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct gw_label *)a)->name, ((const struct gw_label *)b)->name);
}

void wire_labels(struct bytes *out, struct gw_label *labels, size_t count)
{
    qsort(labels, count, sizeof *labels, by_name);
    for (size_t i = 0; i < count; i++) {
        size_t name = strlen(labels[i].name), value = strlen(labels[i].value);
        if (!value)
            continue;
        add_head(out, KEY(1, LENGTH), text_bytes(name) + text_bytes(value));
        add_text(out, KEY(1, LENGTH), labels[i].name, name);
        add_text(out, KEY(2, LENGTH), labels[i].value, value);
    }
}

void wire_sample(struct bytes *out, const char *labels, size_t label_bytes, double value,
                 int64_t time_ms)
{
    size_t sample = 1 + 8 + 1 + varint_bytes((uint64_t)time_ms);
    size_t series = label_bytes + 2 + sample;
    char *at = bytes_room(out, series + 1 + VARINT_BYTES);
    if (!at)
        return;
    *at++ = KEY(1, LENGTH);
    at = put_varint(at, series);
    memcpy(at, labels, label_bytes);
    at += label_bytes;
    *at++ = KEY(2, LENGTH);
    *at++ = (char)sample;
    *at++ = KEY(1, FIXED64);
    at = put_fixed64(at, value);
    *at++ = KEY(2, VARINT);
    at = put_varint(at, (uint64_t)time_ms);
    out->len = (size_t)(at - out->data);
}

void wire_metadata(struct bytes *out, enum wire_type type, const char *name, const char *help,
                   const char *unit)
{
    size_t names = strlen(name), helps = strlen(help), units = strlen(unit);
    add_head(out, KEY(3, LENGTH),
             2 + text_bytes(names) + text_bytes(helps) + (units ? text_bytes(units) : 0));
    const char kind[] = {KEY(1, VARINT), (char)type};
    bytes_add(out, kind, sizeof kind);
    add_text(out, KEY(2, LENGTH), name, names);
    add_text(out, KEY(4, LENGTH), help, helps);
    if (units)
        add_text(out, KEY(5, LENGTH), unit, units);
}

double wire_stale(void)
{
    const uint64_t bits = UINT64_C(0x7ff0000000000002);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- snappy ---------------------------------------------------------------------------------- */

int wire_compress(struct bytes *out, const void *data, size_t count)
{
    size_t space = snappy_max_compressed_length(count);
    char *room = bytes_room(out, space);
    if (!room || snappy_compress(data, count, room, &space) != SNAPPY_OK)
        return -ENOMEM;
    out->len += space;
    return 0;
}

int wire_uncompress(struct bytes *out, const void *data, size_t count)
{
    size_t space = 0;
    if (snappy_uncompressed_length(data, count, &space) != SNAPPY_OK)
        return -EILSEQ;
    char *room = bytes_room(out, space);
    if (!room)
        return -ENOMEM;
    if (snappy_uncompress(data, count, room, &space) != SNAPPY_OK)
        return -EILSEQ;
    out->len += space;
    return 0;
}

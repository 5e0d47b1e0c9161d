/* Frames: building, reading, and what is a frame at all. */
#include "worker/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 256 << 10, SHRINK_BYTES = 1 << 20 };

struct head {
    uint32_t bytes, id;
    uint8_t type, spare[3];
};
_Static_assert(sizeof(struct head) == WIRE_HEAD_BYTES, "heads have no holes");

static bool may_be_large(uint8_t type)
{
    return type == WIRE_ANSWER || type == WIRE_PAGE || type == WIRE_ROWS || type == WIRE_RESULT ||
           type == WIRE_REPLY;
}

static size_t most_bytes(uint8_t type)
{
    return may_be_large(type) ? WIRE_LARGE_MAX : WIRE_MAX;
}

int wire_put(struct buf *out, enum wire_type type, uint32_t id, const char *json, const void *raw,
             size_t raw_bytes)
{
    const char *object = json ? json : "{}";
    size_t json_bytes = strlen(object) + 1, bytes = json_bytes + raw_bytes + 1;
    if (raw_bytes > WIRE_LARGE_MAX || bytes > most_bytes((uint8_t)type))
        return -EMSGSIZE;
    int error = buf_reserve(out, WIRE_HEAD_BYTES + bytes);
    if (error)
        return error;
    const struct head head = {.bytes = (uint32_t)bytes, .id = id, .type = (uint8_t)type};
    buf_add(out, &head, sizeof(head));
    buf_add(out, object, json_bytes);
    if (raw_bytes)
        buf_add(out, raw, raw_bytes);
    buf_addc(out, '\0');
    return 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static size_t waiting(const struct wire_in *in)
{
    return in->end - in->begin;
}

/* How much room the frame that has begun needs behind `begin`. */
static size_t wanted(const struct wire_in *in)
{
    struct head head = {0};
    if (waiting(in) < sizeof(head))
        return READ_BYTES;
    memcpy(&head, in->data + in->begin, sizeof(head));
    size_t bytes = sizeof(head) + head.bytes;
    return bytes > READ_BYTES ? bytes : READ_BYTES;
}

static int make_room(struct wire_in *in)
{
    size_t want = wanted(in);
    if (in->begin > 0) {
        memmove(in->data, in->data + in->begin, waiting(in));
        in->end -= in->begin;
        in->begin = 0;
    }
    bool shrinks = in->cap > SHRINK_BYTES && want <= READ_BYTES && in->end < READ_BYTES;
    if (in->cap >= want && in->end < in->cap && !shrinks)
        return 0;
    char *grown = realloc(in->data, want);
    if (!grown)
        return -ENOMEM;
    in->data = grown;
    in->cap = want;
    return 0;
}

int64_t wire_read(struct wire_in *in, int fd)
{
    int error = make_room(in);
    if (error)
        return error;
    ssize_t got = read(fd, in->data + in->end, in->cap - in->end);
    if (got < 0)
        return -errno;
    in->end += (size_t)got;
    return got;
}

static bool type_ok(uint8_t type, bool from_child)
{
    if (!from_child)
        return type >= WIRE_SETUP && type < WIRE_TO_CHILD_END;
    return (type >= WIRE_STARTED && type <= WIRE_END) ||
           (type >= WIRE_SERIES && type < WIRE_FROM_CHILD_END);
}

static int check_head(const struct head *head, bool from_child, char why[128])
{
    if (!type_ok(head->type, from_child))
        snprintf(why, 128, "a frame of the unknown type %u", head->type);
    else if (head->bytes < 4 || head->bytes > most_bytes(head->type))
        snprintf(why, 128, "a frame of type %u with %u bytes", head->type, head->bytes);
    else
        return 0;
    return -EPROTO;
}

/* An empty object is most of them: NULL stands for it. */
static int parse(struct wire_frame *frame, char *payload, size_t bytes, char why[128])
{
    size_t json_bytes = strnlen(payload, bytes);
    bool whole = json_bytes + 1 < bytes && payload[bytes - 1] == '\0';
    bool empty = whole && strcmp(payload, "{}") == 0;
    frame->json = whole && !empty ? json_loadb(payload, json_bytes, 0, NULL) : NULL;
    if (!whole || (!empty && !json_is_object(frame->json))) {
        json_decref(frame->json);
        snprintf(why, 128, "a frame of type %d that is not as frames are", (int)frame->type);
        return -EPROTO;
    }
    frame->raw = payload + json_bytes + 1;
    frame->raw_bytes = bytes - json_bytes - 2;
    return 0;
}

int wire_next(struct wire_in *in, bool from_child, struct wire_frame *frame, char why[128])
{
    struct head head;
    if (waiting(in) < sizeof(head))
        return 0;
    memcpy(&head, in->data + in->begin, sizeof(head));
    int error = check_head(&head, from_child, why);
    if (error)
        return error;
    if (waiting(in) < sizeof(head) + head.bytes)
        return 0;
    *frame = (struct wire_frame){.type = (enum wire_type)head.type, .id = head.id};
    error = parse(frame, in->data + in->begin + sizeof(head), head.bytes, why);
    in->begin += sizeof(head) + head.bytes;
    return error ? error : 1;
}

void wire_done(struct wire_frame *frame)
{
    json_decref(frame->json);
    *frame = (struct wire_frame){0};
}

void wire_in_fini(struct wire_in *in)
{
    free(in->data);
    *in = (struct wire_in){0};
}

/* ---- JSON ------------------------------------------------------------------------------------ */

void wire_begin(struct buf *json)
{
    buf_init(json, WIRE_LARGE_MAX);
    buf_addc(json, '{');
}

static void add_name(struct buf *json, const char *name)
{
    if (json->len > 1)
        buf_addc(json, ',');
    buf_json_string(json, name);
    buf_addc(json, ':');
}

void wire_add_text(struct buf *json, const char *name, const char *text)
{
    if (!text)
        return;
    add_name(json, name);
    buf_json_string(json, text);
}

void wire_add_int(struct buf *json, const char *name, int64_t value)
{
    add_name(json, name);
    buf_json_int(json, value);
}

void wire_add_number(struct buf *json, const char *name, double value)
{
    add_name(json, name);
    buf_json_number(json, value);
}

void wire_add_json(struct buf *json, const char *name, const char *value)
{
    add_name(json, name);
    buf_adds(json, value);
}

const char *wire_end(struct buf *json)
{
    buf_addc(json, '}');
    return buf_error(json) ? NULL : json->data;
}

const char *wire_text(const struct wire_frame *frame, const char *name)
{
    return json_string_value(json_object_get(frame->json, name));
}

int64_t wire_int(const struct wire_frame *frame, const char *name)
{
    return json_integer_value(json_object_get(frame->json, name));
}

double wire_number(const struct wire_frame *frame, const char *name)
{
    return json_number_value(json_object_get(frame->json, name));
}

/* Lengths are checked here once, so the rest may trust them. */
#include "store/frame.h"

#include <errno.h>
#include <string.h>

size_t frame_begin(struct buf *out, enum frame_type type)
{
    size_t begun = out->len;
    struct frame_head head = {0, (uint32_t)type};
    buf_add(out, &head, sizeof(head));
    return begun;
}

void frame_text(struct buf *out, const char *text)
{
    buf_add(out, text, strlen(text) + 1);
}

void frame_end(struct buf *out, size_t begun)
{
    if (buf_error(out))
        return;
    uint32_t bytes = (uint32_t)(out->len - begun);
    memcpy(out->data + begun, &bytes, sizeof(bytes));
}

void frame_take(struct frame_reader *reader, void *out, size_t bytes)
{
    if (reader->bad || (size_t)(reader->end - reader->at) < bytes) {
        reader->bad = true;
        memset(out, 0, bytes);
        return;
    }
    memcpy(out, reader->at, bytes);
    reader->at += bytes;
}

const char *frame_take_text(struct frame_reader *reader)
{
    const char *text = reader->at;
    const char *nul = reader->bad ? NULL : memchr(text, '\0', (size_t)(reader->end - reader->at));
    if (!nul) {
        reader->bad = true;
        return "";
    }
    reader->at = nul + 1;
    return text;
}

int frame_next(const char *in, size_t bytes, struct frame_head *head, struct frame_reader *body)
{
    if (bytes < sizeof(*head))
        return 0;
    memcpy(head, in, sizeof(*head));
    if (head->bytes < sizeof(*head) || head->bytes > FRAME_BYTES_MAX)
        return -EPROTO;
    if (bytes < head->bytes)
        return 0;
    *body = (struct frame_reader){in + sizeof(*head), in + head->bytes, false};
    return 1;
}

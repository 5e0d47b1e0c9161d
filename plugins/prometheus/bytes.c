/* bytes.c - see bytes.h. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_fini(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){.max = bytes->max};
}

void bytes_reset(struct bytes *bytes)
{
    bytes->len = 0;
    bytes->failed = false;
}

char *bytes_room(struct bytes *bytes, size_t count)
{
    size_t want = bytes->len + count;
    if (bytes->failed || (bytes->max && want > bytes->max)) {
        bytes->failed = true;
        return NULL;
    }
    if (want > bytes->space) {
        size_t space = want + want / 2 + 256;
        char *data = realloc(bytes->data, space);
        if (!data) {
            bytes->failed = true;
            return NULL;
        }
        bytes->data = data;
        bytes->space = space;
    }
    return bytes->data + bytes->len;
}

void bytes_add(struct bytes *bytes, const void *data, size_t count)
{
    char *room = bytes_room(bytes, count);
    if (room && count) {
        memcpy(room, data, count);
        bytes->len += count;
    }
}

void bytes_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

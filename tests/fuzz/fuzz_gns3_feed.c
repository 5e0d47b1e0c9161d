/* A GNS3 feed's bytes, cut into pieces: the first byte says how long the pieces are. The lines are
 * the same as when the whole is cut at once by the plain definition; and each line, taken as the
 * body of an error, makes a sentence that fits. */
#include "fuzz.h"
#include "gns3/client_internal.h"

enum { LINE_MAX_BYTES = 64 };

struct lines {
    const uint8_t *rest; /* where the next expected line begins */
    size_t left, count, too_long;
};

/* The definition, slow and plain: the next line that is neither empty nor too long. */
static bool next_line(struct lines *lines, const char **line, size_t *bytes)
{
    while (lines->left > 0) {
        const uint8_t *end = memchr(lines->rest, '\n', lines->left);
        if (!end)
            return false;
        *line = (const char *)lines->rest;
        *bytes = (size_t)(end - lines->rest);
        lines->rest = end + 1;
        lines->left -= *bytes + 1;
        bool fits = *bytes <= LINE_MAX_BYTES;
        lines->too_long += !fits;
        if (*bytes > 0 && (*line)[*bytes - 1] == '\r')
            --*bytes;
        if (fits && *bytes > 0)
            return true;
    }
    return false;
}

static bool on_line(const char *line, size_t bytes, void *data)
{
    struct lines *lines = data;
    const char *want = NULL;
    size_t want_bytes = 0;
    fuzz_check(next_line(lines, &want, &want_bytes));
    fuzz_check(bytes == want_bytes && memcmp(line, want, bytes) == 0);
    lines->count++;
    char text[64];
    client_message(text, sizeof(text), 409, line, bytes);
    fuzz_check(strlen(text) > 0 && strlen(text) < sizeof(text));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t piece = 1 + data[0] % 97;
    struct lines lines = {.rest = data + 1, .left = size - 1};
    struct feed_lines feed;
    feed_lines_init(&feed, LINE_MAX_BYTES);
    for (size_t at = 1; at < size; at += piece) {
        size_t bytes = size - at < piece ? size - at : piece;
        feed_lines_add(&feed, (const char *)data + at, bytes, on_line, &lines);
        fuzz_check(feed.count <= LINE_MAX_BYTES);
    }
    const char *line = NULL;
    size_t bytes = 0;
    fuzz_check(!next_line(&lines, &line, &bytes));
    fuzz_check(feed.skipped == lines.too_long);
    feed_lines_fini(&feed);
    return 0;
}

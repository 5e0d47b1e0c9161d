/* scan.c - see scan.h. Knows nothing of GNS3. */
#include "scan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
        scan->at++;
}

int scan_begin(struct scan *scan, const char *text, size_t bytes)
{
    *scan = (struct scan){.begin = text, .at = text, .end = text + bytes};
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != '[')
        return -EILSEQ;
    scan->at++;
    return 0;
}

size_t scan_offset(const struct scan *scan)
{
    return (size_t)(scan->at - scan->begin);
}

/* Past the string that begins at scan->at; false: it does not end. */
static bool skip_string(struct scan *scan)
{
    const char *at = scan->at + 1;
    while (at < scan->end) {
        const char *quote = memchr(at, '"', (size_t)(scan->end - at));
        if (!quote)
            break;
        size_t slashes = 0;
        while (quote - slashes > at && quote[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        at = quote + 1;
        if (slashes % 2 == 0) {
            scan->at = at;
            return true;
        }
        /* The quote is escaped, so it belongs to the string, and what follows starts afresh. */
    }
    scan->at = scan->end;
    return false;
}

/* Past one value; false: the text ends within it or there is none. */
static bool skip_value(struct scan *scan)
{
    size_t depth = 0;
    const char *begin = scan->at;
    while (scan->at < scan->end) {
        char c = *scan->at;
        if (c == '"') {
            if (!skip_string(scan))
                return false;
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']'))
            return scan->at > begin;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']') {
            if (depth == 0)
                return false;
            depth--;
        }
        scan->at++;
    }
    return false;
}

static int scan_end(struct scan *scan)
{
    scan->at++;
    skip_blanks(scan);
    return scan->at == scan->end ? 0 : -EILSEQ;
}

int scan_next(struct scan *scan, const char **element, size_t *bytes)
{
    skip_blanks(scan);
    if (scan->at == scan->end)
        return -EILSEQ;
    if (*scan->at == ']')
        return scan_end(scan);
    if (scan->elements > 0) {
        if (*scan->at != ',')
            return -EILSEQ;
        scan->at++;
        skip_blanks(scan);
    }
    const char *begin = scan->at;
    if (!skip_value(scan))
        return -EILSEQ;
    const char *end = scan->at;
    while (end > begin && strchr(" \n\t\r", end[-1]))
        end--;
    *element = begin;
    *bytes = (size_t)(end - begin);
    scan->elements++;
    return 1;
}

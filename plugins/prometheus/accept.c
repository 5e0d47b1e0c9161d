/* accept.c - see accept.h. Knows two types and their versions, nothing else. */
#include "accept.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One media range: "text/plain; version=0.0.4; q=0.5". */
struct range {
    const char *type;
    size_t type_bytes;
    const char *version; /* NULL: none */
    size_t version_bytes;
    double q;
};

static bool is(const char *text, size_t bytes, const char *word)
{
    return strlen(word) == bytes && strncasecmp(text, word, bytes) == 0;
}

/* A value that may stand in quotes; *text goes behind it. */
static const char *take_value(const char **text, size_t *bytes)
{
    const char *from = *text;
    if (*from == '"') {
        from++;
        *bytes = strcspn(from, "\"");
        *text = from + *bytes + (from[*bytes] == '"');
        return from;
    }
    *bytes = strcspn(from, ",; \t");
    *text = from + *bytes;
    return from;
}

static double read_q(const char *text, size_t bytes)
{
    char number[8] = "", *end = NULL;
    memcpy(number, text, bytes < sizeof number - 1 ? bytes : sizeof number - 1);
    double q = strtod(number, &end);
    return end != number && q >= 0 && q <= 1 ? q : 0;
}

static void take_parameter(const char **at, struct range *out)
{
    size_t name_bytes = strcspn(*at, "=;,"), bytes = 0;
    const char *name = *at;
    *at += name_bytes;
    if (**at != '=')
        return;
    ++*at;
    const char *value = take_value(at, &bytes);
    if (is(name, name_bytes, "q")) {
        out->q = read_q(value, bytes);
    } else if (is(name, name_bytes, "version")) {
        out->version = value;
        out->version_bytes = bytes;
    }
}

/* The next range of the list; false: it is at its end. */
static bool take_range(const char **at, struct range *out)
{
    *at += strspn(*at, ", \t");
    if (!**at)
        return false;
    *out = (struct range){.type = *at, .type_bytes = strcspn(*at, ",; \t"), .q = 1};
    *at += out->type_bytes;
    while (*(*at += strspn(*at, " \t;")) && **at != ',')
        take_parameter(at, out);
    return true;
}

struct wish {
    double q;
    int exactness; /* of the range it comes from: the most exact one counts */
};

static void wish_add(struct wish *wish, const struct range *range, int exactness)
{
    if (exactness < wish->exactness || (exactness == wish->exactness && range->q < wish->q))
        return;
    *wish = (struct wish){range->q, exactness};
}

static bool has_version(const struct range *range, const char *a, const char *b)
{
    return !range->version || is(range->version, range->version_bytes, a) ||
           is(range->version, range->version_bytes, b);
}

enum format accept_format(const char *header)
{
    struct wish text = {0}, open = {0};
    struct range range;
    while (take_range(&header, &range)) {
        if (is(range.type, range.type_bytes, "*/*")) {
            wish_add(&text, &range, 1);
        } else if (is(range.type, range.type_bytes, "text/*")) {
            wish_add(&text, &range, 2);
        } else if (is(range.type, range.type_bytes, "text/plain")) {
            if (has_version(&range, "0.0.4", "0.0.4"))
                wish_add(&text, &range, 3);
        } else if (is(range.type, range.type_bytes, "application/openmetrics-text")) {
            if (has_version(&range, "1.0.0", "0.0.1"))
                wish_add(&open, &range, 3);
        }
    }
    /* Only who names OpenMetrics gets it; who likes both as much, too. */
    return open.q > 0 && open.q >= text.q ? FORMAT_OPENMETRICS : FORMAT_TEXT;
}

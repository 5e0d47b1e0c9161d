/* The little language of the option `archives`. */
#include "store/archive.h"

#include <stdlib.h>
#include <string.h>

static const char *parse_span(const char *text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {'y', 31557600}};
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || number < 1 || number > 1000000)
        return NULL;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (*end == units[i].unit) {
            *seconds = number * units[i].seconds;
            return end + 1;
        }
    }
    return NULL;
}

static const char *parse_pair(const char *text, struct archive *out)
{
    const char *at = text;
    if (strncmp(at, "step", 4) == 0) {
        out->step_s = 0;
        at += 4;
    } else {
        at = parse_span(at, &out->step_s);
    }
    if (!at || *at++ != ':')
        return NULL;
    at = parse_span(at, &out->keep_s);
    return at && (*at == ' ' || *at == '\0') ? at : NULL;
}

const char *archives_parse(const char *text, struct archives *out)
{
    *out = (struct archives){0};
    for (const char *at = text ? text : ""; *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        struct archive one = {0};
        const char *next = out->count < ARCHIVES_MAX ? parse_pair(at, &one) : NULL;
        const struct archive *last = out->count ? &out->list[out->count - 1] : NULL;
        if (!next || one.keep_s <= one.step_s || (last && one.step_s <= last->step_s))
            return at;
        out->list[out->count++] = one;
        at = next;
    }
    return out->count ? NULL : (text ? text : "");
}

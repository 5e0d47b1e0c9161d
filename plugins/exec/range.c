/* range.c - see range.h. */
#include "range.h"

#include "words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct range {
    bool inside;
    double start, end; /* infinite: unbounded */
};

static bool range_read(const char *text, bool start_open, struct range *range)
{
    *range = (struct range){*text == '@', start_open ? -INFINITY : 0, INFINITY};
    text += range->inside;
    if (!*text)
        return false;
    const char *colon = strchr(text, ':');
    if (colon && *text == '~') {
        range->start = -INFINITY;
        text++;
    } else if (colon && colon > text && !number_take(&text, &range->start)) {
        return false;
    }
    if (colon && text != colon)
        return false;
    text += colon != NULL;
    if (*text && !number_read(text, &range->end))
        return false;
    return range->start <= range->end;
}

static void range_write(const struct range *range, double scale, char out[RANGE_BYTES_MAX])
{
    int used = snprintf(out, RANGE_BYTES_MAX, "%s", range->inside ? "@" : "");
    double start = range->start * scale, end = range->end * scale;
    if (isinf(start))
        used += snprintf(out + used, RANGE_BYTES_MAX - (size_t)used, "~:");
    else if (start != 0 || isinf(end))
        used += snprintf(out + used, RANGE_BYTES_MAX - (size_t)used, "%.15g:", start);
    if (!isinf(end))
        snprintf(out + used, RANGE_BYTES_MAX - (size_t)used, "%.15g", end);
}

bool range_scaled(const char *text, double scale, char out[RANGE_BYTES_MAX])
{
    struct range range;
    if (!range_read(text, false, &range))
        return false;
    range_write(&range, scale, out);
    return true;
}

bool range_munin(const char *text, double scale, char out[RANGE_BYTES_MAX])
{
    struct range range;
    if (strpbrk(text, "@~") || !range_read(text, true, &range))
        return false;
    range_write(&range, scale, out);
    return true;
}

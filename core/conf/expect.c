/* Types, ranges and choices in words. */
#include "conf/expect.h"

#include "conf/scalar.h"

#include <math.h>
#include <string.h>

static bool bounded(const struct gw_row *row)
{
    return row->min < 0 || row->min > 0 || row->max < 0 || row->max > 0;
}

bool expect_has_min(const struct gw_row *row)
{
    return bounded(row) && isfinite(row->min);
}

/* A maximum under the minimum says: no maximum. */
bool expect_has_max(const struct gw_row *row)
{
    return bounded(row) && isfinite(row->max) && row->max >= row->min;
}

static bool has_unit(const struct gw_row *row)
{
    return row->unit && strcmp(row->unit, "1") != 0 &&
           (row->type == GW_INT || row->type == GW_NUMBER);
}

/* UCUM's "1/s" reads as "/s" behind a number. */
static void add_unit(struct buf *out, const struct gw_row *row)
{
    if (!has_unit(row))
        return;
    bool rate = row->unit[0] == '1' && row->unit[1] == '/';
    buf_printf(out, "%s%s", rate ? "" : " ", row->unit + rate);
}

void expect_add_bound(struct buf *out, const struct gw_row *row, double bound)
{
    if (row->type == GW_DURATION)
        scalar_add_duration(out, (int64_t)bound);
    else if (row->type == GW_SIZE)
        scalar_add_size(out, (int64_t)bound);
    else if (row->type == GW_TIME)
        scalar_add_time(out, (int64_t)bound);
    else
        buf_json_number(out, bound);
    add_unit(out, row);
}

/* " from 1 to 10" (`from` is " from " here), " of at least 1", " of at most 10" */
static void add_range(struct buf *out, const struct gw_row *row, const char *from)
{
    bool min = expect_has_min(row), max = expect_has_max(row);
    if (min && max) {
        struct gw_row plain = *row;
        plain.unit = NULL; /* once is enough */
        buf_adds(out, from);
        expect_add_bound(out, &plain, row->min);
        buf_adds(out, " to ");
        expect_add_bound(out, row, row->max);
    } else if (min || max) {
        buf_adds(out, min ? " of at least " : " of at most ");
        expect_add_bound(out, row, min ? row->min : row->max);
    } else if (has_unit(row)) {
        buf_printf(out, " of %s", row->unit);
    }
}

static void add_length(struct buf *out, const struct gw_row *row, const char *of)
{
    if (!bounded(row))
        return;
    struct gw_row length = *row;
    if (length.min <= 0)
        length.min = -INFINITY; /* no text is shorter than nothing */
    add_range(out, &length, " of ");
    buf_printf(out, " %s", of);
}

size_t expect_choice(const char **at, const char **choice)
{
    *choice = *at;
    size_t length = *at ? strcspn(*at, "|") : 0;
    if (length)
        *at += length + ((*at)[length] == '|');
    return length;
}

void expect_add_choices(struct buf *out, const char *choices)
{
    const char *at = choices, *choice;
    bool first = true;
    for (size_t length; (length = expect_choice(&at, &choice)) > 0; first = false) {
        if (!first)
            buf_adds(out, *at ? ", " : " or ");
        buf_add(out, choice, length);
    }
}

void expect_add(struct buf *out, const struct gw_row *row, bool json)
{
    static const char *const words[] = {
        [GW_BOOL] = "yes or no",      [GW_INT] = "a whole number",
        [GW_NUMBER] = "a number",     [GW_STRING] = "text",
        [GW_SECRET] = "text",         [GW_ENUM] = "",
        [GW_DURATION] = "a duration", [GW_SIZE] = "a size",
        [GW_TIME] = "a time",         [GW_STRINGS] = "a list of texts",
        [GW_TABLE] = "a map",         [GW_TABLES] = "a list of maps",
        [GW_JSON] = "any value",      [GW_CRON] = "a schedule",
        [GW_ZONE] = "a time zone",
    };
    buf_adds(out, row->type == GW_BOOL && json ? "true or false" : words[row->type]);
    if (row->type == GW_ENUM)
        expect_add_choices(out, row->choices);
    else if (row->type == GW_STRING || row->type == GW_SECRET)
        add_length(out, row, "characters");
    else if (row->type == GW_STRINGS || row->type == GW_TABLES)
        add_length(out, row, "entries");
    else if (row->type != GW_BOOL && row->type < GW_TABLE)
        add_range(out, row, " from ");
    if (row->type == GW_DURATION)
        buf_adds(out, " (such as 500ms, 5s, 2m, 1h, 7d)");
    else if (row->type == GW_SIZE)
        buf_adds(out, " (such as 4096, 64KiB, 10GB)");
    else if (row->type == GW_TIME)
        buf_adds(out, json ? " (such as 2030-01-31T12:00:00Z, now or -15m)"
                           : " (such as 2030-01-31T12:00:00Z)");
    else if (row->type == GW_CRON)
        buf_adds(out, " (minute hour day month weekday, such as 30 3 * * mon-fri)");
    else if (row->type == GW_ZONE)
        buf_adds(out, " (such as Europe/Paris; empty: the machine's)");
}

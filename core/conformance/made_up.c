/* Values for options and parameters: ones that their row allows, and strange ones. The same at
 * every run, so that what was found is found again. */
#include "conformance/conformance.h"

#include <stdlib.h>
#include <string.h>

unsigned random_below(struct run *run, unsigned limit)
{
    return limit ? (unsigned)rand_r(&run->random) % limit : 0;
}

/* Within the row's bounds; without bounds, a small number. */
static double number(struct run *run, const struct gw_row *row)
{
    bool bounded = row->min != 0 || row->max != 0;
    double low = bounded ? row->min : 0, high = bounded ? row->max : 100;
    unsigned pick = random_below(run, 4);
    return pick == 0 ? low : pick == 1 ? high : low + (high - low) * random_below(run, 100) / 100;
}

static size_t length(struct run *run, const struct gw_row *row, size_t usual_max)
{
    size_t low = row->min > 0 ? (size_t)row->min : 1;
    size_t high = row->max > 0 && row->max < (double)usual_max ? (size_t)row->max : usual_max;
    return high > low ? low + random_below(run, (unsigned)(high - low + 1)) : low;
}

static void text(struct run *run, const struct gw_row *row, struct buf *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-./: {}%<&'";
    size_t bytes = length(run, row, 40);
    buf_addc(out, '"');
    for (size_t i = 0; i < bytes; i++)
        buf_addc(out, letters[random_below(run, sizeof(letters) - 1)]);
    buf_addc(out, '"');
}

static void choice(struct run *run, const struct gw_row *row, struct buf *out)
{
    unsigned count = 1;
    for (const char *at = row->choices; *at; at++)
        count += *at == '|';
    const char *at = row->choices;
    for (unsigned skip = random_below(run, count); skip > 0; skip--)
        at += strcspn(at, "|") + 1;
    buf_json_string_n(out, at, strcspn(at, "|"));
}

static void list(struct run *run, const struct gw_row *row, struct buf *out)
{
    const struct gw_row any = {.max = 20};
    size_t count = length(run, row, 3);
    for (size_t i = 0; i < count; i++) {
        buf_addc(out, i ? ',' : '[');
        if (row->type == GW_STRINGS)
            text(run, &any, out);
        else
            made_up_table(run, row->rows, 2, out);
    }
    buf_adds(out, count ? "]" : "[]");
}

void made_up_value(struct run *run, const struct gw_row *row, struct buf *out)
{
    switch (row->type) {
    case GW_BOOL:
        buf_adds(out, random_below(run, 2) ? "true" : "false");
        break;
    case GW_INT:
    case GW_SIZE:
        buf_json_int(out, (int64_t)number(run, row));
        break;
    case GW_NUMBER:
        buf_json_number(out, number(run, row));
        break;
    case GW_DURATION:
        buf_printf(out, "\"%lldms\"", (long long)number(run, row));
        break;
    case GW_STRING:
    case GW_SECRET:
        text(run, row, out);
        break;
    case GW_ENUM:
        choice(run, row, out);
        break;
    case GW_TIME:
        buf_adds(out, "\"2026-03-02T10:00:00Z\"");
        break;
    case GW_STRINGS:
    case GW_TABLES:
        list(run, row, out);
        break;
    case GW_TABLE:
        made_up_table(run, row->rows, 2, out);
        break;
    case GW_CRON:
        buf_adds(out, "\"*/5 * * * *\"");
        break;
    case GW_ZONE:
        buf_adds(out, "\"UTC\"");
        break;
    case GW_JSON:
    default:
        buf_adds(out, "{\"any\":[1,\"two\",null]}");
        break;
    }
}

void made_up_table(struct run *run, const struct gw_row *table, unsigned others, struct buf *out)
{
    bool first = true;
    buf_addc(out, '{');
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (!(row->flags & GW_REQUIRED) && (!others || random_below(run, others)))
            continue;
        if (!first)
            buf_addc(out, ',');
        first = false;
        buf_json_string(out, row->name);
        buf_addc(out, ':');
        made_up_value(run, row, out);
    }
    buf_addc(out, '}');
}

const char *made_up_strange(size_t i)
{
    static const char *const strange[] = {
        "\"\"",
        "-1",
        "0",
        "null",
        "true",
        "[]",
        "{}",
        "[[],{}]",
        "1e300",
        "-1e300",
        "0.0000001",
        "9223372036854775807",
        "-9223372036854775808",
        "\"a\\u0001\\n\\tb\"",
        "\"\\u00fc\\u2713\"",
        "\"../../etc\"",
        "\"%s%n%d\"",
        "[\"\",\"\",\"\"]",
        "{\"a\":{\"b\":[null]}}",
        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xx"
        "\"",
    };
    return i < sizeof(strange) / sizeof(*strange) ? strange[i] : NULL;
}

char *made_up_conf(struct run *run, const struct gw_row *options)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_adds(&out, "# made up\n");
    for (const struct gw_row *row = options; row && row->name; row++) {
        if (!(row->flags & GW_REQUIRED))
            continue;
        buf_printf(&out, "%s: ", row->name);
        made_up_value(run, row, &out);
        buf_addc(&out, '\n');
    }
    char *yaml = buf_take(&out);
    buf_fini(&out);
    return yaml;
}

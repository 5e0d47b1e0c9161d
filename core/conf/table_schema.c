/* A table as JSON Schema, draft 2020-12 (https://json-schema.org/draft/2020-12). */
#include "conf/check.h"
#include "conf/expect.h"

#include <string.h>

static void add_bounds(const struct gw_row *row, const char *min, const char *max, struct buf *out)
{
    if (expect_has_min(row)) {
        buf_printf(out, ",\"%s\":", min);
        buf_json_number(out, row->min);
    }
    if (expect_has_max(row)) {
        buf_printf(out, ",\"%s\":", max);
        buf_json_number(out, row->max);
    }
}

static void add_object(const struct gw_row *table, bool input, bool nullable, struct buf *out);

/* What is not known is null in output, unless the table says that it is always there. */
static bool is_nullable(const struct gw_row *row, bool input)
{
    return !input && !(row->flags & GW_REQUIRED);
}

/* "type": one name, or a list of names with commas between. */
static void add_names(const char *names, bool nullable, struct buf *out)
{
    if (!nullable && !strchr(names, ',')) {
        buf_printf(out, "\"type\":%s", names);
        return;
    }
    buf_printf(out, "\"type\":[%s%s]", names, nullable ? ",\"null\"" : "");
}

static void add_choices(const struct gw_row *row, bool nullable, struct buf *out)
{
    const char *at = row->choices, *choice, *comma = "";
    buf_adds(out, ",\"enum\":[");
    for (size_t length; (length = expect_choice(&at, &choice)) > 0; comma = ",") {
        buf_adds(out, comma);
        buf_json_string_n(out, choice, length);
    }
    buf_adds(out, nullable ? ",null]" : "]");
}

/* A single value is a list of one, on the way in. */
static void add_strings(const struct gw_row *row, bool input, struct buf *out)
{
    add_names(input ? "\"array\",\"string\"" : "\"array\"", is_nullable(row, input), out);
    buf_adds(out, ",\"items\":{\"type\":\"string\"}");
    add_bounds(row, "minItems", "maxItems", out);
}

static void add_tables(const struct gw_row *row, bool input, struct buf *out)
{
    add_names("\"array\"", is_nullable(row, input), out);
    buf_adds(out, ",\"items\":");
    table_schema(row->rows, input, out);
    add_bounds(row, "minItems", "maxItems", out);
}

/* The schema of a nested table, without its braces, so that a description can be added. */
static void add_table(const struct gw_row *row, bool input, struct buf *out)
{
    size_t at = out->len;
    add_object(row->rows, input, is_nullable(row, input), out);
    if (buf_error(out))
        return;
    memmove(out->data + at, out->data + at + 1, out->len - at - 1);
    out->len -= 2;
    out->data[out->len] = '\0';
}

static void add_type(const struct gw_row *row, bool input, struct buf *out)
{
    bool nullable = is_nullable(row, input);
    switch (row->type) {
    case GW_BOOL:
        add_names("\"boolean\"", nullable, out);
        break;
    case GW_INT:
        add_names("\"integer\"", nullable, out);
        add_bounds(row, "minimum", "maximum", out);
        break;
    case GW_NUMBER:
        add_names("\"number\"", nullable, out);
        add_bounds(row, "minimum", "maximum", out);
        break;
    case GW_CRON:
    case GW_ZONE:
    case GW_STRING:
    case GW_SECRET:
        add_names("\"string\"", nullable, out);
        if (row->type == GW_SECRET)
            buf_adds(out, ",\"format\":\"password\",\"writeOnly\":true");
        else if (row->type == GW_CRON)
            buf_adds(out, ",\"format\":\"cron\",\"examples\":[\"30 3 * * mon-fri\"]");
        else if (row->type == GW_ZONE)
            buf_adds(out, ",\"format\":\"time-zone\",\"examples\":[\"Europe/Paris\"]");
        add_bounds(row, "minLength", "maxLength", out);
        break;
    case GW_ENUM:
        add_names("\"string\"", nullable, out);
        add_choices(row, nullable, out);
        break;
    case GW_DURATION:
        add_names(input ? "\"string\"" : "\"string\",\"integer\"", nullable, out);
        if (input)
            buf_adds(out, ",\"examples\":[\"500ms\",\"5s\",\"2m\",\"1h\"]");
        break;
    case GW_SIZE:
        add_names("\"integer\",\"string\"", nullable, out);
        break;
    case GW_TIME:
        add_names("\"string\",\"integer\"", nullable, out);
        buf_adds(out, ",\"format\":\"date-time\"");
        break;
    case GW_STRINGS:
        add_strings(row, input, out);
        break;
    case GW_TABLE:
        add_table(row, input, out);
        break;
    case GW_TABLES:
        add_tables(row, input, out);
        break;
    case GW_JSON:
        break;
    }
}

/* Ranges that JSON Schema cannot say are said in words. */
static void add_description(const struct gw_row *row, struct buf *out)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_adds(&text, row->help);
    bool words = row->type == GW_DURATION || row->type == GW_SIZE || row->type == GW_TIME;
    if (words && (expect_has_min(row) || expect_has_max(row))) {
        buf_adds(&text, text.len ? " (" : "(");
        expect_add(&text, row, true);
        buf_addc(&text, ')');
    }
    if (text.len) {
        buf_adds(out, ",\"description\":");
        buf_json_string(out, text.data);
    }
    buf_fini(&text);
    if (row->unit) {
        buf_adds(out, ",\"x-unit\":");
        buf_json_string(out, row->unit);
    }
}

static void add_default(const struct gw_row *row, struct buf *out)
{
    struct gw_row table[2] = {*row, {0}};
    struct problems problems;
    problems_init(&problems);
    struct gw_values *values = values_from_json(table, NULL, &problems);
    if (values && values->slots[0].present) {
        buf_adds(out, ",\"default\":");
        value_json(row, &values->slots[0], false, out);
    }
    values_free(values);
    problems_fini(&problems);
}

static void add_schema(const struct gw_row *row, bool input, struct buf *out)
{
    size_t at = out->len;
    buf_addc(out, '{');
    add_type(row, input, out);
    add_description(row, out);
    if (input && row->def && row->type != GW_SECRET)
        add_default(row, out);
    if (buf_error(out) == 0 && out->data[at + 1] == ',') { /* a type without a word for it */
        memmove(out->data + at + 1, out->data + at + 2, out->len - at - 1);
        out->len--;
    }
    buf_addc(out, '}');
}

static void add_required(const struct gw_row *table, struct buf *out)
{
    const char *comma = ",\"required\":[";
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (!(row->flags & GW_REQUIRED))
            continue;
        buf_adds(out, comma);
        buf_json_string(out, row->name);
        comma = ",";
    }
    if (comma[1] == '\0')
        buf_addc(out, ']');
}

static void add_object(const struct gw_row *table, bool input, bool nullable, struct buf *out)
{
    buf_addc(out, '{');
    add_names("\"object\"", nullable, out);
    buf_adds(out, ",\"properties\":{");
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (row != table)
            buf_addc(out, ',');
        buf_json_string(out, row->name);
        buf_addc(out, ':');
        add_schema(row, input, out);
    }
    buf_addc(out, '}');
    add_required(table, out);
    if (input)
        buf_adds(out, ",\"additionalProperties\":false");
    buf_addc(out, '}');
}

void table_schema(const struct gw_row *table, bool input, struct buf *out)
{
    add_object(table, input, false, out);
}

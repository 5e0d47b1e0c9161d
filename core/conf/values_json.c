/* Checked values as JSON, with secrets covered. */
#include "conf/scalar.h"
#include "conf/values_data.h"

#include <stdlib.h>

static void add_values(const struct gw_values *values, bool with_secrets, struct buf *out);

static void add_quantity(const struct value *value, void (*add)(struct buf *, int64_t),
                         struct buf *out)
{
    buf_addc(out, '"');
    add(out, value->whole);
    buf_addc(out, '"');
}

static void add_list(const struct gw_row *row, const struct value *value, bool with_secrets,
                     struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < value->count; i++) {
        if (i)
            buf_addc(out, ',');
        if (row->type == GW_STRINGS)
            buf_json_string(out, value->strings[i]);
        else
            add_values(&value->tables[i], with_secrets, out);
    }
    buf_addc(out, ']');
}

void value_json(const struct gw_row *row, const struct value *value, bool with_secrets,
                struct buf *out)
{
    switch (row->type) {
    case GW_BOOL:
        buf_adds(out, value->whole ? "true" : "false");
        break;
    case GW_INT:
        buf_json_int(out, value->whole);
        break;
    case GW_NUMBER:
        buf_json_number(out, value->real);
        break;
    case GW_CRON:
    case GW_ZONE:
    case GW_STRING:
    case GW_ENUM:
        buf_json_string(out, value->text);
        break;
    case GW_SECRET:
        buf_json_string(out, with_secrets ? value->text : "***");
        break;
    case GW_DURATION:
        add_quantity(value, scalar_add_duration, out);
        break;
    case GW_SIZE:
        buf_json_int(out, value->whole);
        break;
    case GW_TIME:
        add_quantity(value, scalar_add_time, out);
        break;
    case GW_STRINGS:
    case GW_TABLES:
        add_list(row, value, with_secrets, out);
        break;
    case GW_TABLE:
        add_values(value->tables, with_secrets, out);
        break;
    case GW_JSON:
        buf_adds(out, value->text);
        break;
    }
}

static void add_values(const struct gw_values *values, bool with_secrets, struct buf *out)
{
    const char *comma = "";
    buf_addc(out, '{');
    for (size_t i = 0; i < values->count; i++) {
        if (!values->slots[i].present)
            continue;
        buf_adds(out, comma);
        comma = ",";
        buf_json_string(out, values->table[i].name);
        buf_addc(out, ':');
        value_json(&values->table[i], &values->slots[i], with_secrets, out);
    }
    buf_addc(out, '}');
}

void values_json(const struct gw_values *values, bool with_secrets, struct buf *out)
{
    if (values)
        add_values(values, with_secrets, out);
    else
        buf_adds(out, "{}");
}

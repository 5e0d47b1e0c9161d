/* A table for a person at a terminal. */
#include "conf/expect.h"
#include "conf/values.h"

#include <string.h>

static int longest_name(const struct gw_row *table)
{
    size_t longest = 0;
    for (const struct gw_row *row = table; row && row->name; row++)
        longest = strlen(row->name) > longest ? strlen(row->name) : longest;
    return (int)longest;
}

void table_text(const struct gw_row *table, int indent, struct buf *out)
{
    int width = longest_name(table);
    for (const struct gw_row *row = table; row && row->name; row++) {
        buf_printf(out, "%*s%-*s  ", indent, "", width, row->name);
        expect_add(out, row, false);
        if (row->flags & GW_REQUIRED)
            buf_adds(out, "; required");
        else if (row->def && row->def[0] && row->type != GW_SECRET)
            buf_printf(out, "; default %s", row->def);
        if (row->flags & GW_UNIQUE)
            buf_adds(out, "; different in every entry");
        if (row->type == GW_SECRET)
            buf_printf(out, "; also %s_file or %s_env", row->name, row->name);
        buf_addc(out, '\n');
        if (row->help)
            buf_printf(out, "%*s%s\n", indent + width + 2, "", row->help);
        if (row->rows)
            table_text(row->rows, indent + 2, out);
    }
}

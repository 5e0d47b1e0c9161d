/* A sample file from a table: every option with its help, what is optional commented out. */
#include "conf/expect.h"
#include "conf/values.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 96, LINE_BYTES_MAX = 4096 };

/* Where lines begin. An option that is commented out within a list that is commented out has two
 * signs, so that taking one away from every line gives the list as it should be. */
struct place {
    char lead[64];
};

static void begin_line(const struct place *place, struct buf *out)
{
    buf_adds(out, place->lead);
}

/* A blank line, which stays a comment within one. */
static void add_blank(const struct place *place, struct buf *out)
{
    size_t length = strlen(place->lead);
    while (length && place->lead[length - 1] == ' ')
        length--;
    buf_add(out, place->lead, length);
    buf_addc(out, '\n');
}

static struct place deeper(struct place place, const char *more)
{
    size_t length = strlen(place.lead);
    snprintf(place.lead + length, sizeof(place.lead) - length, "%s", more);
    return place;
}

/* `text` as comment lines, broken between words. */
static void add_comment(const struct place *place, const char *text, struct buf *out)
{
    size_t room = COLUMNS - strlen(place->lead) - 2;
    while (*text) {
        size_t length = strlen(text);
        if (length > room) {
            for (length = room; length > 0 && text[length] != ' ';)
                length--;
            if (length == 0)
                length = strcspn(text, " ");
        }
        begin_line(place, out);
        buf_adds(out, "# ");
        buf_add(out, text, length);
        buf_addc(out, '\n');
        text += length;
        text += strspn(text, " ");
    }
}

static void add_about(const struct place *place, const struct gw_row *row, struct buf *out)
{
    struct buf about;
    buf_init(&about, LINE_BYTES_MAX);
    if (row->help && *row->help) {
        size_t length = strlen(row->help);
        buf_printf(&about, "%s%s ", row->help, row->help[length - 1] == '.' ? "" : ".");
    }
    size_t at = about.len;
    expect_add(&about, row, false);
    if (at < about.len && row->type != GW_ENUM)
        about.data[at] = (char)toupper((unsigned char)about.data[at]);
    if (row->flags & GW_REQUIRED)
        buf_adds(&about, "; required");
    else if (row->def && row->def[0] && row->type != GW_SECRET)
        buf_printf(&about, "; default %s", row->def);
    if (row->flags & GW_UNIQUE)
        buf_adds(&about, "; different in every entry");
    buf_addc(&about, '.');
    if (buf_error(&about) == 0)
        add_comment(place, about.data, out);
    buf_fini(&about);
}

/* A text that YAML would take for something else is quoted. */
static void add_default(const struct gw_row *row, struct buf *out)
{
    bool text = row->type == GW_STRING || row->type == GW_STRINGS || row->type == GW_CRON ||
                row->type == GW_ZONE;
    bool list = row->type == GW_STRINGS && row->def[0] == '[';
    bool plain = row->def[0] &&
                 strcspn(row->def, ":#'\"\\{}[],&*!|>%@`~\n\t") == strlen(row->def) &&
                 row->def[0] != '-' && row->def[0] != '?' && row->def[0] != ' ';
    buf_addc(out, ' ');
    if (text && !list && !plain)
        buf_json_string(out, row->def); /* JSON's strings are YAML's */
    else
        buf_adds(out, row->def);
}

static void add_rows(struct place place, const struct gw_row *table, struct buf *out);

static void add_nested(struct place place, const struct gw_row *row, struct buf *out)
{
    place = deeper(place, "  ");
    if (row->type == GW_TABLES) {
        begin_line(&place, out);
        buf_adds(out, "-\n"); /* alone, so that the first option may be commented out */
        place = deeper(place, "  ");
    }
    add_rows(place, row->rows, out);
}

static void add_row(struct place place, const struct gw_row *row, struct buf *out)
{
    add_about(&place, row, out);
    if (!(row->flags & GW_REQUIRED))
        place = deeper(place, "#");
    begin_line(&place, out);
    buf_printf(out, "%s:", row->name);
    bool nested = row->type == GW_TABLE || row->type == GW_TABLES;
    if (row->def && !nested)
        add_default(row, out);
    buf_addc(out, '\n');
    if (nested)
        add_nested(place, row, out);
    if (row->type == GW_SECRET) {
        struct place other = row->flags & GW_REQUIRED ? deeper(place, "#") : place;
        begin_line(&other, out);
        buf_printf(out,
                   "%s_file: PATH      # instead: read it from a file that only you can read\n",
                   row->name);
        begin_line(&other, out);
        buf_printf(out, "%s_env: VARIABLE   # instead: read it from the environment\n", row->name);
    }
}

static void add_rows(struct place place, const struct gw_row *table, struct buf *out)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (row != table)
            add_blank(&place, out);
        add_row(place, row, out);
    }
}

void table_yaml(const struct gw_row *table, int indent, struct buf *out)
{
    struct place place = {""};
    snprintf(place.lead, sizeof(place.lead), "%*s", indent, "");
    add_rows(place, table, out);
}

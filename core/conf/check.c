/* Maps against tables: unknown, missing and repeated names, defaults. */
#include "conf/check.h"

#include "conf/near.h"
#include "conf/secret.h"

#include <errno.h>
#include <string.h>

enum { WHAT_BYTES_MAX = 2048, NAMES_SHOWN_MAX = 12 };

static void add_path(struct buf *out, const struct check_path *path)
{
    if (path->up)
        add_path(out, path->up);
    if (path->name)
        buf_printf(out, "%s%s", out->len ? "." : "", path->name);
    else if (path->up)
        buf_printf(out, "[%zu]", path->index);
}

/* Where a place cannot be shown as line and column, its path says where. */
void check_report(struct check *check, const struct check_path *path, size_t at, size_t end,
                  const char *format, ...)
{
    check->found++;
    struct buf name, what;
    buf_init(&name, WHAT_BYTES_MAX);
    buf_init(&what, WHAT_BYTES_MAX);
    add_path(&name, path);
    if (check->source && name.len)
        buf_printf(&what, "%s: ", name.data);
    va_list args;
    va_start(args, format);
    buf_vprintf(&what, format, args);
    va_end(args);
    const char *sentence = what.len ? what.data : "is wrong";
    if (check->source) {
        source_report(check->source, check->problems, at, end, sentence);
    } else {
        struct buf where;
        buf_init(&where, WHAT_BYTES_MAX);
        buf_printf(&where, name.len ? "parameter '%s'" : "parameters", name.data);
        problems_add(check->problems, where.len ? where.data : "parameter", NULL, "%s", sentence);
        buf_fini(&where);
    }
    buf_fini(&name);
    buf_fini(&what);
}

const struct gw_row *check_find(const struct gw_row *table, const char *key, bool sources,
                                const char **suffix)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (strcmp(row->name, key) == 0) {
            *suffix = "";
            return row;
        }
    }
    for (const struct gw_row *row = table; sources && row && row->name; row++) {
        size_t length = strlen(row->name);
        if (row->type != GW_SECRET || strncmp(row->name, key, length) != 0)
            continue;
        *suffix = key + length;
        if (strcmp(*suffix, "_file") == 0 || strcmp(*suffix, "_env") == 0)
            return row;
    }
    return NULL;
}

static size_t offer_names(struct near *near, const struct gw_row *table)
{
    size_t count = 0;
    for (const struct gw_row *row = table; row && row->name; row++, count++)
        near_offer(near, row->name);
    return count;
}

static void add_names(struct buf *out, const struct gw_row *table, size_t *shown)
{
    for (const struct gw_row *row = table; row && row->name; row++, (*shown)++) {
        if (*shown < NAMES_SHOWN_MAX)
            buf_printf(out, "%s%s", *shown ? ", " : "", row->name);
        else if (*shown == NAMES_SHOWN_MAX)
            buf_adds(out, ", …");
    }
}

static void report_unknown(struct check *check, const struct check_path *path,
                           const struct gw_row *table, const struct input *item)
{
    const struct gw_row *also = path->up ? NULL : check->also;
    const char *noun = check->source ? "option" : "parameter";
    struct near near;
    near_init(&near, item->key);
    size_t known = offer_names(&near, table) + offer_names(&near, also);
    struct buf what;
    buf_init(&what, WHAT_BYTES_MAX);
    if (check->source) {
        buf_printf(&what, "unknown %s ", noun);
        check_add_quoted(&what, item->key);
    } else {
        buf_printf(&what, "unknown %s", noun);
    }
    if (near_best(&near)) {
        buf_printf(&what, "; did you mean '%s'?", near_best(&near));
    } else if (known) {
        size_t shown = 0;
        buf_adds(&what, "; known here: ");
        add_names(&what, table, &shown);
        add_names(&what, also, &shown);
    } else {
        buf_printf(&what, "; there are no %ss here", noun);
    }
    struct check_path here = {path, item->key, 0};
    check_report(check, check->source ? path : &here, item->key_at, item->key_end, "%s",
                 what.len ? what.data : "unknown");
    buf_fini(&what);
}

static void report_twice(struct check *check, const struct check_path *path,
                         const struct input *item, const struct input *first)
{
    if (strcmp(item->key, first->key) != 0)
        check_report(check, path, item->key_at, item->key_end,
                     "'%s' and '%s' are both set; keep one", first->key, item->key);
    else if (check->source)
        check_report(check, path, item->key_at, item->key_end,
                     "'%s' is set twice, first on line %zu", item->key,
                     source_line(check->source, first->key_at));
    else
        check_report(check, path, 0, 0, "'%s' is set twice", item->key);
}

/* A default that does not fit its own row is the plugin author's mistake, and says so. */
static void set_default(struct check *check, const struct check_path *path,
                        const struct gw_row *row, const struct input *map, struct value *out)
{
    struct problems own;
    problems_init(&own);
    struct check quiet = {.arena = check->arena, .problems = &own};
    struct input input = {.kind = INPUT_PLAIN, .text = row->def};
    json_t *json = NULL;
    bool nested = row->type == GW_TABLE || row->type == GW_TABLES || row->type == GW_JSON;
    bool list = row->type == GW_STRINGS && row->def[0] == '[';
    if (nested || list)
        json = json_loads(row->def, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (json ? input_from_json(check->arena, json, &input) != 0 : list)
        quiet.found++; /* a list as YAML has it, [a, b], is none here */
    json_decref(json);
    if (quiet.found == 0)
        check_value(&quiet, path, row, &input, out);
    if (quiet.found && !arena_failed(check->arena))
        check_report(check, path, map->at, map->at,
                     "the default in the table, '%s', does not fit its own type or range; "
                     "set the value here and tell the plugin's author",
                     row->type == GW_SECRET ? "***" : row->def);
    problems_fini(&own);
}

static void check_absent(struct check *check, const struct check_path *path,
                         const struct gw_row *row, const struct input *map, struct value *out)
{
    struct check_path here = {path, row->name, 0};
    if (row->def) {
        set_default(check, &here, row, map, out);
    } else if (row->flags & GW_REQUIRED) {
        if (check->source)
            check_report(check, path, map->at, map->at, "required option '%s' is missing: %s",
                         row->name, row->help ? row->help : "it has no default");
        else
            check_report(check, &here, 0, 0, "required, and missing: %s",
                         row->help ? row->help : "it has no default");
    }
}

/* Which item of `map` speaks for each row; unknown and repeated ones are reported. */
static int match_items(struct check *check, const struct check_path *path,
                       const struct gw_row *table, const struct input *map,
                       const struct input **said)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct input *item = &map->items[i];
        const char *suffix;
        const struct gw_row *row = check_find(table, item->key, check->source != NULL, &suffix);
        if (!row)
            report_unknown(check, path, table, item);
        else if (said[row - table])
            report_twice(check, path, item, said[row - table]);
        else
            said[row - table] = item;
    }
    return 0;
}

static void check_item(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *item, struct value *out)
{
    struct check_path here = {path, item->key, 0};
    if (check->source && input_is_null(item))
        check_report(check, &here, item->at, item->end,
                     "has no value; write one, or remove the line");
    else if (strcmp(item->key, row->name) != 0)
        secret_resolve(check, &here, row, item, out);
    else
        check_value(check, &here, row, item, out);
}

int check_map(struct check *check, const struct check_path *path, const struct gw_row *table,
              const struct input *map, struct gw_values *out)
{
    size_t before = check->found;
    out->table = table;
    out->count = table_count(table);
    out->slots = arena_array(check->arena, out->count, sizeof(*out->slots));
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    const struct input **said = arena_array(check->arena, out->count, sizeof(*said));
    if (!out->slots || !said)
        return -ENOMEM;
    match_items(check, path, table, map, said);
    for (size_t i = 0; i < out->count; i++) {
        /* JSON's null is how clients say "not set"; in a file it is a forgotten value. */
        bool absent = !said[i] || (!check->source && said[i]->kind == INPUT_NULL);
        if (absent)
            check_absent(check, path, &table[i], map, &out->slots[i]);
        else
            check_item(check, path, &table[i], said[i], &out->slots[i]);
    }
    if (arena_failed(check->arena))
        return -ENOMEM;
    return check->found == before ? 0 : -EINVAL;
}

static struct gw_values *read_json(const struct gw_row *table, const json_t *json,
                                   const int64_t *now_ms, struct problems *problems)
{
    struct gw_values *values = values_new();
    struct arena scratch;
    arena_init(&scratch, VALUES_BYTES_MAX);
    struct input input = {.kind = INPUT_MAP};
    int error = values ? 0 : -ENOMEM;
    if (!error && json)
        error = input_from_json(&scratch, json, &input);
    struct check check = {
        .arena = values ? &values->arena : NULL, .problems = problems, .now_ms = now_ms};
    const struct check_path top = {0};
    if (error == -ELOOP)
        problems_add(problems, "parameters", NULL, "nested more than %d deep", INPUT_DEPTH_MAX);
    else if (error == -E2BIG)
        problems_add(problems, "parameters", NULL, "more than %d values", INPUT_NODES_MAX);
    else if (error == -EILSEQ)
        problems_add(problems, "parameters", NULL, "a text holds a NUL character");
    else if (!error && input.kind != INPUT_MAP)
        check_report(&check, &top, 0, 0, "expected an object, not %s", input_kind_name(&input));
    else if (!error)
        error = check_map(&check, &top, table, &input, values);
    if (error == -ENOMEM)
        problems_add(problems, "parameters", NULL, "out of memory, or too large");
    arena_fini(&scratch);
    if (!error && check.found == 0)
        return values;
    values_free(values);
    return NULL;
}

struct gw_values *values_from_json(const struct gw_row *table, const json_t *json,
                                   struct problems *problems)
{
    return read_json(table, json, NULL, problems);
}

struct gw_values *values_from_params(const struct gw_row *table, const json_t *json, int64_t now_ms,
                                     struct problems *problems)
{
    return read_json(table, json, &now_ms, problems);
}

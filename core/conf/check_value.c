/* One value against its row: type, range, choices. */
#include "conf/check.h"

#include "base/map.h"
#include "base/zone.h"
#include "conf/expect.h"
#include "conf/near.h"
#include "conf/scalar.h"

#include <gnswatch/cron.h>

#include <errno.h>
#include <math.h>
#include <string.h>

enum { WHAT_BYTES_MAX = 2048, QUOTED_BYTES_MAX = 60 };

void check_add_quoted(struct buf *out, const char *text)
{
    size_t length = strlen(text), shown = length < QUOTED_BYTES_MAX ? length : QUOTED_BYTES_MAX;
    while (shown < length && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--; /* not within a character */
    buf_addc(out, '\'');
    for (size_t i = 0; i < shown; i++)
        buf_addc(out, (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i]);
    buf_adds(out, shown < length ? "…'" : "'");
}

static bool is_text(const struct input *input)
{
    return input->kind == INPUT_PLAIN || input->kind == INPUT_TEXT;
}

/* The value as it was written, without quotes where it is a number or the like. */
static void add_written(struct buf *out, const struct input *input)
{
    if (input->kind == INPUT_INT)
        buf_json_int(out, input->whole);
    else if (input->kind == INPUT_REAL)
        buf_json_number(out, input->real);
    else if (is_text(input))
        check_add_quoted(out, input->text);
    else
        buf_adds(out, input_kind_name(input));
}

static void report_type(struct check *check, const struct check_path *path,
                        const struct gw_row *row, const struct input *input)
{
    struct buf what;
    buf_init(&what, WHAT_BYTES_MAX);
    buf_adds(&what, "expected ");
    expect_add(&what, row, !check->source);
    buf_adds(&what, ", not ");
    if (row->type == GW_SECRET)
        buf_adds(&what, input_kind_name(input));
    else
        add_written(&what, input);
    bool quoted = check->source && input->kind == INPUT_TEXT;
    if (quoted && row->type != GW_SECRET && row->type != GW_JSON)
        buf_adds(&what, " in quotes");
    check_report(check, path, input->at, input->end, "%s", what.len ? what.data : "wrong type");
    buf_fini(&what);
}

/* "50 is over the maximum of 10" */
static bool in_range(struct check *check, const struct check_path *path, const struct gw_row *row,
                     const struct input *input, double value)
{
    bool under = expect_has_min(row) && value < row->min;
    bool over = expect_has_max(row) && value > row->max;
    if (!under && !over)
        return true;
    struct buf what;
    buf_init(&what, WHAT_BYTES_MAX);
    if (input->kind == INPUT_PLAIN || row->type == GW_DURATION || row->type == GW_SIZE ||
        row->type == GW_TIME)
        buf_printf(&what, "%.60s", is_text(input) ? input->text : "");
    if (what.len == 0)
        add_written(&what, input);
    buf_adds(&what, under ? " is under the minimum of " : " is over the maximum of ");
    expect_add_bound(&what, row, under ? row->min : row->max);
    check_report(check, path, input->at, input->end, "%s", what.len ? what.data : "out of range");
    buf_fini(&what);
    return false;
}

/* "has 3 characters; the minimum is 8" */
static bool length_fits(struct check *check, const struct check_path *path,
                        const struct gw_row *row, const struct input *input, size_t length,
                        const char *one, const char *many)
{
    bool under = expect_has_min(row) && (double)length < row->min;
    bool over = expect_has_max(row) && (double)length > row->max;
    if (under || over)
        check_report(check, path, input->at, input->end, "has %zu %s; the %s is %.0f", length,
                     length == 1 ? one : many, under ? "minimum" : "maximum",
                     under ? row->min : row->max);
    return !under && !over;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void check_bool(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    bool truth = input->truth;
    bool fits = input->kind == INPUT_BOOL ||
                (input->kind == INPUT_PLAIN && scalar_bool(input->text, &truth) == 0);
    if (!fits) {
        report_type(check, path, row, input);
        return;
    }
    out->whole = truth;
    out->present = true;
}

static int read_time(const struct check *check, const char *text, int64_t *value)
{
    return check->now_ms ? scalar_moment(text, *check->now_ms, value) : scalar_time(text, value);
}

static int read_whole(const struct check *check, const struct gw_row *row,
                      const struct input *input, int64_t *value)
{
    if (input->kind == INPUT_INT && (row->type != GW_DURATION || input->whole == 0)) {
        *value = input->whole;
        return row->type == GW_SIZE && *value < 0 ? -EINVAL : 0;
    }
    /* JSON does not tell 5.0 from 5. */
    if (input->kind == INPUT_REAL && row->type == GW_INT && fabs(input->real) < 9e15 &&
        trunc(input->real) - input->real >= 0 && trunc(input->real) - input->real <= 0) {
        *value = (int64_t)input->real;
        return 0;
    }
    if (!is_text(input) || (input->kind == INPUT_TEXT && row->type == GW_INT))
        return -EINVAL;
    switch (row->type) {
    case GW_DURATION:
        return scalar_duration(input->text, value);
    case GW_SIZE:
        return scalar_size(input->text, value);
    case GW_TIME:
        return read_time(check, input->text, value);
    default:
        return scalar_int(input->text, value);
    }
}

static void check_whole(struct check *check, const struct check_path *path,
                        const struct gw_row *row, const struct input *input, struct value *out)
{
    int64_t value;
    int error = read_whole(check, row, input, &value);
    if (error == -ERANGE)
        check_report(check, path, input->at, input->end,
                     row->type == GW_TIME ? "there is no such day or time"
                                          : "is too large a number");
    else if (error)
        report_type(check, path, row, input);
    else if (in_range(check, path, row, input, (double)value))
        *out = (struct value){.present = true, .whole = value};
}

/* A number may be followed by its unit: "50%", "100/s" for the unit 1/s. */
static int read_number(const struct gw_row *row, const char *text, double *value)
{
    enum { NUMBER_BYTES_MAX = 64 };
    char number[NUMBER_BYTES_MAX];
    const char *unit = row->unit ? row->unit : "";
    unit += strncmp(unit, "1/", 2) == 0;
    size_t length = strlen(text), unit_length = strlen(unit);
    bool marked = (*unit == '%' || *unit == '/') && length > unit_length &&
                  length < NUMBER_BYTES_MAX && strcmp(text + length - unit_length, unit) == 0;
    if (!marked)
        return scalar_number(text, value);
    length -= unit_length;
    length -= text[length - 1] == ' ';
    memcpy(number, text, length);
    number[length] = '\0';
    return scalar_number(number, value);
}

static void check_number(struct check *check, const struct check_path *path,
                         const struct gw_row *row, const struct input *input, struct value *out)
{
    double value = input->kind == INPUT_INT ? (double)input->whole : input->real;
    int error = 0;
    if (input->kind == INPUT_PLAIN)
        error = read_number(row, input->text, &value);
    else if (input->kind != INPUT_INT && input->kind != INPUT_REAL)
        error = -EINVAL;
    if (error == -ERANGE)
        check_report(check, path, input->at, input->end, "is too large a number");
    else if (error)
        report_type(check, path, row, input);
    else if (in_range(check, path, row, input, value))
        *out = (struct value){.present = true, .real = value};
}

static void check_text(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    if (!is_text(input)) {
        report_type(check, path, row, input);
        return;
    }
    if (!length_fits(check, path, row, input, characters(input->text), "character", "characters"))
        return;
    out->text = arena_text(check->arena, input->text, strlen(input->text));
    out->present = out->text != NULL;
}

/* "minute: 61 is more than 59" */
static void check_cron(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    char why[256];
    struct gw_cron *cron =
        is_text(input) ? gw_cron_new(input->text, "UTC", why, sizeof(why)) : NULL;
    if (!is_text(input))
        report_type(check, path, row, input);
    else if (!cron)
        check_report(check, path, input->at, input->end, "%s", why);
    else
        check_text(check, path, row, input, out);
    gw_cron_free(cron);
}

static void check_zone(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    if (!is_text(input)) {
        report_type(check, path, row, input);
        return;
    }
    const struct zone *zone = zone_open(input->text);
    if (zone) {
        check_text(check, path, row, input, out);
    } else {
        struct buf what;
        buf_init(&what, WHAT_BYTES_MAX);
        buf_adds(&what, "there is no time zone ");
        check_add_quoted(&what, input->text);
        buf_adds(&what, "; names are as Europe/Paris (timedatectl list-timezones shows them)");
        check_report(check, path, input->at, input->end, "%s", what.data);
        buf_fini(&what);
    }
    zone_close(zone);
}

static void report_choice(struct check *check, const struct check_path *path,
                          const struct gw_row *row, const struct input *input)
{
    struct near near;
    near_init(&near, input->text);
    char choice_text[NEAR_MAX + 1], best_text[NEAR_MAX + 1] = "";
    const char *at = row->choices, *choice;
    for (size_t length; (length = expect_choice(&at, &choice)) > 0;) {
        if (length > NEAR_MAX)
            continue;
        memcpy(choice_text, choice, length);
        choice_text[length] = '\0';
        size_t before = near.distance;
        near_offer(&near, choice_text);
        if (near.distance < before)
            memcpy(best_text, choice_text, length + 1);
    }
    near.best = best_text;
    struct buf what;
    buf_init(&what, WHAT_BYTES_MAX);
    buf_adds(&what, "expected ");
    expect_add(&what, row, !check->source);
    buf_adds(&what, ", not ");
    check_add_quoted(&what, input->text);
    if (best_text[0] && near_best(&near))
        buf_printf(&what, "; did you mean '%s'?", best_text);
    check_report(check, path, input->at, input->end, "%s", what.len ? what.data : "no such choice");
    buf_fini(&what);
}

static void check_enum(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    if (!is_text(input)) {
        report_type(check, path, row, input);
        return;
    }
    const char *at = row->choices, *choice;
    for (size_t length; (length = expect_choice(&at, &choice)) > 0;) {
        if (length == strlen(input->text) && strncmp(choice, input->text, length) == 0) {
            out->text = arena_text(check->arena, choice, length);
            out->present = out->text != NULL;
            return;
        }
    }
    report_choice(check, path, row, input);
}

static void check_strings(struct check *check, const struct check_path *path,
                          const struct gw_row *row, const struct input *input, struct value *out)
{
    bool list = input->kind == INPUT_LIST;
    if (!list && !is_text(input)) {
        report_type(check, path, row, input);
        return;
    }
    const struct input *items = list ? input->items : input;
    size_t count = list ? input->count : 1, before = check->found;
    out->strings = arena_array(check->arena, count, sizeof(*out->strings));
    for (size_t i = 0; out->strings && i < count; i++) {
        struct check_path here = {path, NULL, i};
        if (is_text(&items[i]) && !input_is_null(&items[i]))
            out->strings[i] = arena_text(check->arena, items[i].text, strlen(items[i].text));
        else
            check_report(check, list ? &here : path, items[i].at, items[i].end,
                         "expected text, not %s",
                         input_is_null(&items[i]) ? "nothing" : input_kind_name(&items[i]));
    }
    out->present = out->strings && check->found == before &&
                   length_fits(check, path, row, input, count, "entry", "entries");
    out->count = out->present ? count : 0;
}

static void check_json(struct check *check, const struct check_path *path, const struct gw_row *row,
                       const struct input *input, struct value *out)
{
    const struct input *refused = input_refused(input);
    if (refused) {
        report_type(check, path, row, refused);
        return;
    }
    const struct input *repeated = input_repeated(input);
    if (repeated) {
        check_report(check, path, repeated->key_at, repeated->key_end, "'%s' is set twice",
                     repeated->key);
        return;
    }
    struct buf text;
    buf_init(&text, VALUES_BYTES_MAX);
    input_json(input, &text);
    if (buf_error(&text))
        check_report(check, path, input->at, input->end, "is too large");
    else
        out->text = arena_text(check->arena, text.data, text.len);
    out->present = out->text != NULL;
    buf_fini(&text);
}

/* Where `name` is written in `map`; the map itself when it is a default. */
static const struct input *written_at(const struct input *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[i].key, name) == 0)
            return &map->items[i];
    }
    return map;
}

static void report_again(struct check *check, const struct check_path *path,
                         const struct gw_row *row, const struct input *items, size_t i,
                         size_t first)
{
    const struct check_path entry = {path, NULL, i}, here = {&entry, row->name, 0};
    const struct input *again = written_at(&items[i], row->name);
    if (row->type == GW_SECRET)
        check_report(check, &here, again->at, again->end, "is the same as in entry [%zu]", first);
    else if (check->source)
        check_report(check, &here, again->at, again->end,
                     "must differ from every other; the same is on line %zu",
                     source_line(check->source, written_at(&items[first], row->name)->at));
    else
        check_report(check, &here, 0, 0, "must differ from every other; the same is in entry [%zu]",
                     first);
}

/* No two entries may have the same value in `rows[column]`. */
static void check_unique(struct check *check, const struct check_path *path,
                         const struct gw_row *rows, size_t column, const struct input *items,
                         const struct value *value)
{
    struct map seen;
    struct buf key;
    map_init(&seen);
    buf_init(&key, VALUES_BYTES_MAX);
    for (size_t i = 0; value->tables && i < value->count; i++) {
        const struct value *slots = value->tables[i].slots; /* NULL: it was no map */
        const struct value *slot = slots ? &slots[column] : NULL;
        if (!slot || !slot->present)
            continue;
        buf_clear(&key);
        buf_printf(&key, "%lld %.17g ", (long long)slot->whole, slot->real);
        buf_adds(&key, slot->text);
        if (buf_error(&key))
            continue;
        const struct input *first = map_get(&seen, key.data);
        if (first)
            report_again(check, path, &rows[column], items, i, (size_t)(first - items));
        else if (map_put(&seen, key.data, (void *)(uintptr_t)&items[i]))
            check->arena->failed = true;
    }
    buf_fini(&key);
    map_fini(&seen);
}

static void check_tables(struct check *check, const struct check_path *path,
                         const struct gw_row *row, const struct input *input, struct value *out)
{
    bool list = row->type == GW_TABLES;
    if (input->kind == INPUT_PLAIN && list && strcmp(input->text, "[]") == 0) {
        out->present = true; /* a default */
        return;
    }
    if (input->kind != (list ? INPUT_LIST : INPUT_MAP)) {
        report_type(check, path, row, input);
        return;
    }
    const struct input *items = list ? input->items : input;
    size_t count = list ? input->count : 1, before = check->found;
    out->tables = arena_array(check->arena, count, sizeof(*out->tables));
    for (size_t i = 0; out->tables && i < count; i++) {
        struct check_path here = {path, NULL, i};
        if (items[i].kind == INPUT_MAP)
            check_map(check, list ? &here : path, row->rows, &items[i], &out->tables[i]);
        else
            check_report(check, &here, items[i].at, items[i].end, "expected a map, not %s",
                         input_is_null(&items[i]) ? "nothing" : input_kind_name(&items[i]));
    }
    if (list)
        length_fits(check, path, row, input, count, "entry", "entries");
    if (arena_failed(check->arena))
        return;
    out->count = count;
    for (size_t i = 0; list && i < table_count(row->rows); i++) {
        if (row->rows[i].flags & GW_UNIQUE)
            check_unique(check, path, row->rows, i, items, out);
    }
    out->present = check->found == before;
}

void check_value(struct check *check, const struct check_path *path, const struct gw_row *row,
                 const struct input *input, struct value *out)
{
    switch (row->type) {
    case GW_BOOL:
        check_bool(check, path, row, input, out);
        break;
    case GW_INT:
    case GW_DURATION:
    case GW_SIZE:
    case GW_TIME:
        check_whole(check, path, row, input, out);
        break;
    case GW_NUMBER:
        check_number(check, path, row, input, out);
        break;
    case GW_CRON:
        check_cron(check, path, row, input, out);
        break;
    case GW_ZONE:
        check_zone(check, path, row, input, out);
        break;
    case GW_STRING:
    case GW_SECRET:
        check_text(check, path, row, input, out);
        break;
    case GW_ENUM:
        check_enum(check, path, row, input, out);
        break;
    case GW_STRINGS:
        check_strings(check, path, row, input, out);
        break;
    case GW_TABLE:
    case GW_TABLES:
        check_tables(check, path, row, input, out);
        break;
    case GW_JSON:
        check_json(check, path, row, input, out);
        break;
    }
}

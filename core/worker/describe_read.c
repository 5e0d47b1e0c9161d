/* A descriptor's tables from JSON that nobody vouches for: all of it is checked, nothing is
 * guessed. Whether the tables are fit to be used is the plugin layer's to say, as for any plugin.
 */
#include "worker/inside.h"

#include "base/arena.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_BYTES_MAX = 16 << 20, DEPTH_MAX = 10, FLAGS = GW_REQUIRED | GW_UNIQUE };

struct in {
    struct arena *arena;
    char **why; /* set at the first thing that is wrong */
    bool wrong;
};

static void wrong(struct in *in, const char *what, const char *member)
{
    if (in->wrong)
        return;
    in->wrong = true;
    if (asprintf(in->why, "what it tells of itself is wrong: %s '%s'", what, member) < 0)
        *in->why = NULL;
}

/* Each member once, each known: `taken` counts those that were asked for. */
struct members {
    struct in *in;
    json_t *map;
    size_t taken;
};

static json_t *take(struct members *members, const char *member, bool wanted)
{
    json_t *value = json_object_get(members->map, member);
    members->taken += value != NULL;
    if (!value && wanted)
        wrong(members->in, "there is no", member);
    return value;
}

static const char *take_text(struct members *members, const char *member, bool wanted)
{
    const json_t *value = take(members, member, wanted);
    const char *text = json_string_value(value);
    if (value && !text)
        wrong(members->in, "no text in", member);
    return text ? arena_text(members->in->arena, text, json_string_length(value)) : NULL;
}

static int64_t take_whole(struct members *members, const char *member, int64_t min, int64_t max)
{
    json_t *value = take(members, member, false);
    int64_t whole = value ? json_integer_value(value) : 0;
    if (value && (!json_is_integer(value) || whole < min || whole > max)) {
        wrong(members->in, "no number that is possible in", member);
        return 0;
    }
    return whole;
}

static double take_real(struct members *members, const char *member)
{
    json_t *value = take(members, member, false);
    const char *text = json_string_value(value);
    if (!value)
        return 0;
    if (text && strcmp(text, "inf") == 0)
        return (double)INFINITY;
    if (text && strcmp(text, "-inf") == 0)
        return (double)-INFINITY;
    if (!json_is_number(value))
        wrong(members->in, "no number in", member);
    return json_number_value(value);
}

static bool take_there(struct members *members, const char *member)
{
    json_t *value = take(members, member, false);
    if (value && !json_is_true(value))
        wrong(members->in, "not 'true' in", member);
    return value != NULL;
}

/* The list's array in the arena with a zeroed item behind the last; NULL: absent or wrong. */
static void *take_list(struct members *members, const char *member, size_t item_bytes,
                       json_t **list)
{
    *list = take(members, member, false);
    if (*list && !json_is_array(*list)) {
        wrong(members->in, "no list in", member);
        *list = NULL;
    }
    return *list ? arena_array(members->in->arena, json_array_size(*list) + 1, item_bytes) : NULL;
}

static void end(struct members *members, const char *what)
{
    if (!json_is_object(members->map))
        wrong(members->in, "no object in", what);
    else if (json_object_size(members->map) != members->taken)
        wrong(members->in, "an unknown member in", what);
}

static const struct gw_row *take_rows(struct members *members, const char *member, int depth);

static void read_row(struct in *in, json_t *map, int depth, struct gw_row *row)
{
    struct members members = {.in = in, .map = map};
    row->name = take_text(&members, "name", true);
    row->type = (enum gw_type)take_whole(&members, "type", GW_BOOL, GW_ZONE);
    row->unit = take_text(&members, "unit", false);
    row->def = take_text(&members, "def", false);
    row->min = take_real(&members, "min");
    row->max = take_real(&members, "max");
    row->help = take_text(&members, "help", false);
    row->choices = take_text(&members, "choices", false);
    row->rows = take_rows(&members, "rows", depth + 1);
    row->flags = (unsigned)take_whole(&members, "flags", 0, FLAGS);
    end(&members, row->name ? row->name : "a row");
}

static const struct gw_row *take_rows(struct members *members, const char *member, int depth)
{
    json_t *list;
    struct gw_row *rows = take_list(members, member, sizeof(*rows), &list);
    if (depth > DEPTH_MAX)
        wrong(members->in, "too many tables in each other in", member);
    for (size_t i = 0; rows && !members->in->wrong && i < json_array_size(list); i++)
        read_row(members->in, json_array_get(list, i), depth, &rows[i]);
    return rows;
}

static const struct gw_kind *take_kinds(struct members *top)
{
    json_t *list;
    struct gw_kind *kinds = take_list(top, "kinds", sizeof(*kinds), &list);
    for (size_t i = 0; kinds && !top->in->wrong && i < json_array_size(list); i++) {
        struct members members = {.in = top->in, .map = json_array_get(list, i)};
        kinds[i].name = take_text(&members, "name", true);
        kinds[i].plural = take_text(&members, "plural", false);
        kinds[i].help = take_text(&members, "help", false);
        kinds[i].fields = take_rows(&members, "fields", 0);
        end(&members, "kinds");
    }
    return kinds;
}

/* What stands for a plugin's functions until the proxy puts its own in their place. */

static int absent_run(struct gw_plugin *self, struct gw_call *call)
{
    (void)self, (void)call;
    return -ENOTSUP;
}

static int absent_start(struct gw_plugin *self, void **data)
{
    (void)data;
    return gw_fail(self, -ENOTSUP, "its functions are in another process");
}

static int absent_tick(struct gw_plugin *self, void *data)
{
    (void)data;
    return gw_fail(self, -ENOTSUP, "its functions are in another process");
}

static void absent_stop(struct gw_plugin *self, void *data)
{
    (void)self, (void)data;
}

static const struct gw_command *take_commands(struct members *top)
{
    json_t *list;
    struct gw_command *commands = take_list(top, "commands", sizeof(*commands), &list);
    for (size_t i = 0; commands && !top->in->wrong && i < json_array_size(list); i++) {
        struct members members = {.in = top->in, .map = json_array_get(list, i)};
        commands[i].name = take_text(&members, "name", true);
        commands[i].help = take_text(&members, "help", false);
        commands[i].role = (enum gw_role)take_whole(&members, "role", 0, GW_ADMIN);
        commands[i].params = take_rows(&members, "params", 0);
        commands[i].result = take_rows(&members, "result", 0);
        commands[i].deadline_ms = take_whole(&members, "deadline_ms", 0, INT64_MAX);
        commands[i].run = absent_run;
        end(&members, "commands");
    }
    return commands;
}

static const struct gw_page *take_pages(struct members *top)
{
    json_t *list;
    struct gw_page *pages = take_list(top, "pages", sizeof(*pages), &list);
    for (size_t i = 0; pages && !top->in->wrong && i < json_array_size(list); i++) {
        struct members members = {.in = top->in, .map = json_array_get(list, i)};
        pages[i].path = take_text(&members, "path", true);
        pages[i].help = take_text(&members, "help", false);
        pages[i].role = (enum gw_role)take_whole(&members, "role", 0, GW_ADMIN);
        pages[i].params = take_rows(&members, "params", 0);
        pages[i].types = take_text(&members, "types", false);
        pages[i].deadline_ms = take_whole(&members, "deadline_ms", 0, INT64_MAX);
        pages[i].run = absent_run;
        end(&members, "pages");
    }
    return pages;
}

static void read_all(struct in *in, json_t *map, struct gw_descriptor *out)
{
    struct members members = {.in = in, .map = map};
    out->name = take_text(&members, "name", true);
    out->version = take_text(&members, "version", true);
    out->summary = take_text(&members, "summary", true);
    out->every_ms = take_whole(&members, "every_ms", 0, INT64_MAX / 1000000);
    out->deadline_ms = take_whole(&members, "deadline_ms", 0, INT64_MAX / 1000000);
    out->start = take_there(&members, "start") ? absent_start : NULL;
    out->tick = take_there(&members, "tick") ? absent_tick : NULL;
    out->stop = take_there(&members, "stop") ? absent_stop : NULL;
    out->options = take_rows(&members, "options", 0);
    out->kinds = take_kinds(&members);
    out->commands = take_commands(&members);
    out->pages = take_pages(&members);
    end(&members, "the descriptor");
}

/* The descriptor is the first piece of its own arena. */
struct kept {
    struct gw_descriptor descriptor;
    struct arena arena;
};

void descriptor_free(struct gw_descriptor *descriptor)
{
    struct kept *kept = (struct kept *)(void *)descriptor;
    if (!kept)
        return;
    arena_fini(&kept->arena);
    free(kept);
}

struct gw_descriptor *descriptor_from_json(const char *json, size_t bytes, char **why)
{
    json_error_t error;
    *why = NULL;
    struct kept *kept = calloc(1, sizeof(*kept));
    if (!kept)
        return NULL;
    arena_init(&kept->arena, TABLES_BYTES_MAX);
    kept->descriptor = (struct gw_descriptor){
        .abi_major = GW_ABI_MAJOR, .abi_minor = GW_ABI_MINOR, .size = sizeof(kept->descriptor)};
    struct in in = {.arena = &kept->arena, .why = why};
    json_t *map = json_loadb(json, bytes, JSON_REJECT_DUPLICATES, &error);
    if (map)
        read_all(&in, map, &kept->descriptor);
    else
        wrong(&in, "it is no JSON, at", error.text);
    json_decref(map);
    if (!in.wrong && arena_failed(&kept->arena))
        wrong(&in, "out of memory for, or too large:", "its tables");
    if (!in.wrong)
        return &kept->descriptor;
    descriptor_free(&kept->descriptor);
    return NULL;
}

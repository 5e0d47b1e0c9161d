/* Are a plugin's tables fit to be shown, checked and called? Found at load, not at first use. */
#include "plugin/load.h"

#include "conf/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_DEPTH_MAX = 8 };

static char *fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *fault(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return text;
}

static bool empty(const char *text)
{
    return !text || !*text;
}

static bool plain_name(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* "plugin.thing": more than the prefix, made of plain names and dots. */
static bool own_name(const char *name, const char *plugin)
{
    size_t length = strlen(plugin);
    return strncmp(name, plugin, length) == 0 && name[length] == '.' && name[length + 1] &&
           strspn(name + length, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(name + length);
}

static bool default_fits(const struct gw_row *row)
{
    struct gw_row alone[2] = {*row, {0}};
    struct problems problems;
    problems_init(&problems);
    alone[0].flags &= ~(unsigned)GW_REQUIRED;
    struct gw_values *values = values_from_json(alone, NULL, &problems);
    bool fits = values != NULL;
    values_free(values);
    problems_fini(&problems);
    return fits;
}

static bool repeated(const struct gw_row *table, const struct gw_row *row)
{
    for (const struct gw_row *before = table; before < row; before++) {
        if (strcmp(before->name, row->name) == 0)
            return true;
    }
    return false;
}

static char *table_fault(const struct gw_row *table, const char *what, bool input, int depth);

static char *row_fault(const struct gw_row *row, const char *what, bool input, int depth)
{
    bool nested = row->type == GW_TABLE || row->type == GW_TABLES;
    if (!plain_name(row->name))
        return fault("%s '%s': a name is a-z, 0-9 and _, and begins with a letter", what,
                     row->name);
    if (row->type < GW_BOOL || row->type > GW_ZONE)
        return fault("%s '%s' has the unknown type %d", what, row->name, (int)row->type);
    if (empty(row->help))
        return fault("%s '%s' has no help", what, row->name);
    if (row->type == GW_ENUM && empty(row->choices))
        return fault("%s '%s' is a choice without choices", what, row->name);
    if (row->min > row->max)
        return fault("%s '%s' has a least value above its greatest", what, row->name);
    if (nested && input && !row->rows)
        return fault("%s '%s' is a table without rows", what, row->name);
    if (nested && depth >= TABLE_DEPTH_MAX)
        return fault("%s '%s' is nested too deeply", what, row->name);
    if (input && row->def && !default_fits(row))
        return fault("%s '%s' has the default \"%s\", which %s", what, row->name, row->def,
                     row->type == GW_STRINGS && row->def[0] == '['
                         ? "is no list it would accept itself; write it as JSON: [\"a\", \"b\"]"
                         : "it would not accept itself");
    return nested ? table_fault(row->rows, what, input, depth + 1) : NULL;
}

static char *table_fault(const struct gw_row *table, const char *what, bool input, int depth)
{
    char *text = NULL;
    for (const struct gw_row *row = table; row && row->name && !text; row++) {
        text = row_fault(row, what, input, depth);
        if (!text && repeated(table, row))
            text = fault("%s '%s' is there twice", what, row->name);
    }
    return text;
}

static char *options_fault(const struct gw_row *options)
{
    static const char *const taken[] = {"enabled", "every", "plugin"};
    for (const struct gw_row *row = options; row && row->name; row++) {
        for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
            if (strcmp(row->name, taken[i]) == 0)
                return fault("option '%s': every instance has one from gnswatch itself", row->name);
        }
    }
    return table_fault(options, "option", true, 0);
}

static char *kinds_fault(const struct gw_kind *kinds, const char *plugin)
{
    for (const struct gw_kind *kind = kinds; kind && kind->name; kind++) {
        if (!own_name(kind->name, plugin))
            return fault("kind '%s': its name must begin with '%s.'", kind->name, plugin);
        if (empty(kind->plural) || !plain_name(kind->plural))
            return fault("kind '%s' has no good plural", kind->name);
        if (empty(kind->help))
            return fault("kind '%s' has no help", kind->name);
        char *text = table_fault(kind->fields, kind->name, false, 0);
        if (text)
            return text;
    }
    return NULL;
}

static char *command_fault(const struct gw_command *command, const char *plugin)
{
    if (!own_name(command->name, plugin))
        return fault("command '%s': its name must begin with '%s.'", command->name, plugin);
    if (empty(command->help))
        return fault("command '%s' has no help", command->name);
    if (command->role < GW_VIEWER || command->role > GW_ADMIN)
        return fault("command '%s' has no role", command->name);
    if (!command->run)
        return fault("command '%s' has no function to run", command->name);
    char what[256];
    snprintf(what, sizeof(what), "command '%s': parameter", command->name);
    char *text = table_fault(command->params, what, true, 0);
    if (text)
        return text;
    snprintf(what, sizeof(what), "command '%s': result", command->name);
    return table_fault(command->result, what, false, 0);
}

static char *commands_fault(const struct gw_command *commands, const char *plugin)
{
    for (const struct gw_command *command = commands; command && command->name; command++) {
        char *text = command_fault(command, plugin);
        if (text)
            return text;
        for (const struct gw_command *before = commands; before < command; before++) {
            if (strcmp(before->name, command->name) == 0)
                return fault("command '%s' is there twice", command->name);
        }
    }
    return NULL;
}

/* ---- Pages ---- */

static const struct gw_row *row_named(const struct gw_row *table, const char *name, size_t bytes)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (strlen(row->name) == bytes && memcmp(row->name, name, bytes) == 0)
            return row;
    }
    return NULL;
}

/* "/metrics" or "/api/<plugin>/…", of plain segments and {name}s. */
static char *path_fault(const struct gw_page *page, const char *plugin)
{
    enum { CAPTURES_MAX = 3, PATH_MAX_BYTES = 200 };
    const char *path = page->path;
    char prefix[80];
    int captures = 0;
    snprintf(prefix, sizeof(prefix), "/api/%.64s/", plugin);
    if (strcmp(path, "/metrics") != 0 &&
        (strncmp(path, prefix, strlen(prefix)) != 0 || !path[strlen(prefix)]))
        return fault("page '%s': its path must be /metrics or below %s", path, prefix);
    if (strlen(path) > PATH_MAX_BYTES || strstr(path, "//") || path[strlen(path) - 1] == '/')
        return fault("page '%.80s': its path is too long, or has an empty part", path);
    for (const char *at = path; (at = strchr(at, '{')); at++) {
        size_t bytes = strcspn(at + 1, "}/");
        const struct gw_row *row = row_named(page->params, at + 1, bytes);
        if (at[-1] != '/' || at[1 + bytes] != '}' || (at[2 + bytes] && at[2 + bytes] != '/'))
            return fault("page '%s': {name} must be a whole part of its path", path);
        if (!row || row->type == GW_TABLE || row->type == GW_TABLES || row->type == GW_STRINGS)
            return fault("page '%s': {%.*s} is no parameter that takes one text", path, (int)bytes,
                         at + 1);
        if (++captures > CAPTURES_MAX)
            return fault("page '%s' has more than %d {names}", path, CAPTURES_MAX);
    }
    return NULL;
}

static char *page_fault(const struct gw_page *page, const char *plugin)
{
    char *text = path_fault(page, plugin);
    if (text)
        return text;
    if (empty(page->help) || empty(page->types))
        return fault("page '%s' has no %s", page->path, empty(page->help) ? "help" : "types");
    if (page->role > GW_ADMIN || page->deadline_ms < 0)
        return fault("page '%s' has no role that is known, or a negative deadline", page->path);
    if (!page->run)
        return fault("page '%s' has no function to run", page->path);
    char what[300];
    snprintf(what, sizeof(what), "page '%s': parameter", page->path);
    return table_fault(page->params, what, true, 0);
}

static char *pages_fault(const struct gw_page *pages, const char *plugin)
{
    for (const struct gw_page *page = pages; page && page->path; page++) {
        char *text = page_fault(page, plugin);
        if (text)
            return text;
        for (const struct gw_page *before = pages; before < page; before++) {
            if (strcmp(before->path, page->path) == 0)
                return fault("page '%s' is there twice", page->path);
        }
    }
    return NULL;
}

char *descriptor_fault(const struct gw_descriptor *descriptor, const char *name)
{
    if (empty(descriptor->name) || strcmp(descriptor->name, name) != 0)
        return fault("its descriptor is named '%s'; the file must be named like it",
                     descriptor->name ? descriptor->name : "");
    if (empty(descriptor->version) || empty(descriptor->summary))
        return fault("its descriptor has no %s",
                     empty(descriptor->version) ? "version" : "summary");
    if (descriptor->every_ms < 0 || descriptor->deadline_ms < 0)
        return fault("its interval or deadline is negative");
    if (descriptor->every_ms > 0 && !descriptor->tick)
        return fault("it wants a tick every %lld ms but has no tick function",
                     (long long)descriptor->every_ms);
    char *text = options_fault(descriptor->options);
    if (!text)
        text = kinds_fault(descriptor->kinds, name);
    if (!text)
        text = commands_fault(descriptor->commands, name);
    if (!text)
        text = pages_fault(descriptor->pages, name);
    return text;
}

/* A descriptor's tables as JSON. What is absent or 0 is left out; functions are told as true. */
#include "worker/worker.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

enum { JSON_BYTES_MAX = 4 << 20 };

struct out {
    struct buf text;
    bool first; /* in the present object or array */
};

static void next(struct out *out)
{
    if (!out->first)
        buf_addc(&out->text, ',');
    out->first = false;
}

static void name(struct out *out, const char *name)
{
    next(out);
    buf_json_string(&out->text, name);
    buf_addc(&out->text, ':');
}

static void begin(struct out *out, char bracket)
{
    buf_addc(&out->text, bracket);
    out->first = true;
}

static void end(struct out *out, char bracket)
{
    buf_addc(&out->text, bracket);
    out->first = false;
}

static void add_text(struct out *out, const char *member, const char *text)
{
    if (!text)
        return;
    name(out, member);
    buf_json_string(&out->text, text);
}

static void add_whole(struct out *out, const char *member, int64_t value)
{
    if (!value)
        return;
    name(out, member);
    buf_json_int(&out->text, value);
}

static void add_real(struct out *out, const char *member, double value)
{
    if (value == 0)
        return;
    name(out, member);
    if (isfinite(value))
        buf_json_number(&out->text, value);
    else
        buf_adds(&out->text, value > 0 ? "\"inf\"" : "\"-inf\"");
}

static void add_there(struct out *out, const char *member, bool there)
{
    if (!there)
        return;
    name(out, member);
    buf_adds(&out->text, "true");
}

/* The host refuses tables that are nested too deeply, so this ends. */
static void add_rows(struct out *out, const char *member, const struct gw_row *rows)
{
    if (!rows)
        return;
    name(out, member);
    begin(out, '[');
    for (const struct gw_row *row = rows; row->name && !buf_error(&out->text); row++) {
        bool nested = row->type == GW_TABLE || row->type == GW_TABLES;
        next(out);
        begin(out, '{');
        add_text(out, "name", row->name);
        add_whole(out, "type", row->type);
        add_text(out, "unit", row->unit);
        add_text(out, "def", row->def);
        add_real(out, "min", row->min);
        add_real(out, "max", row->max);
        add_text(out, "help", row->help);
        add_text(out, "choices", row->choices);
        add_rows(out, "rows", nested ? row->rows : NULL);
        add_whole(out, "flags", row->flags);
        end(out, '}');
    }
    end(out, ']');
}

static void add_kinds(struct out *out, const struct gw_kind *kinds)
{
    if (!kinds)
        return;
    name(out, "kinds");
    begin(out, '[');
    for (const struct gw_kind *kind = kinds; kind->name; kind++) {
        next(out);
        begin(out, '{');
        add_text(out, "name", kind->name);
        add_text(out, "plural", kind->plural);
        add_text(out, "help", kind->help);
        add_rows(out, "fields", kind->fields);
        end(out, '}');
    }
    end(out, ']');
}

static void add_commands(struct out *out, const struct gw_command *commands)
{
    if (!commands)
        return;
    name(out, "commands");
    begin(out, '[');
    for (const struct gw_command *command = commands; command->name; command++) {
        next(out);
        begin(out, '{');
        add_text(out, "name", command->name);
        add_text(out, "help", command->help);
        add_whole(out, "role", command->role);
        add_rows(out, "params", command->params);
        add_rows(out, "result", command->result);
        add_whole(out, "deadline_ms", command->deadline_ms);
        end(out, '}');
    }
    end(out, ']');
}

static void add_pages(struct out *out, const struct gw_page *pages)
{
    if (!pages)
        return;
    name(out, "pages");
    begin(out, '[');
    for (const struct gw_page *page = pages; page->path; page++) {
        next(out);
        begin(out, '{');
        add_text(out, "path", page->path);
        add_text(out, "help", page->help);
        add_whole(out, "role", page->role);
        add_rows(out, "params", page->params);
        add_text(out, "types", page->types);
        add_whole(out, "deadline_ms", page->deadline_ms);
        end(out, '}');
    }
    end(out, ']');
}

char *descriptor_to_json(const struct gw_descriptor *descriptor)
{
    struct out out = {.first = true};
    buf_init(&out.text, JSON_BYTES_MAX);
    begin(&out, '{');
    add_text(&out, "name", descriptor->name);
    add_text(&out, "version", descriptor->version);
    add_text(&out, "summary", descriptor->summary);
    add_whole(&out, "every_ms", descriptor->every_ms);
    add_whole(&out, "deadline_ms", descriptor->deadline_ms);
    add_there(&out, "start", descriptor->start != NULL);
    add_there(&out, "tick", descriptor->tick != NULL);
    add_there(&out, "stop", descriptor->stop != NULL);
    add_rows(&out, "options", descriptor->options);
    add_kinds(&out, descriptor->kinds);
    add_commands(&out, descriptor->commands);
    add_pages(&out, descriptor->pages);
    end(&out, '}');
    char *json = buf_take(&out.text);
    buf_fini(&out.text);
    return json;
}

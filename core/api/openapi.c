/* The OpenAPI 3.1 document, made from the tables that also make the routes, the kinds and the
 * commands. Nothing in it is written twice. */
#include "api/api.h"
#include "api/object_routes.h"
#include "api/route.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA_MAX_BYTES = 1 << 20, NAME_BYTES = 320 };

struct document {
    json_t *paths, *schemas, *tags;
    struct objects *objects;
};

static json_t *ref(const char *what)
{
    return json_pack("{s:s}", "$ref", what);
}

static json_t *schema_of(const struct gw_row *table, bool input)
{
    struct buf text;
    buf_init(&text, SCHEMA_MAX_BYTES);
    if (table)
        table_schema(table, input, &text);
    json_t *schema = text.len ? json_loadb(text.data, text.len, 0, NULL) : NULL;
    buf_fini(&text);
    return schema ? schema : json_pack("{s:s}", "type", "object");
}

/* ---- Parts of an operation ------------------------------------------------------------------ */

static void add_query(json_t *parameters, const struct gw_row *table, bool optional_all)
{
    json_t *schema = schema_of(table, true);
    json_t *properties = json_object_get(schema, "properties");
    for (const struct gw_row *row = table; row && row->name; row++) {
        json_t *type = json_object_get(properties, row->name);
        bool required = (row->flags & GW_REQUIRED) && !optional_all;
        json_t *parameter =
            json_pack("{s:s, s:s, s:b, s:O}", "name", row->name, "in", "query", "required",
                      required, "schema", type ? type : json_object_get(schema, "absent"));
        if (!parameter) /* a type without a schema: any text */
            parameter = json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", row->name, "in", "query",
                                  "required", required, "schema", "type", "string");
        if (row->help)
            json_object_set_new(parameter, "description", json_string(row->help));
        json_array_append_new(parameters, parameter);
    }
    json_decref(schema);
}

static void add_captures(json_t *parameters, const char *path, const char *const *helps)
{
    size_t i = 0;
    for (const char *at = path; (at = strchr(at, '{')); at++, i++) {
        json_t *parameter =
            json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", at + 1, strcspn(at + 1, "*}"), "in",
                      "path", "required", 1, "schema", "type", "string");
        if (helps && i < CAPTURES_MAX && helps[i])
            json_object_set_new(parameter, "description", json_string(helps[i]));
        json_array_append_new(parameters, parameter);
    }
}

static json_t *content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *responses(const char *status, const char *type, json_t *schema)
{
    json_t *all = json_object();
    json_t *fine =
        json_pack("{s:s}", "description", strcmp(status, "204") == 0 ? "Done" : "The answer");
    if (schema)
        json_object_set_new(fine, "content", content(type, schema));
    json_object_set_new(all, status, fine);
    static const char *const problems[] = {"400", "401", "403", "404", "429", "default"};
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
        json_object_set_new(all, problems[i], ref("#/components/responses/problem"));
    return all;
}

static void add_operation(struct document *document, const char *path, const char *method,
                          json_t *operation)
{
    char name[NAME_BYTES];
    size_t n = 0;
    for (; *path && n + 1 < sizeof(name); path++) {
        if (*path != '*')
            name[n++] = *path;
    }
    name[n] = '\0';
    json_t *item = json_object_get(document->paths, name);
    if (!item) {
        item = json_object();
        json_object_set_new(document->paths, name, item);
    }
    char lower[8] = {0};
    for (size_t i = 0; method[i] && i + 1 < sizeof(lower); i++)
        lower[i] = (char)(method[i] | 0x20);
    json_object_set_new(item, lower, operation);
}

/* ---- The host's own routes ------------------------------------------------------------------ */

static void add_route(struct document *document, const struct route *route)
{
    json_t *parameters = json_array();
    add_captures(parameters, route->path, route->captures);
    add_query(parameters, route->query, false);
    const char *type = route->answer_type ? route->answer_type : "application/json";
    const char *status = strcmp(route->id, "logout") == 0 ? "204"
                         : strcmp(route->id, "live") == 0 ? "101"
                                                          : "200";
    bool empty = status[0] != '2' || status[2] == '4';
    json_t *schema = empty                ? NULL
                     : route->answer_type ? json_pack("{s:s}", "type", "string")
                                          : schema_of(route->answer, false);
    json_t *operation = json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId", route->id,
                                  "summary", route->help, "tags", route->tag, "parameters",
                                  parameters, "responses", responses(status, type, schema));
    if (route->body)
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:b, s:o}", "required", 1, "content",
                                      content("application/json", schema_of(route->body, true))));
    else if (route->method == METHOD_POST)
        json_object_set_new(
            operation, "requestBody",
            json_pack("{s:b, s:o}", "required", 0, "content",
                      content("application/json", json_pack("{s:s}", "type", "object"))));
    if (route->role == 0)
        json_object_set_new(operation, "security", json_array());
    add_operation(document, route->path, method_name(route->method), operation);
}

/* ---- Kinds ---------------------------------------------------------------------------------- */

static bool is_plain(const struct gw_row *row)
{
    return row->type != GW_TABLE && row->type != GW_TABLES && row->type != GW_JSON &&
           row->type != GW_STRINGS && row->type != GW_SECRET;
}

static bool is_list_word(const char *name)
{
    for (const struct gw_row *row = list_query; row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return true;
    }
    return false;
}

static void add_filters(json_t *parameters, const struct gw_row *fields)
{
    for (const struct gw_row *row = fields; row && row->name; row++) {
        if (!is_plain(row) || is_list_word(row->name))
            continue;
        json_t *parameter = json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", row->name, "in", "query",
                                      "required", 0, "schema", "type", "string");
        char help[400];
        snprintf(help, sizeof(help), "Only those with this %s. %s", row->name,
                 row->help ? row->help : "");
        json_object_set_new(parameter, "description", json_string(help));
        json_array_append_new(parameters, parameter);
    }
}

static void operation_id(char out[NAME_BYTES], const char *verb, const char *name)
{
    snprintf(out, NAME_BYTES, "%s%s", verb, name);
    for (char *c = out; *c; c++) {
        if (*c == '.' || *c == '-')
            *c = '_';
    }
}

static json_t *kind_list(const struct gw_kind *kind, const char *schema)
{
    json_t *parameters = json_array();
    add_query(parameters, list_query, true);
    add_filters(parameters, kind->fields);
    json_t *answer = schema_of(list_answer, false);
    json_t *properties = json_object_get(answer, "properties");
    json_object_set_new(properties, "items",
                        json_pack("{s:s, s:o}", "type", "array", "items", ref(schema)));
    char id[NAME_BYTES], summary[NAME_BYTES];
    operation_id(id, "list_", kind->name);
    snprintf(summary, sizeof(summary), "List %s", kind->plural);
    return json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId", id, "summary", summary, "tags",
                     kind->name, "parameters", parameters, "responses",
                     responses("200", "application/json", answer));
}

static json_t *kind_one(const struct gw_kind *kind, const char *path, const char *schema)
{
    static const char *const helps[CAPTURES_MAX] = {"Id of the object"};
    json_t *parameters = json_array();
    add_captures(parameters, path, helps);
    char id[NAME_BYTES], summary[NAME_BYTES];
    operation_id(id, "get_", kind->name);
    snprintf(summary, sizeof(summary), "One %s", kind->name);
    return json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId", id, "summary", summary, "tags",
                     kind->name, "parameters", parameters, "responses",
                     responses("200", "application/json", ref(schema)));
}

static void add_kind(void *data, const struct gw_kind *kind)
{
    struct document *document = data;
    char path[NAME_BYTES], one[NAME_BYTES], schema[NAME_BYTES];
    snprintf(path, sizeof(path), "/api/%.*s/%.100s", (int)strcspn(kind->name, "."), kind->name,
             kind->plural);
    snprintf(one, sizeof(one), "%.300s/{id}", path);
    snprintf(schema, sizeof(schema), "#/components/schemas/%.200s", kind->name);
    json_t *fields = schema_of(kind->fields, false);
    json_t *properties = json_object_get(fields, "properties");
    if (properties)
        json_object_set_new(
            properties, "id",
            json_pack("{s:s, s:s}", "type", "string", "description", "Id of the object"));
    json_object_set_new(document->schemas, kind->name, fields);
    json_array_append_new(document->tags, json_pack("{s:s, s:s}", "name", kind->name, "description",
                                                    kind->help ? kind->help : ""));
    add_operation(document, path, "GET", kind_list(kind, schema));
    add_operation(document, one, "GET", kind_one(kind, one, schema));
}

/* ---- Commands ------------------------------------------------------------------------------- */

static bool takes_id(const struct gw_command *command)
{
    for (const struct gw_row *row = command->params; row && row->name; row++) {
        if (strcmp(row->name, "id") == 0 && (row->flags & GW_REQUIRED))
            return true;
    }
    return false;
}

struct form {
    const char *method;
    char path[NAME_BYTES];
    char tag[NAME_BYTES];
};

/* As gnswatch/plugin.h says; false: only /api/v1/commands has it. */
static bool rest_form(struct objects *objects, const struct gw_command *command, struct form *form)
{
    const char *dot = strrchr(command->name, '.');
    if (!dot)
        return false;
    snprintf(form->tag, sizeof(form->tag), "%.*s", (int)(dot - command->name), command->name);
    const struct gw_kind *kind = objects_kind(objects, form->tag);
    if (!kind)
        return false;
    const char *verb = dot + 1;
    bool id = takes_id(command);
    bool create = strcmp(verb, "create") == 0 && !id;
    bool on_one = id && (strcmp(verb, "update") == 0 || strcmp(verb, "delete") == 0);
    form->method = on_one ? (verb[0] == 'u' ? "PATCH" : "DELETE") : "POST";
    snprintf(form->path, sizeof(form->path), "/api/%.*s/%.100s%s%s%.100s",
             (int)strcspn(kind->name, "."), kind->name, kind->plural, id ? "/{id}" : "",
             create || on_one ? "" : "/", create || on_one ? "" : verb);
    return true;
}

/* The parameters without the id, which is in the path. */
static json_t *command_body(const struct gw_command *command, bool id_in_path)
{
    json_t *schema = schema_of(command->params, true);
    if (!id_in_path)
        return schema;
    json_object_del(json_object_get(schema, "properties"), "id");
    json_t *required = json_object_get(schema, "required"), *name;
    size_t i;
    json_array_foreach(required, i, name)
    {
        if (strcmp(json_string_value(name), "id") == 0) {
            json_array_remove(required, i);
            break;
        }
    }
    if (required && json_array_size(required) == 0)
        json_object_del(schema, "required");
    return schema;
}

static json_t *command_operation(const struct gw_command *command, const struct form *form)
{
    static const char *const helps[CAPTURES_MAX] = {"Id of the object"};
    static const char *const roles[] = {"admin", "viewer", "operator", "admin"};
    bool in_path = strstr(form->path, "{id}") != NULL;
    json_t *parameters = json_array();
    add_captures(parameters, form->path, helps);
    add_query(parameters, wait_query, true);
    json_t *all = responses("200", "application/json", schema_of(command->result, false));
    json_object_set_new(
        all, "202",
        json_pack("{s:s, s:o}", "description", "It goes on as a job; see Location", "content",
                  content("application/json", json_pack("{s:s}", "type", "object"))));
    json_object_set_new(all, "409", ref("#/components/responses/problem"));
    json_t *body = command_body(command, in_path);
    bool required = json_array_size(json_object_get(body, "required")) > 0;
    char id[NAME_BYTES], description[NAME_BYTES];
    operation_id(id, "", command->name);
    snprintf(description, sizeof(description), "Command %.200s; needs the role %s.", command->name,
             roles[command->role <= GW_ADMIN ? command->role : 0]);
    return json_pack("{s:s, s:s, s:s, s:[s], s:o, s:{s:b, s:o}, s:o}", "operationId", id, "summary",
                     command->help ? command->help : command->name, "description", description,
                     "tags", form->tag, "parameters", parameters, "requestBody", "required",
                     required, "content", content("application/json", body), "responses", all);
}

/* commands_each holds its lock, so only a list is taken there. */
struct command_list {
    const struct gw_command *commands[1024];
    size_t count;
};

static void take_command(void *data, const struct gw_command *command)
{
    struct command_list *list = data;
    if (list->count < sizeof(list->commands) / sizeof(list->commands[0]))
        list->commands[list->count++] = command;
}

static void add_commands(struct document *document, struct commands *commands)
{
    struct command_list *list = calloc(1, sizeof(*list));
    if (!list)
        return;
    commands_each(commands, take_command, list);
    for (size_t i = 0; i < list->count; i++) {
        struct form form = {.method = "POST", .tag = "commands"};
        if (!rest_form(document->objects, list->commands[i], &form)) {
            snprintf(form.tag, sizeof(form.tag), "commands");
            snprintf(form.path, sizeof(form.path), "/api/v1/commands/%.200s",
                     list->commands[i]->name);
        }
        add_operation(document, form.path, form.method,
                      command_operation(list->commands[i], &form));
    }
    free(list);
}

/* ---- Pages ----------------------------------------------------------------------------------- */

static bool in_path(const char *path, const char *name)
{
    char segment[80];
    snprintf(segment, sizeof(segment), "{%.70s}", name);
    return strstr(path, segment) != NULL;
}

/* Those of the table that are not in the path. */
static void add_page_query(json_t *parameters, const struct gw_page *page)
{
    json_t *all = json_array(), *parameter;
    add_query(all, page->params, false);
    size_t i;
    json_array_foreach(all, i, parameter)
    {
        if (!in_path(page->path, json_string_value(json_object_get(parameter, "name"))))
            json_array_append(parameters, parameter);
    }
    json_decref(all);
}

static json_t *page_content(const char *types)
{
    json_t *all = json_object();
    while (types && *types) {
        char type[160];
        size_t bytes = strcspn(types, "|");
        snprintf(type, sizeof(type), "%.*s", (int)bytes, types);
        json_object_set_new(all, type, json_pack("{s:{}}", "schema"));
        types += bytes + (types[bytes] == '|');
    }
    return all;
}

static bool add_page(void *data, const struct gw_page *page)
{
    struct document *document = data;
    const char *helps[CAPTURES_MAX] = {0};
    size_t capture = 0;
    for (const char *at = page->path; (at = strchr(at, '{')) && capture < CAPTURES_MAX; at++) {
        for (const struct gw_row *row = page->params; row && row->name; row++) {
            size_t bytes = strlen(row->name);
            if (strncmp(at + 1, row->name, bytes) == 0 && at[1 + bytes] == '}')
                helps[capture] = row->help;
        }
        capture++;
    }
    json_t *parameters = json_array(), *all = responses("200", "", NULL);
    add_captures(parameters, page->path, helps);
    add_page_query(parameters, page);
    json_object_set_new(json_object_get(all, "200"), "content", page_content(page->types));
    char id[NAME_BYTES];
    operation_id(id, "page", page->path);
    for (char *c = id; *c; c++) {
        if (*c == '/' || *c == '{' || *c == '}')
            *c = '_';
    }
    json_t *operation =
        json_pack("{s:s, s:s, s:[s], s:o, s:o}", "operationId", id, "summary", page->help, "tags",
                  "pages", "parameters", parameters, "responses", all);
    if (page->role == 0)
        json_object_set_new(operation, "security", json_array());
    add_operation(document, page->path, "GET", operation);
    return true;
}

/* ---- The whole ------------------------------------------------------------------------------ */

static json_t *problem_schema(void)
{
    return json_pack("{s:s, s:[s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, "
                     "s:{s:s, s:{s:s, s:[s,s], s:{s:{s:s}, s:{s:s}}}}}}",
                     "type", "object", "required", "title", "status", "detail", "properties",
                     "type", "type", "string", "title", "type", "string", "status", "type",
                     "integer", "detail", "type", "string", "instance", "type", "string", "errors",
                     "type", "array", "items", "type", "object", "required", "where", "what",
                     "properties", "where", "type", "string", "what", "type", "string");
}

static json_t *components(json_t *schemas)
{
    json_object_set_new(schemas, "problem", problem_schema());
    json_t *problem =
        json_pack("{s:s, s:o}", "description", "What is wrong (RFC 9457)", "content",
                  content("application/problem+json", ref("#/components/schemas/problem")));
    return json_pack("{s:o, s:{s:o}, s:{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s}}}", "schemas",
                     schemas, "responses", "problem", problem, "securitySchemes", "token", "type",
                     "http", "scheme", "bearer", "description", "One of api.tokens", "session",
                     "type", "apiKey", "in", "cookie", "name", "gnswatch_session", "description",
                     "Set by POST /api/v1/session");
}

static const char description[] =
    "Reads are objects, writes are commands, graphs are series, the timeline is events. Errors are "
    "application/problem+json. Without tokens in the configuration, callers on the same machine "
    "need none.";

void api_openapi(struct objects *objects, struct commands *commands, struct buf *out)
{
    struct document document = {
        .paths = json_object(), .schemas = json_object(), .tags = json_array(), .objects = objects};
    for (size_t t = 0; route_tables[t]; t++) {
        for (const struct route *route = route_tables[t]; route->path; route++)
            add_route(&document, route);
    }
    objects_each_kind(objects, add_kind, &document);
    add_commands(&document, commands);
    commands_each_page(commands, add_page, &document);
    json_t *root = json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:[]}, {s:[]}, {}], s:o, s:o, s:o}",
        "openapi", "3.1.0", "info", "title", "gnswatch", "version", GNSWATCH_VERSION, "description",
        description, "license", "name", "GPL-3.0-or-later", "identifier", "GPL-3.0-or-later",
        "servers", "url", "/", "security", "token", "session", "tags", document.tags, "paths",
        document.paths, "components", components(document.schemas));
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    buf_adds(out, text ? text : "{}");
    free(text);
}

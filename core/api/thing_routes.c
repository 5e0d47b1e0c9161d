/* /api/<plugin>/<plural>…: reads are objects, writes are commands. */
#include "api/object_routes.h"
#include "api/route.h"
#include "api/server.h"

#include <stdio.h>
#include <string.h>

struct wanted {
    const char *plugin, *plural;
    size_t plugin_bytes, plural_bytes;
    const struct gw_kind *found;
};

static void compare_kind(void *data, const struct gw_kind *kind)
{
    struct wanted *wanted = data;
    if (strncmp(kind->name, wanted->plugin, wanted->plugin_bytes) == 0 &&
        kind->name[wanted->plugin_bytes] == '.' && strlen(kind->plural) == wanted->plural_bytes &&
        memcmp(kind->plural, wanted->plural, wanted->plural_bytes) == 0)
        wanted->found = kind;
}

/* The kind of "/api/PLUGIN/PLURAL…"; *rest is what follows the plural without its slash. */
static const struct gw_kind *find_kind(struct request *request, const char **rest)
{
    struct wanted wanted = {.plugin = request->path + strlen("/api/")};
    if (strncmp(request->path, "/api/", 5) != 0)
        return NULL;
    wanted.plugin_bytes = strcspn(wanted.plugin, "/");
    if (wanted.plugin[wanted.plugin_bytes] != '/')
        return NULL;
    wanted.plural = wanted.plugin + wanted.plugin_bytes + 1;
    wanted.plural_bytes = strcspn(wanted.plural, "/");
    *rest = wanted.plural + wanted.plural_bytes;
    *rest += **rest == '/';
    objects_each_kind(request->api->parts.objects, compare_kind, &wanted);
    return wanted.found;
}

static bool takes_id(const struct gw_command *command)
{
    for (const struct gw_row *row = command->params; row && row->name; row++) {
        if (strcmp(row->name, "id") == 0 && (row->flags & GW_REQUIRED))
            return true;
    }
    return false;
}

/* The command KIND.VERB when it takes an id, or takes none, as wanted. */
static const struct gw_command *find_command(struct request *request, const struct gw_kind *kind,
                                             const char *verb, bool with_id, char name[256])
{
    snprintf(name, 256, "%s.%s", kind->name, verb);
    const struct gw_command *command = commands_find(request->api->parts.commands, name);
    return command && takes_id(command) == with_id ? command : NULL;
}

static void allow(struct request *request, const char *methods)
{
    size_t length = strlen(request->allow);
    snprintf(request->allow + length, sizeof(request->allow) - length, "%s%s", length ? ", " : "",
             methods);
}

static bool not_offered(struct request *request)
{
    if (request->role < GW_VIEWER)
        return request_unknown_caller(request);
    if (!request->allow[0])
        return request_problem(request, 404, "There is nothing at %s", request->path);
    return request_problem(request, 405, "%s is not offered here", method_name(request->method));
}

static bool get(struct request *request, const struct gw_kind *kind, const char *rest)
{
    if (request->role < GW_VIEWER)
        return not_offered(request);
    if (!rest[0])
        return objects_answer_list(request, kind);
    if (request->parameter_count > 0)
        return request_problem(request, 400, "%s has no parameters", request->path);
    return objects_answer_one(request, kind, rest);
}

static bool post(struct request *request, const struct gw_kind *kind, const char *rest)
{
    char name[256], id[256];
    if (!rest[0])
        return find_command(request, kind, "create", false, name)
                   ? command_answer(request, name, NULL)
                   : (allow(request, "GET, HEAD"), not_offered(request));
    const char *slash = strrchr(rest, '/');
    if (!slash && find_command(request, kind, rest, false, name))
        return command_answer(request, name, NULL);
    if (slash && (size_t)(slash - rest) < sizeof(id) &&
        find_command(request, kind, slash + 1, true, name)) {
        memcpy(id, rest, (size_t)(slash - rest));
        id[slash - rest] = '\0';
        return command_answer(request, name, id);
    }
    if (!slash)
        allow(request, "GET, HEAD");
    return not_offered(request);
}

static bool change(struct request *request, const struct gw_kind *kind, const char *rest,
                   const char *verb)
{
    char name[256];
    if (rest[0] && find_command(request, kind, verb, true, name))
        return command_answer(request, name, rest);
    allow(request, "GET, HEAD");
    return not_offered(request);
}

bool route_thing(struct request *request, bool *answered)
{
    const char *rest = NULL;
    const struct gw_kind *kind = find_kind(request, &rest);
    if (!kind)
        return false;
    switch (request->method) {
    case METHOD_GET:
    case METHOD_HEAD:
        *answered = get(request, kind, rest);
        break;
    case METHOD_POST:
        *answered = post(request, kind, rest);
        break;
    case METHOD_PATCH:
        *answered = change(request, kind, rest, "update");
        break;
    case METHOD_DELETE:
        *answered = change(request, kind, rest, "delete");
        break;
    default:
        allow(request, "GET, HEAD");
        *answered = not_offered(request);
    }
    return true;
}

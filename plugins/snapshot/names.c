/* names.c - names of snapshots, projects by name, and where a project's folder is. */
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES_MAX = 100 };

/* ---- JSON and objects ------------------------------------------------------------------------ */

const char *member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int64_t member_whole(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

json_t *object_of(struct snap *snap, const char *kind, const char *id)
{
    char *text = gw_object_get(snap->self, kind, id);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return json;
}

json_t *objects_of(struct snap *snap, const char *kind)
{
    char *text = gw_object_list(snap->self, kind);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    gw_free(text);
    return json ? json : json_array();
}

void put_object(struct snap *snap, const char *kind, const char *id, json_t *document)
{
    char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
    if (text)
        gw_object_put(snap->self, kind, id, text);
    free(text);
    json_decref(document);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void emit_data(struct snap *snap, enum gw_severity severity, const char *topic,
                      const char *kind, const char *id, json_t *data, const char *text)
{
    char *json = data ? json_dumps(data, JSON_COMPACT) : NULL;
    struct gw_event event = {
        .topic = topic, .severity = severity, .kind = kind, .id = id, .text = text, .data = json};
    gw_emit(snap->self, &event);
    free(json);
    json_decref(data);
}

void emit(struct snap *snap, enum gw_severity severity, const char *topic, const json_t *copy,
          const char *format, ...)
{
    char text[700];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    emit_data(snap, severity, topic, "snapshot.copy", member_text(copy, "id"),
              json_pack("{s:s,s:s,s:s,s:s,s:s}", "server", member_text(copy, "server"), "project",
                        member_text(copy, "project"), "project_name",
                        member_text(copy, "project_name"), "snapshot", member_text(copy, "id"),
                        "name", member_text(copy, "name")),
              text);
}

void emit_project(struct snap *snap, enum gw_severity severity, const char *topic,
                  const char *server, const char *project, const char *project_name,
                  const char *text)
{
    emit_data(snap, severity, topic, "gns3.project", project,
              json_pack("{s:s,s:s,s:s}", "server", server, "project", project, "project_name",
                        project_name),
              text);
}

/* ---- Names ----------------------------------------------------------------------------------- */

void name_with_time(const struct run *run, const char *prefix, char *out, size_t size)
{
    const struct schedule *schedule =
        run->schedule ? schedule_find(run->snap, run->schedule) : NULL;
    struct gw_local local = {0};
    gw_local_time(schedule ? schedule->zone : NULL, run_now(run), &local);
    snprintf(out, size, "%.60s-%04d%02d%02d-%02d%02d%02d", prefix, local.year, local.month,
             local.day, local.hour, local.minute, local.second);
}

/* Never the name of one that was torn or given up: that one is deleted when it comes to light. */
void name_snapshot(struct run *run)
{
    char base[128], name[160];
    if (run->schedule)
        name_with_time(run, run->schedule, base, sizeof base);
    else
        snprintf(base, sizeof base, "%.90s", run->name);
    snprintf(name, sizeof name, "%s", base);
    for (int i = 2; copy_is_suspect(run->snap, run->project, name) && i < TRIES_MAX; i++)
        snprintf(name, sizeof name, "%s-%d", base, i);
    free(run->name);
    run->name = strdup(name);
}

/* ---- Nodes of a run -------------------------------------------------------------------------- */

bool always_runs(const char *type)
{
    static const char *const types[] = {"ethernet_switch",    "ethernet_hub", "cloud", "nat",
                                        "frame_relay_switch", "atm_switch"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

struct run_node *run_add_node(struct run *run, const json_t *json)
{
    struct run_node *grown = realloc(run->nodes, (run->node_count + 1) * sizeof *grown);
    const char *type = member_text(json, "node_type");
    if (!grown)
        return NULL;
    run->nodes = grown;
    struct run_node *node = &grown[run->node_count];
    *node = (struct run_node){.id = strdup(member_text(json, "id")),
                              .name = strdup(member_text(json, "name")),
                              .type = strdup(*type ? type : member_text(json, "type")),
                              .was = WAS_STARTED};
    if (!node->id || !node->name || !node->type) {
        free(node->id);
        free(node->name);
        free(node->type);
        return NULL;
    }
    run->node_count++;
    return node;
}

/* ---- Projects -------------------------------------------------------------------------------- */

static bool on_this_machine(const char *url)
{
    static const char *const hosts[] = {"://127.0.0.1", "://localhost", "://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        const char *at = strstr(url, hosts[i]);
        const char after = at ? at[strlen(hosts[i])] : 'x';
        if (after == '\0' || after == ':' || after == '/')
            return true;
    }
    return false;
}

int project_folder(struct snap *snap, const char *server, const char *project, char *out,
                   size_t size)
{
    json_t *about = object_of(snap, "gns3.server", server);
    json_t *document = object_of(snap, "gns3.project", project);
    const char *path = member_text(document, "path");
    char file[PATH_BYTES];
    int wrote = snprintf(file, sizeof file, "%s/%s", path, member_text(document, "filename"));
    /* The project's own file must be there, or the path is that of another machine. */
    bool here = on_this_machine(member_text(about, "url")) && *path == '/' && wrote > 0 &&
                (size_t)wrote < sizeof file && strlen(path) < size && access(file, R_OK) == 0;
    if (here)
        snprintf(out, size, "%s", path);
    json_decref(about);
    json_decref(document);
    return here ? 0 : -ENOENT;
}

static bool is_called(const json_t *project, const char *text)
{
    const char *server = member_text(project, "server"), *name = member_text(project, "name");
    size_t length = strlen(server);
    if (strcmp(name, text) == 0)
        return true;
    return strncmp(text, server, length) == 0 && text[length] == '/' &&
           strcmp(text + length + 1, name) == 0;
}

json_t *project_find(struct snap *snap, const char *text, struct gw_call *call)
{
    json_t *project = object_of(snap, "gns3.project", text);
    if (project)
        return project;
    json_t *list = objects_of(snap, "gns3.project"), *found = NULL;
    size_t i, count = 0;
    json_t *each;
    json_array_foreach(list, i, each)
    {
        if (is_called(each, text)) {
            found = each;
            count++;
        }
    }
    if (count == 1)
        json_incref(found);
    else if (count == 0)
        gw_refuse(call, -ENOENT, "there is no project '%s'", text);
    else
        gw_refuse(call, -EINVAL, "there are %zu projects called '%s': say server/name or the id",
                  count, text);
    json_decref(list);
    return count == 1 ? found : NULL;
}

/* verify_compare.c - see verify_compare.h. */
#include "verify_compare.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

static void take_nodes(struct verify_result *result, const json_t *topology)
{
    size_t i;
    const json_t *node;
    json_array_foreach(json_object_get(topology, "nodes"), i, node)
    {
        const char *name = text_of(node, "name"), *type = text_of(node, "node_type");
        const char *id = text_of(node, "node_id");
        if (!*name || !*type || !*id) {
            verify_note(result->missing, "a node in project.gns3 has no name, type or id");
            continue;
        }
        json_array_append_new(result->nodes,
                              json_pack("{s:s,s:s,s:s,s:s}", "name", name, "node_type", type,
                                        "node_id", id, "compute_id", text_of(node, "compute_id")));
    }
    result->node_count = (int64_t)json_array_size(result->nodes);
}

/* {"TYPE/NAME": how many} */
static json_t *names_of(const json_t *nodes)
{
    json_t *names = json_object();
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        char key[512];
        snprintf(key, sizeof key, "%.60s/%.400s", text_of(node, "node_type"),
                 text_of(node, "name"));
        json_int_t count = json_integer_value(json_object_get(names, key));
        json_object_set_new(names, key, json_integer(count + 1));
    }
    return names;
}

static void compare_nodes(struct verify_result *result, const json_t *expected)
{
    if (!json_is_array(expected))
        return;
    json_t *is = names_of(result->nodes), *should = names_of(expected);
    const char *key;
    json_t *count;
    json_object_foreach(should, key, count)
    {
        if (json_integer_value(json_object_get(is, key)) < json_integer_value(count))
            verify_note(result->missing, "node %s is not in project.gns3", strchr(key, '/') + 1);
    }
    json_object_foreach(is, key, count)
    {
        if (json_integer_value(json_object_get(should, key)) < json_integer_value(count))
            verify_note(result->missing, "node %s was not in the project", strchr(key, '/') + 1);
    }
    json_decref(is);
    json_decref(should);
}

/* ---- Files of nodes -------------------------------------------------------------------------- */

/* "project-files/TYPE/ID/file": the file within the node's folder, or NULL. */
static const char *file_of_node(const char *path, const json_t *node)
{
    char folder[256];
    int length = snprintf(folder, sizeof folder, "project-files/%.60s/%.100s/",
                          text_of(node, "node_type"), text_of(node, "node_id"));
    return strncmp(path, folder, (size_t)length) == 0 ? path + length : NULL;
}

/* {ID: node}, borrowed nodes. */
static json_t *nodes_by_id(const json_t *nodes)
{
    json_t *map = json_object();
    size_t i;
    json_t *node;
    json_array_foreach((json_t *)(uintptr_t)nodes, i, node)
    {
        json_object_set(map, text_of(node, "node_id"), node);
    }
    return map;
}

static const json_t *node_of_path(const json_t *by_id, const char *path)
{
    char id[128];
    const char *at = path;
    for (int i = 0; i < 2; i++) { /* project-files/TYPE/ */
        at = strchr(at, '/');
        if (!at)
            return NULL;
        at++;
    }
    size_t length = strcspn(at, "/");
    if (length == 0 || length >= sizeof id)
        return NULL;
    snprintf(id, sizeof id, "%.*s", (int)length, at);
    const json_t *node = json_object_get(by_id, id);
    return node && file_of_node(path, node) ? node : NULL;
}

/* For the next time: files by the node's name, which stays when GNS3 gives new ids. */
static json_t *list_files(const json_t *nodes, const json_t *files)
{
    json_t *list = json_object(), *by_id = nodes_by_id(nodes);
    const char *path;
    json_t *bytes;
    json_object_foreach((json_t *)(uintptr_t)files, path, bytes)
    {
        const json_t *node = node_of_path(by_id, path);
        char key[1024];
        if (!node || json_object_size(list) >= VERIFY_LIST_MAX)
            continue;
        snprintf(key, sizeof key, "%.60s/%.300s/%.600s", text_of(node, "node_type"),
                 text_of(node, "name"), file_of_node(path, node));
        json_object_set(list, key, bytes);
    }
    json_decref(by_id);
    return list;
}

/* A disk, a saved configuration: what a node cannot do without. */
static bool essential(const char *key)
{
    static const char *const parts[] = {"disk",  ".qcow2",  ".vmdk",  ".img", "nvram",
                                        "flash", "startup", "config", ".cfg", "interfaces"};
    const char *file = strrchr(key, '/');
    for (size_t i = 0; file && i < sizeof parts / sizeof *parts; i++)
        if (strstr(file, parts[i]))
            return true;
    return false;
}

static bool same_node(const json_t *names, const char *key)
{
    const char *slash = strchr(key, '/');
    const char *end = slash ? strchr(slash + 1, '/') : NULL;
    char node[512];
    if (!end || (size_t)(end - key) >= sizeof node)
        return false;
    snprintf(node, sizeof node, "%.*s", (int)(end - key), key);
    return json_object_get(names, node) != NULL;
}

static void compare_earlier(struct verify_result *result, const json_t *list, const json_t *earlier)
{
    json_t *names = names_of(result->nodes);
    const char *key;
    json_t *bytes;
    json_object_foreach(json_object_get(earlier, "files"), key, bytes)
    {
        const json_t *now = json_object_get(list, key);
        if (!same_node(names, key) || !essential(key))
            continue;
        if (!now)
            verify_note(result->missing, "%s was in the snapshot before and is not in this one",
                        key);
        else if (json_integer_value(bytes) > 0 && json_integer_value(now) == 0)
            verify_note(result->missing, "%s is empty and was not in the snapshot before", key);
    }
    json_decref(names);
}

/* What was on the server's own disk when the snapshot was taken. */
static void compare_disk(struct verify_result *result, const json_t *files, const json_t *disk)
{
    const char *path;
    json_t *bytes;
    json_object_foreach((json_t *)(uintptr_t)disk, path, bytes)
    {
        const json_t *archived = json_object_get(files, path);
        json_int_t size = json_integer_value(bytes), is = json_integer_value(archived);
        if (!archived)
            verify_note(result->missing, "%s is on the server's disk and not in the snapshot",
                        path);
        else if (size >= 0 && size != is)
            verify_note(result->missing, "%s has %lld bytes on the server's disk and %lld here",
                        path, (long long)size, (long long)is);
    }
}

/* Nodes of these types have written files once they ran. */
static bool leaves_files(const char *type)
{
    return strcmp(type, "dynamips") == 0 || strcmp(type, "iou") == 0 || strcmp(type, "docker") == 0;
}

static void compare_ran(struct verify_result *result, const json_t *list, const json_t *nodes)
{
    size_t i;
    const json_t *node;
    json_array_foreach(nodes, i, node)
    {
        char folder[512];
        bool found = false;
        const char *key;
        json_t *bytes;
        if (!json_is_true(json_object_get(node, "ran")) ||
            !leaves_files(text_of(node, "node_type")))
            continue;
        int length = snprintf(folder, sizeof folder, "%.60s/%.300s/", text_of(node, "node_type"),
                              text_of(node, "name"));
        json_object_foreach((json_t *)(uintptr_t)list, key, bytes)
        {
            found = found || strncmp(key, folder, (size_t)length) == 0;
        }
        if (!found)
            verify_note(result->missing, "node %s ran, but none of its files is in the snapshot",
                        text_of(node, "name"));
    }
}

static void compare_size(struct verify_result *result, const json_t *expect)
{
    json_int_t typical = json_integer_value(json_object_get(expect, "typical_bytes"));
    if (typical > 0 && result->bytes < typical / 2)
        verify_note(result->warnings, "it has %lld bytes where the snapshots before had about %lld",
                    (long long)result->bytes, (long long)typical);
}

void verify_compare(struct verify_result *result, const json_t *topology, const json_t *files,
                    const json_t *expect)
{
    take_nodes(result, topology);
    json_t *list = list_files(result->nodes, files);
    size_t i;
    const json_t *lost;
    compare_nodes(result, json_object_get(expect, "nodes"));
    json_array_foreach(json_object_get(expect, "lost"), i, lost)
    {
        verify_note(result->missing, "GNS3: %.200s", json_string_value(lost));
    }
    compare_disk(result, files, json_object_get(expect, "files"));
    compare_earlier(result, list, json_object_get(expect, "earlier"));
    compare_ran(result, list, json_object_get(expect, "nodes"));
    compare_size(result, expect);
    json_object_set_new(result->list, "nodes", json_integer(result->node_count));
    json_object_set_new(result->list, "bytes", json_integer(result->bytes));
    json_object_set_new(result->list, "files", list);
}

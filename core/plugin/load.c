/* From a name to a checked descriptor. Never unloads: a plugin's libraries may keep thread data. */
#include "plugin/load.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(char **why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (vasprintf(why, format, args) < 0)
        *why = NULL;
    va_end(args);
}

static bool good_name(const char *name)
{
    return *name && strlen(name) < 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name);
}

static char *find(const char *const *dirs, const char *name)
{
    for (; *dirs; dirs++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s.so", *dirs, name) < 0)
            return NULL;
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static void say_not_found(const char *const *dirs, const char *name, char **why)
{
    struct buf list;
    buf_init(&list, 4096);
    for (size_t i = 0; dirs[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", dirs[i]);
    say(why, "plugin '%s': no %s.so in %s", name, name, list.data ? list.data : "any directory");
    buf_fini(&list);
}

/* dlerror names the file and says "undefined symbol: NAME". */
static void say_dlopen(const char *name, const char *path, char **why)
{
    const char *error = dlerror();
    const char *symbol = error ? strstr(error, "undefined symbol: ") : NULL;
    if (symbol)
        say(why,
            "plugin '%s': %s needs the symbol '%.*s', which this gnswatch does not have; rebuild "
            "the "
            "plugin, or use the gnswatch it was built for",
            name, path, (int)strcspn(symbol + 18, " ,)"), symbol + 18);
    else
        say(why, "plugin '%s': cannot load %s: %s", name, path, error ? error : "unknown reason");
}

static bool copy_descriptor(struct plugin *plugin, const struct gw_descriptor *from, char **why)
{
    if (from->abi_major != GW_ABI_MAJOR || from->abi_minor > GW_ABI_MINOR) {
        say(why, "plugin '%s' was built for plugin interface %u.%u, this gnswatch has %u.%u; %s",
            plugin->name, from->abi_major, from->abi_minor, GW_ABI_MAJOR, GW_ABI_MINOR,
            from->abi_major < GW_ABI_MAJOR ? "rebuild the plugin" : "update gnswatch");
        return false;
    }
    size_t least = offsetof(struct gw_descriptor, summary) + sizeof(char *);
    if (from->size < least || from->size > sizeof(plugin->descriptor)) {
        say(why,
            "plugin '%s': its descriptor has %zu bytes, this gnswatch knows %zu to %zu; end the "
            "file "
            "with GW_PLUGIN(…) and rebuild it",
            plugin->name, from->size, least, sizeof(plugin->descriptor));
        return false;
    }
    memcpy(&plugin->descriptor, from, from->size);
    return true;
}

static bool open_and_check(struct plugin *plugin, char **why)
{
    void *handle = dlopen(plugin->path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        say_dlopen(plugin->name, plugin->path, why);
        return false;
    }
    const struct gw_descriptor *descriptor = dlsym(handle, "gnswatch_plugin");
    if (!descriptor) {
        say(why, "plugin '%s': %s has no descriptor; end the file with GW_PLUGIN(…)", plugin->name,
            plugin->path);
        return false;
    }
    if (!copy_descriptor(plugin, descriptor, why))
        return false;
    char *fault = descriptor_fault(&plugin->descriptor, plugin->name);
    if (fault)
        say(why, "plugin '%s': %s", plugin->name, fault);
    free(fault);
    return !fault;
}

char *plugin_find(const char *const *dirs, const char *name, char **why)
{
    *why = NULL;
    if (!good_name(name)) {
        say(why, "plugin '%s': a name has only a-z, 0-9, _ and -", name);
        return NULL;
    }
    char *path = find(dirs, name);
    if (!path)
        say_not_found(dirs, name, why);
    return path;
}

struct plugin *plugin_load(const char *const *dirs, const char *name, char **why)
{
    char *path = plugin_find(dirs, name, why);
    struct plugin *plugin = path ? calloc(1, sizeof(*plugin)) : NULL;
    if (!path)
        return NULL;
    if (!plugin)
        free(path);
    else
        plugin->path = path;
    if (!plugin || !(plugin->name = strdup(name)))
        say(why, "plugin '%s': out of memory", name);
    else if (open_and_check(plugin, why))
        return plugin;
    plugin_free(plugin);
    return NULL;
}

void plugin_free(struct plugin *plugin)
{
    if (!plugin)
        return;
    free(plugin->name);
    free(plugin->path);
    free(plugin);
}

static int is_plugin(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0;
}

/* Is it also in an earlier directory? */
static bool shadowed(const char *const *dirs, size_t before, const char *file)
{
    for (size_t i = 0; i < before; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", dirs[i], file);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

void plugin_each(const char *const *dirs,
                 void (*visit)(void *data, const char *name, const char *path), void *data)
{
    for (size_t i = 0; dirs[i]; i++) {
        struct dirent **list = NULL;
        int count = scandir(dirs[i], &list, is_plugin, alphasort);
        for (int at = 0; at < count; at++) {
            char path[4096];
            snprintf(path, sizeof(path), "%s/%s", dirs[i], list[at]->d_name);
            if (!shadowed(dirs, i, list[at]->d_name)) {
                list[at]->d_name[strlen(list[at]->d_name) - 3] = '\0';
                visit(data, list[at]->d_name, path);
            }
            free(list[at]);
        }
        free(list);
    }
}

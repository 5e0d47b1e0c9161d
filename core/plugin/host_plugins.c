/* From a plugin's name to the tables and functions of an instance: loaded into this process for a
 * thread, as a child told them for a process. A file that is replaced by a newer version is looked
 * at again; one that is replaced by a bad one is refused, and what is known stays. */
#include "plugin/host_internal.h"

#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a child told of a file. Never forgotten before the host is: instances, calls and values may
 * still look at its tables. */
struct described {
    struct described *older;
    struct file_id id;
    struct gw_descriptor *tables;      /* owned */
    const struct gw_descriptor *proxy; /* worker's */
};

/* All that is known of a file that is run in processes. */
struct isolated {
    char *path;
    struct described *newest;   /* NULL: nothing good yet */
    struct file_id refused;     /* the version that was no good */
    char *why;                  /* it was not */
    int64_t again_ms, pause_ms; /* when it is looked at again all the same (monotonic) */
};

/* A slow disk or a library that is being replaced is no reason to stay off for good. */
enum { AGAIN_MS = 60000, AGAIN_MOST_MS = 3600000 };

bool file_id_of(const char *path, struct file_id *id)
{
    struct stat about;
    *id = (struct file_id){0};
    if (stat(path, &about))
        return false;
    *id = (struct file_id){.device = about.st_dev,
                           .inode = about.st_ino,
                           .bytes = about.st_size,
                           .changed_ns =
                               (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec};
    return true;
}

bool file_id_same(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->changed_ns == b->changed_ns;
}

/* ---- as a thread ---- */

static struct plugin *load(struct host *host, const char *name, char **why)
{
    *why = NULL;
    pthread_mutex_lock(&host->lock);
    struct plugin *plugin = map_get(&host->plugins, name);
    if (!plugin) {
        plugin = plugin_load(host->parts.plugin_dirs, name, why);
        if (plugin && map_put(&host->plugins, name, plugin)) {
            plugin_free(plugin);
            plugin = NULL;
            *why = strdup("out of memory");
        }
        if (plugin)
            file_id_of(plugin->path, &plugin->id);
    }
    pthread_mutex_unlock(&host->lock);
    return plugin;
}

/* ---- as a process ---- */

static struct isolated *isolated_of(struct host *host, const char *path)
{
    pthread_mutex_lock(&host->lock);
    struct isolated *isolated = map_get(&host->isolated, path);
    if (!isolated) {
        isolated = calloc(1, sizeof(*isolated));
        if (isolated &&
            (!(isolated->path = strdup(path)) || map_put(&host->isolated, path, isolated))) {
            free(isolated->path);
            free(isolated);
            isolated = NULL;
        }
    }
    pthread_mutex_unlock(&host->lock);
    return isolated;
}

static void emit(struct host *host, const char *topic, enum gw_severity severity, const char *text)
{
    struct gw_event event = {
        .topic = topic, .severity = severity, .source = "gnswatch", .text = text};
    bus_emit(host->parts.bus, &event);
}

/* Keeps why, and says so when there was a good version before. */
static void refuse_version(struct host *host, struct isolated *isolated, const struct file_id *id,
                           char *why)
{
    char text[700];
    free(isolated->why);
    isolated->why = why ? why : strdup("out of memory");
    isolated->pause_ms = file_id_same(id, &isolated->refused) ? 2 * isolated->pause_ms : AGAIN_MS;
    if (isolated->pause_ms > AGAIN_MOST_MS)
        isolated->pause_ms = AGAIN_MOST_MS;
    isolated->again_ms = clock_monotonic_ms(host->parts.clock) + isolated->pause_ms;
    isolated->refused = *id;
    if (!isolated->newest)
        return;
    snprintf(text, sizeof(text), "%s has changed and is no good, the version before goes on: %s",
             isolated->path, isolated->why ? isolated->why : "out of memory");
    emit(host, "gnswatch.plugin.refused", GW_ERROR, text);
}

static void take_version(struct host *host, struct isolated *isolated, const struct file_id *id,
                         struct gw_descriptor *tables)
{
    const struct host_worker *worker = host->parts.worker;
    struct described *described = calloc(1, sizeof(*described));
    if (described) {
        described->proxy = worker->proxy(tables, isolated->path);
        *described = (struct described){isolated->newest, *id, tables, described->proxy};
    }
    if (!described || !described->proxy) {
        free(described);
        worker->release(tables);
        return;
    }
    if (isolated->newest) {
        char text[512];
        snprintf(text, sizeof(text), "%s has changed: version %s takes the place of %s",
                 isolated->path, tables->version, isolated->newest->tables->version);
        emit(host, "gnswatch.plugin.replaced", GW_NOTICE, text);
    }
    isolated->newest = described;
    free(isolated->why);
    isolated->why = NULL;
}

/* Looks at the file again when it is another one. Only the thread that reads conf comes here. */
static struct described *describe(struct host *host, const char *path, char **why)
{
    const struct host_worker *worker = host->parts.worker;
    struct isolated *isolated = worker ? isolated_of(host, path) : NULL;
    struct file_id id;
    *why = NULL;
    if (!isolated) {
        *why = strdup(worker ? "out of memory" : "there are no processes for plugins here");
        return NULL;
    }
    bool there = file_id_of(path, &id);
    bool known = isolated->newest && file_id_same(&id, &isolated->newest->id);
    bool bad = isolated->why && file_id_same(&id, &isolated->refused) &&
               clock_monotonic_ms(host->parts.clock) < isolated->again_ms;
    if (there && !known && !bad) {
        char *reason = NULL;
        struct gw_descriptor *tables = worker->describe(path, &reason);
        if (tables)
            take_version(host, isolated, &id, tables);
        else
            refuse_version(host, isolated, &id, reason);
    }
    if (!isolated->newest)
        *why = strdup(isolated->why ? isolated->why : "out of memory");
    return isolated->newest;
}

/* ---- which of both ---- */

static char *path_of(struct host *host, const char *name, char **why)
{
    return plugin_find(host->parts.plugin_dirs, name, why);
}

/* Is it one of gnswatch's own? Those are trusted with a thread. */
static bool is_own(struct host *host, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? strndup(path, (size_t)(slash - path)) : NULL;
    char *real = dir ? realpath(dir, NULL) : NULL;
    bool own = false;
    for (const char *const *at = host->parts.own_dirs; real && at && *at && !own; at++) {
        char *one = realpath(*at, NULL);
        own = one && strcmp(one, real) == 0;
        free(one);
    }
    free(real);
    free(dir);
    return own;
}

static bool runs_isolated(struct host *host, const char *path, enum conf_isolation said)
{
    if (said)
        return said == CONF_PROCESS;
    return host->parts.own_dirs && host->parts.isolate_others && !is_own(host, path);
}

static const struct gw_descriptor *find(struct host *host, const char *name,
                                        enum conf_isolation said, bool to_run, bool *isolated,
                                        char **why)
{
    char *path = path_of(host, name, why);
    if (isolated)
        *isolated = false;
    if (!path || !runs_isolated(host, path, said)) {
        free(path);
        struct plugin *plugin = *why ? NULL : load(host, name, why);
        return plugin ? &plugin->descriptor : NULL;
    }
    struct described *described = describe(host, path, why);
    free(path);
    if (isolated)
        *isolated = true;
    if (!described)
        return NULL;
    return to_run ? described->proxy : described->tables;
}

const struct gw_descriptor *host_load(struct host *host, const char *name, char **why)
{
    return find(host, name, (enum conf_isolation)0, false, NULL, why);
}

const struct gw_descriptor *host_tables_of(struct host *host, const char *name,
                                           enum conf_isolation said, char **why)
{
    return find(host, name, said, false, NULL, why);
}

const struct gw_descriptor *host_functions_of(struct host *host, const struct conf_instance *conf,
                                              bool *isolated, char **why)
{
    return find(host, conf->plugin, conf->isolation, true, isolated, why);
}

/* ---- newer versions ---- */

/* Only what is loaded, which cannot be replaced: that is said once a version. */
static void say_changed(struct host *host, struct plugin *plugin)
{
    struct file_id id;
    char text[512];
    if (!file_id_of(plugin->path, &id) || file_id_same(&id, &plugin->id))
        return;
    plugin->id = id;
    snprintf(text, sizeof(text),
             "%s has changed; it runs as a thread of gnswatch, so the version before goes on until "
             "gnswatch is started again",
             plugin->path);
    emit(host, "gnswatch.plugin.changed", GW_NOTICE, text);
}

void host_look_at_files(struct host *host)
{
    for (size_t i = 0; i < host->plugins.count; i++)
        say_changed(host, host->plugins.entries[i].value);
    for (size_t i = 0; i < host->isolated.count; i++) {
        const struct isolated *isolated = host->isolated.entries[i].value;
        char *why = NULL;
        describe(host, isolated->path, &why);
        free(why);
    }
}

void host_forget_files(struct host *host)
{
    for (size_t i = 0; i < host->isolated.count; i++) {
        struct isolated *isolated = host->isolated.entries[i].value;
        while (isolated->newest) {
            struct described *described = isolated->newest;
            isolated->newest = described->older;
            host->parts.worker->release_proxy(described->proxy);
            host->parts.worker->release(described->tables);
            free(described);
        }
        free(isolated->why);
        free(isolated->path);
        free(isolated);
    }
    map_fini(&host->isolated);
    for (size_t i = 0; i < host->plugins.count; i++)
        plugin_free(host->plugins.entries[i].value);
    map_fini(&host->plugins);
}

/* The set of instances: as the configuration says, no more, no less. */
#include "plugin/host_internal.h"

#include "base/log.h"
#include "plugin/object_events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host *host_new(const struct host_parts *parts)
{
    struct host *host = calloc(1, sizeof(*host));
    if (!host)
        return NULL;
    host->parts = *parts;
    pthread_mutex_init(&host->lock, NULL);
    map_init(&host->plugins);
    map_init(&host->isolated);
    if (object_events_attach(parts->objects, parts->bus) || watchdog_start(host)) {
        host_free(host);
        return NULL;
    }
    return host;
}

void host_use(struct host *host, struct store *store, const char *dashboard)
{
    host->parts.store = store;
    host->parts.dashboard = dashboard;
}

/* ---- plugins ---- */

void host_each_plugin(struct host *host,
                      void (*visit)(void *data, const char *name, const char *path), void *data)
{
    plugin_each(host->parts.plugin_dirs, visit, data);
}

struct known {
    const char *wanted;
    bool found;
    struct buf names;
};

static void add_known(void *data, const char *name, const char *path)
{
    struct known *known = data;
    (void)path;
    known->found |= strcmp(name, known->wanted) == 0;
    buf_printf(&known->names, "%s%s", known->names.len ? ", " : "", name);
}

static int plugin_table(void *data, const char *plugin, enum conf_isolation isolation,
                        const struct gw_row **table, const char **known_out)
{
    struct host *host = data;
    char *why = NULL;
    const struct gw_descriptor *descriptor = host_tables_of(host, plugin, isolation, &why);
    if (descriptor) {
        free(why);
        *table = descriptor->options;
        return 0;
    }
    struct known known = {.wanted = plugin};
    buf_init(&known.names, 4096);
    host_each_plugin(host, add_known, &known);
    free(host->known); /* only the thread that reads conf comes here */
    host->known = NULL;
    if (known.found)
        host->known = why;
    else
        free(why);
    if (!known.found)
        host->known = buf_take(&known.names);
    buf_fini(&known.names);
    *known_out = host->known ? host->known : "";
    return known.found ? -EINVAL : -ENOENT;
}

struct conf_tables host_tables(struct host *host, const struct gw_row *host_table)
{
    return (struct conf_tables){.host = host_table,
                                .plugin_table = plugin_table,
                                .data = host,
                                .plugin_dirs = host->parts.plugin_dirs};
}

static int refuse_dispatch(void *instance, struct gw_call *call)
{
    (void)instance, (void)call;
    return -ESHUTDOWN;
}

int host_show(struct host *host, const char *plugin, char **why)
{
    const struct gw_descriptor *descriptor = host_load(host, plugin, why);
    if (!descriptor)
        return -ENOENT;
    int error = objects_declare(host->parts.objects, plugin, descriptor->kinds);
    if (!error)
        error = commands_add(host->parts.commands, plugin, plugin, (void *)descriptor,
                             refuse_dispatch, descriptor->commands);
    if (!error)
        error = commands_add_pages(host->parts.commands, plugin, plugin, (void *)descriptor,
                                   refuse_dispatch, descriptor->pages);
    if (error &&
        asprintf(why, "plugin '%s': %s", plugin,
                 error == -EEXIST ? "another plugin has one of its commands, pages or kinds"
                                  : strerror(-error)) < 0)
        *why = NULL;
    return error;
}

/* ---- instances ---- */

/* Makes it known and, unless it is disabled or broken, lets it run. */
static struct gw_plugin *launch(struct host *host, struct conf_instance *conf)
{
    char *why = NULL;
    bool isolated;
    const struct gw_descriptor *descriptor = host_functions_of(host, conf, &isolated, &why);
    if (descriptor && objects_declare(host->parts.objects, conf->plugin, descriptor->kinds))
        why = strdup("another plugin has one of its kinds of object");
    bool enabled = conf->enabled;
    struct gw_plugin *self = instance_new(&host->parts, descriptor, conf, why);
    free(why);
    if (self)
        self->isolated = isolated;
    if (!self || !descriptor || !enabled || atomic_load(&self->state) == INSTANCE_FAILED)
        return self;
    int error = commands_add(host->parts.commands, self->conf.plugin, self->conf.name, self,
                             instance_dispatch, descriptor->commands);
    if (!error)
        error = commands_add_pages(host->parts.commands, self->conf.plugin, self->conf.name, self,
                                   instance_dispatch, descriptor->pages);
    if (error)
        instance_fail(self,
                      "its commands and pages are not offered: another plugin has one of them");
    instance_launch(self);
    return self;
}

/* Stops all of `list` in parallel and frees those that did in time. Returns how many are late. */
static size_t retire(struct host *host, struct gw_plugin **list, size_t count, int64_t deadline_ms)
{
    size_t late = 0;
    for (size_t i = 0; i < count; i++)
        commands_remove(host->parts.commands, list[i]);
    for (size_t i = 0; i < count; i++)
        instance_ask_stop(list[i]);
    int64_t until_ns = clock_monotonic_ns(clock_system()) + deadline_ms * 1000000;
    for (size_t i = 0; i < count; i++) {
        if (instance_join(list[i], until_ns)) {
            instance_free(list[i]);
            continue;
        }
        log_line(GW_ERROR, "host", "instance '%s' did not stop within %.1f s (it is in its %s)",
                 list[i]->conf.name, (double)deadline_ms / 1000,
                 atomic_load(&list[i]->callback_since_ns) ? atomic_load(&list[i]->callback)
                                                          : "loop");
        late++;
    }
    return late;
}

static struct conf_instance *find_conf(struct conf *conf, const struct gw_plugin *self)
{
    for (size_t i = 0; i < conf->count; i++) {
        if (conf->instances[i].name && strcmp(conf->instances[i].name, self->conf.name) == 0)
            return &conf->instances[i];
    }
    return NULL;
}

/* The same options for the same version of its plugin. */
static bool runs_as_wanted(struct host *host, const struct gw_plugin *self,
                           const struct conf_instance *wanted)
{
    if (atomic_load(&self->state) == INSTANCE_FAILED || !conf_instance_equal(wanted, &self->conf))
        return false;
    if (!self->isolated)
        return true;
    char *why = NULL;
    bool isolated;
    const struct gw_descriptor *now = host_functions_of(host, wanted, &isolated, &why);
    free(why);
    return now == self->descriptor;
}

static bool named_in(const char *const *names, const char *name)
{
    while (names && *names && strcmp(*names, name) != 0)
        names++;
    return names && *names;
}

/* Whatever was wrong with it is over. */
static void say_removed(struct host *host, const struct gw_plugin *self)
{
    struct gw_event event = {.topic = "gnswatch.instance.removed",
                             .severity = GW_INFO,
                             .source = self->conf.name,
                             .text = "its file is gone, or it is not enabled any more"};
    bus_emit(host->parts.bus, &event);
}

/* Moves the instances that `conf` does not want as they are to `gone`; marks in `conf` those that
 * go on, by making them nameless. Looking at a plugin's file may take its time, so that is done
 * without the lock: only this thread changes the list. */
static size_t sort_out(struct host *host, struct conf *conf, const char *const *kept,
                       struct gw_plugin **gone)
{
    struct gw_plugin *on[INSTANCES_MAX] = {NULL};
    size_t on_count = 0, gone_count = 0;
    for (size_t i = 0; i < host->count; i++) {
        struct gw_plugin *self = host->instances[i];
        struct conf_instance *wanted = find_conf(conf, self);
        bool same = wanted ? runs_as_wanted(host, self, wanted) : named_in(kept, self->conf.name);
        if (same && wanted) {
            free(wanted->name);
            wanted->name = NULL;
        }
        if (same)
            on[on_count++] = self;
        else
            gone[gone_count++] = self;
        if (!same && !wanted)
            say_removed(host, self);
    }
    pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < on_count; i++)
        host->instances[i] = on[i];
    host->count = on_count;
    pthread_mutex_unlock(&host->lock);
    return gone_count;
}

static int apply(struct host *host, struct conf *conf, const char *const *kept,
                 struct gw_plugin **gone)
{
    size_t gone_count = sort_out(host, conf, kept, gone);
    size_t late = retire(host, gone, gone_count, RELOAD_STOP_MS);
    size_t started = 0;
    int error = 0;
    for (size_t i = 0; i < conf->count && !error; i++) {
        if (!conf->instances[i].name)
            continue;
        struct gw_plugin *self = launch(host, &conf->instances[i]);
        error = self ? 0 : -ENOMEM;
        pthread_mutex_lock(&host->lock);
        if (self)
            host->instances[host->count++] = self;
        pthread_mutex_unlock(&host->lock);
        started += self != NULL;
    }
    pthread_mutex_lock(&host->lock);
    host->late += late;
    host->applied = true;
    size_t undisturbed = host->count - started;
    pthread_mutex_unlock(&host->lock);
    if (started || gone_count || !kept)
        log_line(GW_INFO, "host", "%zu instance%s started, %zu stopped, %zu undisturbed", started,
                 started == 1 ? "" : "s", gone_count, undisturbed);
    return error;
}

int host_apply_but(struct host *host, struct conf *conf, const char *const *kept)
{
    int error = conf->count > INSTANCES_MAX ? -ENOSPC : 0;
    struct gw_plugin **gone = calloc(INSTANCES_MAX, sizeof(struct gw_plugin *));
    pthread_mutex_lock(&host->lock);
    if (!host->instances)
        host->instances = calloc(INSTANCES_MAX, sizeof(struct gw_plugin *));
    if (!gone || !host->instances)
        error = -ENOMEM;
    pthread_mutex_unlock(&host->lock);
    if (!error)
        error = apply(host, conf, kept, gone);
    free(gone);
    conf_free(conf);
    return error;
}

int host_apply(struct host *host, struct conf *conf)
{
    return host_apply_but(host, conf, NULL);
}

int host_stop(struct host *host, int64_t deadline_ms)
{
    pthread_mutex_lock(&host->lock);
    struct gw_plugin **list = host->instances;
    size_t count = host->count;
    host->instances = NULL;
    host->count = 0;
    pthread_mutex_unlock(&host->lock);
    host->late += list ? retire(host, list, count, deadline_ms) : 0;
    free(list);
    watchdog_stop(host);
    return host->late ? -ETIMEDOUT : 0;
}

void host_free(struct host *host)
{
    if (!host)
        return;
    host_stop(host, RELOAD_STOP_MS);
    if (host->late)
        return; /* threads that hang may still look at it */
    host_forget_files(host);
    pthread_cond_destroy(&host->watch_wake);
    pthread_mutex_destroy(&host->lock);
    free(host->known);
    free(host);
}

int host_restart(struct host *host, const char *instance)
{
    int error = -ENOENT;
    pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->count; i++) {
        struct gw_plugin *self = host->instances[i];
        if (strcmp(self->conf.name, instance) != 0)
            continue;
        error = self->threaded ? 0 : -EINVAL;
        if (!error)
            instance_ask_restart(self);
    }
    pthread_mutex_unlock(&host->lock);
    return error;
}

bool host_ready(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    bool ready = host->applied;
    for (size_t i = 0; i < host->count; i++)
        ready &= !host->instances[i]->conf.enabled || atomic_load(&host->instances[i]->tried);
    pthread_mutex_unlock(&host->lock);
    return ready;
}

void host_json(struct host *host, struct buf *out)
{
    buf_addc(out, '[');
    pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->count; i++) {
        if (i)
            buf_addc(out, ',');
        instance_json(host->instances[i], out);
    }
    pthread_mutex_unlock(&host->lock);
    buf_addc(out, ']');
}

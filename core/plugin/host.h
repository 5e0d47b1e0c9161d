/* The plugin host: loads plugins, runs instances on threads of their own, and keeps the clock.
 *
 * Ties the nouns together for plugins; behind the functions of gnswatch/plugin.h. Threads: any,
 * unless said otherwise. */
#ifndef GW_PLUGIN_HOST_H
#define GW_PLUGIN_HOST_H

#include "command/command.h"
#include "conf/conf.h"
#include "event/event.h"
#include "metric/metric.h"
#include "object/object.h"
#include "store/store.h"

struct host;
struct remote; /* plugin/remote.h */

/* How plugins run in processes of their own; core/worker has the functions, which is above. */
struct host_worker {
    /* A plugin's tables as a child told them; NULL with a sentence in *why (the caller frees). */
    struct gw_descriptor *(*describe)(const char *path, char **why);
    void (*release)(struct gw_descriptor *described);
    /* The same tables with functions that speak to a child. Lives as long as `described`. */
    const struct gw_descriptor *(*proxy)(const struct gw_descriptor *described, const char *path);
    void (*release_proxy)(const struct gw_descriptor *proxy);
};

struct host_parts {
    const struct clock *clock;
    struct metric *metric;
    struct objects *objects;
    struct bus *bus;
    struct commands *commands;
    struct store *store;   /* NULL: none, or not yet; see host_use */
    const char *dashboard; /* its address without a slash at the end; NULL: not known yet */
    const char *state_dir;
    const char *const *plugin_dirs; /* ends with NULL; searched in order */
    const char *const *own_dirs;    /* those of them whose plugins run as threads; NULL: all */
    bool isolate_others;            /* the others as processes, unless their files say otherwise */
    const struct host_worker *worker; /* NULL: no processes */
    const struct remote *remote;      /* in a process of its own: the daemon; else NULL */
};

struct host *host_new(const struct host_parts *parts);
/* What is opened after the host and before its first instance. Borrowed. */
void host_use(struct host *host, struct store *store, const char *dashboard);
/* Drains: every instance's `stop` runs, in parallel, within `deadline_ms`; what is late is named in
 * the log and left. */
int host_stop(struct host *host, int64_t deadline_ms);
void host_free(struct host *host);

/* Loads plugin NAME once (dlopen RTLD_NOW | RTLD_LOCAL, never dlclose). NULL with a sentence in
 * *why (the caller frees): not found in …, ABI 2.0 is not 1.0, a missing symbol, no descriptor. */
const struct gw_descriptor *host_load(struct host *host, const char *plugin, char **why);
void host_each_plugin(struct host *host,
                      void (*visit)(void *data, const char *name, const char *path), void *data);
/* Registers a plugin's kinds and commands without running it, for `describe`. 0, or an error with a
 * sentence in *why (the caller frees). */
int host_show(struct host *host, const char *plugin, char **why);
struct conf_tables host_tables(struct host *host, const struct gw_row *host_table);

/* Starts, stops and restarts instances so that they are as `conf` says; those that do not differ
 * go on undisturbed. The host takes `conf` over. */
int host_apply(struct host *host, struct conf *conf);
/* The same, and instances of these names (ends with NULL) go on as they are, whatever `conf` has.
 */
int host_apply_but(struct host *host, struct conf *conf, const char *const *kept);
/* Looks whether plugins' files have changed: a good new version takes effect with the next apply.
 */
void host_look_at_files(struct host *host);

/* What the dashboard's plugin page shows, JSON array of instances (see core/api/README.md). */
void host_json(struct host *host, struct buf *out);
int host_restart(struct host *host, const char *instance); /* at once; -ENOENT */
/* A configuration was applied, and every enabled instance has started or failed once. */
bool host_ready(struct host *host);

#endif

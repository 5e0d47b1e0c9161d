/* What host.c and watchdog.c share. */
#ifndef GW_PLUGIN_HOST_INTERNAL_H
#define GW_PLUGIN_HOST_INTERNAL_H

#include "base/map.h"
#include "plugin/instance.h"

enum { INSTANCES_MAX = 1000, RELOAD_STOP_MS = 5000 };

struct host {
    struct host_parts parts;
    pthread_mutex_t lock; /* everything below */
    struct map plugins;   /* name -> struct plugin, for good */
    struct map isolated;  /* path -> what host_plugins.c knows of it */
    struct gw_plugin **instances;
    size_t count;
    bool applied; /* a configuration has been put into effect */
    size_t late;  /* instances that did not stop: their memory is left to them */
    char *known;  /* names of plugins, for a message of conf */

    pthread_t watchdog;
    bool watched, watch_ends;
    pthread_cond_t watch_wake;
};

/* A thread that reports callbacks beyond their deadline, lets calls expire, and samples what
 * instances cost. */
int watchdog_start(struct host *host);
void watchdog_stop(struct host *host);

/* host_plugins.c. What instances of a plugin need: loaded, or as a child told it. NULL with a
 * sentence in *why (the caller frees). Only on the thread that reads conf. */
const struct gw_descriptor *host_tables_of(struct host *host, const char *plugin,
                                           enum conf_isolation said, char **why);
const struct gw_descriptor *host_functions_of(struct host *host, const struct conf_instance *conf,
                                              bool *isolated, char **why);
void host_forget_files(struct host *host);
bool file_id_of(const char *path, struct file_id *id); /* false: it is not there */
bool file_id_same(const struct file_id *a, const struct file_id *b);

#endif

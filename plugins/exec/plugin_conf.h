/* plugin_conf.h - /etc/munin/plugin-conf.d: who a Munin plugin is run as and with which variables.
 * Knows nothing of running. */
#ifndef EXEC_PLUGIN_CONF_H
#define EXEC_PLUGIN_CONF_H

#include "texts.h"

#include <stdio.h>

struct plugin_conf {    /* the caller's; zeroed to begin with */
    char *user, *group; /* owned; NULL: not said */
    int64_t timeout_ms; /* 0: not said */
    struct texts env;   /* owned: NAME=value */
};

/* All that the files of a directory say of the plugin `name`: sections with a * first, then those
 * with its very name. A directory that cannot be read says nothing. */
void plugin_conf_read(struct plugin_conf *conf, const char *directory, const char *name);
/* Of one file, the sections that have a *, or those that have none. */
void plugin_conf_take(struct plugin_conf *conf, FILE *file, const char *name, bool wild);
void plugin_conf_fini(struct plugin_conf *conf);

#endif

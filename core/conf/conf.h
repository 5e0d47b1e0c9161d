/* conf.d: a directory of *.yaml, read in the order of their names.
 *
 * `gnswatch.yaml` holds the host's own settings. Every other file makes one instance, named after
 * the file: `lab.yaml` with `plugin: gns3` is instance "lab" of gns3; without `plugin` the file's
 * name is the plugin's. Beside the plugin's own options a file may say:
 *     enabled: no        every: 5s        plugin: NAME
 * Problems are collected over all files with file:line:column, the source line and a caret.
 * Knows nothing of loaded plugins: it asks `struct conf_tables` for a plugin's table. */
#ifndef GW_CONF_CONF_H
#define GW_CONF_CONF_H

#include "conf/values.h"

struct conf_instance {
    char *name, *plugin, *file; /* owned */
    int line;                   /* of `plugin:`, or 1 */
    bool enabled;
    int64_t every_ms; /* 0: the plugin's default */
    struct gw_values *values;
};

struct conf {
    struct gw_values *host; /* of gnswatch.yaml, or all defaults */
    struct conf_instance *instances;
    size_t count;
};

struct conf_tables {
    const struct gw_row *host;
    /* The option table of `plugin`. `*table` may be NULL (no options). Returns 0, -ENOENT (then
     * `*known` is a comma-separated list of names for the message, borrowed), or another error
     * with a sentence in `*known`. */
    int (*plugin_table)(void *data, const char *plugin, const struct gw_row **table,
                        const char **known);
    void *data;
};

/* NULL when there was any problem: a bad directory changes nothing. The caller owns the result. */
struct conf *conf_load(const char *dir, const struct conf_tables *tables,
                       struct problems *problems);
struct conf *conf_parse(const char *file_name, const char *text, const struct conf_tables *tables,
                        struct problems *problems); /* one file, for tests and fuzzing */
void conf_free(struct conf *conf);
bool conf_instance_equal(const struct conf_instance *a, const struct conf_instance *b);

#endif

/* conf.d: a directory of *.yaml, read in the order of their names.
 *
 * `gnswatch.yaml` holds the host's own settings. Every other file makes one instance, named after
 * the file: `lab.yaml` with `plugin: gns3` is instance "lab" of gns3; without `plugin` the file's
 * name is the plugin's. Beside the plugin's own options a file may say:
 *     enabled: no        every: 5s        plugin: NAME
 *     isolation: thread, or process: a child of its own, which may crash and hang
 *     run_as: USER       of that child
 *     limits:            of that child, which has all of these unless the file says otherwise
 *       memory: 256MiB   cpu: 100%  files: 256  series: 10000  events: 100/s  processes: 0
 *       hang: 30s
 * Who says run_as or limits means a process. A plugin's own option of the same name as one of these
 * three comes first.
 * Problems are collected over all files with file:line:column, the source line and a caret.
 * Knows nothing of loaded plugins: it asks `struct conf_tables` for a plugin's table. */
#ifndef GW_CONF_CONF_H
#define GW_CONF_CONF_H

#include "conf/values.h"

enum conf_isolation { CONF_THREAD = 1, CONF_PROCESS };

struct conf_limits {
    int64_t memory_bytes, files, series, processes, hang_ms;
    double cpu_percent; /* of one core */
    double events_per_s;
};

struct conf_instance {
    char *name, *plugin, *file; /* owned */
    int line;                   /* of `plugin:`, or 1 */
    bool enabled;
    int64_t every_ms;              /* 0: the plugin's default */
    enum conf_isolation isolation; /* 0: not said */
    char *run_as;                  /* owned; NULL: the user gnswatch has */
    struct conf_limits limits;     /* all set, also when the file does not say any */
    struct gw_values *values;
};

struct conf {
    struct gw_values *host; /* of gnswatch.yaml, or all defaults */
    struct conf_instance *instances;
    size_t count;
};

struct conf_tables {
    const struct gw_row *host;
    /* The option table of `plugin`, to be run as `isolation` (0: not said). `*table` may be NULL
     * (no options). Returns 0, -ENOENT (then
     * `*known` is a comma-separated list of names for the message, borrowed), or another error
     * with a sentence in `*known`. */
    int (*plugin_table)(void *data, const char *plugin, enum conf_isolation isolation,
                        const struct gw_row **table, const char **known);
    void *data;
    /* Where plugins are looked for, to be named when one is not found; ends with NULL, borrowed.
     * NULL: not said. */
    const char *const *plugin_dirs;
};

/* NULL when there was any problem: a bad directory changes nothing. The caller owns the result. */
struct conf *conf_load(const char *dir, const struct conf_tables *tables,
                       struct problems *problems);
/* The same, one by one: a file with mistakes is told with them to `refused` and left out, the
 * others are read. `file` is its name within the directory. NULL with problems: the directory
 * itself cannot be read. Without a good gnswatch.yaml the result has no `host`. */
typedef void conf_refused_fn(void *data, const char *file, const struct problems *problems);
struct conf *conf_load_each(const char *dir, const struct conf_tables *tables,
                            struct problems *problems, conf_refused_fn *refused, void *data);
struct conf *conf_parse(const char *file_name, const char *text, const struct conf_tables *tables,
                        struct problems *problems); /* one file, for tests and fuzzing */
void conf_free(struct conf *conf);
/* common.c: what every instance's file may say, for `gnswatch describe`. */
const struct gw_row *conf_common_rows(void);
bool conf_instance_equal(const struct conf_instance *a, const struct conf_instance *b);

#endif

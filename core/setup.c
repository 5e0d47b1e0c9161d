/* The host's own options, and what follows from them. */
#include "setup.h"

#include "api/api.h"
#include "base/log.h"
#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gw_row log_options[] = {
    {.name = "level",
     .type = GW_ENUM,
     .def = "info",
     .choices = "debug|info|notice|warning|error",
     .help = "The least severity that is logged."},
    {.name = "format",
     .type = GW_ENUM,
     .def = "text",
     .choices = "text|json",
     .help = "Lines for people or for machines."},
    {0},
};

const struct gw_row host_options[] = {
    {.name = "log", .type = GW_TABLE, .rows = log_options, .help = "Lines on stderr."},
    {.name = "api",
     .type = GW_TABLE,
     .rows = api_options,
     .help = "HTTP and WebSocket: where it listens and who may."},
    {.name = "store",
     .type = GW_TABLE,
     .rows = store_options,
     .help = "How long series, events and history are kept."},
    {.name = "state_dir",
     .type = GW_STRING,
     .help = "Where everything that lasts is kept; --state comes first. Default: "
             "/var/lib/gnswatch for root, else ~/.local/state/gnswatch."},
    {.name = "plugin_dirs",
     .type = GW_STRINGS,
     .help = "Further directories with plugins, searched before gnswatch's own."},
    {.name = "user",
     .type = GW_STRING,
     .help = "Started as root, gnswatch becomes this user once it listens."},
    {.name = "watch_files",
     .type = GW_BOOL,
     .def = "yes",
     .help =
         "Whether a file of conf.d, or a plugin's, takes effect by itself when it changes; else "
         "with SIGHUP."},
    {0},
};

static int no_table(void *data, const char *plugin, enum conf_isolation isolation,
                    const struct gw_row **table, const char **known)
{
    (void)data, (void)plugin, (void)isolation;
    *table = NULL;
    *known = "";
    return -1;
}

/* gnswatch.yaml alone: plugins cannot be found before it has been read. NULL: absent or wrong. */
static struct conf *peek(const char *conf_dir)
{
    enum { FILE_MAX = 1 << 20 };
    char *path = NULL, *text = NULL;
    struct conf *conf = NULL;
    if (asprintf(&path, "%s/gnswatch.yaml", conf_dir) < 0)
        return NULL;
    FILE *file = fopen(path, "re");
    if (file && (text = calloc(1, FILE_MAX + 1)) && fread(text, 1, FILE_MAX, file) > 0) {
        struct conf_tables tables = {.host = host_options, .plugin_table = no_table};
        struct problems problems;
        problems_init(&problems);
        conf = conf_parse(path, text, &tables, &problems);
        problems_fini(&problems);
    }
    if (file)
        fclose(file);
    free(text);
    free(path);
    return conf;
}

/* The command line's directories, then the file's, then the program's. */
static char **gather_plugin_dirs(const char *const *given, const struct gw_values *host)
{
    size_t count = 0, more = host ? gw_count(host, "plugin_dirs") : 0;
    while (given && given[count])
        count++;
    const char **all = calloc(count + more + 1, sizeof(char *));
    if (!all)
        return NULL;
    for (size_t i = 0; i < count; i++)
        all[i] = given[i];
    for (size_t i = 0; i < more; i++)
        all[count + i] = gw_string_at(host, "plugin_dirs", i);
    char **dirs = place_plugin_dirs(all);
    free(all);
    return dirs;
}

bool setup_init(struct setup *setup, const char *conf_dir, const char *state_dir,
                const char *const *plugin_dirs)
{
    *setup = (struct setup){.conf_dir = place_conf_dir(conf_dir)};
    struct conf *conf = setup->conf_dir ? peek(setup->conf_dir) : NULL;
    const struct gw_values *host = conf ? conf->host : NULL;
    const char *state = state_dir ? state_dir : host ? gw_string(host, "state_dir") : NULL;
    setup->state_dir = place_state_dir(state);
    setup->plugin_dirs = gather_plugin_dirs(plugin_dirs, host);
    setup->own_dirs = place_plugin_dirs(NULL);
    setup->web_dir = place_web_dir();
    setup->rrd_module = place_rrd_module();
    setup->store_program = place_store_program();
    if (host)
        setup_log(host);
    conf_free(conf);
    if (setup->conf_dir && setup->state_dir && setup->plugin_dirs && setup->own_dirs)
        return true;
    fprintf(stderr, "gnswatch: out of memory\n");
    setup_fini(setup);
    return false;
}

void setup_fini(struct setup *setup)
{
    free(setup->conf_dir);
    free(setup->state_dir);
    free(setup->web_dir);
    free(setup->rrd_module);
    free(setup->store_program);
    places_free(setup->plugin_dirs);
    places_free(setup->own_dirs);
    *setup = (struct setup){0};
}

struct conf *setup_load(const struct setup *setup, struct host *host, struct problems *problems)
{
    struct conf_tables tables = host_tables(host, host_options);
    return conf_load(setup->conf_dir, &tables, problems);
}

void setup_say_first_steps(const struct setup *setup)
{
    fprintf(stderr,
            "Make that directory and a file in it, for example with\n"
            "    gnswatch describe gns3 --yaml > %s/gns3.yaml\n"
            "name another one with --conf, or see a simulated lab first: gnswatch demo\n",
            setup->conf_dir);
}

void setup_log(const struct gw_values *host)
{
    const struct gw_values *log = gw_table_at(host, "log", 0);
    const char *level = log ? gw_string(log, "level") : NULL;
    const char *format = log ? gw_string(log, "format") : NULL;
    int least = level ? severity_parse(level) : -1;
    log_setup(least > 0 ? (enum gw_severity)least : GW_INFO,
              format && strcmp(format, "json") == 0 ? LOG_JSON : LOG_TEXT);
}

/* What every instance's file may say beside its plugin's own options. Knows what the keys are
 * called and what they may be, not what is done with them. */
#include "conf/conf_file.h"

#include <string.h>

static const struct gw_row limit_rows[] = {
    {"memory", GW_SIZE, "By", .def = "256MiB", .min = 16 << 20, .max = 1LL << 40,
     .help = "Memory of its own; at the limit it gets no more, beyond it it is restarted"},
    {"cpu", GW_NUMBER, "%", .def = "100", .min = 1, .max = 10000,
     .help = "Share of one core, over ten seconds; beyond it the process is paused"},
    {"files", GW_INT, "1", .def = "256", .min = 16, .max = 65536,
     .help = "Descriptors that may be open at once"},
    {"series", GW_INT, "1", .def = "10000", .min = 1, .max = 1000000,
     .help = "Series it may have; more are refused"},
    {"events", GW_NUMBER, "1/s", .def = "100", .min = 0.1, .max = 100000,
     .help = "Events a second; more are dropped and counted"},
    {"processes", GW_INT, "1", .def = "0", .min = 0, .max = 10000,
     .help = "Processes it may start; with 0 starting one is refused"},
    {"hang", GW_DURATION, "s", .def = "30s", .min = 1000, .max = 3600000,
     .help = "A callback that takes longer is ended together with its process"},
    {0},
};

static const struct gw_row common_rows[] = {
    {"plugin", GW_STRING, .min = 1, .max = 64, .help = "The plugin; by default the file's name"},
    {"enabled", GW_BOOL, .def = "yes", .help = "Whether the instance runs"},
    {"every", GW_DURATION, "s", .min = 100, .max = 86400000,
     .help = "Time between two ticks; by default the plugin's"},
    {"isolation", GW_ENUM, .choices = "thread|process",
     .help =
         "Where it runs: in gnswatch itself, or in a process of its own that may crash and hang"},
    {"run_as", GW_STRING, .min = 1, .max = 32,
     .help = "User of its process; only a gnswatch that runs as root can give it another"},
    {"limits", GW_TABLE, .def = "{}", .rows = limit_rows,
     .help = "What its process may use; saying any means `isolation: process`"},
    {0},
};

const struct gw_row *conf_common_rows(void)
{
    return common_rows;
}

static const struct gw_row *row_named(const struct gw_row *table, const char *name)
{
    for (const struct gw_row *row = table; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

const struct gw_row *conf_common_row(const struct gw_row *table, const char *key)
{
    return row_named(table, key) ? NULL : row_named(common_rows, key);
}

static void set_limits(struct conf_limits *limits, const struct gw_values *values)
{
    *limits = (struct conf_limits){
        .memory_bytes = gw_int(values, "memory"),
        .cpu_percent = gw_number(values, "cpu"),
        .files = gw_int(values, "files"),
        .series = gw_int(values, "series"),
        .events_per_s = gw_number(values, "events"),
        .processes = gw_int(values, "processes"),
        .hang_ms = gw_int(values, "hang"),
    };
}

static const struct input *item_named(const struct input *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[i].key, name) == 0)
            return &map->items[i];
    }
    return NULL;
}

enum conf_isolation conf_common_isolation(const struct input *map)
{
    const struct input *said = item_named(map, "isolation");
    const char *text = said && said->text ? said->text : "";
    if (strcmp(text, "thread") == 0)
        return CONF_THREAD;
    bool process =
        strcmp(text, "process") == 0 || item_named(map, "limits") || item_named(map, "run_as");
    return process ? CONF_PROCESS : (enum conf_isolation)0;
}

static bool line_has(const char *line, size_t bytes, const char *word)
{
    return memmem(line, bytes, word, strlen(word)) != NULL;
}

enum conf_isolation conf_common_likely(const char *text, size_t bytes)
{
    for (size_t at = 0, length; at < bytes; at += length + 1) {
        const char *end = memchr(text + at, '\n', bytes - at), *line = text + at;
        length = end ? (size_t)(end - line) : bytes - at;
        size_t blank = strspn(line, " \t");
        if (blank < length && line[blank] == '#')
            continue;
        if (line_has(line, length, "isolation") && line_has(line, length, "thread"))
            return CONF_THREAD;
        if (line_has(line, length, "isolation") || line_has(line, length, "limits") ||
            line_has(line, length, "run_as"))
            return CONF_PROCESS;
    }
    return (enum conf_isolation)0;
}

const char *conf_common_set(struct conf_instance *instance, const struct gw_values *values,
                            const struct input *map, const struct input **place)
{
    const char *isolation = gw_string(values, "isolation"), *run_as = gw_string(values, "run_as");
    const struct input *limits = item_named(map, "limits"), *user = item_named(map, "run_as");
    instance->enabled = gw_bool(values, "enabled");
    instance->every_ms = gw_int(values, "every");
    instance->run_as = run_as ? strdup(run_as) : NULL;
    set_limits(&instance->limits, gw_table_at(values, "limits", 0));
    *place = limits ? limits : user;
    if (isolation)
        instance->isolation = strcmp(isolation, "process") == 0 ? CONF_PROCESS : CONF_THREAD;
    else if (*place)
        instance->isolation = CONF_PROCESS;
    if (instance->isolation != CONF_THREAD || !*place)
        return NULL;
    return *place == limits
               ? "limits are those of a process; say 'isolation: process', or remove them"
               : "a thread has the user of gnswatch; say 'isolation: process', or remove this";
}

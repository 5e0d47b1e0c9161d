/* The tables the configuration tests and fuzzers read by: one row of every type. */
#ifndef GW_TEST_CONF_TABLES_H
#define GW_TEST_CONF_TABLES_H

#include "conf/conf.h"

#include <errno.h>
#include <string.h>

static const struct gw_row test_server_rows[] = {
    {"name", GW_STRING, .help = "How it is called", .flags = GW_REQUIRED | GW_UNIQUE},
    {"url", GW_STRING, .min = 8, .help = "Where it is", .flags = GW_REQUIRED},
    {"password", GW_SECRET, .min = 4, .help = "Its password"},
    {"timeout", GW_DURATION, "s", .def = "10s", .min = 1000, .max = 300000, .help = "How long"},
    {0},
};

static const struct gw_row test_rows[] = {
    {"servers", GW_TABLES, .rows = test_server_rows, .max = 8, .help = "The servers"},
    {"budget", GW_INT, "1/s", .def = "20", .min = 1, .max = 100, .help = "Requests"},
    {"share", GW_NUMBER, "%", .max = 100, .help = "Of the time"},
    {"mode", GW_ENUM, .def = "fast", .choices = "fast|careful|slow", .help = "How"},
    {"follow", GW_BOOL, .def = "yes", .help = "Whether to follow"},
    {"keep", GW_SIZE, "By", .def = "1MiB", .min = 1024, .max = 1 << 30, .help = "How much"},
    {"since", GW_TIME, .help = "From when on"},
    {"tags", GW_STRINGS, .max = 3, .help = "Words"},
    {"token", GW_SECRET, .help = "A token"},
    {"board_pin", GW_SECRET, .help = "A secret whose name does not sound like one"},
    {"place", GW_TABLE, .rows = test_server_rows, .help = "One server"},
    {"extra", GW_JSON, .help = "Anything"},
    {"nightly", GW_CRON, .def = "30 3 * * *", .help = "When to tidy"},
    {"zone", GW_ZONE, .def = "", .help = "Where that is"},
    {0},
};

static const struct gw_row test_host_rows[] = {
    {"listen", GW_STRING, .def = "127.0.0.1", .help = "Address"},
    {"port", GW_INT, .def = "8080", .min = 0, .max = 65535, .help = "Port"},
    {0},
};

static int test_plugin_table(void *data, const char *plugin, enum conf_isolation isolation,
                             const struct gw_row **table, const char **known)
{
    (void)data, (void)isolation;
    *table = strcmp(plugin, "gns3") == 0 ? test_rows : NULL;
    *known = "gns3, load";
    if (strcmp(plugin, "old") == 0) {
        *known = "it was built for another version";
        return -ENOEXEC;
    }
    return strcmp(plugin, "gns3") == 0 || strcmp(plugin, "load") == 0 ? 0 : -ENOENT;
}

static const struct conf_tables test_tables = {.host = test_host_rows,
                                               .plugin_table = test_plugin_table};

#endif

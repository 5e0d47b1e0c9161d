/* gnswatch check and gnswatch plugins */
#include "cmd.h"

#include "api/api.h"
#include "nouns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What lies in several options, so that their table cannot tell. */
static void check_host(const struct setup *setup, const struct gw_values *host,
                       struct problems *problems)
{
    char *why = NULL;
    char where[4096];
    const struct gw_values *api = gw_table_at(host, "api", 0);
    snprintf(where, sizeof(where), "%s/gnswatch.yaml", setup->conf_dir);
    if (api && api_check(api, &why))
        problems_add(problems, where, NULL, "%s", why ? why : "out of memory");
    free(why);
    for (size_t i = 0; i < gw_count(host, "plugin_dirs"); i++) {
        const char *dir = gw_string_at(host, "plugin_dirs", i);
        if (access(dir, R_OK | X_OK))
            problems_add(problems, where, NULL, "plugin_dirs: %s: %s", dir, strerror(errno));
    }
}

static void print_instances(const struct setup *setup, const struct conf *conf)
{
    printf("%s: %zu instance%s, no mistakes\n", setup->conf_dir, conf->count,
           conf->count == 1 ? "" : "s");
    for (size_t i = 0; i < conf->count; i++)
        printf("  %-16s plugin %s%s\n", conf->instances[i].name, conf->instances[i].plugin,
               conf->instances[i].enabled ? "" : " (disabled)");
    if (!conf->count)
        printf("Nothing would be watched; a first file:\n"
               "    gnswatch describe gns3 --yaml > %s/gns3.yaml\n",
               setup->conf_dir);
}

static int check(const struct setup *setup, struct host *host)
{
    struct problems problems;
    struct buf text;
    problems_init(&problems);
    buf_init(&text, 1 << 20);
    struct conf *conf = setup_load(setup, host, &problems);
    if (conf)
        check_host(setup, conf->host, &problems);
    int code = problems.count || !conf ? EXIT_USAGE : EXIT_CLEAN;
    if (code == EXIT_CLEAN) {
        print_instances(setup, conf);
    } else {
        problems_print(&problems, &text);
        fprintf(stderr, "%s\n%s: %zu mistake%s\n", text.data ? text.data : "", setup->conf_dir,
                problems.count + problems.left_off, problems.count == 1 ? "" : "s");
        if (access(setup->conf_dir, F_OK))
            setup_say_first_steps(setup);
    }
    conf_free(conf);
    buf_fini(&text);
    problems_fini(&problems);
    return code;
}

static void show_plugin(void *data, const char *name, const char *path)
{
    char *why = NULL;
    const struct gw_descriptor *descriptor = host_load(data, name, &why);
    if (descriptor)
        printf("%-12s %-8s %s\n%-21s %s\n", name, descriptor->version, descriptor->summary, "",
               path);
    else
        printf("%-12s %-8s %s\n", name, "-", why ? why : "out of memory");
    free(why);
}

static int with_host(const struct cli_command *command, int argc, char **argv,
                     int (*then)(const struct setup *setup, struct host *host))
{
    struct cli_parsed parsed;
    struct setup setup;
    struct nouns nouns;
    int code;
    if (!cmd_setup(command, argc, argv, &parsed, &setup, &code))
        return code;
    if (nouns_open(&nouns, &setup)) {
        code = then(&setup, nouns.host);
        nouns_close(&nouns);
    }
    setup_fini(&setup);
    return code;
}

int cmd_check(const struct cli_command *command, int argc, char **argv)
{
    return with_host(command, argc, argv, check);
}

static int list(const struct setup *setup, struct host *host)
{
    (void)setup;
    host_each_plugin(host, show_plugin, host);
    return EXIT_CLEAN;
}

int cmd_plugins(const struct cli_command *command, int argc, char **argv)
{
    return with_host(command, argc, argv, list);
}

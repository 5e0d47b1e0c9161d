/* gnswatch check and gnswatch plugins */
#include "cmd.h"

#include "nouns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check(const struct setup *setup, struct host *host)
{
    struct problems problems;
    struct buf text;
    problems_init(&problems);
    buf_init(&text, 1 << 20);
    struct conf *conf = setup_load(setup, host, &problems);
    int code = conf ? EXIT_CLEAN : EXIT_USAGE;
    if (conf) {
        printf("%s: %zu instance%s, no mistakes\n", setup->conf_dir, conf->count,
               conf->count == 1 ? "" : "s");
        for (size_t i = 0; i < conf->count; i++)
            printf("  %-16s plugin %s%s\n", conf->instances[i].name, conf->instances[i].plugin,
                   conf->instances[i].enabled ? "" : " (disabled)");
    } else {
        problems_print(&problems, &text);
        fprintf(stderr, "%s\n%s: %zu mistake%s\n", text.data ? text.data : "", setup->conf_dir,
                problems.count + problems.left_off, problems.count == 1 ? "" : "s");
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

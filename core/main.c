/* gnswatch_main: the table of contents. A file cmd_NAME.c for each subcommand. */
#include "cmd.h"

#include "cli.h"
#include "privileges.h"
#include "store/store.h"
#include "worker/worker.h"

#include <gnswatch/plugin.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

static int cmd_store_process(const struct cli_command *command, int argc, char **argv)
{
    (void)command;
    if (!privileges_settle())
        return EXIT_FAILED;
    return store_process_main(argc + 1, argv - 1); /* it wants the whole line */
}

static int cmd_worker(const struct cli_command *command, int argc, char **argv)
{
    (void)command;
    return worker_main(argc, argv);
}

static int cmd_version(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    int code;
    if (!cli_begin(command, argc, argv, &parsed, &code))
        return code;
    printf("gnswatch %s, plugin interface %d.%d\n", GNSWATCH_VERSION, GW_ABI_MAJOR, GW_ABI_MINOR);
    return EXIT_CLEAN;
}

static const struct cli_command commands[] = {
    {.name = "run",
     .help = "Runs the daemon in the foreground.",
     .options = places_options,
     .run = cmd_run,
     .more = run_more},
    {.name = "demo",
     .help = "Runs the daemon on a simulated lab.",
     .options = demo_options,
     .run = cmd_demo},
    {.name = "check",
     .help = "Checks the configuration and says everything that is wrong in it.",
     .options = places_options,
     .run = cmd_check},
    {.name = "describe",
     .args = "[PLUGIN]",
     .rest_max = 1,
     .options = describe_options,
     .help = "Shows options, objects and commands of a plugin, or of gnswatch itself.",
     .run = cmd_describe},
    {.name = "plugins",
     .help = "Lists the plugins that can be used.",
     .options = places_options,
     .run = cmd_plugins},
    {.name = "call",
     .args = "COMMAND [NAME=VALUE...]",
     .rest_max = -1,
     .options = call_options,
     .help = "Asks the running daemon for a command.",
     .run = cmd_call,
     .more = call_more},
    {.name = "new",
     .args = "NAME",
     .rest_min = 1,
     .rest_max = 1,
     .options = new_options,
     .help = "Writes the skeleton of a plugin.",
     .run = cmd_new,
     .more = new_more},
    {.name = "plugin-test",
     .args = "FILE.so",
     .rest_min = 1,
     .rest_max = 1,
     .options = plugin_test_options,
     .help = "Tests whether a plugin behaves, whatever happens to it.",
     .run = cmd_plugin_test,
     .more = plugin_test_more},
    {.name = "version", .help = "Says which version this is.", .run = cmd_version},
    {.name = "store-process", .hidden = true, .run = cmd_store_process},
    {.name = "worker", .hidden = true, .run = cmd_worker},
    {0},
};

static void print_help(FILE *out)
{
    fprintf(out, "Usage: gnswatch SUBCOMMAND [OPTION...]\nMonitors GNS3 labs.\n\n");
    for (const struct cli_command *command = commands; command->name; command++) {
        if (!command->hidden)
            fprintf(out, "  %-11s %s\n", command->name, command->help);
    }
    fprintf(out, "\n'gnswatch SUBCOMMAND --help' says more. Exit codes: 0 fine, 1 failed, "
                 "2 wrong usage or configuration.\n");
}

GW_API int gnswatch_main(int argc, char **argv);

GW_API int gnswatch_main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX, 2); /* many threads that allocate little: stay lean */
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_CLEAN;
    }
    if (strcmp(argv[1], "--version") == 0)
        argv[1] += 2;
    const struct cli_command *command = cli_find(commands, argv[1], stderr);
    return command ? command->run(command, argc - 1, argv + 1) : EXIT_USAGE;
}

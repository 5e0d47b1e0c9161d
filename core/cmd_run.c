/* gnswatch run */
#include "cmd.h"

#include "daemon.h"

#define PLACES                                                                                    \
    {.name = "conf",                                                                              \
     .letter = 'c',                                                                               \
     .arg = "DIR",                                                                                \
     .help = "Configuration; default $GNSWATCH_CONF, ./conf.d, /etc/gnswatch/conf.d"},            \
        {.name = "state", .arg = "DIR", .help = "Where everything that lasts is kept"},           \
    {                                                                                             \
        .name = "plugins", .arg = "DIR", .help = "Search here for plugins first", .repeats = true \
    }

const struct cli_option places_options[] = {PLACES, {0}};

const char run_more[] =
    "SIGHUP reads the configuration again, SIGTERM and SIGINT stop within 5 seconds.\n";

bool cmd_setup(const struct cli_command *command, int argc, char **argv, struct cli_parsed *parsed,
               struct setup *setup, int *code)
{
    if (!cli_begin(command, argc, argv, parsed, code))
        return false;
    *code = EXIT_FAILED;
    return setup_init(setup, cli_value(parsed, "conf"), cli_value(parsed, "state"),
                      parsed->repeated);
}

int cmd_run(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    struct setup setup;
    int code;
    if (!cmd_setup(command, argc, argv, &parsed, &setup, &code))
        return code;
    struct daemon daemon = {0};
    code = daemon_run(&daemon, &setup, NULL);
    setup_fini(&setup);
    return code;
}

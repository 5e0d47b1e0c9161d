/* The subcommands, for main.c. Each gets its own arguments; argv[0] is its name. */
#ifndef GW_CMD_H
#define GW_CMD_H

#include "cli.h"
#include "setup.h"

int cmd_run(const struct cli_command *command, int argc, char **argv);
int cmd_demo(const struct cli_command *command, int argc, char **argv);
int cmd_check(const struct cli_command *command, int argc, char **argv);
int cmd_describe(const struct cli_command *command, int argc, char **argv);
int cmd_plugins(const struct cli_command *command, int argc, char **argv);
int cmd_call(const struct cli_command *command, int argc, char **argv);
int cmd_new(const struct cli_command *command, int argc, char **argv);
int cmd_plugin_test(const struct cli_command *command, int argc, char **argv);

extern const struct cli_option places_options[], demo_options[], describe_options[], call_options[];
extern const struct cli_option new_options[], plugin_test_options[];
extern const char run_more[], call_more[], new_more[], plugin_test_more[];

/* Parses -c, --state and --plugins into setup. true goes on, false returns *code. */
bool cmd_setup(const struct cli_command *command, int argc, char **argv, struct cli_parsed *parsed,
               struct setup *setup, int *code);

#endif

/* The command line: subcommands and their options as tables, which are also their --help. */
#ifndef GW_CLI_H
#define GW_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit codes of the program. */
enum { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

enum { CLI_VALUES_MAX = 16, CLI_REST_MAX = 256 };

struct cli_option {
    const char *name; /* "conf"; NULL ends the table */
    const char *arg;  /* "DIR"; NULL: a switch */
    const char *help;
    char letter; /* 'c' or 0 */
    bool repeats;
};

struct cli_command {
    const char *name;
    const char *args; /* "COMMAND [name=value...]"; NULL: none */
    const char *help; /* one sentence */
    const char *more; /* lines below the options; NULL: none */
    const struct cli_option *options;
    int rest_min, rest_max; /* plain arguments; max < 0: any number */
    int (*run)(const struct cli_command *command, int argc, char **argv);
    bool hidden; /* not in the help; gets its arguments unparsed */
};

/* What was said; points into argv. */
struct cli_parsed {
    const struct cli_option *options;
    const char *values[CLI_VALUES_MAX];   /* by option; a switch has "" */
    const char *repeated[CLI_VALUES_MAX]; /* of the one option that repeats, ends with NULL */
    const char *rest[CLI_REST_MAX + 1];
    size_t repeated_count, rest_count;
    bool help;
};

/* false: a sentence with the nearest name has been written to `err`. argv[0] is the subcommand. */
bool cli_parse(const struct cli_command *command, int argc, char **argv, struct cli_parsed *out,
               FILE *err);
const char *cli_value(const struct cli_parsed *parsed, const char *name); /* NULL: not given */

void cli_help(const struct cli_command *command, FILE *out);
/* The table's command of this name, or NULL with a sentence in `err`. */
const struct cli_command *cli_find(const struct cli_command *table, const char *name, FILE *err);

/* Parses and handles --help and mistakes: true goes on, false returns *code. */
bool cli_begin(const struct cli_command *command, int argc, char **argv, struct cli_parsed *out,
               int *code);

#endif

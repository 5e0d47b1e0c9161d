/* Reads arguments by a table, and prints the table. Knows no subcommand. */
#include "cli.h"

#include "conf/near.h"

#include <string.h>

static const struct cli_option help_option = {.name = "help", .letter = 'h', .help = "This text"};

static bool fail(FILE *err, const struct cli_command *command, const char *what, const char *name,
                 const char *then)
{
    fprintf(err, "gnswatch %s: %s%s%s; see 'gnswatch %s --help'\n", command->name, what, name, then,
            command->name);
    return false;
}

static bool unknown(FILE *err, const struct cli_command *command, const char *given)
{
    struct near near;
    char then[128] = "";
    near_init(&near, given + strspn(given, "-"));
    near_offer(&near, "help");
    for (const struct cli_option *option = command->options; option && option->name; option++)
        near_offer(&near, option->name);
    const char *best = near_best(&near);
    if (best)
        snprintf(then, sizeof(then), "; did you mean --%s?", best);
    return fail(err, command, "no option ", given, then);
}

static bool same_name(const char *name, const char *given, size_t bytes)
{
    return strlen(name) == bytes && memcmp(name, given, bytes) == 0;
}

/* The option of "--name", "--name=value" or "-n"; NULL: none. */
static const struct cli_option *find_option(const struct cli_command *command, const char *given,
                                            const char **value)
{
    const char *name = given + 2;
    size_t bytes = strcspn(name, "=");
    bool is_long = given[1] == '-';
    *value = is_long && name[bytes] == '=' ? name + bytes + 1 : NULL;
    for (const struct cli_option *option = command->options; option && option->name; option++) {
        if (is_long ? same_name(option->name, name, bytes)
                    : option->letter == given[1] && !given[2])
            return option;
    }
    if (is_long ? same_name("help", name, bytes) : given[1] == 'h' && !given[2])
        return &help_option;
    return NULL;
}

static bool take(const struct cli_command *command, const struct cli_option *option,
                 const char *value, struct cli_parsed *out, FILE *err)
{
    if (option == &help_option) {
        out->help = true;
        return true;
    }
    if (!option->repeats) {
        out->values[option - command->options] = value;
        return true;
    }
    if (out->repeated_count == CLI_VALUES_MAX - 1)
        return fail(err, command, "too many of --", option->name, "");
    out->repeated[out->repeated_count++] = value;
    return true;
}

static bool take_rest(const struct cli_command *command, const char *given, struct cli_parsed *out,
                      FILE *err)
{
    int max = command->rest_max < 0 ? CLI_REST_MAX : command->rest_max;
    if (out->rest_count >= (size_t)max)
        return fail(err, command, "did not expect '", given, "'");
    out->rest[out->rest_count++] = given;
    return true;
}

bool cli_parse(const struct cli_command *command, int argc, char **argv, struct cli_parsed *out,
               FILE *err)
{
    *out = (struct cli_parsed){.options = command->options};
    bool plain = false; /* after "--" */
    for (int i = 1; i < argc; i++) {
        const char *given = argv[i], *value;
        if (plain || given[0] != '-' || !given[1]) {
            if (!take_rest(command, given, out, err))
                return false;
            continue;
        }
        if (strcmp(given, "--") == 0) {
            plain = true;
            continue;
        }
        const struct cli_option *option = find_option(command, given, &value);
        if (!option)
            return unknown(err, command, given);
        if (!option->arg && value)
            return fail(err, command, "takes no value: --", option->name, "");
        if (option->arg && !value && !(value = argv[++i]))
            return fail(err, command, "needs a value: ", given, "");
        if (!take(command, option, option->arg ? value : "", out, err))
            return false;
    }
    if (!out->help && out->rest_count < (size_t)command->rest_min)
        return fail(err, command, "expected ", command->args, "");
    return true;
}

const char *cli_value(const struct cli_parsed *parsed, const char *name)
{
    for (size_t i = 0; parsed->options && parsed->options[i].name; i++) {
        if (strcmp(parsed->options[i].name, name) == 0)
            return parsed->values[i];
    }
    return NULL;
}

static void option_help(const struct cli_option *option, FILE *out)
{
    char text[64];
    char letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    snprintf(text, sizeof(text), "  %s--%s%s%s", letter, option->name, option->arg ? " " : "",
             option->arg ? option->arg : "");
    fprintf(out, "%-26s %s\n", text, option->help);
}

void cli_help(const struct cli_command *command, FILE *out)
{
    fprintf(out, "Usage: gnswatch %s [OPTION...]%s%s\n%s\n\n", command->name,
            command->args ? " " : "", command->args ? command->args : "", command->help);
    for (const struct cli_option *option = command->options; option && option->name; option++)
        option_help(option, out);
    option_help(&help_option, out);
    if (command->more)
        fprintf(out, "\n%s", command->more);
}

const struct cli_command *cli_find(const struct cli_command *table, const char *name, FILE *err)
{
    struct near near;
    near_init(&near, name);
    for (const struct cli_command *command = table; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
        if (!command->hidden)
            near_offer(&near, command->name);
    }
    const char *best = near_best(&near);
    fprintf(err, "gnswatch: no subcommand '%s'%s%s%s; see 'gnswatch --help'\n", name,
            best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
    return NULL;
}

bool cli_begin(const struct cli_command *command, int argc, char **argv, struct cli_parsed *out,
               int *code)
{
    *code = EXIT_USAGE;
    if (!cli_parse(command, argc, argv, out, stderr))
        return false;
    if (!out->help)
        return true;
    cli_help(command, stdout);
    *code = EXIT_CLEAN;
    return false;
}

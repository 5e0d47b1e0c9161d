/* gnswatch plugin-test: reads the arguments and becomes gnswatch-plugin-test, which has the test
 * host's functions in place of this program's (core/conformance). */
#include "cmd.h"

#include "places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CYCLES_MAX = 1000000 };

const struct cli_option plugin_test_options[] = {
    {.name = "conf",
     .letter = 'c',
     .arg = "FILE",
     .help = "Its file of conf.d; made up without it"},
    {.name = "cycles", .arg = "N", .help = "How often it is started and stopped; 1000 without it"},
    {.name = "json", .help = "The report as JSON"},
    {0},
};

const char plugin_test_more[] =
    "Loads it into the test host, in child processes with deadlines, and starts and stops it, "
    "lets\n"
    "allocations, peers and clocks fail, and gives it strange options, calls and events. Commands\n"
    "are really called: what they do outside of gnswatch, they do. A plugin that was built with\n"
    "-fsanitize=address runs with it. Exit codes: 0 all passed, 1 something did not, 2 usage.\n";

int cmd_plugin_test(const struct cli_command *command, int argc, char **argv)
{
    struct cli_parsed parsed;
    int code;
    if (!cli_begin(command, argc, argv, &parsed, &code))
        return code;
    const char *cycles = cli_value(&parsed, "cycles"), *conf = cli_value(&parsed, "conf");
    char *end = NULL;
    long count = strtol(cycles ? cycles : "1000", &end, 10);
    if (*end || end == cycles || count < 1 || count > CYCLES_MAX) {
        fprintf(stderr, "gnswatch plugin-test: --cycles is a number from 1 to %d, not '%s'\n",
                CYCLES_MAX, cycles);
        return EXIT_USAGE;
    }
    char *program = place_plugin_test();
    if (!program) {
        fprintf(stderr,
                "gnswatch plugin-test: gnswatch-plugin-test is not installed beside this "
                "program; it comes with the package for authors of plugins (gnswatch-dev)\n");
        return EXIT_FAILED;
    }
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1); /* what is freed counts as freed */
    execl(program, "gnswatch-plugin-test", parsed.rest[0], cycles ? cycles : "1000",
          cli_value(&parsed, "json") ? "json" : "text", conf, (char *)NULL);
    fprintf(stderr, "gnswatch plugin-test: %s: %s\n", program, strerror(errno));
    free(program);
    return EXIT_FAILED;
}

/* The command line: options, mistakes, parameters of a call. */
#include "unit.h"

#include "call_params.h"
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_option options[] = {
    {.name = "conf", .letter = 'c', .arg = "DIR", .help = "Configuration"},
    {.name = "plugins", .arg = "DIR", .help = "Plugins", .repeats = true},
    {.name = "json", .help = "On one line"},
    {0},
};

static const struct cli_command table[] = {
    {.name = "call",
     .args = "COMMAND",
     .help = "Calls.",
     .options = options,
     .rest_min = 1,
     .rest_max = 3},
    {.name = "check", .help = "Checks.", .options = options},
    {.name = "store-process", .hidden = true},
    {0},
};

struct fixture {
    char *said;
    size_t bytes;
    FILE *err;
    struct cli_parsed parsed;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->err = open_memstream(&f->said, &f->bytes);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fclose(f->err);
    free(f->said);
    free(f);
    return 0;
}

static bool parse(struct fixture *f, const struct cli_command *command, const char *const *args)
{
    int argc = 0;
    while (args[argc])
        argc++;
    bool good = cli_parse(command, argc, (char **)args, &f->parsed, f->err);
    fflush(f->err);
    return good;
}

#define ARGS(...) ((const char *const[]){"call", __VA_ARGS__, NULL})

static void options_are_taken_in_every_form(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, table, ARGS("-c", "a", "--plugins=p", "x", "--plugins", "q", "--json")));
    assert_string_equal(cli_value(&f->parsed, "conf"), "a");
    assert_string_equal(cli_value(&f->parsed, "json"), "");
    assert_string_equal(f->parsed.repeated[0], "p");
    assert_string_equal(f->parsed.repeated[1], "q");
    assert_null(f->parsed.repeated[2]);
    assert_int_equal(f->parsed.rest_count, 1);
    assert_true(parse(f, table, ARGS("x", "--", "--json")));
    assert_null(cli_value(&f->parsed, "json"));
    assert_string_equal(f->parsed.rest[1], "--json");
    assert_true(parse(f, table, ARGS("--help")));
    assert_true(f->parsed.help);
    assert_string_equal(f->said ? f->said : "", "");
}

static void an_unknown_option_is_met_with_the_nearest(void **state)
{
    struct fixture *f = *state;
    assert_false(parse(f, table, ARGS("x", "--cnof", "a")));
    assert_string_equal(f->said, "gnswatch call: no option --cnof; did you mean --conf?; see "
                                 "'gnswatch call --help'\n");
}

static void an_option_with_the_wrong_number_of_values_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_false(parse(f, table, ARGS("x", "--conf")));
    assert_non_null(strstr(f->said, "needs a value: --conf"));
    assert_false(parse(f, table, ARGS("x", "--json=1")));
    assert_non_null(strstr(f->said, "takes no value: --json"));
}

static void the_number_of_arguments_is_checked(void **state)
{
    struct fixture *f = *state;
    assert_false(parse(f, table, ARGS("--json")));
    assert_non_null(strstr(f->said, "expected COMMAND"));
    assert_false(parse(f, table, ARGS("1", "2", "3", "4")));
    assert_non_null(strstr(f->said, "did not expect '4'"));
    assert_false(parse(f, &table[1], ARGS("extra")));
}

static void an_unknown_subcommand_is_met_with_the_nearest_that_is_not_hidden(void **state)
{
    struct fixture *f = *state;
    assert_ptr_equal(cli_find(table, "check", f->err), &table[1]);
    assert_ptr_equal(cli_find(table, "store-process", f->err), &table[2]);
    assert_null(cli_find(table, "chek", f->err));
    assert_null(cli_find(table, "store-procss", f->err));
    fflush(f->err);
    assert_string_equal(f->said,
                        "gnswatch: no subcommand 'chek'; did you mean 'check'?; see 'gnswatch "
                        "--help'\n"
                        "gnswatch: no subcommand 'store-procss'; see 'gnswatch --help'\n");
}

static void help_is_made_from_the_table(void **state)
{
    struct fixture *f = *state;
    cli_help(table, f->err);
    fflush(f->err);
    assert_non_null(strstr(f->said, "Usage: gnswatch call [OPTION...] COMMAND\nCalls.\n"));
    assert_non_null(strstr(f->said, "  -c, --conf DIR           Configuration\n"));
    assert_non_null(strstr(f->said, "      --json               On one line\n"));
}

static char *params(const char *schema_text, const char *const *args, size_t count)
{
    const char *bad = NULL;
    json_t *schema = schema_text ? json_loads(schema_text, 0, NULL) : NULL;
    json_t *object = call_params(args, count, schema, &bad);
    char *text = object ? json_dumps(object, JSON_COMPACT) : strdup(bad);
    json_decref(object);
    json_decref(schema);
    return text;
}

static void values_are_what_their_schema_says(void **state)
{
    (void)state;
    const char *const args[] = {"name=12", "count=12", "tags=[\"a\",\"b\"]", "text=a=b", "on=true"};
    char *text = params("{\"properties\":{\"name\":{\"type\":\"string\"},\"count\":{\"type\":"
                        "\"integer\"}}}",
                        args, 5);
    assert_string_equal(text, "{\"name\":\"12\",\"count\":12,\"tags\":[\"a\",\"b\"],\"text\":"
                              "\"a=b\",\"on\":true}");
    free(text);
    text = params(NULL, args, 1);
    assert_string_equal(text, "{\"name\":12}");
    free(text);
}

static void a_name_said_twice_is_a_list(void **state)
{
    (void)state;
    const char *const args[] = {"id=a", "id=b", "id=c"};
    char *text = params(NULL, args, 3);
    assert_string_equal(text, "{\"id\":[\"a\",\"b\",\"c\"]}");
    free(text);
}

static void an_argument_without_a_name_is_shown(void **state)
{
    (void)state;
    const char *const args[] = {"a=1", "lonely"}, *const nameless[] = {"=x"};
    char *text = params(NULL, args, 2);
    assert_string_equal(text, "lonely");
    free(text);
    text = params(NULL, nameless, 1);
    assert_string_equal(text, "=x");
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(options_are_taken_in_every_form),
        TEST(an_unknown_option_is_met_with_the_nearest),
        TEST(an_option_with_the_wrong_number_of_values_is_refused),
        TEST(the_number_of_arguments_is_checked),
        TEST(an_unknown_subcommand_is_met_with_the_nearest_that_is_not_hidden),
        TEST(help_is_made_from_the_table),
        cmocka_unit_test(values_are_what_their_schema_says),
        cmocka_unit_test(a_name_said_twice_is_a_list),
        cmocka_unit_test(an_argument_without_a_name_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
